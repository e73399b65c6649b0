"""`python -m local journal`: what the bot did, why, and who approved it, from the app's own storage."""

import json
import signal
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from local.settings import NotReady, bullets, services
from remediation import cards, journal
from remediation.cases import Cause
from remediation.plan import UNDO

type Entry = Mapping[str, Any]

ORDER: Final = ("cause", "found", "plan", "digest", "approved_by", "approved_at", "by", "by_id")
"""The beginning of the story; all else follows."""
LABEL: Final = 14
LONGEST: Final = 300
"""Of one line: `--json` has all of it."""


def main(file: Path, asked: Mapping[str, str], *, as_json: bool) -> int:
    """Print the entries asked for, oldest first; returns 2, having said why, when they cannot be read."""
    try:
        query = journal.parse(asked, datetime.now(UTC))
        with services(file) as app:
            entries = journal.read(app.store, query)
    except journal.BadQuery as error:
        print(f"journal: --{error}", file=sys.stderr)
        return 2
    except NotReady as missing:
        print(f"Cannot read the journal:\n{bullets(missing)}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # whoever reads the output may stop early, as head does
    for entry in entries:
        print(json.dumps(entry) if as_json else shown(entry))
    _say(query, len(entries))
    return 0


def _say(query: journal.Query, found: int) -> None:
    """What the reader may wonder about, beside the entries."""
    since = f" since {_when(query.since)}" if query.since else ""
    if not found:
        print(f"There is no such entry{since}; --since looks further back.", file=sys.stderr)
    if found == query.limit:
        print(f"These are the newest {found}; there may be more: see --limit and --since.", file=sys.stderr)


def shown(entry: Entry) -> str:
    """One entry as people read it."""
    at = datetime.fromisoformat(entry["at"])
    lines = [f"{_when(at)}  {entry['what']}  {entry['rule']}", *(f"    {line}" for line in _lines(entry))]
    return "\n".join(map(plain, lines)) + "\n"


def _lines(entry: Entry) -> Iterator[str]:
    yield _labelled("resource", entry["resource_id"])
    for name, value in sorted(entry["detail"].items(), key=_place):
        match name, value:
            case _, None | "":
                pass
            case "cause", dict(cause):
                yield _labelled("asked by" if entry["rule"].endswith(UNDO) else "changed by", _who(cause))
            case "plan", dict(plan):
                yield from _plan(plan)
            case "step", int(step):
                yield _labelled("write", f"no. {step + 1} of the plan")
            case _, str():
                yield _labelled(name.replace("_", " "), value)
            case _:
                yield _labelled(name.replace("_", " "), json.dumps(value, ensure_ascii=False))


def _place(item: tuple[str, Any]) -> int:
    return ORDER.index(item[0]) if item[0] in ORDER else len(ORDER)


def _who(cause: Mapping[str, Any]) -> str:
    known = Cause.of(cause)
    return " · ".join(filter(None, (cards.changed_by(known), known.operation, known.at)))


def _plan(plan: Mapping[str, Any]) -> Iterator[str]:
    """Its title, the values before and after, and what is sent."""
    yield _labelled("plan", plan["title"])
    for path, before in plan["before"].items():
        yield _labelled("value", f"{path}: {json.dumps(before)} → {json.dumps(plan['after'].get(path))}")
    for write in plan["writes"]:
        yield _labelled("write", f"{write['verb']} {write['resource_id']}?api-version={write['api_version']}")
        yield _labelled("", json.dumps(write["body"], ensure_ascii=False))


def _labelled(label: str, text: str) -> str:
    return f"{label:<{LABEL}}{text if len(text) <= LONGEST else f'{text[:LONGEST]} …'}"


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def plain(text: str) -> str:
    """Names and Azure's texts are hostile: nothing in them speaks to the terminal."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
