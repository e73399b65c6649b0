"""MySQL servers, healthy and not."""

from typing import Any

from rules.model import Children
from tests.builders import Json, azure
from tests.rules.examples.flexible_server import high_availability, used

SERVER_ID = azure("Microsoft.DBforMySQL/flexibleServers/mysqlml")["id"]


def parameters(consistency: str = "ON", mode: str = "ON", **properties: str) -> Children:
    """The two server parameters that a standby depends on."""
    values = {"enforce_gtid_consistency": consistency, "gtid_mode": mode}
    common = {"dataType": "Enumeration", "isConfigPendingRestart": "False", "isReadOnly": "False", **properties}
    return {
        f"configurations/{name}": {"name": name, "properties": {**common, "defaultValue": "OFF", "value": value}}
        for name, value in values.items()
    }


def body(mode: object = "Disabled", changes: Json | None = None, /, **properties: Any) -> Json:
    """A flexible server with a mode of high availability; `changes` replace members of the body."""
    settled: Json = {
        "state": "Ready",
        "availabilityZone": "1",
        "replicationRole": "None",
        "highAvailability": high_availability(mode),
        "storage": storage(redundancy="ZoneRedundancy" if mode == "ZoneRedundant" else "LocalRedundancy"),
        "backup": {"backupRetentionDays": 7, "backupIntervalHours": 24, "geoRedundantBackup": "Enabled"},
        "dataEncryption": {"type": "SystemManaged"},
    }
    size = {"name": "Standard_D4ds_v4", "tier": "GeneralPurpose"}
    server = azure("Microsoft.DBforMySQL/flexibleServers/mysqlml", sku=size)
    return server | {"properties": settled | properties} | (changes or {})


def storage(auto_grow: object = "Enabled", redundancy: object = "LocalRedundancy") -> Json:
    """The storage of a server."""
    return {"storageSizeGB": 100, "autoGrow": auto_grow, "iops": 600, "storageRedundancy": redundancy}


BURSTABLE = {"sku": {"name": "Standard_B1ms", "tier": "Burstable"}}
LOCAL_BACKUP = {"backupRetentionDays": 7, "geoRedundantBackup": "Disabled"}
ZONAL_STORAGE = storage(redundancy="ZoneRedundancy")

EXAMPLES = (
    used(body("ZoneRedundant")),
    used(body("Disabled"), parameters()),
    used(body("Disabled"), parameters("ON", "OFF_PERMISSIVE")),
    used(body("Disabled")),
    used(body("Disabled", {"tags": {"env": "test"}})),
    used(body("Disabled", storage=ZONAL_STORAGE), parameters()),
    used(body("Disabled", {"location": "westus"}), parameters()),
    used(body("SameZone")),
    used(body("SameZone", highAvailability=high_availability("SameZone", "CreatingStandby"))),
    used(body("Disabled", BURSTABLE)),
    used(body("Disabled", replicationRole="Replica")),
    used(body("Disabled", backup=LOCAL_BACKUP, state="Stopped")),
    used(body("Disabled", backup=LOCAL_BACKUP), parameters()),
    used(body("SameZone", backup=LOCAL_BACKUP)),
    used(body("Disabled", {"location": "italynorth"}, backup=LOCAL_BACKUP)),
    used(body("Disabled", backup=LOCAL_BACKUP, dataEncryption={"type": "AzureKeyVault"})),
    used(body("Disabled", storage=storage("Disabled")), parameters()),
    used(azure("Microsoft.DBforMySQL/servers/mysqlold", properties={"userVisibleState": "Ready"})),
)
