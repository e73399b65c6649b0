"""What the report is made of: the latest finished scan of everything, or of less where there was none."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from remediation import scan_views
from remediation.ports import Services
from remediation.report.model import Trend
from remediation.results import Result
from remediation.scan_judging import JUDGED, PASSED
from remediation.scan_request import Reach
from remediation.scans import Scan, ScanState

MOST_SCANS: Final = 100
"""Scans that are looked at for the trend: some months of nights."""


class LatestScan:
    """The scans of the app as the report wants them. Looks at them once."""

    def __init__(self, services: Services) -> None:
        done = [scan for scan in services.scans.newest(MOST_SCANS) if scan.state is ScanState.DONE]
        whole = [scan for scan in done if scan.request.scope.reach is Reach.ALL]
        self._services, self._scans = services, whole or done[:1]
        latest = self._scans[0] if self._scans else None
        self._latest = latest if latest and scan_views.are_kept(services, latest) else None

    @property
    def scanned_at(self) -> datetime | None:
        """When the latest scan finished, None before the first and where its results are not kept any more."""
        return self._latest.changed if self._latest else None

    def results(self) -> Iterable[Result]:
        """What it found."""
        if self._latest is None:
            return ()
        services = self._services
        return scan_views.results(services, services.scans.parts(self._latest.id))

    def history(self) -> Trend:
        """The score of each day, that of its last scan."""
        scores = {
            scan.changed.date(): percent for scan in reversed(self._scans) if (percent := _percent(scan)) is not None
        }
        return sorted(scores.items())


def _percent(scan: Scan) -> int | None:
    judged = scan.counts.get(JUDGED, 0)
    return 100 * scan.counts.get(PASSED, 0) // judged if judged else None
