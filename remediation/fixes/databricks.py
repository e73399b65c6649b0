"""Azure Databricks. A workspace PATCH changes tags only: nothing here can be put right by a write."""

from typing import Final

from remediation.plan import Guidance, remediates
from rules.databricks import DR_TAG, disaster_recovery
from rules.model import Resource


@remediates(disaster_recovery)
def plan_disaster_recovery(workspace: Resource) -> Guidance:
    """Regional recovery needs a second workspace, copied data and a rehearsed switch: people must design it."""
    return Guidance(
        why_no_plan="Recovery from the loss of a region needs a second workspace, copied data and a rehearsed switch.",
        steps=(
            "Choose a target: rebuild from code (days), warm standby with copied tables (hours), both regions active "
            "(minutes).",
            "Create a second workspace in another region from the same infrastructure code.",
            "Keep notebooks and jobs in Git and deploy them to both; copy the tables with Delta deep clone.",
            "Rehearse the switch, and write down who decides it.",
            f"Set the tag {DR_TAG} on {workspace.name} to the second workspace's resource id: this finding closes.",
        ),
        cost="from nothing (rebuild from code) to twice the compute (both active) (estimate)",
        effort="two to six weeks",
    )


REMEDIATIONS: Final = (plan_disaster_recovery,)
