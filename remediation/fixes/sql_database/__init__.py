"""Azure SQL Database and elastic pools: their zones and service tiers, and what is kept for another region."""

from typing import Final

from remediation.fixes.sql_database import geo, zones
from remediation.plan import Remediation

REMEDIATIONS: Final[tuple[Remediation, ...]] = (*zones.REMEDIATIONS, *geo.REMEDIATIONS)
