"""Who sees to the high availability of what a workspace stands on, and which rules watch it.

Microsoft's page how-to-high-availability-machine-learning (2025-06-12) says who manages what and what is highly
available by default; this table adds what the services' own pages say (https://learn.microsoft.com/azure/reliability),
as of 2026-11. Earlier lists called the workspace, its Cosmos DB and the compute cluster highly available by default,
with full disaster recovery: the page does not.
"""

from typing import Final

from rules.responsibility.compute import COMPUTE
from rules.responsibility.data_stores import DATA_STORES
from rules.responsibility.infrastructure import INFRASTRUCTURE
from rules.responsibility.model import ByDefault, Group, Manager, Responsibility

__all__ = ["PAGE", "TABLE", "ByDefault", "Group", "Manager", "Responsibility"]

PAGE: Final = "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning"

TABLE: Final = (*INFRASTRUCTURE, *COMPUTE, *DATA_STORES)
"""Every service, in the order of Microsoft's page."""
