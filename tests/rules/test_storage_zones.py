"""Storage accounts: zones as the role asks for them, and kinds that can have them."""

import pytest

from rules.model import Role, Status, Use
from rules.storage.zones import general_purpose_v2, zonal_region, zone_redundant, zones_beside_geo
from tests.builders import Json, storage_account
from tests.rules.examples.storage import DATA, DEFAULT
from tests.rules.storage_accounts import CONVERTING, FAIL, NO, PASS, UNKNOWN, Case, account, at, verdict

ELSEWHERE = {"failoverInProgress": True}
CHANGING_SKU = {"storageAccountSkuConversionStatus": {"skuConversionStatus": "InProgress"}}
CHANGED_SKU = {"storageAccountSkuConversionStatus": {"skuConversionStatus": "Succeeded"}}

ZONES: dict[str, Case] = {
    "locally redundant": (account("Standard_LRS"), FAIL, "Standard_LRS keeps every copy in one datacenter"),
    "premium blobs": (account("Premium_LRS", "BlockBlobStorage"), FAIL, "Premium_LRS keeps"),
    "premium files": (account("Premium_LRS", "FileStorage"), FAIL, "Premium_LRS keeps"),
    "provisioned files": (account("StandardV2_LRS", "FileStorage"), FAIL, "StandardV2_LRS keeps"),
    "provisioned files on SSD": (account("PremiumV2_LRS", "FileStorage"), FAIL, "PremiumV2_LRS keeps"),
    "page blobs": (account("Premium_LRS"), FAIL, "Premium_LRS keeps"),
    "zone-redundant": (account("Standard_ZRS"), PASS, "several availability zones"),
    "premium, zone-redundant": (account("Premium_ZRS", "BlockBlobStorage"), PASS, "several"),
    "provisioned, zone-redundant": (account("StandardV2_ZRS", "FileStorage"), PASS, "several"),
    "zones and another region": (account("Standard_GZRS"), PASS, "several"),
    "readable in another region": (account("Standard_RAGZRS"), PASS, "several"),
    "another region, no zones": (account("Standard_GRS"), NO, "storage/zones-beside-geo"),
    "readable there, no zones": (account("Standard_RAGRS"), NO, "storage/zones-beside-geo"),
    "files there, no zones": (account("StandardV2_GRS", "FileStorage"), NO, "storage/zones-beside-geo"),
    "lower case": (account("standard_lrs", "storagev2"), FAIL, "Standard_LRS"),
    "upper case": (account("STANDARD_ZRS", "STORAGEV2"), PASS, "Standard_ZRS"),
    "general-purpose v1": (account(kind="Storage"), NO, "storage/general-purpose-v2 comes first"),
    "ZRS classic": (account("Standard_ZRS", "Storage"), NO, "storage/general-purpose-v2 comes first"),
    "legacy blobs": (account(kind="BlobStorage"), NO, "storage/general-purpose-v2 comes first"),
    "no kind": (account(kind=None), UNKNOWN, "which kind"),
    "a kind that is a number": (account(kind=2), UNKNOWN, "which kind"),
    "a new kind": (account(kind="StorageV3"), UNKNOWN, "which kind"),
    "no SKU": (account(None), UNKNOWN, "which redundancy"),
    "a SKU that is a list": (account(["Standard_LRS"]), UNKNOWN, "which redundancy"),
    "a new SKU": (account("Standard_XRS"), UNKNOWN, "which redundancy"),
    "no properties": (storage_account(properties=None), FAIL, "datacenter"),
    "a conversion is running": (account(**CONVERTING), NO, "converting"),
    "a failover is running": (account(**ELSEWHERE), NO, "converting its redundancy or failing it over"),
    "a change of the SKU is running": (account(**CHANGING_SKU), NO, "converting"),
    "it ended": (account(**CHANGED_SKU), FAIL, "datacenter"),
    "none is running": (account(accountMigrationInProgress=False), FAIL, "datacenter"),
    "not said whether": (account(accountMigrationInProgress="true"), FAIL, "datacenter"),
    "a region without zones": (at("westus"), NO, "westus has no"),
    "a region's display name": (at("West Europe"), FAIL, "datacenter"),
    "an unknown region": (at("atlantis"), UNKNOWN, "whether atlantis has"),
    "no region": (at(None), UNKNOWN, "whether its region has"),
}


@pytest.mark.parametrize(("body", "status", "words"), ZONES.values(), ids=ZONES)
def test_zone_redundant(body: Json, status: Status, words: str) -> None:
    found, because = verdict(zone_redundant, body, DEFAULT)
    assert (found, words in because) == (status, True), because


OTHER_ROLES = (Role.ADDITIONAL_DATASTORE, Role.DATABRICKS_EXTERNAL, Role.HDINSIGHT_STORAGE)


@pytest.mark.parametrize("role", OTHER_ROLES)
def test_what_holds_data_is_asked_for_zones_too(role: Role) -> None:
    assert verdict(zone_redundant, account(), Use(role))[0] is FAIL


BESIDE_GEO: dict[str, Case] = {
    "another region, no zones": (account("Standard_GRS"), FAIL, "Standard_GRS keeps its copies in this region in one"),
    "readable there, no zones": (account("Standard_RAGRS"), FAIL, "Standard_RAGRS"),
    "files there, no zones": (account("StandardV2_GRS", "FileStorage"), FAIL, "StandardV2_GRS"),
    "both": (account("Standard_GZRS"), PASS, "zones and in another region"),
    "both, readable": (account("Standard_RAGZRS"), PASS, "zones and in another region"),
    "both, files": (account("StandardV2_GZRS", "FileStorage"), PASS, "zones and in another region"),
    "no other region": (account("Standard_LRS"), NO, "Standard_LRS is not geo-redundant"),
    "zones only": (account("Standard_ZRS"), NO, "Standard_ZRS is not geo-redundant"),
    "a legacy kind": (account("Standard_GRS", "BlobStorage"), NO, "comes first"),
    "a conversion is running": (account("Standard_GRS", **CONVERTING), NO, "converting"),
    "no kind": (account("Standard_GRS", None), UNKNOWN, "which kind"),
    "no SKU": (account({}), UNKNOWN, "which redundancy"),
    "a region without zones": (at("westus", "Standard_GRS"), NO, "westus has no"),
    "an unknown region": (at("atlantis", "Standard_GRS"), UNKNOWN, "whether atlantis has"),
}


@pytest.mark.parametrize("use", [DEFAULT, DATA], ids=["default", "data"])
@pytest.mark.parametrize(("body", "status", "words"), BESIDE_GEO.values(), ids=BESIDE_GEO)
def test_zones_beside_geo(body: Json, status: Status, words: str, use: Use) -> None:
    found, because = verdict(zones_beside_geo, body, use)
    assert (found, words in because) == (status, True), because


REGION: dict[str, Case] = {
    "locally redundant without zones": (at("westus"), FAIL, "no availability zones, and Standard_LRS"),
    "of any kind": (at("westus", "Premium_LRS", "FileStorage"), FAIL, "Premium_LRS"),
    "a legacy kind": (at("westus", "Standard_LRS", "Storage"), FAIL, "Standard_LRS"),
    "a copy elsewhere": (at("westus", "Standard_GRS"), NO, "Standard_GRS keeps copies in another region"),
    "a region with zones": (at("westeurope"), PASS, "its region has availability zones"),
    "a region with zones, no SKU": (at("westeurope", None), PASS, "its region has availability zones"),
    "no SKU": (at("westus", None), UNKNOWN, "which redundancy"),
    "an unknown region": (at("atlantis"), UNKNOWN, "not known whether"),
    "no region": (at(["westus"]), UNKNOWN, "not known whether"),
}


@pytest.mark.parametrize("use", [DEFAULT, DATA], ids=["default", "data"])
@pytest.mark.parametrize(("body", "status", "words"), REGION.values(), ids=REGION)
def test_zonal_region(body: Json, status: Status, words: str, use: Use) -> None:
    found, because = verdict(zonal_region, body, use)
    assert (found, words in because) == (status, True), because


KIND: dict[str, Case] = {
    "general-purpose v1": (account(kind="Storage"), FAIL, "the account is general-purpose v1: retired"),
    "ZRS classic": (account("Standard_ZRS", "Storage"), FAIL, "without zone redundancy"),
    "legacy blobs": (account(kind="BlobStorage"), FAIL, "a legacy Blob Storage account: retired"),
    "shouted": (account(kind="STORAGE"), FAIL, "general-purpose v1"),
    "general-purpose v2": (account(), PASS, "current kind"),
    "premium blobs": (account(kind="BlockBlobStorage"), PASS, "current kind"),
    "files": (account(kind="FileStorage"), PASS, "current kind"),
    "a failover is running": (account(kind="Storage", **ELSEWHERE), NO, "failing it over"),
    "no kind": (account(kind=None), UNKNOWN, "which kind"),
    "a kind that is an object": (account(kind={"name": "Storage"}), UNKNOWN, "which kind"),
    "a new kind": (account(kind="StorageV3"), UNKNOWN, "which kind"),
}


@pytest.mark.parametrize("use", [DEFAULT, DATA], ids=["default", "data"])
@pytest.mark.parametrize(("body", "status", "words"), KIND.values(), ids=KIND)
def test_general_purpose_v2(body: Json, status: Status, words: str, use: Use) -> None:
    found, because = verdict(general_purpose_v2, body, use)
    assert (found, words in because) == (status, True), because
