"""Azure HDInsight.

A PATCH changes tags only (azure-mgmt-hdinsight 9.0.1, `clusters.update`), and the zone is chosen when a cluster is
created: nothing here can be put right by a write.
"""

from typing import Final

from remediation.plan import Guidance, Remediation, remediates
from rules.hdinsight import zonal
from rules.model import Resource


@remediates(zonal)
def plan_a_zonal_cluster(cluster: Resource) -> Guidance:
    """A zone cannot be given to an existing cluster: it is created anew."""
    return Guidance(
        why_no_plan="The zone of an HDInsight cluster is chosen when it is created; an existing one cannot be given "
        "any.",
        steps=(
            f"Keep the definition of {cluster.name} as a template, if you do not: zones are set in templates.",
            "Prepare what a cluster in a zone needs: a virtual network of your own, and SQL databases of your own for "
            "Ambari and the Hive metastore in the same zone.",
            'Create the new cluster with zones: ["1"] on the same storage accounts, which should be zone-redundant: '
            "the data stay where they are.",
            "Keep a standby cluster, or the template to create one, for another zone or region: a zone alone makes no "
            "cluster redundant.",
            "Attach the new cluster to the workspace, move the jobs, rehearse the switch, then delete the old one.",
        ),
        cost="none for the zone; a standby cluster costs as much as its nodes while it runs (estimate)",
        effort="one to two weeks",
    )


REMEDIATIONS: Final[tuple[Remediation, ...]] = (plan_a_zonal_cluster,)
