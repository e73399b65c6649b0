"""Cosmos DB accounts, healthy and not."""

from typing import Any

from rules.model import Resource
from tests.builders import Json, azure

PERIODIC = {
    "type": "Periodic",
    "periodicModeProperties": {
        "backupIntervalInMinutes": 240,
        "backupRetentionIntervalInHours": 8,
        "backupStorageRedundancy": "Geo",
    },
}
CONTINUOUS = {"type": "Continuous", "continuousModeProperties": {"tier": "Continuous7Days"}}


def place(name: object, priority: object = 0, zones: object = False) -> Json:
    """One region of an account."""
    return {"locationName": name, "failoverPriority": priority, "isZoneRedundant": zones}


HOME = place("West Europe")
SAFE_HOME = place("West Europe", zones=True)
NEXT = place("North Europe", 1)


def account(*places: Json, consistency: object = "Session", **properties: Any) -> Json:
    """An account as Azure answers it: in one region, with periodic backup. `properties` replace its properties."""
    settings = {
        "provisioningState": "Succeeded",
        "databaseAccountOfferType": "Standard",
        "consistencyPolicy": {
            "defaultConsistencyLevel": consistency,
            "maxIntervalInSeconds": 5,
            "maxStalenessPrefix": 100,
        },
        "locations": [*places] or [HOME],
        "capabilities": [],
        "enableAutomaticFailover": False,
        "enableMultipleWriteLocations": False,
        "enableAnalyticalStorage": False,
        "backupPolicy": PERIODIC,
    }
    body = azure("Microsoft.DocumentDB/databaseAccounts/cosmosml", kind="GlobalDocumentDB")
    return body | {"properties": settings | properties}


EXAMPLES = (
    Resource.of(account()),
    Resource.of(account(HOME, NEXT)),
    Resource.of(account(SAFE_HOME, NEXT, enableAutomaticFailover=True, backupPolicy=CONTINUOUS)),
    Resource.of(account(SAFE_HOME, place("North Europe", 1, zones=True), enableMultipleWriteLocations=True)),
    Resource.of(account(HOME, NEXT, enableMultipleWriteLocations=True)),
    Resource.of(account(HOME, NEXT, consistency="Strong")),
    Resource.of(account(HOME, NEXT, place("France Central", 2), consistency="Strong", enableAutomaticFailover=True)),
    Resource.of(account(consistency="BoundedStaleness")),
    Resource.of(account(place("West US"), enableAnalyticalStorage=True)),
    Resource.of(account(place("Italy North"))),
    Resource.of(account(capabilities=[{"name": "EnableServerless"}])),
    Resource.of(account(capabilities=[{"name": "EnableCassandra"}])),
    Resource.of(account(keyVaultKeyUri="https://kvml.vault.azure.net/keys/cmk", defaultIdentity="FirstPartyIdentity")),
    Resource.of(account() | {"tags": {"environment": "dev"}, "kind": "MongoDB"}),
)
