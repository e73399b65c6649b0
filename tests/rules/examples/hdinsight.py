"""HDInsight clusters, healthy and not."""

from typing import Any

from rules.model import Resource, Role, Use
from tests.builders import STORAGE_ID, WORKSPACE_ID, Json, azure


def cluster(zones: object = None, **changes: Any) -> Json:
    """An HDInsight cluster on the storage account."""
    nodes = {"name": "headnode", "targetInstanceCount": 2, "hardwareProfile": {"vmSize": "Standard_E4_v3"}}
    account = {"name": "stml.blob.core.windows.net", "isDefault": True, "resourceId": STORAGE_ID}
    properties = {
        "provisioningState": "Succeeded",
        "clusterState": "Running",
        "clusterVersion": "5.1.3000",
        "tier": "Standard",
        "computeProfile": {"roles": [nodes]},
        "storageProfile": {"storageaccounts": [account]},
    }
    return azure("Microsoft.HDInsight/clusters/hdiml", zones=zones, properties=properties) | changes


def attached(body: Json) -> Resource:
    """The cluster as a compute of the workspace."""
    return Resource.of(body, uses=[Use(Role.ATTACHED_HDINSIGHT, WORKSPACE_ID)])


EXAMPLES = (
    attached(cluster()),
    attached(cluster([])),
    attached(cluster(["1"])),
    attached(cluster(location="swedencentral")),
    attached(cluster(location="westus")),
)
