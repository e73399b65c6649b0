"""How a scan ends: with its counts and, where it is to remediate, with checks of what fails. Nothing is written here.

Where a scan finds more at fault than the policy's limits, nothing begins by itself: all of it is put to people, in one
message. Counted is what nobody knows of yet: what has a case is in somebody's hands.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

from remediation import cards, checks, outbox, poison
from remediation.cases import Cause, State
from remediation.ports import CloudError, Conflict, Services, Throttled
from remediation.results import Result
from remediation.scan_request import ScanMode
from remediation.scan_views import results
from remediation.scans import Part, Scan, ScanState, Step, missing, total
from rules.model import Status
from rules.resource_id import ResourceId

log = logging.getLogger(__name__)

MOST_ASKED: Final = 500
"""Resources of one scan over the limits that people are asked about; later scans find the rest."""
FEW: Final = 10
"""In so few resources a share says nothing."""
KNOWN: Final = (State.FIXING, State.ASKED, State.APPROVED, State.TOLD, State.FAILED, State.EXEMPT, State.UNDONE)


def finish(services: Services, scan: Scan, step: Step) -> bool:
    """End a scan, if this series of pages was the last to be done. Returns whether there is nothing to wait for."""
    parts = [*services.scans.parts(scan.id)]
    left = missing(scan, parts)
    if left:
        return all(each.batch != step.batch for each in left)  # that of the other series looks as well
    counts = total(parts)
    ended = replace(scan, state=ScanState.DONE, counts=counts)
    if scan.request.mode is ScanMode.REMEDIATE:
        ended = _remediate(services, ended, parts)
    _put(services, replace(ended, changed=services.clock()))
    log.info("scan %s: done, %d of %d resources fail", scan.id, counts.get("failing", 0), counts.get("resources", 0))
    return True


def fail(services: Services, scan: Scan, reason: str) -> None:
    """A scan cannot go on: people hear of it, once."""
    log.error("scan %s: %s", scan.id, reason)
    outbox.announce(services, cards.scan_failed(scan.id, reason), "scan failed", scan.id)
    _put(services, replace(scan, state=ScanState.FAILED, reason=reason, changed=services.clock()))


def cancel(services: Services, scan: Scan) -> None:
    """Stop a scan: its messages find that it is over."""
    if scan.state is ScanState.RUNNING:
        _put(services, replace(scan, state=ScanState.CANCELLED, changed=services.clock()))


def unprocessed(services: Services, text: str) -> None:
    """A message of the queue `scans` could not be processed after all tries: its scan fails."""
    step = Step.of(poison.parsed(text))
    scan = services.scans.get(step.scan) if step else None
    if scan is None:
        poison.unprocessed(services, "scans", text)
    elif scan.state is ScanState.RUNNING:
        fail(services, scan, "one of its steps failed in all tries; the reason is in the logs of the function app")


def cause_of(scan: Scan) -> Cause:
    """Why resources are checked after a scan."""
    return Cause(event_id=f"scan {scan.id}", operation="scan")


def _put(services: Services, scan: Scan) -> None:
    try:
        services.scans.put(scan)
    except Conflict:
        log.info("scan %s: somebody else has ended it", scan.id)


def _remediate(services: Services, scan: Scan, parts: Iterable[Part]) -> Scan:
    """Have checked what fails: once for each, whoever asks twice."""
    over = _over_the_limit(services, scan, parts)
    if over:
        outbox.tell_scan_limit(services, scan.id, over)
    failing = (
        resource
        for resource, found in _by_resource(services, parts)
        if any(each.status is Status.FAIL for each in found)
    )
    asked = islice(failing, MOST_ASKED) if over else failing
    held = scan.id if over else ""
    queued = sum(checks.request(services, each, cause_of(scan), scan=held) for each in asked)
    return replace(scan, queued=queued, reason=over)


def _over_the_limit(services: Services, scan: Scan, parts: Iterable[Part]) -> str:
    """Which limit of the policy the scan is over, empty if none."""
    limits, seen = services.policy.limits, scan.counts.get("resources", 0)
    most = limits.scan_count if seen < FEW else min(limits.scan_count, int(limits.scan_share * seen))
    if scan.counts.get("failing", 0) <= most:
        return ""
    known = {(case.resource_id.lower(), case.rule) for state in KNOWN for case in services.store.cases_in(state)}
    new = 0
    for resource, found in _by_resource(services, parts):
        if any(_is_new(each, known) for each in found) and not _is_managed(services, resource):
            new += 1
            if new > most:
                return (
                    f"more than {most} of the {seen} resources that it saw are newly at fault, and the limits of the "
                    f"policy are {limits.scan_count} resources (scan_count) and {limits.scan_share:.0%} (scan_share)"
                )
    return ""


def _is_new(result: Result, known: set[tuple[str, str]]) -> bool:
    return result.status is Status.FAIL and (result.resource_id.lower(), result.rule) not in known


def _is_managed(services: Services, resource: ResourceId) -> bool:
    """Whether its resource group is managed, so that nothing follows. Raises Throttled."""
    try:
        return bool(services.cloud.group_owner(resource))
    except Throttled:
        raise
    except CloudError as error:
        log.warning("%s: it cannot be read who manages its group: %s", resource, error)
        return False


def _by_resource(services: Services, parts: Iterable[Part]) -> Iterator[tuple[ResourceId, list[Result]]]:
    """The results of each resource: they stand together, in one part."""
    for part in parts:
        found: dict[str, list[Result]] = {}
        for result in results(services, [part]):
            found.setdefault(result.resource_id, []).append(result)
        yield from ((resource, its) for identity, its in found.items() if (resource := ResourceId.parse(identity)))
