"""The results of a finished scan in the formats of `remediation.exports`."""

from collections.abc import Mapping
from typing import Final

from remediation import scan_views
from remediation.exports import Format, choose, export
from remediation.ports import Services
from remediation.scan_request import BadScan
from remediation.scans import Scan, ScanState

OFFERED: Final = (Format.JSON, Format.CSV, Format.SARIF, Format.JUNIT, Format.HTML)
"""The first is for who does not care."""


def exported(services: Services, scan: Scan, asked: Mapping[str, str], accept: str) -> tuple[str, str] | None:
    """The media type and the text of the results asked for, by the format's name or else an `Accept` header. None where
    that is JSON, or the scan is not done: `scan_views` has the answer. Raises BadScan and NotKept."""
    given, wanted = scan_views.understood(asked)
    name = given.get("format", "")
    chosen = choose(accept, name, OFFERED)
    if chosen is None and name:
        raise BadScan(f"format: {name[:100]!r} is not one of {', '.join(OFFERED)}")
    if chosen in (None, Format.JSON) or scan.state is not ScanState.DONE:
        return None
    found = scan_views.results(services, services.scans.parts(scan.id))
    media_type, pieces = export(chosen, (result for result in found if result.status in wanted))
    return media_type, "".join(pieces)
