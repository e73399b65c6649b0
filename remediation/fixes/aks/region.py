"""Another region: a second cluster, which people design."""

from typing import Final

from remediation.plan import Guidance, Remediation, remediates
from rules.aks.region import DR_TAG, second_region
from rules.model import Resource


@remediates(second_region)
def plan_second_region(cluster: Resource) -> Guidance:
    """Recovery from the loss of a region needs a second cluster, its deployments and a rehearsed switch."""
    return Guidance(
        why_no_plan="A cluster lives in one region: recovery needs a second one, which people have to design.",
        steps=(
            "Choose a model: a cluster rebuilt from code (hours), a small one kept ready (minutes), both serving.",
            "Create the second cluster in another region from the same infrastructure code, with quota kept there.",
            "Attach it to an Azure Machine Learning workspace in that region and deploy the same models to it, from "
            "GitOps or Azure Kubernetes Fleet Manager.",
            "Back up what the cluster stores with Azure Backup for AKS, and restore it once to see that it works.",
            "Put Azure Front Door or Traffic Manager before both, and rehearse the switch.",
            f"Set the tag {DR_TAG} on {cluster.name} to the second cluster's resource id: this finding closes.",
        ),
        cost="from nothing (rebuilt from code) to twice the cluster (both serving) (estimate)",
        effort="two to six weeks",
    )


REMEDIATIONS: Final[tuple[Remediation, ...]] = (plan_second_region,)
