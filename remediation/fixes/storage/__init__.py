"""Azure Storage accounts: their zones, their copy in another region, and what they keep of what was deleted."""

from typing import Final

from remediation.fixes.storage import geo, retention, zones
from remediation.plan import Remediation

REMEDIATIONS: Final[tuple[Remediation, ...]] = (*zones.REMEDIATIONS, *geo.REMEDIATIONS, *retention.REMEDIATIONS)
