"""Another region: a second cluster that people have planned for."""

from typing import Final

from rules.aks.cluster import CLUSTER
from rules.model import References, Resource, Severity, Verdict, rule
from rules.twin import second_resource

DR_TAG: Final = "ha-bot-dr-cluster"
"""A tag that names the resource id of the disaster-recovery cluster, or (on that one) of the primary."""


@rule(
    title="AKS cluster has a disaster-recovery cluster",
    severity=Severity.MEDIUM,
    applies_to=CLUSTER,
    production=True,
    references=References(
        aprl=("269a9f1a-6675-460a-831e-b05a887a8c4b",),
        policy=("0b0434ec-2bad-4229-965f-bb7ae5a71257",),
        learn=(
            "https://learn.microsoft.com/azure/aks/reliability-multi-region-deployment-models",
            "https://learn.microsoft.com/azure/reliability/reliability-aks",
            "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning",
        ),
    ),
)
def second_region(cluster: Resource) -> Verdict:
    """The cluster names its counterpart in another region.

    What it checks
        The tag `ha-bot-dr-cluster`, which holds the resource id of the second cluster. Azure has no property for this:
        the tag is how people tell that they have planned for it.

    Why it matters
        A cluster lives in one region. Without a second one, the loss of the region stops every endpoint that is
        deployed to it, and what the cluster stores is gone with its disks.

    How it is fixed
        By people: a second cluster in another region from the same code, attached to a second workspace, with the same
        deployments and a backup of what is stored; then the tag.

    References
        APRL 269a9f1a and Azure Policy 0b0434ec (which ask for Azure Backup), Learn:
        reliability-multi-region-deployment-models.
    """
    return second_resource(cluster, DR_TAG, "cluster")


RULES: Final = (second_region,)
