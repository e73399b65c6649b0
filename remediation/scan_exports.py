"""The results of a finished scan in the formats of `remediation.exports`."""

from typing import Final

from remediation import scan_views
from remediation.exports import Format, choose, export
from remediation.ports import Services
from remediation.scan_request import BadScan
from remediation.scans import Scan, ScanState

OFFERED: Final = (Format.JSON, Format.CSV, Format.SARIF, Format.JUNIT, Format.HTML)
"""The first is for who does not care."""


def exported(services: Services, scan: Scan, name: str, accept: str) -> tuple[str, str] | None:
    """The media type and the text, by the format's name or else an `Accept` header. None where that is JSON, or the
    scan is not done: `scan_views` has the answer. Raises BadScan for a name that there is not."""
    chosen = choose(accept, name, OFFERED)
    if chosen is None and name:
        raise BadScan(f"format: {name[:100]!r} is not one of {', '.join(OFFERED)}")
    if chosen in (None, Format.JSON) or scan.state is not ScanState.DONE:
        return None
    media_type, pieces = export(chosen, scan_views.results(services, services.scans.parts(scan.id)))
    return media_type, "".join(pieces)
