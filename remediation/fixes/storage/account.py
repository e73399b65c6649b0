"""What is common to the plans that change an account's redundancy."""

from typing import Final

from remediation.plan import Precondition
from rules.model import Resource

GZRS_REGIONS: Final = frozenset(
    {"australiaeast", "brazilsouth", "canadacentral", "centralindia", "centralus", "eastasia", "eastus", "eastus2"}
    | {"francecentral", "germanywestcentral", "japaneast", "koreacentral", "northeurope", "norwayeast"}
    | {"southafricanorth", "southcentralus", "southeastasia", "swedencentral", "switzerlandnorth", "uaenorth"}
    | {"uksouth", "westeurope", "westus2", "westus3"}
)
"""Where Azure offers zones and another region at once (Learn, redundancy-regions-gzrs)."""

UPDATE_NEEDS: Final = ("Microsoft.Storage/storageAccounts/read", "Microsoft.Storage/storageAccounts/write")
HOLD: Final = Precondition("no conversion of its redundancy ended in the last 72 hours: Azure takes no other so soon")
NO_ARCHIVE: Final = Precondition("no blobs in the archive tier")


def no_gzrs(account: Resource) -> str:
    """Why the region takes no account with both; empty when it is known to."""
    known = account.location in GZRS_REGIONS
    return "" if known else f"{account.location} is not known to offer zones and another region at once"


def replication(sku: str) -> str:
    """The SKU as Terraform writes it: `ZRS` of `Standard_ZRS`."""
    return sku.rsplit("_", 1)[-1].upper()
