"""Storage accounts: a copy in another region, by Azure or by a job that people tell of."""

from typing import Any

import pytest

from rules.model import Role, Rule, Status, Use
from rules.storage import COPY_TAG, REPLICATION
from rules.storage.account import SKUS
from rules.storage.geo import geo_beside_zones, geo_redundant, paired_region
from tests.builders import STORAGE_ID, WORKSPACE_ID, Json
from tests.rules.examples.storage import COPY_ID, DATA, replication
from tests.rules.storage_accounts import CONVERTING, FAIL, NO, PASS, UNKNOWN, Case, account, at, verdict

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
