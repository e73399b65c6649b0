"""Azure Database for PostgreSQL. https://learn.microsoft.com/azure/reliability/reliability-database-postgresql"""

from typing import Final

from rules.model import Rule

RULES: Final[tuple[Rule, ...]] = ()
