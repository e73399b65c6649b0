"""Container groups, healthy and not."""

from typing import Any

from rules.model import Resource, Role, Use
from tests.builders import WORKSPACE_ID, Json, azure


def container_group(zones: object = None, sku: object = "Standard", name: str = "aciml", **changes: Any) -> Json:
    """A container group; `changes` with the name of a property set that, others replace members of the body."""
    requests = {"cpu": 1.0, "memoryInGB": 2.0}
    container = {"image": "crml.azurecr.io/scoring:1", "ports": [{"port": 80}], "resources": {"requests": requests}}
    properties = {
        "provisioningState": "Succeeded",
        "sku": sku,
        "priority": changes.pop("priority", "Regular"),
        "restartPolicy": changes.pop("restartPolicy", "Always"),
        "osType": "Linux",
        "containers": [{"name": "scoring", "properties": container}],
    }
    body = azure(f"Microsoft.ContainerInstance/containerGroups/{name}", zones=zones, properties=properties)
    return body | changes


EXAMPLES = (
    Resource.of(container_group()),
    Resource.of(container_group([])),
    Resource.of(container_group(["1"])),
    Resource.of(container_group(), uses=[Use(Role.ACI_ENDPOINT, WORKSPACE_ID)]),
    Resource.of(container_group(sku="Confidential")),
    Resource.of(container_group(priority="Spot")),
    Resource.of(container_group(restartPolicy="Never")),
    Resource.of(container_group(location="westus")),
)
