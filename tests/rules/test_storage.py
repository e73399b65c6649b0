"""Storage accounts: redundancy as the role asks for it, current kinds, and what is kept of what was deleted."""

from typing import Any

import pytest

from rules import evaluate
from rules.model import Resource, Role, Rule, Status, Use
from rules.storage import (
    BLOBS,
    COPY_TAG,
    FILES,
    REPLICATION,
    RULES,
    SKUS,
    blob_soft_delete,
    blob_versioning,
    container_soft_delete,
    general_purpose_v2,
    geo_beside_zones,
    geo_redundant,
    paired_region,
    share_soft_delete,
    zonal_region,
    zone_redundant,
    zones_beside_geo,
)
from tests.builders import STORAGE_ID, WORKSPACE_ID, Json, judged, storage_account
from tests.rules.examples.storage import COPY_ID, DATA, DEFAULT, OFF, ON, blobs, files, replication

PASS, FAIL, NO, UNKNOWN = Status.PASS, Status.FAIL, Status.NOT_APPLICABLE, Status.UNKNOWN

type Case = tuple[Json, Status, str]


def verdict(rule: Rule, body: Json, *uses: Use, children: Json | None = None) -> tuple[Status, str]:
    found = judged(rule, Resource.of(body, children or {}, uses))
    return found.status, found.because


def at(location: object, sku: object = "Standard_LRS", kind: object = "StorageV2", **properties: Any) -> Json:
    return storage_account(sku, kind, location=location, properties=properties)


def account(sku: object = "Standard_LRS", kind: object = "StorageV2", **properties: Any) -> Json:
    return at("westeurope", sku, kind, **properties)


CONVERTING = {"accountMigrationInProgress": True}
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


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.roles], ids=lambda rule: rule.name)
@pytest.mark.parametrize("uses", [(), (Use(Role.CMK_BYO, WORKSPACE_ID),)], ids=["none", "another"])
def test_an_account_in_another_role_is_not_judged(rule: Rule, uses: tuple[Use, ...]) -> None:
    found, because = verdict(rule, account(), *uses)
    assert found is NO
    assert because.startswith("no workspace uses it as ")


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


NOT_GEO: dict[str, Case] = {
    "premium blobs": (account("Premium_LRS", "BlockBlobStorage"), NO, "only general-purpose v2"),
    "files": (account("StandardV2_LRS", "FileStorage"), NO, "only general-purpose v2"),
    "page blobs": (account("Premium_LRS"), NO, "Premium_LRS is not the SKU"),
    "a legacy kind": (account(kind="Storage"), NO, "comes first"),
    "a conversion is running": (account(**CONVERTING), NO, "converting"),
    "a region without a pair": (at("italynorth"), NO, "no pair"),
    "a region without a pair, zones": (at("italynorth", "Standard_ZRS"), NO, "no pair"),
    "an unknown region": (at("atlantis"), UNKNOWN, "not known which region"),
    "no kind": (account(kind=None), UNKNOWN, "which kind"),
    "no SKU": (account(7), UNKNOWN, "which redundancy"),
}
GEO: dict[str, Case] = NOT_GEO | {
    "one region": (account("Standard_LRS"), FAIL, "Standard_LRS keeps every copy in one region"),
    "one region without zones": (at("westus"), FAIL, "one region"),
    "zones only": (account("Standard_ZRS"), NO, "Standard_ZRS is not the SKU"),
    "another region": (account("Standard_GRS"), PASS, "Standard_GRS keeps a copy in another region"),
    "another region, readable": (account("Standard_RAGRS"), PASS, "another region"),
    "zones and another region": (account("Standard_GZRS"), PASS, "another region"),
    "zones and another region, readable": (account("Standard_RAGZRS"), PASS, "another region"),
}
BESIDE_ZONES: dict[str, Case] = NOT_GEO | {
    "zones only": (account("Standard_ZRS"), FAIL, "Standard_ZRS keeps every copy in one region"),
    "one region": (account("Standard_LRS"), NO, "Standard_LRS is not the SKU"),
    "another region, no zones": (account("Standard_GRS"), NO, "Standard_GRS is not the SKU"),
    "both": (account("Standard_GZRS"), PASS, "zones and in another region"),
    "both, readable": (account("Standard_RAGZRS"), PASS, "zones and in another region"),
}


TOLD: dict[str, tuple[object, Json, Status, str]] = {
    "another account": (COPY_ID, {}, PASS, "its disaster-recovery storage account is stmlcopy"),
    "another account, with NFS 3.0": (COPY_ID, {"isNfsV3Enabled": True}, PASS, "stmlcopy"),
    "this account": (STORAGE_ID, {}, FAIL, "the data is gone; the tag ha-bot-dr-account names this storage account"),
    "soon": ("soon", {}, FAIL, "the data is gone; the tag ha-bot-dr-account does not hold the resource id"),
    "a number": (7, {}, FAIL, "with the region, the data is gone"),
    "a conversion is running": (COPY_ID, CONVERTING, NO, "converting"),
}


@pytest.mark.parametrize(("rule", "sku"), [(geo_redundant, "Standard_LRS"), (geo_beside_zones, "Standard_ZRS")])
@pytest.mark.parametrize(("named", "properties", "status", "words"), TOLD.values(), ids=TOLD)
def test_a_copy_that_people_tell_of_is_a_copy(
    rule: Rule, sku: str, named: object, properties: Json, status: Status, words: str
) -> None:
    body = account(sku, **properties) | {"tags": {COPY_TAG: named}}
    found, because = verdict(rule, body, DATA)
    assert (found, words in because) == (status, True), because


def test_a_tag_changes_nothing_where_azure_keeps_the_copy() -> None:
    body = account("Standard_RAGRS") | {"tags": {COPY_TAG: "soon"}}
    assert verdict(geo_redundant, body, DATA) == (PASS, "Standard_RAGRS keeps a copy in another region")


@pytest.mark.parametrize(("body", "status", "words"), GEO.values(), ids=GEO)
def test_geo_redundant(body: Json, status: Status, words: str) -> None:
    found, because = verdict(geo_redundant, body, DATA)
    assert (found, words in because) == (status, True), because


@pytest.mark.parametrize(("body", "status", "words"), BESIDE_ZONES.values(), ids=BESIDE_ZONES)
def test_geo_beside_zones(body: Json, status: Status, words: str) -> None:
    found, because = verdict(geo_beside_zones, body, DATA)
    assert (found, words in because) == (status, True), because


@pytest.mark.parametrize("rule", [geo_redundant, geo_beside_zones, paired_region], ids=lambda rule: rule.name)
@pytest.mark.parametrize("location", ["westeurope", "westus", "italynorth", "atlantis"])
@pytest.mark.parametrize("sku", SKUS.values())
def test_default_storage_is_never_asked_for_another_region(rule: Rule, location: str, sku: str) -> None:
    """Not even where another workspace uses the same account as a datastore."""
    other = Use(Role.DEFAULT_STORAGE, f"{WORKSPACE_ID}-other")
    found, because = verdict(rule, at(location, sku), DATA, other, children={REPLICATION: []})
    assert found is NO
    assert "default storage" in because


TAGGED = {"tags": {COPY_TAG: COPY_ID}}
COPIES: dict[str, tuple[Json, Any, Status, str]] = {
    "a paired region": (at("westeurope"), None, PASS, "paired with another"),
    "nothing copies": (at("italynorth"), [], FAIL, "no pair, and nothing copies"),
    "object replication, by id": (at("italynorth"), [replication()], PASS, "object replication"),
    "object replication, by name": (at("italynorth"), [replication("STML")], PASS, "object replication"),
    "one of two": (at("italynorth"), [replication(COPY_ID), replication()], PASS, "object replication"),
    "to this account": (at("italynorth"), [replication(COPY_ID)], FAIL, "nothing copies"),
    "from a name that ends alike": (at("italynorth"), [replication("otherstml")], FAIL, "nothing copies"),
    "without rules": (at("italynorth"), [replication(rules=())], FAIL, "nothing copies"),
    "rules that are none": (at("italynorth"), [replication(rules="all")], FAIL, "nothing copies"),
    "a source that is none": (at("italynorth"), [replication(7)], FAIL, "nothing copies"),
    "policies that were not read": (at("italynorth"), None, UNKNOWN, "did not say"),
    "hierarchical namespace": (at("italynorth", isHnsEnabled=True), None, FAIL, "nothing copies"),
    "NFS 3.0": (at("italynorth", isNfsV3Enabled=True), None, FAIL, "nothing copies"),
    "file shares": (at("italynorth", "Premium_LRS", "FileStorage"), None, FAIL, "nothing copies"),
    "premium blobs": (at("italynorth", "Premium_LRS", "BlockBlobStorage"), [replication()], PASS, "object"),
    "no kind": (at("italynorth", kind=None), [replication()], FAIL, "nothing copies"),
    "a job that people tell of": (at("italynorth", isHnsEnabled=True) | TAGGED, None, PASS, "is stmlcopy"),
    "told of itself": (at("italynorth") | {"tags": {COPY_TAG: STORAGE_ID}}, [], FAIL, "itself"),
    "told of nothing": (at("italynorth") | {"tags": {COPY_TAG: "soon"}}, [], FAIL, "does not hold the resource id"),
    "an unknown region": (at("atlantis"), [], UNKNOWN, "not known which region"),
}


@pytest.mark.parametrize(("body", "policies", "status", "words"), COPIES.values(), ids=COPIES)
def test_paired_region(body: Json, policies: Any, status: Status, words: str) -> None:
    children = {} if policies is None else {REPLICATION: policies}
    found, because = verdict(paired_region, body, DATA, children=children)
    assert (found, words in because) == (status, True), because


def service(name: str, policy: object) -> Json:
    return {"properties": {name: policy}}


LOST: dict[str, tuple[Any, Status]] = {
    "on": (ON, PASS),
    "on for a day": ({"enabled": True, "days": 1}, PASS),
    "on for unknown days": ({"enabled": True}, PASS),
    "off": (OFF, FAIL),
    "off as Azure shows it": ({"enabled": False, "days": 0}, FAIL),
    "neither": ({"enabled": "yes"}, UNKNOWN),
    "a policy that is a list": ([ON], UNKNOWN),
    "a policy that is a truth": (True, UNKNOWN),
}


@pytest.mark.parametrize("kind", ["StorageV2", "Storage", "BlobStorage", "BlockBlobStorage", None])
@pytest.mark.parametrize(("policy", "status"), LOST.values(), ids=LOST)
def test_container_soft_delete(policy: object, status: Status, kind: str | None) -> None:
    children = {BLOBS: service("containerDeleteRetentionPolicy", policy)}
    assert verdict(container_soft_delete, account(kind=kind), children=children)[0] is status


@pytest.mark.parametrize("kind", ["StorageV2", "Storage", "FileStorage", None])
@pytest.mark.parametrize(("policy", "status"), LOST.values(), ids=LOST)
def test_share_soft_delete(policy: object, status: Status, kind: str | None) -> None:
    children = {FILES: service("shareDeleteRetentionPolicy", policy)}
    assert verdict(share_soft_delete, account(kind=kind), children=children)[0] is status


SILENT: dict[str, Any] = {"no policy": None, "an empty policy": {}, "null": {"enabled": None}}


@pytest.mark.parametrize("policy", SILENT.values(), ids=SILENT)
def test_azures_default_holds_where_it_documents_one(policy: object) -> None:
    """Off for containers and blobs. For shares it depends on the account's age."""
    containers = verdict(
        container_soft_delete, account(), children={BLOBS: service("containerDeleteRetentionPolicy", policy)}
    )
    deleted = verdict(blob_soft_delete, account(), children={BLOBS: service("deleteRetentionPolicy", policy)})
    shares = verdict(share_soft_delete, account(), children={FILES: service("shareDeleteRetentionPolicy", policy)})
    assert (containers[0], deleted[0], shares[0]) == (FAIL, FAIL, UNKNOWN)
    assert "its default is off" in containers[1]
    assert "its default is off" in deleted[1]


RULES_OF_SERVICES = (container_soft_delete, share_soft_delete, blob_soft_delete, blob_versioning)
UNREAD: dict[str, Any] = {
    "not read": {},
    "no properties": {BLOBS: {}, FILES: {}},
    "null": {BLOBS: {"properties": None}, FILES: {"properties": None}},
    "a list": {BLOBS: {"properties": []}, FILES: {"properties": []}},
}


@pytest.mark.parametrize("rule", RULES_OF_SERVICES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("children", UNREAD.values(), ids=UNREAD)
def test_a_service_that_was_not_read_is_unknown(rule: Rule, children: Json) -> None:
    assert verdict(rule, account(), DATA, children=children)[0] is UNKNOWN


OF_BLOBS = (container_soft_delete, blob_soft_delete, blob_versioning)


@pytest.mark.parametrize("rule", OF_BLOBS, ids=lambda rule: rule.name)
def test_an_account_for_files_has_no_blobs(rule: Rule) -> None:
    assert verdict(rule, account("Premium_LRS", "FileStorage"), DATA, children={BLOBS: blobs()})[0] is NO


NO_SHARES = {
    "legacy blobs": account(kind="BlobStorage"),
    "premium blobs": account("Premium_LRS", "BlockBlobStorage"),
    "page blobs": account("Premium_LRS"),
    "page blobs of v1": account("Premium_LRS", "Storage"),
}


@pytest.mark.parametrize("body", NO_SHARES.values(), ids=NO_SHARES)
def test_accounts_without_file_shares(body: Json) -> None:
    assert verdict(share_soft_delete, body, children={FILES: files()}) == (NO, "the account has no file shares")


DELETED: dict[str, tuple[Any, Status, str]] = {
    "for seven days": (ON, PASS, "seven days or longer"),
    "for a year": ({"enabled": True, "days": 365}, PASS, "seven days or longer"),
    "for six days": ({"enabled": True, "days": 6}, FAIL, "gone after 6 days: fewer than the 7 recommended"),
    "for a day": ({"enabled": True, "days": 1}, FAIL, "gone after 1 days"),
    "not at all": (OFF, FAIL, "blob soft delete is off"),
    "not at all, with days": ({"enabled": False, "days": 30}, FAIL, "blob soft delete is off"),
    "for unknown days": ({"enabled": True}, UNKNOWN, "did not say"),
    "for days that are text": ({"enabled": True, "days": "7"}, UNKNOWN, "did not say"),
    "for days that are a truth": ({"enabled": True, "days": True}, UNKNOWN, "did not say"),
    "unreadable": ({"enabled": 1, "days": 7}, UNKNOWN, "did not say"),
    "a policy that is text": ("on", UNKNOWN, "did not say"),
}


@pytest.mark.parametrize(("policy", "status", "words"), DELETED.values(), ids=DELETED)
def test_blob_soft_delete(policy: object, status: Status, words: str) -> None:
    children = {BLOBS: service("deleteRetentionPolicy", policy)}
    found, because = verdict(blob_soft_delete, account(), children=children)
    assert (found, words in because) == (status, True), because


@pytest.mark.parametrize("properties", [{"isHnsEnabled": True}, {"isNfsV3Enabled": True}, {}], ids=str)
def test_blob_soft_delete_is_to_be_had_with_hierarchical_namespace_and_nfs(properties: Json) -> None:
    assert verdict(blob_soft_delete, account(**properties), children={BLOBS: blobs()})[0] is FAIL


VERSIONS: dict[str, tuple[Json, Any, Status, str]] = {
    "on": (account(), True, PASS, "previous versions"),
    "off": (account(), False, FAIL, "blob versioning is off"),
    "never set": (account(), None, FAIL, "its default is off"),
    "unreadable": (account(), "true", UNKNOWN, "did not say"),
    "premium blobs": (account("Premium_LRS", "BlockBlobStorage"), False, FAIL, "off"),
    "legacy blobs": (account(kind="BlobStorage"), False, FAIL, "off"),
    "general-purpose v1": (account(kind="Storage"), False, NO, "accounts of its kind"),
    "page blobs": (account("Premium_LRS"), False, NO, "page blobs"),
    "hierarchical namespace": (account(isHnsEnabled=True), False, NO, "hierarchical namespace"),
    "NFS 3.0": (account(isNfsV3Enabled=True), False, NO, "NFS"),
    "no properties": (account() | {"properties": None}, False, UNKNOWN, "hierarchical namespace"),
    "properties that are a list": (account() | {"properties": []}, True, UNKNOWN, "hierarchical namespace"),
    "flat": (account(isHnsEnabled=False, isNfsV3Enabled=False), True, PASS, "previous versions"),
}


@pytest.mark.parametrize(("body", "flag", "status", "words"), VERSIONS.values(), ids=VERSIONS)
def test_blob_versioning(body: Json, flag: object, status: Status, words: str) -> None:
    children = {BLOBS: service("isVersioningEnabled", flag)}
    found, because = verdict(blob_versioning, body, DATA, children=children)
    assert (found, words in because) == (status, True), because


def test_what_azure_manages_is_left_alone() -> None:
    """Such as the root storage of a Databricks workspace."""
    managed = account() | {"tags": {"databricks-environment": "true"}}
    resource = Resource.of(managed, {BLOBS: blobs(), FILES: files()}, [DEFAULT, DATA])
    assert {found.verdict.status for found in evaluate(resource)} == {NO}
