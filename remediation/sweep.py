"""Every night: a scan of everything, and a look at what is open. What events missed is found, what healed is closed."""

import logging
from datetime import UTC, timedelta
from typing import Final

from remediation import checks, scan_end, scan_start
from remediation.cases import Cause, State
from remediation.ports import Services
from remediation.scan_request import Reach, ScanMode, ScanRequest, Scope
from remediation.scan_views import MOST_LISTED
from remediation.scans import SWEEP, ScanState, scan_id
from rules.resource_id import ResourceId

log = logging.getLogger(__name__)

LONGEST_SCAN: Final = timedelta(days=1)


def sweep(services: Services) -> None:
    """The scan of this night, once for each date, and a check of every resource with an open case. A scan that has not
    ended for a day never will."""
    night = services.clock().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for scan in services.scans.newest(MOST_LISTED):
        if scan.state is ScanState.RUNNING and services.clock() - scan.created > LONGEST_SCAN:
            scan_end.fail(services, scan, "it has not ended within a day; the logs of the function app say why")
    scan_start.start(services, ScanRequest(Scope(Reach.ALL), ScanMode.REMEDIATE), scan_id(night, SWEEP))
    _check_open(services, Cause(event_id=f"sweep {night:%Y-%m-%d}", operation="sweep"))


def _check_open(services: Services, cause: Cause) -> None:
    seen = set[ResourceId]()
    for state in filter(lambda each: each.is_open, State):
        for case in services.store.cases_in(state):
            resource = ResourceId.parse(case.resource_id)
            if resource is not None and resource not in seen:
                seen.add(resource)
                checks.request(services, resource, cause)
    log.info("%d resources with an open case are looked at again", len(seen))
