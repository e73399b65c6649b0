"""Azure Databricks. https://learn.microsoft.com/azure/reliability/reliability-databricks"""

from typing import Final

from rules.model import References, Resource, Severity, Verdict, rule
from rules.twin import second_resource

WORKSPACE: Final = "Microsoft.Databricks/workspaces"
DR_TAG: Final = "ha-bot-dr-workspace"
"""A tag that names the resource id of the disaster-recovery workspace, or (on that one) of the primary."""


@rule(
    title="Databricks workspace has a disaster-recovery workspace",
    severity=Severity.HIGH,
    applies_to=WORKSPACE,
    production=True,
    references=References(
        aprl=("4fdb7112-4531-6f48-b60e-c917a6068d9b", "8aa63c34-dd9d-49bd-9582-21ec310dfbdd"),
        learn=(
            "https://learn.microsoft.com/azure/databricks/admin/disaster-recovery",
            "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning",
        ),
    ),
)
def disaster_recovery(workspace: Resource) -> Verdict:
    """The workspace names its disaster-recovery workspace.

    What it checks
        The tag `ha-bot-dr-workspace`, which holds the resource id of the second workspace. Azure has no property for
        this: the tag is how people tell that they have planned for it.

    Why it matters
        A Databricks workspace lives in one region and is never failed over by Azure. Without a second workspace, the
        loss of the region stops every job and every training run that uses it.

    How it is fixed
        By people: create a workspace in another region from the same code, keep notebooks and jobs in Git, copy the
        tables (Delta deep clone), rehearse the switch, then set the tag.

    References
        APRL 4fdb7112 and 8aa63c34, Learn: databricks/admin/disaster-recovery.
    """
    return second_resource(workspace, DR_TAG, "workspace")


RULES: Final = (disaster_recovery,)
