"""Container registries, healthy and not."""

from typing import Any

from rules.model import Resource
from tests.builders import Json, azure, registry

HOME = "westeurope"
PROPERTIES: Json = {
    "provisioningState": "Succeeded",
    "loginServer": "crml.azurecr.io",
    "adminUserEnabled": False,
    "publicNetworkAccess": "Enabled",
    "dataEndpointEnabled": False,
    "zoneRedundancy": "Disabled",
    "privateEndpointConnections": [],
    "encryption": {"status": "disabled"},
}
PRIVATE: Json = {"privateEndpointConnections": [{"id": "", "properties": {"provisioningState": "Succeeded"}}]}


def replica(name: str, location: object = None, state: object = "Succeeded", routed: object = True) -> Json:
    """A replication, in the region that it is named after."""
    properties = {"provisioningState": state, "regionEndpointEnabled": routed, "zoneRedundancy": "Disabled"}
    body = azure(f"Microsoft.ContainerRegistry/registries/crml/replications/{name}", properties=properties)
    return body | {"location": name if location is None else location}


def replicated(*replicas: Json, location: str = HOME, sku: str = "Premium", **properties: Any) -> Resource:
    """A registry with the replication of its own region and these."""
    body = registry(sku, location=location, properties=PROPERTIES | properties)
    return Resource.of(body, {"replications": [replica(location), *replicas]})


EXAMPLES = (
    Resource.of(registry("Basic")),
    Resource.of(registry("Standard", properties=PROPERTIES), {"replications": []}),
    Resource.of(registry("Basic", location="westus")),
    Resource.of(registry("Premium"), {"replications": []}),
    Resource.of(registry("Premium")),
    replicated(),
    replicated(**PRIVATE),
    replicated(encryption={"status": "enabled"}),
    replicated(location="westus"),
    replicated(location="polandcentral"),
    replicated(location="swedencentral"),
    replicated(replica("northeurope")),
    replicated(replica("northeurope", state="Creating")),
    replicated(replica("northeurope", state="Failed")),
    replicated(replica("northeurope", routed=False)),
    replicated(replica("crmlus", "West US 2"), replica("northeurope", routed=False), location="westus"),
)
