"""Azure HDInsight. https://learn.microsoft.com/azure/reliability/reliability-hdinsight"""

from typing import Final

from rules.model import References, Resource, Severity, Verdict, failed, not_applicable, passed, rule, unknown
from rules.regions import region

CLUSTER: Final = "Microsoft.HDInsight/clusters"


@rule(
    title="HDInsight cluster is in an availability zone of your choice",
    severity=Severity.MEDIUM,
    applies_to=CLUSTER,
    references=References(
        policy=("bf45a74c-ed4f-4300-8afe-d6f0abdfe75b",),
        learn=(
            "https://learn.microsoft.com/azure/reliability/reliability-hdinsight",
            "https://learn.microsoft.com/azure/hdinsight/hdinsight-high-availability-components",
            "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning",
        ),
    ),
)
def zonal(cluster: Resource) -> Verdict:
    """The cluster was created in an availability zone of its owner's choice.

    What it checks
        `zones` of clusters in the regions where HDInsight offers zones, which are fewer than those with zones. Where
        it is not set, Azure's default is no zone. The cluster's storage and its SQL databases are checked by the rules
        of those services.

    Why it matters
        The nodes of a cluster without a zone may be in any of them: the loss of any zone of the region can stop the
        cluster and the training data that it prepares. A cluster in a zone is hit by the loss of that zone only, and a
        second one in another zone can take over. The zone alone makes no cluster redundant.

    How it is fixed
        By people: a zone can only be chosen when a cluster is created. Create it anew in a zone, with its databases in
        the same zone, and keep a standby cluster, or the code to create one, for another zone or region.

    References
        Azure Policy bf45a74c, Learn: reliability-hdinsight, hdinsight-high-availability-components.
    """
    if (place := region(cluster.location)) is None:
        return unknown("it is not known whether HDInsight offers availability zones in its region")
    if not place.hdinsight_zones:
        return not_applicable(f"HDInsight offers no availability zones in {cluster.location}")
    match cluster.body.get("zones"):
        case None | []:
            return failed("the cluster has no zone, Azure's default: the loss of any zone of its region can stop it")
        case [str(zone)] if zone:
            return passed("the cluster is in one availability zone")
    return unknown("Azure did not say clearly which zone the cluster is in")


RULES: Final = (zonal,)
