"""Storage accounts, healthy and not."""

from tests.builders import default_storage, storage_account

EXAMPLES = (
    default_storage(storage_account("Standard_LRS")),
    default_storage(storage_account("StandardV2_LRS")),
    default_storage(storage_account("Standard_ZRS")),
    default_storage(storage_account("Standard_GRS")),
    default_storage(storage_account("Standard_LRS", "FileStorage")),
    default_storage(storage_account("Standard_LRS", location="westus")),
    default_storage(storage_account(properties={"accountMigrationInProgress": True})),
    default_storage(storage_account(properties={"isNfsV3Enabled": True})),
    default_storage(storage_account(properties={"isSkuConversionBlocked": True})),
    default_storage(storage_account(properties={"lastGeoFailoverTime": "2026-01-01T00:00:00Z"})),
)
