"""Application Insights and its Log Analytics workspace. https://learn.microsoft.com/azure/reliability/reliability-monitor-logs"""

from typing import Final

from rules.model import Rule

RULES: Final[tuple[Rule, ...]] = ()
