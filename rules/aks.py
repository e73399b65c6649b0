"""Azure Kubernetes Service. https://learn.microsoft.com/azure/reliability/reliability-aks"""

from typing import Final

from rules.model import Rule

RULES: Final[tuple[Rule, ...]] = ()
