"""Computes of a workspace, healthy and not."""

from typing import Any

from rules.model import Resource, Role, Use
from tests.builders import GROUP, WORKSPACE_ID, Json, azure

AKS_ID = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aksml"


def compute(kind: object, settings: object = None, tags: object = None, **properties: Any) -> Json:
    """A compute of the workspace; `settings` are those of its kind."""
    of_every_kind = {
        "computeType": kind,
        "computeLocation": "westeurope",
        "provisioningState": "Succeeded",
        "isAttachedCompute": False,
        "resourceId": None,
        "properties": settings,
    }
    path = "Microsoft.MachineLearningServices/workspaces/mlw/computes/cpt"
    return azure(path, tags=tags, properties=of_every_kind | properties)


def cluster(priority: object = "Dedicated", **changes: Any) -> Json:
    """A compute cluster."""
    scale = {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"}
    settings = {"vmSize": "Standard_DS3_v2", "vmPriority": priority, "scaleSettings": scale}
    return compute("AmlCompute", settings, **changes)


def aks(purpose: object = "FastProd", **changes: Any) -> Json:
    """An attached AKS cluster that serves models."""
    settings = {"clusterPurpose": purpose, "agentCount": 3, "agentVmSize": "Standard_D4s_v5"}
    return compute("AKS", settings, **{"isAttachedCompute": True, "resourceId": AKS_ID, **changes})


def kubernetes(**changes: Any) -> Json:
    """An attached Kubernetes cluster."""
    settings = {"namespace": "azureml", "defaultInstanceType": "defaultinstancetype"}
    return compute("Kubernetes", settings, **{"isAttachedCompute": True, "resourceId": AKS_ID, **changes})


EXAMPLES = (
    Resource.of(cluster(), uses=[Use(Role.MANAGED_COMPUTE, WORKSPACE_ID)]),
    Resource.of(cluster("LowPriority"), uses=[Use(Role.MANAGED_COMPUTE, WORKSPACE_ID)]),
    Resource.of(cluster("LowPriority", tags={"environment": "dev"})),
    Resource.of(compute("ComputeInstance", {"vmSize": "Standard_DS3_v2"})),
    Resource.of(aks()),
    Resource.of(aks("DevTest")),
    Resource.of(aks(isAttachedCompute=False)),
    Resource.of(kubernetes()),
)
