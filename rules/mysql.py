"""Azure Database for MySQL. https://learn.microsoft.com/azure/reliability/reliability-database-mysql"""

from typing import Final

from rules.model import Rule

RULES: Final[tuple[Rule, ...]] = ()
