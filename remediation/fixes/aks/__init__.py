"""Azure Kubernetes Service: a cluster's tier, the zones and sizes of its pools, the autoscaler, and a second region."""

from typing import Final

from remediation.fixes.aks import autoscaler, region, sizes, tier, zones
from remediation.plan import Remediation

REMEDIATIONS: Final[tuple[Remediation, ...]] = (
    *tier.REMEDIATIONS,
    *zones.REMEDIATIONS,
    *sizes.REMEDIATIONS,
    *autoscaler.REMEDIATIONS,
    *region.REMEDIATIONS,
)
