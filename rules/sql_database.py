"""Azure SQL Database and elastic pools. https://learn.microsoft.com/azure/reliability/reliability-sql-database"""

from typing import Final

from rules.model import Rule

RULES: Final[tuple[Rule, ...]] = ()
