"""Azure Cosmos DB. https://learn.microsoft.com/azure/reliability/reliability-cosmos-db"""

from typing import Final

from rules.model import Rule

RULES: Final[tuple[Rule, ...]] = ()
