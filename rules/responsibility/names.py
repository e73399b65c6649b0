"""Types, rules and sentences that several services of the table share."""

from typing import Final

WORKSPACES: Final = "Microsoft.MachineLearningServices/workspaces"
STORAGE: Final = "Microsoft.Storage/storageAccounts"
DATABRICKS: Final = "Microsoft.Databricks/workspaces"
ZONES_OF_STORAGE: Final = (
    "storage/zone-redundant",
    "storage/zones-beside-geo",
    "storage/zonal-region",
    "storage/general-purpose-v2",
)
DELETED_BLOBS: Final = ("storage/blob-soft-delete", "storage/container-soft-delete")
CONVERTING: Final = "While a change of redundancy is under way, which can take days, the account is left alone."
