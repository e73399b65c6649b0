"""Scans as people and programs see them: progress while they run, then their results, as JSON data."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from remediation.ports import Services
from remediation.results import Result, from_lines
from remediation.scan_request import BadScan
from remediation.scans import Part, Scan, ScanState, total
from rules.model import Severity, Status

MOST_LISTED: Final = 50
MOST_RESULTS: Final = 5000
"""After so many results an answer ends with the next part, and says where the rest is."""
NAMES: Final = ("format", "status", "after")
KEY: Final = "code"
"""The name of the function key in an address."""


class NotKept(LookupError):
    """The results of a scan are deleted by now."""

    def __str__(self) -> str:
        return "the results of this scan are deleted by now; start another with POST /api/scan"


def listed(services: Services) -> dict[str, Any]:
    """The newest scans."""
    return {"scans": [_head(scan) for scan in services.scans.newest(MOST_LISTED)]}


def progress(services: Services, scan: Scan) -> dict[str, Any]:
    """Where a scan stands."""
    if scan.state is ScanState.DONE:
        return _head(scan) | _progress(scan, scan.counts)
    return _head(scan) | _progress(scan, total(services.scans.parts(scan.id)))


def answer(services: Services, scan: Scan, asked: Mapping[str, str]) -> dict[str, Any]:
    """Where a scan stands, and its results when it is done: those asked for. Raises BadScan and NotKept."""
    given, wanted = understood(asked)
    shown = progress(services, scan)
    if scan.state is not ScanState.DONE:
        return shown
    found: list[Result] = []
    last = given.get("after", "")
    for part in (each for each in services.scans.parts(scan.id) if each.step.key > last):
        if len(found) >= MOST_RESULTS:
            rest = urlencode({"after": last, **{name: given[name] for name in ("status",) if name in given}})
            return shown | {"results": [each.to_json() for each in found], "next": f"{address(scan)}?{rest}"}
        found += (result for result in results(services, [part]) if result.status in wanted)
        last = part.step.key
    return shown | {"results": [each.to_json() for each in found]}


def understood(asked: Mapping[str, str]) -> tuple[Mapping[str, str], frozenset[str]]:
    """What is asked of a scan, less what is empty, and the verdicts that are wanted. Raises BadScan."""
    given = {name: text.strip() for name, text in asked.items() if name != KEY and text.strip()}
    if unknown := sorted(given.keys() - set(NAMES)):
        raise BadScan(f"{unknown[0][:100]!r} cannot be asked for; there are {', '.join(NAMES)}")
    return given, _statuses(given.get("status", ""))


def results(services: Services, parts: Iterable[Part]) -> Iterator[Result]:
    """The results of some parts of a scan, those of one part in memory at a time. Raises NotKept."""
    for part in parts:
        text = services.texts.get(part.blob)
        if text is None:
            raise NotKept
        yield from from_lines(text)


def are_kept(services: Services, scan: Scan) -> bool:
    """Whether the results of a scan can still be read. They are deleted together."""
    first = next(iter(services.scans.parts(scan.id)), None)
    return first is None or services.texts.get(first.blob) is not None


def problem(status: int, title: str, detail: str) -> dict[str, Any]:
    """The answer to what cannot be done, as RFC 9457 has it."""
    return {"type": "about:blank", "title": title, "status": status, "detail": detail}


def address(scan: Scan) -> str:
    """Where a scan is asked for."""
    return f"/api/scans/{scan.id}"


def _head(scan: Scan) -> dict[str, Any]:
    return {
        "id": scan.id,
        "state": scan.state.value,
        "created": scan.created.isoformat(),
        "changed": scan.changed.isoformat(),
        "request": scan.request.to_json(),
        "queued": scan.queued,
        "reason": scan.reason,
    }


def _progress(scan: Scan, counts: Mapping[str, int]) -> dict[str, Any]:
    """`percent` is None until Resource Graph has told of all batches how much there is."""
    done, all_rows = counts.get("done", 0), counts.get("total", 0)
    begun = counts.get("batches", 0) == scan.batches
    return {
        "percent": 100 if scan.state is ScanState.DONE else min(99, 100 * done // (all_rows or 1)) if begun else None,
        "pages": counts.get("pages", 0),
        "seen": counts.get("seen", 0),
        "evaluated": counts.get("resources", 0),
        "failing": counts.get("failing", 0),
        "unread": counts.get("unread", 0),
        "verdicts": {status.value: counts.get(status, 0) for status in Status},
        "failed": {severity.value: counts.get(severity, 0) for severity in Severity},
    }


def _statuses(text: str) -> frozenset[str]:
    """The verdicts asked for; all where none is named."""
    named = frozenset(each.strip().upper() for each in text.split(",") if each.strip())
    if unknown := sorted(named - set(Status)):
        raise BadScan(f"status: {unknown[0][:100]!r} is not one of {', '.join(Status)}; several go with commas")
    return named or frozenset(Status)
