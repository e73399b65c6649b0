"""Every remediation, by the name of the rule it answers.

To add one: write its planner in the file of its service and name it here.
"""

from typing import Final

from remediation.fixes.container_registry import upgrade_to_premium
from remediation.fixes.databricks import plan_disaster_recovery
from remediation.fixes.storage import convert_to_zone_redundant
from remediation.plan import Remediation

REMEDIATIONS: Final[dict[str, Remediation]] = {
    remediation.rule.name: remediation
    for remediation in (
        upgrade_to_premium,
        convert_to_zone_redundant,
        plan_disaster_recovery,
    )
}
