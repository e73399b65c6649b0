"""Azure Kubernetes Service. https://learn.microsoft.com/azure/reliability/reliability-aks

The node pools of a cluster are judged together, as its `agentPoolProfiles` show them: one finding names those that
fail. Pools that are stopped, and the system nodes that AKS runs itself in an Automatic cluster, are left out.
"""

from typing import Final

from rules.aks import autoscaler, region, sizes, tier, zones
from rules.aks.region import DR_TAG

__all__ = ["DR_TAG", "RULES"]

RULES: Final = (*tier.RULES, *zones.RULES, *sizes.RULES, *autoscaler.RULES, *region.RULES)
