"""Reading the journal: what may be asked for, and its entries as JSON data.

Nothing secret is in it: plans hold none, and of an event's claims only who it was is kept.
"""

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from remediation.cases import Entry
from remediation.plan import UNDO
from remediation.ports import MOST_ENTRIES, Store
from rules import RULES_BY_NAME
from rules.resource_id import ResourceId

LIMIT: Final = 100
"""How many entries there are at most where nothing is said."""
ALL_SINCE: Final = timedelta(days=7)
"""How far back entries are looked for where neither a time nor a resource is said."""
SPAN: Final = re.compile(r"(\d{1,4})([mhd])")
UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
NAMES: Final = ("resource", "rule", "since", "limit")
KEY: Final = "code"
"""The name of the function key in an address."""


class BadQuery(ValueError):
    """What was asked for cannot be; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Query:
    """The newest `limit` entries since a time: of one resource, or of all where none is named."""

    resource_id: str = ""
    rule: str = ""
    since: datetime | None = None
    limit: int = LIMIT


def parse(asked: Mapping[str, str], now: datetime) -> Query:
    """What is asked for by the names of NAMES; what is empty is not asked for. Raises BadQuery."""
    given = {name: text.strip() for name, text in asked.items() if name != KEY and text.strip()}
    if unknown := sorted(given.keys() - set(NAMES)):
        raise BadQuery(f"{_short(unknown[0])} cannot be asked for; there are {', '.join(NAMES)}")
    resource_id = _resource(given["resource"]) if "resource" in given else ""
    since = _time(given["since"], now) if "since" in given else None
    return Query(
        resource_id,
        _rule(given["rule"].lower()) if "rule" in given else "",
        since or (None if resource_id else now - ALL_SINCE),
        _limit(given["limit"]) if "limit" in given else LIMIT,
    )


def read(store: Store, query: Query) -> Sequence[Mapping[str, Any]]:
    """The entries asked for, oldest first, as JSON data."""
    found = store.journal(query.resource_id, rule=query.rule, since=query.since, limit=query.limit)
    return [data(entry) for entry in found]


def data(entry: Entry) -> Mapping[str, Any]:
    """One entry as JSON data; a plan in it is an object."""
    plan = entry.detail.get("plan")
    detail = {**entry.detail, "plan": json.loads(plan)} if isinstance(plan, str) else entry.detail
    return {
        "at": entry.at.isoformat(),
        "resource_id": entry.resource_id,
        "rule": entry.rule,
        "what": entry.what,
        "detail": detail,
    }


def problem(error: BadQuery) -> Mapping[str, Any]:
    """The answer to what cannot be asked, as RFC 9457 has it."""
    return {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": str(error)}


def _resource(text: str) -> str:
    found = ResourceId.parse(text)
    if found is None:
        raise BadQuery(f"resource: {_short(text)} is not the id of a resource; give all of it, as /subscriptions/…")
    return str(found)


def _rule(text: str) -> str:
    """The name of a rule, or of what stands for one: `…/undo`, and the bot's own `bot/…`."""
    if text.removesuffix(UNDO) in RULES_BY_NAME or text.startswith("bot/"):
        return text
    near = difflib.get_close_matches(text, RULES_BY_NAME, n=1)
    hint = f"did you mean {near[0]}?" if near else "leave it out to find the entries of rules that are gone"
    raise BadQuery(f"rule: no rule is called {_short(text)}; {hint}")


def _time(text: str, now: datetime) -> datetime:
    try:
        if span := SPAN.fullmatch(text):
            return now - timedelta(**{UNITS[span[2]]: int(span[1])})
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadQuery(
            f"since: {_short(text)} is no time; give a span as 30m, 24h or 7d, or a time as 2026-11-23T12:00:00Z"
        ) from None


def _limit(text: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= MOST_ENTRIES:
        return int(text)
    raise BadQuery(f"limit: {_short(text)} is not a whole number from 1 to {MOST_ENTRIES}")


def _short(text: str) -> str:
    """The beginning of what was given, in quotes and without what cannot be printed."""
    return repr(text[:100])
