"""Computes of an Azure Machine Learning workspace.

A PATCH of a compute changes the scale settings of a cluster and nothing else (azure-ai-ml 1.35.2,
ClusterUpdateProperties): nothing here can be put right by a write.
"""

import shlex
from typing import Final

from remediation.plan import Guidance, Remediation, remediates
from rules.compute import dedicated_cluster, own_aks, production_aks
from rules.model import Resource
from rules.resource_id import ResourceId

ATTACH: Final = (
    "Attach it (az ml compute attach --type Kubernetes --name <new compute> --resource-id <id of the AKS cluster> "
    "--namespace <namespace> {where})."
)
ENDPOINTS: Final = (
    "Deploy the models there as online endpoints (az ml online-endpoint create --file endpoint.yml {where}; then az ml "
    "online-deployment create --file deployment.yml {where} --all-traffic) and switch the clients over: support of the "
    "v1 web services ended on 2026-06-30."
)
EXTENSION: Final = (
    "az k8s-extension create --name <extension> --extension-type Microsoft.AzureML.Kubernetes --cluster-type "
    "managedClusters --cluster-name <cluster> --resource-group <group> --scope cluster --config enableInference=True "
    "inferenceRouterServiceType=LoadBalancer sslCname=<host name>{more} --config-protected sslCertPemFile=<file> "
    "sslKeyPemFile=<file>"
)
"""With inference over TLS: https://learn.microsoft.com/azure/machine-learning/how-to-deploy-kubernetes-extension"""


@remediates(dedicated_cluster)
def plan_a_dedicated_cluster(compute: Resource) -> Guidance:
    """The priority of a cluster cannot be changed: a new one is created and the jobs move to it."""
    where = _where(compute)
    return Guidance(
        why_no_plan="The priority of a cluster's nodes is chosen when it is created and cannot be changed.",
        steps=(
            "Ask for quota of dedicated cores for this VM size: it is separate from the quota of low-priority cores.",
            "Create a cluster like it (az ml compute create --type AmlCompute --name <new cluster> --tier dedicated "
            f"--size <VM size> --min-instances 0 --max-instances <nodes> {where}).",
            f"Point jobs, pipelines, schedules and batch deployments that name {compute.name} at the new cluster.",
            f"Delete the old one when no job runs on it (az ml compute delete {_named(compute)} {where}).",
            "If all its jobs may wait and start again, keep it and accept this finding with an exemption.",
        ),
        cost="the dedicated instead of the low-priority price of the VM size, while nodes run (estimate)",
        effort="about a day, more when quota has to be asked for",
    )


@remediates(own_aks)
def plan_an_own_aks(compute: Resource) -> Guidance:
    """A cluster that Azure Machine Learning created cannot be turned into one of your own: models are redeployed."""
    where = _where(compute)
    return Guidance(
        why_no_plan="A cluster that Azure Machine Learning created can neither be attached anew nor become a "
        "Kubernetes compute.",
        steps=(
            "Create an AKS cluster of your own, with zones where the region has them (az aks create --name <cluster> "
            "--resource-group <group> --tier standard --node-count 3 --zones 1 2 3).",
            "Install the extension Microsoft.AzureML.Kubernetes on it, with inference turned on and your TLS "
            f"certificate ({EXTENSION.format(more='')}).",
            ATTACH.format(where=where),
            ENDPOINTS.format(where=where),
            "Do the same in a second region if the models have to go on without this one.",
            f"Remove {compute.name} from the workspace when nothing uses it any more; its cluster is deleted by hand.",
        ),
        cost="a second AKS cluster while you move, then the Standard tier, about US$73 a month (estimate)",
        effort="one to two weeks",
    )


@remediates(production_aks)
def plan_production_aks(compute: Resource) -> Guidance:
    """The purpose of an attached cluster cannot be changed: it is attached anew and the models are redeployed."""
    where = _where(compute)
    return Guidance(
        why_no_plan="The purpose of an AKS cluster is chosen when it is attached and cannot be changed; attaching it "
        "anew stops the web services on it.",
        steps=(
            "Make sure that the cluster has at least three nodes, in several zones where the region has them.",
            "Best: install the extension Microsoft.AzureML.Kubernetes on it beside the old compute "
            f"({EXTENSION.format(more=' scoringFe.enableUpgrade=true')}). Below, take another namespace than that of "
            "the web services.",
            ATTACH.format(where=where),
            ENDPOINTS.format(where=where),
            f"Then detach the old compute (az ml compute detach {_named(compute)} {where}).",
            "If v1 web services have to stay: plan an interruption, detach the cluster, attach it again with the "
            "clusterPurpose FastProd and redeploy them with at least two replicas.",
        ),
        cost="the price of added nodes, if there are fewer than three (estimate)",
        effort="two days to two weeks",
    )


def _named(compute: Resource) -> str:
    return f"--name {shlex.quote(compute.name)}"


def _where(compute: Resource) -> str:
    """The options that say where the compute is."""
    parsed = ResourceId.parse(compute.id)
    workspace = parsed.parent if parsed else None
    if parsed is None or workspace is None:
        return "--resource-group <group> --workspace-name <workspace>"
    return f"--resource-group {shlex.quote(parsed.group)} --workspace-name {shlex.quote(workspace.name)}"


REMEDIATIONS: Final[tuple[Remediation, ...]] = (plan_a_dedicated_cluster, plan_an_own_aks, plan_production_aks)
