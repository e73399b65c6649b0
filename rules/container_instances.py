"""Azure Container Instances. https://learn.microsoft.com/azure/reliability/reliability-container-instances"""

from typing import Final

from rules.model import Rule

RULES: Final[tuple[Rule, ...]] = ()
