"""What is said once a day, or when a time has come: open cases, and exemptions that end. Pure."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from remediation.cards.model import Card, Fact, Link, Section, Tone
from remediation.cards.parts import portal_url, sentence, when
from remediation.cases import Case

LONGEST: Final = 300
"""Of a name or title in a list."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many cases wait for the same, and the oldest of them."""

    count: int
    oldest: tuple[Case, ...] = ()


def digest(asked: Waiting, failed: Waiting, told: Waiting, now: datetime) -> Card:
    """What waits for people."""
    said = [
        _counted(asked.count, "plan waits for an approval", "plans wait for an approval"),
        _counted(failed.count, "fix failed", "fixes failed"),
        _counted(told.count, "finding is for people to mend", "findings are for people to mend"),
    ]
    return Card(
        Tone.WARNING if asked.count or failed.count else Tone.INFO,
        "DAILY DIGEST",
        sentence(", ".join(filter(None, said))).rstrip("."),
        f"What is still open as of {when(now)}; the oldest come first.",
        sections=(
            *_listed("Waiting for an approval", asked, now),
            *_listed("Failed", failed, now),
            *_listed("For people to mend", told, now),
            Section("To read what happened", ("python -m local journal --since 24h",), code=True, folded=True),
        ),
    )


def _counted(count: int, one: str, many: str) -> str:
    if not count:
        return ""
    return f"{count} {one if count == 1 else many}"


def _listed(title: str, waiting: Waiting, now: datetime) -> Sequence[Section]:
    lines = [_line(case, now) for case in waiting.oldest]
    if more := waiting.count - len(lines):
        lines.append(f"… and {more} more")
    return [Section(title, tuple(lines))] if lines else []


def _line(case: Case, now: datetime) -> str:
    days = (now - case.changed).days
    since = "since today" if not days else "since yesterday" if days == 1 else f"for {days} days"
    name = _cut(case.resource_id.rsplit("/", 1)[-1])
    return f"{case.rule} of {name}, {since}{f': {_cut(case.plan.title)}' if case.plan else ''}"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def exemption_ends(case: Case) -> Card:
    """What somebody accepted is soon accepted no more."""
    name, until = case.resource_id.rsplit("/", 1)[-1], when(case.until) if case.until else ""
    prolong = ["python", "-m", "local", "exempt", case.resource_id, case.rule, "--until", "DATE", "--reason", "WHY"]
    return Card(
        Tone.INFO,
        f"EXEMPTION ENDS · {case.rule}",
        f"{name} is exempt from {case.rule} until {until}",
        "After that the rule is about it again, and what is safe to fix is fixed by itself.",
        facts=(Fact("Resource", name, portal_url(case.resource_id)), Fact("Ends", until), Fact("Reason", case.reason)),
        sections=(
            Section("What to do", ("Put it right until then, or prolong the exemption where it was given.",)),
            Section("To prolong it here", (f"{shlex.join(prolong)} --by NAME",), code=True, folded=True),
        ),
        links=(Link("Open in the portal", portal_url(case.resource_id)),),
    )
