"""AKS clusters with their node pools, healthy and not."""

from collections.abc import Mapping
from typing import Any

from rules.aks import DR_TAG
from rules.model import Resource
from tests.builders import GROUP, Json, azure

CLUSTER_ID = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aksml"
SECOND_ID = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aksml-dr"
IN_ZONES = ["1", "2", "3"]
MARKED = {"nodeLabels": {"team": "ml"}, "nodeTaints": ["for=training:NoSchedule"]}
"""What people gave a pool for their pods to find it, or to stay away."""


def pool(name: str = "system", mode: object = "System", **properties: Any) -> Json:
    """A node pool as its cluster shows it: three nodes in three zones, sized by hand. `properties` replace its own."""
    shown = {
        "count": 3,
        "vmSize": "Standard_D4s_v5",
        "osType": "Linux",
        "type": "VirtualMachineScaleSets",
        "mode": mode,
        "enableAutoScaling": False,
        "availabilityZones": IN_ZONES,
        "orchestratorVersion": "1.33",
        "currentOrchestratorVersion": "1.33.2",
        "nodeImageVersion": "AKSUbuntu-2204gen2containerd-202611.02.0",
        "powerState": {"code": "Running"},
        "provisioningState": "Succeeded",
        "eTag": f"etag-of-{name}",
    }
    return {"name": name, **shown, **properties}


def scaled(least: object = 3, most: object = 6) -> Mapping[str, Any]:
    """What a pool has when the autoscaler sizes it."""
    return {"enableAutoScaling": True, "minCount": least, "maxCount": most}


def cluster(*pools: Json, tier: object = "Standard", tags: object = None, **properties: Any) -> Json:
    """A cluster as Azure answers it. `properties` replace its properties."""
    shown = {
        "provisioningState": "Succeeded",
        "powerState": {"code": "Running"},
        "kubernetesVersion": "1.33",
        "currentKubernetesVersion": "1.33.2",
        "dnsPrefix": "aksml",
        "agentPoolProfiles": [*pools] or [pool()],
        "nodeResourceGroup": "MC_rg-ml_aksml_westeurope",
        "networkProfile": {"networkPlugin": "azure", "loadBalancerSku": "standard"},
    }
    body = azure("Microsoft.ContainerService/managedClusters/aksml", eTag="etag-of-cluster", tags=tags)
    return body | {
        "sku": {"name": "Base", "tier": tier},
        "identity": {"type": "SystemAssigned"},
        "properties": shown | properties,
    }


def read_pool(shown: Json) -> Json:
    """A pool as it is read by itself."""
    name = shown["name"]
    body = azure(f"Microsoft.ContainerService/managedClusters/aksml/agentPools/{name}")
    properties = {member: value for member, value in shown.items() if member != "name"}
    return {member: body[member] for member in ("id", "name", "type")} | {"properties": properties}


def resource(body: Json) -> Resource:
    """The cluster with its node pools read one by one."""
    return Resource.of(body, {"agentPools": [read_pool(shown) for shown in body["properties"]["agentPoolProfiles"]]})


EXAMPLES = (
    resource(cluster(pool(**scaled()), pool("cpu", "User", **scaled()), tags={DR_TAG: SECOND_ID})),
    resource(cluster(pool(count=1), pool("cpu", "User", count=1, **MARKED), tier="Free")),
    resource(cluster(pool(**scaled(1, 2)), pool("cpu", "User", **scaled(1, 4)), pool("gpu", "User", **scaled(0, 4)))),
    resource(cluster(pool(availabilityZones=None), pool("cpu", "User", availabilityZones=["1"], count=2))),
    resource(
        cluster(
            pool("sysa", availabilityZones=["1"], count=1),
            pool("sysb", availabilityZones=["2"], count=1),
            pool("spot", "User", scaleSetPriority="Spot", count=1),
        )
    ),
    resource(cluster(pool(), pool("cpu", "User", type="AvailabilitySet", count=1), tier="Premium")),
    resource(cluster(nodeProvisioningProfile={"mode": "Auto"}, tags={DR_TAG: CLUSTER_ID})),
    resource(cluster(pool(powerState={"code": "Stopped"}), powerState={"code": "Stopped"}, tier="Free")),
    resource(cluster(pool(count=2, eTag=None))),
    Resource.of(cluster(pool(count=2), pool("cpu", "User", count=1))),
)
