"""What is common to the rules about a storage account: its kinds and SKUs, and when it is not judged."""

from collections.abc import Callable, Mapping
from typing import Final

from rules.model import Resource, Verdict, not_applicable, unknown
from rules.values import text_at

ACCOUNT: Final = "Microsoft.Storage/storageAccounts"
UNVERSIONED: Final = ("properties.isHnsEnabled", "properties.isNfsV3Enabled")
"""What excludes versions of blobs, and with them object replication."""

LEGACY_KINDS: Final = {"storage": "general-purpose v1", "blobstorage": "a legacy Blob Storage account"}
KINDS: Final = frozenset({"storagev2", "blockblobstorage", "filestorage"})
SKUS: Final = {
    name.lower(): name
    for name in (
        *("Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_RAGRS", "Standard_GZRS", "Standard_RAGZRS"),
        *("StandardV2_LRS", "StandardV2_ZRS", "StandardV2_GRS", "StandardV2_GZRS"),
        *("Premium_LRS", "Premium_ZRS", "PremiumV2_LRS", "PremiumV2_ZRS"),
    )
}
"""StandardV2 and PremiumV2 are those of provisioned v2 file shares: kind FileStorage."""

CHANGING: Final = not_applicable("Azure is converting its redundancy or failing it over right now")
KIND_NOT_SAID: Final = unknown("Azure did not say which kind of account it is")
_SKU_NOT_SAID: Final = unknown("Azure did not say which redundancy the account has")
_LEGACY: Final = {
    kind: not_applicable(f"the account is {name}: storage/general-purpose-v2 comes first")
    for kind, name in LEGACY_KINDS.items()
}


def by_sku(judge: Callable[[str], Verdict]) -> Mapping[str, Verdict]:
    """What a rule says of each SKU."""
    return {sku: judge(name) for sku, name in SKUS.items()}


def of_its_sku(account: Resource, verdicts: Mapping[str, Verdict]) -> Verdict:
    """The verdict on the account's SKU, UNKNOWN where Azure did not say a known one."""
    return verdicts.get(account.text("sku.name") or "", _SKU_NOT_SAID)


def is_changing(account: Resource) -> bool:
    """Whether Azure is converting the account's redundancy or failing it over: another change has to wait."""
    properties = account.get("properties")
    if not isinstance(properties, dict):
        return False
    if properties.get("accountMigrationInProgress") is True or properties.get("failoverInProgress") is True:
        return True
    return text_at(properties, "storageAccountSkuConversionStatus.skuConversionStatus") == "inprogress"


def not_judged(account: Resource) -> Verdict | None:
    """The verdict of the rules about redundancy where its SKU does not decide, None where it does."""
    if account.kept(is_changing):
        return CHANGING
    kind = account.text("kind")
    return None if kind in KINDS else _LEGACY.get(kind or "", KIND_NOT_SAID)
