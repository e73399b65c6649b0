"""Azure SQL Database and elastic pools. https://learn.microsoft.com/azure/reliability/reliability-sql-database

Their zones and service tiers, and what is kept for another region: copies and backups.
"""

from typing import Final

from rules.sql_database import geo, zones

RULES: Final = (*zones.RULES, *geo.RULES)
