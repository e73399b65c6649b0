"""The report over HTTP: the page, CSV or JSON of the latest finished scan, and what the store remembers beside it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, Protocol

from remediation.cases import State
from remediation.exports import MEDIA_TYPES, Format, choose, export
from remediation.ports import Services, Store
from remediation.report import model, render
from remediation.report.model import Remembered, Trend
from remediation.results import Result

OFFERED: Final = (Format.HTML, Format.CSV, Format.JSON)
"""The first is for who does not care."""
BACK: Final = timedelta(days=30)
"""How far back the page tells what the bot did."""
MOST_CASES: Final = 500
"""Approvals and exemptions, each, that the page lists."""
START: Final = "No scan has finished yet: start one with POST /api/scan, and ask again when it is done"


class LatestResults(Protocol):
    """What the latest finished scan found."""

    @property
    def scanned_at(self) -> datetime | None:
        """When it finished, None before the first."""

    def results(self) -> Iterable[Result]:
        """Its results."""

    def history(self) -> Trend:
        """The scores of all scans that are remembered, by day, oldest first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    media_type: str
    body: str


def answer(services: Services, latest: LatestResults, name: str, accept: str) -> Answer:
    """The report in the format asked for by name, else by the `Accept` header."""
    wanted = choose(accept, name, OFFERED)
    if wanted is None:
        return _not_offered(name)
    if latest.scanned_at is None:
        return _page(render.no_scan()) if wanted is Format.HTML else _problem(404, "Not Found", START)
    if wanted is Format.HTML:
        remembered = gathered(services.store, services.clock())
        report = model.report(latest.results(), remembered, latest.history(), latest.scanned_at)
        return _page(render.page(report, services.access.link))
    media_type, pieces = export(wanted, latest.results())
    return Answer(200, media_type, "".join(pieces))


def gathered(store: Store, now: datetime) -> Remembered:
    """What the store remembers that the page shows: three queries."""
    since = now - BACK
    asked, exempt = (list(islice(store.cases_in(state), MOST_CASES)) for state in (State.ASKED, State.EXEMPT))
    return Remembered(
        sorted(asked, key=lambda case: case.opened),
        sorted(exempt, key=lambda case: (case.until is not None, case.until or now)),
        store.journal(since=since),
        since,
    )


def _page(body: str) -> Answer:
    return Answer(200, MEDIA_TYPES[Format.HTML], body)


def _not_offered(name: str) -> Answer:
    known = ", ".join(OFFERED)
    if name:
        return _problem(400, "Bad Request", f"format: {name[:100]!r} is none of {known}; leave it out for a page")
    return _problem(406, "Not Acceptable", f"the report comes as {known}; say which with ?format= or with Accept")


def _problem(status: int, title: str, detail: str) -> Answer:
    """As RFC 9457 has it."""
    said = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Answer(status, "application/problem+json", json.dumps(said, ensure_ascii=False))
