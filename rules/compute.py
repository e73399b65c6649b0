"""Computes of an Azure Machine Learning workspace.

https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning
"""

from typing import Final

from rules.model import References, Resource, Severity, Verdict, failed, not_applicable, passed, rule, unknown

COMPUTE: Final = "Microsoft.MachineLearningServices/workspaces/computes"
KIND: Final = "properties.computeType"
NO_KIND: Final = "Azure did not say which kind of compute it is"
PRIORITIES: Final = ("", "dedicated", "lowpriority")
PURPOSES: Final = ("", "fastprod", "denseprod", "devtest")
"""What Azure says, in lower case; empty where it says nothing and its default applies."""


@rule(
    title="Compute cluster has dedicated nodes",
    severity=Severity.MEDIUM,
    applies_to=COMPUTE,
    production=True,
    references=References(
        learn=(
            "https://learn.microsoft.com/azure/machine-learning/how-to-create-attach-compute-cluster",
            "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning",
        ),
    ),
)
def dedicated_cluster(compute: Resource) -> Verdict:
    """The nodes of a compute cluster are dedicated, not low-priority.

    What it checks
        `properties.properties.vmPriority` of compute clusters (`properties.computeType` AmlCompute). Where it is not
        set, Azure's default is dedicated.

    Why it matters
        Azure takes low-priority nodes back whenever it needs their capacity, and promises none to start with. A job
        on them is stopped and has to start again, so a production retraining or a batch endpoint may not finish in
        time.

    How it is fixed
        By people: the priority of a cluster cannot be changed. Create one with dedicated nodes, move the jobs to it
        and delete the old one. Where jobs may wait, accept the finding with an exemption.

    References
        Learn: how-to-create-attach-compute-cluster, how-to-high-availability-machine-learning.
    """
    kind = compute.text(KIND)
    if kind != "amlcompute":
        return not_applicable("it is no compute cluster") if kind else unknown(NO_KIND)
    priority = _setting(compute, "vmPriority")
    if priority not in PRIORITIES:
        return unknown("Azure did not say whether its nodes are dedicated or low-priority")
    if priority == "lowpriority":
        return failed("its nodes are low-priority: Azure may take them back at any time, and their jobs start again")
    return passed("its nodes are dedicated" if priority else "its nodes are dedicated, which is Azure's default")


@rule(
    title="AKS cluster of the workspace is your own",
    severity=Severity.MEDIUM,
    applies_to=COMPUTE,
    references=References(
        learn=(
            "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning",
            "https://learn.microsoft.com/azure/machine-learning/how-to-attach-kubernetes-anywhere",
        ),
    ),
)
def own_aks(compute: Resource) -> Verdict:
    """An AKS cluster that serves models was attached, not created by Azure Machine Learning.

    What it checks
        `properties.isAttachedCompute` of computes whose `properties.computeType` is AKS. Computes of the type
        Kubernetes are always clusters of your own: Azure Machine Learning only attaches them.

    Why it matters
        High availability across regions is not supported for an AKS cluster that Azure Machine Learning created, and
        such a cluster cannot become a Kubernetes compute, which is where online endpoints run today. When it fails,
        the web services on it stay down.

    How it is fixed
        By people: create an AKS cluster with the Standard tier and nodes in several zones, attach it, redeploy the
        models there as online endpoints, then remove the old compute.

    References
        Learn: how-to-high-availability-machine-learning, how-to-attach-kubernetes-anywhere.
    """
    kind = compute.text(KIND)
    if kind == "kubernetes":
        return passed("the cluster is your own: Azure Machine Learning only attached it")
    if kind != "aks":
        return not_applicable("it is no Kubernetes cluster") if kind else unknown(NO_KIND)
    attached = compute.flag("properties.isAttachedCompute")
    if attached is None:
        return unknown("Azure did not say whether the AKS cluster was attached or created")
    if not attached:
        return failed("Azure Machine Learning created the AKS cluster: it has no high availability across regions")
    return passed("the AKS cluster is your own and was attached")


@rule(
    title="AKS cluster is attached for production",
    severity=Severity.MEDIUM,
    applies_to=COMPUTE,
    production=True,
    references=References(
        learn=(
            "https://learn.microsoft.com/azure/machine-learning/how-to-attach-kubernetes-anywhere",
            "https://learn.microsoft.com/azure/machine-learning/concept-v2",
            "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning",
        ),
    ),
)
def production_aks(compute: Resource) -> Verdict:
    """An AKS cluster that serves models is attached with a production purpose.

    What it checks
        `properties.properties.clusterPurpose` of computes whose `properties.computeType` is AKS. Where it is not set,
        Azure's default is FastProd, a production purpose. Computes of the type Kubernetes have no purpose.

    Why it matters
        For a DevTest cluster Azure Machine Learning asks for one node only and guarantees no fault tolerance: the loss
        of a node can take a web service down with it.

    How it is fixed
        By people: the purpose cannot be changed. Attach the cluster as a Kubernetes compute and redeploy the models
        as online endpoints, or detach it and attach it again as FastProd with at least three nodes.

    References
        Learn: how-to-attach-kubernetes-anywhere, concept-v2 (support of SDK v1, which deploys to such computes, ended
        on 2026-06-30), how-to-high-availability-machine-learning.
    """
    kind = compute.text(KIND)
    if kind != "aks":
        return not_applicable("only computes of the type AKS have a purpose") if kind else unknown(NO_KIND)
    purpose = _setting(compute, "clusterPurpose")
    if purpose not in PURPOSES:
        return unknown("Azure did not say for which purpose the AKS cluster is attached")
    if purpose == "devtest":
        return failed("it is attached as DevTest: one node is enough for it, and nothing is fault-tolerant there")
    return passed("it is attached for production" if purpose else "it is attached for production, Azure's default")


def _setting(compute: Resource, name: str) -> str | None:
    """What is set for this kind of compute, in lower case; empty where nothing is, None where that cannot be read."""
    settings = compute.get("properties.properties")
    if not isinstance(settings, dict):
        return None
    value = settings.get(name, "")
    return value.lower() if isinstance(value, str) else "" if value is None else None


RULES: Final = (dedicated_cluster, own_aks, production_aks)
