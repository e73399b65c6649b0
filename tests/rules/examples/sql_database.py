"""SQL databases and elastic pools, healthy and not."""

from collections.abc import Mapping, Sequence
from typing import Any

from rules.model import Resource, Role, Use
from tests.builders import GROUP, WORKSPACE_ID, Json, azure

SERVER_ID = f"{GROUP}/providers/Microsoft.Sql/servers/sqlml"
DATABASE_ID = f"{SERVER_ID}/databases/features"
POOL_ID = f"{SERVER_ID}/elasticPools/pool"
GROUP_ID = f"{SERVER_ID}/failoverGroups/fgml"
DATASTORE = (Use(Role.ADDITIONAL_DATASTORE, WORKSPACE_ID),)

type Sku = Mapping[str, Any]

BASIC: Sku = {"name": "Basic", "tier": "Basic", "capacity": 5}
STANDARD: Sku = {"name": "Standard", "tier": "Standard", "capacity": 10}
PREMIUM: Sku = {"name": "Premium", "tier": "Premium", "capacity": 125}
GENERAL_PURPOSE: Sku = {"name": "GP_Gen5", "tier": "GeneralPurpose", "family": "Gen5", "capacity": 2}
SERVERLESS: Sku = {"name": "GP_S_Gen5", "tier": "GeneralPurpose", "family": "Gen5", "capacity": 2}
CONFIDENTIAL: Sku = {"name": "GP_DC", "tier": "GeneralPurpose", "family": "DC", "capacity": 2}
BUSINESS_CRITICAL: Sku = {"name": "BC_Gen5", "tier": "BusinessCritical", "family": "Gen5", "capacity": 4}
HYPERSCALE: Sku = {"name": "HS_Gen5", "tier": "Hyperscale", "family": "Gen5", "capacity": 2}
WAREHOUSE: Sku = {"name": "DataWarehouse", "tier": "DataWarehouse", "capacity": 900}
SYSTEM: Sku = {"name": "System", "tier": "System", "capacity": 0}
IN_POOL: Sku = {"name": "ElasticPool", "tier": "GeneralPurpose", "capacity": 0}
PUBLIC_WINDOWS = "/subscriptions/{}/providers/Microsoft.Maintenance/publicMaintenanceConfigurations"
DEFAULT_WINDOW = f"{PUBLIC_WINDOWS.format(GROUP.split('/')[2])}/SQL_Default"
OWN_WINDOW = f"{PUBLIC_WINDOWS.format(GROUP.split('/')[2])}/SQL_WestEurope_DB_1"


def database(sku: object = GENERAL_PURPOSE, location: object = "westeurope", **properties: Any) -> Json:
    """A single database as Azure answers it: in one zone, backups in another region."""
    usual = {
        "status": "Online",
        "maxSizeBytes": 34359738368,
        "zoneRedundant": False,
        "readScale": "Disabled",
        "currentSku": sku,
        "currentBackupStorageRedundancy": "Geo",
        "requestedBackupStorageRedundancy": "Geo",
        "maintenanceConfigurationId": DEFAULT_WINDOW,
        "availabilityZone": "NoPreference",
    }
    return azure(
        "Microsoft.Sql/servers/sqlml/databases/features", location=location, sku=sku, properties=usual | properties
    )


def pool(sku: object = GENERAL_PURPOSE, location: object = "westeurope", **properties: Any) -> Json:
    """An elastic pool as Azure answers it, in one zone."""
    usual = {
        "state": "Ready",
        "maxSizeBytes": 34359738368,
        "perDatabaseSettings": {"minCapacity": 0, "maxCapacity": 2},
        "zoneRedundant": False,
        "maintenanceConfigurationId": DEFAULT_WINDOW,
    }
    return azure(
        "Microsoft.Sql/servers/sqlml/elasticPools/pool", location=location, sku=sku, properties=usual | properties
    )


def link(region: object = "North Europe", **properties: Any) -> Json:
    """A replication link of the database, to a copy in another region."""
    usual = {
        "partnerServer": "sqlml-dr",
        "partnerDatabase": "features",
        "partnerLocation": region,
        "role": "Primary",
        "partnerRole": "Secondary",
        "replicationState": "CATCH_UP",
        "linkType": "GEO",
    }
    name = "4891ca10-ebd0-47d7-9182-c722651780fb"
    return azure(
        f"Microsoft.Sql/servers/sqlml/databases/features/replicationLinks/{name}", properties=usual | properties
    )


def used(body: Json, *links: Json) -> Resource:
    """The database or pool as what a connection of the workspace reads, with the links that were read."""
    children: Mapping[str, Sequence[Json]] = {"replicationLinks": links} if "/databases/" in body["id"] else {}
    return Resource.of(body, children, DATASTORE)


LOCAL = {"currentBackupStorageRedundancy": "Local", "requestedBackupStorageRedundancy": "Local"}

EXAMPLES = (
    used(database()),
    used(database(zoneRedundant=True), link()),
    used(database(SERVERLESS, autoPauseDelay=60, minCapacity=0.5)),
    used(database(SERVERLESS, status="Paused", **LOCAL)),
    used(database(SERVERLESS, useFreeLimit=True, freeLimitExhaustionBehavior="AutoPause", **LOCAL)),
    used(database(CONFIDENTIAL, maintenanceConfigurationId=OWN_WINDOW, **LOCAL), link("West Europe")),
    used(database(BUSINESS_CRITICAL, maintenanceConfigurationId=OWN_WINDOW, **LOCAL)),
    used(database(BUSINESS_CRITICAL, zoneRedundant=True, currentBackupStorageRedundancy="Zone")),
    used(database(BUSINESS_CRITICAL, availabilityZone="2")),
    used(database(PREMIUM, failoverGroupId=GROUP_ID), link()),
    used(database(PREMIUM, failoverGroupId=GROUP_ID), link(replicationState="SEEDING")),
    used(database(PREMIUM, zoneRedundant=True), link(replicationState="SUSPENDED")),
    used(database(HYPERSCALE, highAvailabilityReplicaCount=1, **LOCAL)),
    used(database(HYPERSCALE, zoneRedundant=True, currentBackupStorageRedundancy="GeoZone")),
    used(database(BASIC, **LOCAL)),
    used(database(STANDARD, **LOCAL)),
    used(database(STANDARD, location="westus", **LOCAL)),
    used(database(STANDARD, currentSku=PREMIUM)),
    used(database(IN_POOL, elasticPoolId=POOL_ID)),
    used(database(IN_POOL, elasticPoolId=POOL_ID, **LOCAL) | {"managedBy": POOL_ID}, link()),
    used(database(GENERAL_PURPOSE, secondaryType="Geo")),
    used(database(HYPERSCALE, secondaryType="Named")),
    used(database(WAREHOUSE)),
    used(database(SYSTEM) | {"name": "master", "id": f"{SERVER_ID}/databases/master"}),
    used(database(STANDARD) | {"tags": {"environment": "dev"}}),
    used(pool()),
    used(pool(zoneRedundant=True)),
    used(pool(CONFIDENTIAL)),
    used(pool(BUSINESS_CRITICAL, maintenanceConfigurationId=OWN_WINDOW)),
    used(pool({"name": "PremiumPool", "tier": "Premium", "capacity": 125})),
    used(pool({"name": "StandardPool", "tier": "Standard", "capacity": 50})),
    used(pool({"name": "BasicPool", "tier": "Basic", "capacity": 50})),
    used(pool(HYPERSCALE, highAvailabilityReplicaCount=1)),
    used(pool(location="westus")),
)
