"""Storage accounts, healthy and not."""

from typing import Any

from rules.model import Resource, Role, Use
from rules.storage import BLOBS, COPY_TAG, FILES, REPLICATION
from tests.builders import GROUP, STORAGE_ID, WORKSPACE_ID, Json, default_storage, storage_account

DEFAULT, DATA = Use(Role.DEFAULT_STORAGE, WORKSPACE_ID), Use(Role.ADDITIONAL_DATASTORE, WORKSPACE_ID)
COPY_ID = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stmlcopy"
ON: Json = {"enabled": True, "days": 7}
OFF: Json = {"enabled": False}


def blobs(**properties: Any) -> Json:
    """The blob service of an account in which nothing protects from mistakes; `properties` change that."""
    made = {
        "cors": {"corsRules": []},
        "deleteRetentionPolicy": {"allowPermanentDelete": False, "enabled": False},
        "containerDeleteRetentionPolicy": OFF,
        "isVersioningEnabled": False,
        "changeFeed": OFF,
    }
    return _service(BLOBS, "blobServices", made | properties)


def files(**properties: Any) -> Json:
    """The file service of an old account; `properties` change it."""
    made = {
        "cors": {"corsRules": []},
        "protocolSettings": {"smb": {"versions": "SMB3.1.1;", "multichannel": {"enabled": True}}},
        "shareDeleteRetentionPolicy": OFF,
    }
    return _service(FILES, "fileServices", made | properties)


def _service(path: str, kind: str, properties: Json) -> Json:
    return {
        "id": f"{STORAGE_ID}/{path}",
        "name": "default",
        "type": f"Microsoft.Storage/storageAccounts/{kind}",
        "sku": {"name": "Standard_LRS", "tier": "Standard"},
        "properties": properties,
    }


def replication(source: object = STORAGE_ID, rules: object = ({"sourceContainer": "a"},)) -> Json:
    """An object replication policy that copies from the account."""
    return {
        "id": f"{STORAGE_ID}/{REPLICATION}/p1",
        "name": "p1",
        "type": f"Microsoft.Storage/storageAccounts/{REPLICATION}",
        "properties": {
            "policyId": "p1",
            "sourceAccount": source,
            "destinationAccount": COPY_ID,
            "rules": [*rules] if isinstance(rules, tuple) else rules,
        },
    }


UNSAFE: Json = {BLOBS: blobs(), FILES: files(), REPLICATION: []}
SAFE: Json = {
    BLOBS: blobs(
        deleteRetentionPolicy={"allowPermanentDelete": False, "enabled": True, "days": 14},
        containerDeleteRetentionPolicy=ON,
        isVersioningEnabled=True,
        changeFeed={"enabled": True},
        restorePolicy={
            "enabled": True,
            "days": 6,
            "lastEnabledTime": "2026-01-01T00:00:00Z",
            "minRestoreTime": "2026-01-01T00:00:00Z",
        },
    ),
    FILES: files(shareDeleteRetentionPolicy=ON),
    REPLICATION: [replication()],
}


def used(body: Json, *uses: Use, children: Json | None = None) -> Resource:
    """The account as workspaces use it."""
    return Resource.of(body, UNSAFE if children is None else children, uses)


def account(sku: str, location: str = "westeurope", **properties: Any) -> Json:
    """A general-purpose v2 account."""
    return storage_account(sku, location=location, properties={"provisioningState": "Succeeded"} | properties)


HALF_SAFE: Json = SAFE | {
    BLOBS: SAFE[BLOBS]
    | {
        "properties": SAFE[BLOBS]["properties"]
        | {"deleteRetentionPolicy": {"enabled": True, "days": 3}, "containerDeleteRetentionPolicy": OFF}
        | {"restorePolicy": {"enabled": True, "days": 2, "lastEnabledTime": "2026-01-01T00:00:00Z"}}
    }
}
EXAMPLES = (
    used(account("Standard_LRS"), DEFAULT),
    used(account("Standard_ZRS"), DEFAULT, children=SAFE),
    used(account("Standard_GRS"), DEFAULT, children=SAFE),
    used(account("Standard_RAGZRS"), DATA, children=SAFE),
    used(account("Standard_LRS"), DATA, children=HALF_SAFE),
    used(account("Standard_LRS", "eastus2"), DEFAULT, DATA),
    used(account("Standard_LRS", "northeurope"), Use(Role.HDINSIGHT_STORAGE, WORKSPACE_ID)),
    used(account("Standard_RAGRS"), DATA),
    used(account("Standard_GRS", "japanwest"), DATA),
    used(account("Standard_ZRS"), DATA),
    used(account("Standard_ZRS", "japanwest"), DATA),
    used(account("Standard_LRS", "westus"), DATA),
    used(account("Standard_LRS", "westus"), DEFAULT),
    used(account("Standard_GRS", "westus"), DATA),
    used(account("Standard_ZRS", "italynorth"), DATA),
    used(account("Standard_ZRS", "italynorth"), DATA, children=SAFE),
    used(account("Standard_ZRS", "italynorth", isHnsEnabled=True), DATA),
    used(account("Standard_ZRS", "italynorth") | {"tags": {COPY_TAG: COPY_ID}}, DATA),
    used(account("Standard_LRS", isHnsEnabled=True), DATA),
    used(account("Standard_LRS", isNfsV3Enabled=True, isHnsEnabled=True), DATA),
    used(account("Standard_LRS", isSkuConversionBlocked=True), DATA),
    used(account("Standard_LRS", lastGeoFailoverTime="2026-01-01T00:00:00Z"), DEFAULT),
    used(account("Standard_LRS", accountMigrationInProgress=True), DEFAULT),
    used(account("Standard_LRS", storageAccountSkuConversionStatus={"skuConversionStatus": "InProgress"}), DATA),
    used(storage_account("Standard_LRS", "Storage"), DEFAULT),
    used(storage_account("Premium_LRS", "Storage"), DATA),
    used(
        storage_account("Standard_GRS", "BlobStorage", properties={"accessTier": "Cool"}),
        DATA,
        children={BLOBS: blobs()},
    ),
    used(storage_account("Premium_LRS", "BlockBlobStorage"), DATA, children={BLOBS: blobs(), REPLICATION: []}),
    used(storage_account("Premium_LRS", "FileStorage"), DATA, children={FILES: files()}),
    used(storage_account("StandardV2_GRS", "FileStorage"), DATA, children={FILES: files()}),
    used(storage_account("Premium_LRS"), DATA),
    used(account("Standard_LRS")),
    default_storage(storage_account("Standard_LRS")),
)
