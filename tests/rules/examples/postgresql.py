"""PostgreSQL servers, healthy and not."""

from typing import Any

from rules.model import Children
from tests.builders import Json, azure
from tests.rules.examples.flexible_server import high_availability, used

SERVER_ID = azure("Microsoft.DBforPostgreSQL/flexibleServers/psqlml")["id"]
SIZE = "Standard_D4ds_v5"


def capabilities(*modes: str, zones: str = "Enabled", zones_and_geo: str = "Enabled") -> Children:
    """What Azure says it offers for a server: modes for its size, and features of the region and subscription."""
    features = {"GeoBackup": "Enabled", "ZoneRedundantHa": zones, "ZoneRedundantHaAndGeoBackup": zones_and_geo}
    sizes = [
        {"name": "Standard_D2ds_v5", "vCores": 2, "supportedHaMode": [], "supportedFeatures": []},
        {"name": SIZE, "vCores": 4, "supportedHaMode": [*modes], "supportedFeatures": []},
    ]
    offer = {
        "name": "FlexibleServerCapabilities",
        "supportedServerEditions": [{"name": "GeneralPurpose", "supportedServerSkus": sizes}],
        "supportedFeatures": [{"name": name, "status": status} for name, status in features.items()],
    }
    return {"capabilities": [offer]}


OFFERED = capabilities("SameZone", "ZoneRedundant")


def body(mode: object = "Disabled", changes: Json | None = None, /, **properties: Any) -> Json:
    """A flexible server with a mode of high availability; `changes` replace members of the body."""
    settled: Json = {
        "state": "Ready",
        "availabilityZone": "1",
        "replicationRole": "Primary",
        "highAvailability": high_availability(mode),
        "storage": {"type": "", "storageSizeGB": 128, "tier": "P10", "iops": 500, "autoGrow": "Enabled"},
        "backup": {"backupRetentionDays": 7, "geoRedundantBackup": "Enabled"},
    }
    server = azure("Microsoft.DBforPostgreSQL/flexibleServers/psqlml", sku={"name": SIZE, "tier": "GeneralPurpose"})
    return server | {"properties": settled | properties} | (changes or {})


def _storage(auto_grow: str, kind: str = "Premium_LRS") -> Json:
    return {"type": kind, "storageSizeGB": 512, "autoGrow": auto_grow}


BURSTABLE = {"sku": {"name": "Standard_B1ms", "tier": "Burstable"}}
NO_ZONES = {"location": "northcentralus"}
LOCAL_BACKUP = {"backupRetentionDays": 7, "geoRedundantBackup": "Disabled"}

EXAMPLES = (
    used(body("ZoneRedundant")),
    used(body("Disabled"), OFFERED),
    used(body("Disabled"), capabilities("SameZone", zones="Disabled", zones_and_geo="Disabled")),
    used(body("Disabled")),
    used(body("Disabled", {"tags": {"environment": "dev"}})),
    used(body("SameZone"), OFFERED),
    used(body("Disabled", BURSTABLE, backup=LOCAL_BACKUP)),
    used(body("Disabled", NO_ZONES), OFFERED),
    used(body("SameZone", NO_ZONES)),
    used(body("Disabled", {"location": "polandcentral"}, backup=LOCAL_BACKUP, state="Stopped"), OFFERED),
    used(body("Disabled", replicationRole="AsyncReplica", backup=LOCAL_BACKUP)),
    used(body("Disabled", cluster={"clusterSize": 4, "defaultDatabaseName": "postgres"}), OFFERED),
    used(body("ZoneRedundant", highAvailability=high_availability("ZoneRedundant", "FailingOver"))),
    used(body("ZoneRedundant", storage=_storage("Disabled"))),
    used(body("ZoneRedundant", storage=_storage("Disabled", "PremiumV2_LRS"))),
    used(azure("Microsoft.DBforPostgreSQL/servers/psqlold", properties={"userVisibleState": "Ready"})),
)
