"""What a sample of each resource type may say, healthy and not: choices by path. None leaves the path out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

type Choices = Mapping[str, Sequence[Any]]

TWIN: Final = "(twin)"
"""Stands for the resource id of a second resource of the same type."""
REGIONS: Final = ("westeurope", "northeurope", "eastus", "westus", "swedencentral", "westus3", "italynorth", "ukwest")
"""With zones and without, paired and not."""
ENVIRONMENTS: Final = (None, None, "production", "dev")
BOOL: Final = (True, False)
SWITCH: Final = ("Enabled", "Disabled")


WORKSPACE: Final = "Microsoft.MachineLearningServices/workspaces"
STANDS_ON: Final[Mapping[str, str]] = {
    "properties.storageAccount": "Microsoft.Storage/storageAccounts",
    "properties.keyVault": "Microsoft.KeyVault/vaults",
    "properties.containerRegistry": "Microsoft.ContainerRegistry/registries",
    "properties.applicationInsights": "Microsoft.Insights/components",
}
"""What a workspace names, by path."""
CONNECTED: Final = (
    "Microsoft.Sql/servers/databases",
    "Microsoft.DBforPostgreSQL/flexibleServers",
    "Microsoft.DBforMySQL/flexibleServers",
)
"""What it is connected to."""
ATTACHED: Final[Mapping[str, str]] = {
    "AKS": "Microsoft.ContainerService/managedClusters",
    "Databricks": "Microsoft.Databricks/workspaces",
    "HDInsight": "Microsoft.HDInsight/clusters",
}
"""What its computes are, by their type."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Values by path in the body, and children by their path."""

    values: Choices = field(default_factory=dict)
    children: Choices = field(default_factory=dict)


EVERYWHERE: Final[Choices] = {
    "location": REGIONS,
    "tags.environment": ENVIRONMENTS,
    "properties.provisioningState": ("Succeeded", "Succeeded", "Succeeded", "Updating"),
}
"""Said by every resource; a type may say otherwise."""


def _retention(name: str) -> tuple[Any, ...]:
    return tuple({"properties": {name: policy}} for policy in ({"enabled": True, "days": 7}, {"enabled": False}))


def _replicas(*routed: bool) -> list[dict[str, Any]]:
    places = zip(("francecentral", "uksouth"), routed, strict=False)
    return [
        {"name": place, "location": place}
        | {"properties": {"provisioningState": "Succeeded", "regionEndpointEnabled": enabled}}
        for place, enabled in places
    ]


def _pools(*zones: list[str] | None) -> tuple[list[dict[str, Any]], ...]:
    return tuple(
        [
            {"name": "system", "mode": "System", "count": count, "vmSize": "Standard_D4s_v5", "availabilityZones": each}
            | {"enableAutoScaling": count > 1, "minCount": count, "maxCount": count + 3},
            {"name": "user", "mode": "User", "count": count, "vmSize": "Standard_D4s_v5", "availabilityZones": each}
            | {"enableAutoScaling": count > 1, "minCount": count, "maxCount": count + 3},
        ]
        for each in zones
        for count in (1, 3)
    )


POOLS: Final = _pools(["1", "2", "3"], None)
LINK: Final = {"role": "Primary", "partnerLocation": "France Central", "replicationState": "CATCH_UP"}
SERVER: Final[Choices] = {
    "sku.tier": ("Burstable", "GeneralPurpose", "MemoryOptimized"),
    "properties.highAvailability.mode": ("Disabled", "SameZone", "ZoneRedundant"),
    "properties.highAvailability.state": ("Healthy", "Healthy", "FailingOver"),
    "properties.backup.geoRedundantBackup": SWITCH,
    "properties.storage.autoGrow": SWITCH,
    "properties.replicationRole": ("Primary", "None"),
    "properties.state": ("Ready",),
}
SAMPLES: Final[Mapping[str, Sample]] = {
    WORKSPACE: Sample(
        {
            "kind": ("Default", "Hub", "Project"),
            "tags.ha-bot-dr-workspace": (None, TWIN),
            "properties.encryption.status": (None, "Enabled"),
            "properties.enableServiceSideCMKEncryption": BOOL,
        }
    ),
    "Microsoft.MachineLearningServices/workspaces/computes": Sample(
        {
            "properties.computeType": ("AmlCompute", "AKS", "Kubernetes", "ComputeInstance"),
            "properties.isAttachedCompute": BOOL,
            "properties.properties.vmPriority": ("Dedicated", "LowPriority"),
            "properties.properties.clusterPurpose": ("FastProd", "DevTest"),
        }
    ),
    "Microsoft.MachineLearningServices/workspaces/datastores": Sample(
        {"properties.datastoreType": ("AzureBlob", "AzureDataLakeGen2", "AzureDataLakeGen1")}
    ),
    "Microsoft.Storage/storageAccounts": Sample(
        {
            "kind": ("StorageV2", "StorageV2", "StorageV2", "Storage", "FileStorage"),
            "sku.name": ("Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_RAGZRS"),
            "properties.isHnsEnabled": BOOL,
        },
        {
            "blobServices/default": (
                *_retention("deleteRetentionPolicy"),
                *_retention("containerDeleteRetentionPolicy"),
                {"properties": {"isVersioningEnabled": True}},
            ),
            "fileServices/default": _retention("shareDeleteRetentionPolicy"),
            "objectReplicationPolicies": ([],),
        },
    ),
    "Microsoft.KeyVault/vaults": Sample(
        {
            "tags.ha-bot-dr-vault": (None, TWIN),
            "properties.enableSoftDelete": (True, True, False),
            "properties.enablePurgeProtection": (True, None),
        }
    ),
    "Microsoft.ContainerRegistry/registries": Sample(
        {"sku.name": ("Basic", "Standard", "Premium", "Premium")},
        {"replications": ([], _replicas(True), _replicas(True, True), _replicas(True, False))},
    ),
    "Microsoft.Insights/components": Sample(
        {
            "properties.IngestionMode": ("LogAnalytics", "ApplicationInsights"),
            "properties.WorkspaceResourceId": (None, "/subscriptions/x/workspaces/log"),
        }
    ),
    "Microsoft.OperationalInsights/workspaces": Sample(
        {
            "properties.retentionInDays": (30, 90, 365),
            "properties.replication.enabled": BOOL,
            "properties.replication.provisioningState": ("Succeeded",),
            "properties.workspaceCapping.dailyQuotaGb": (-1, 5),
        }
    ),
    "Microsoft.DocumentDB/databaseAccounts": Sample(
        {
            "properties.locations": (
                [{"locationName": "West Europe", "failoverPriority": 0, "isZoneRedundant": False}],
                [
                    {"locationName": "West Europe", "failoverPriority": 0, "isZoneRedundant": True},
                    {"locationName": "North Europe", "failoverPriority": 1, "isZoneRedundant": False},
                ],
            ),
            "properties.enableAutomaticFailover": BOOL,
            "properties.enableMultipleWriteLocations": BOOL,
            "properties.consistencyPolicy.defaultConsistencyLevel": ("Session", "Strong"),
            "properties.backupPolicy.type": ("Periodic", "Continuous"),
        }
    ),
    "Microsoft.ContainerService/managedClusters": Sample(
        {
            "sku.name": ("Base",),
            "sku.tier": ("Free", "Standard"),
            "tags.ha-bot-dr-cluster": (None, TWIN),
            "properties.agentPoolProfiles": POOLS,
        }
    ),
    "Microsoft.Databricks/workspaces": Sample(
        {
            "sku.name": ("standard", "premium"),
            "tags.ha-bot-dr-workspace": (None, TWIN),
            "tags.ha-bot-dbfs-root": (None, "no-production-data"),
            "properties.computeMode": ("Hybrid",),
            "properties.parameters.storageAccountSkuName.value": ("Standard_LRS", "Standard_GRS", "Standard_ZRS"),
        }
    ),
    "Microsoft.ContainerInstance/containerGroups": Sample(
        {
            "zones": (None, ["1"]),
            "properties.sku": ("Standard",),
            "properties.restartPolicy": ("Always", "Never"),
        }
    ),
    "Microsoft.HDInsight/clusters": Sample({"zones": (None, ["1"])}),
    "Microsoft.DataLakeStore/accounts": Sample(),
    "Microsoft.Sql/servers/databases": Sample(
        {
            "sku.tier": ("Basic", "Standard", "Premium", "GeneralPurpose", "BusinessCritical", "Hyperscale"),
            "properties.zoneRedundant": BOOL,
            "properties.currentBackupStorageRedundancy": ("Local", "Zone", "Geo"),
            "properties.status": ("Online",),
        },
        {
            "replicationLinks": (
                [],
                [{"name": "link", "properties": LINK}],
            )
        },
    ),
    "Microsoft.Sql/servers/elasticPools": Sample(
        {
            "sku.tier": ("Basic", "Standard", "Premium", "GeneralPurpose", "BusinessCritical"),
            "properties.zoneRedundant": BOOL,
        }
    ),
    "Microsoft.DBforPostgreSQL/flexibleServers": Sample({**SERVER, "properties.replicationRole": ("Primary",)}),
    "Microsoft.DBforPostgreSQL/servers": Sample({"sku.tier": ("Basic", "GeneralPurpose")}),
    "Microsoft.DBforMySQL/flexibleServers": Sample({**SERVER, "properties.replicationRole": ("None",)}),
    "Microsoft.DBforMySQL/servers": Sample({"sku.tier": ("Basic", "GeneralPurpose")}),
}
