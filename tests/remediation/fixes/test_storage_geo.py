"""Storage accounts and another region: what exactly would be sent, and what is left to people."""

from typing import Any

import pytest

from remediation.plan import Safety, Write
from rules.storage import COPY_TAG
from tests.builders import STORAGE_ID, Json
from tests.remediation.fixes.storage_plans import API, advice, made, to_confirm
from tests.rules.examples.storage import DATA, DEFAULT, account, used

GEO = {
    "geo-redundant": ("Standard_LRS", "westus", "Standard_RAGRS", "eastus", "about twice"),
    "geo-beside-zones": ("Standard_ZRS", "westeurope", "Standard_RAGZRS", "northeurope", "about 1.8 times"),
}


@pytest.mark.parametrize(
    ("rule", "before", "location", "target", "pair", "cost"), [(rule, *rest) for rule, rest in GEO.items()]
)
def test_data_is_copied_to_the_paired_region_after_approval(
    rule: str, before: str, location: str, target: str, pair: str, cost: str
) -> None:
    found = made(rule, used(account(before, location), DATA))
    assert found.safety is Safety.APPROVE
    assert found.writes == (Write("PATCH", STORAGE_ID, API, {"sku": {"name": target}}),)
    assert found.undo == (Write("PATCH", STORAGE_ID, API, {"sku": {"name": before}}),)
    assert (found.before, found.after) == ({"sku.name": before}, {"sku.name": target})
    assert found.title == f"Keep a copy of storage account stml in {pair}: from {before} to {target}"
    assert f"which deletes the copy in {pair}; read access is billed for 30 days more" in found.undo_note
    assert cost in found.cost.text
    assert target.removeprefix("Standard_") in found.code.terraform
    for words in (f"the data may be kept in {pair}", "archive tier", "last 72 hours"):
        assert words in to_confirm(found)


@pytest.mark.parametrize(
    ("properties", "words"),
    [({"isNfsV3Enabled": True}, "NFS 3.0 is enabled"), ({"isSkuConversionBlocked": True}, "is blocked")],
    ids=["NFS 3.0", "blocked"],
)
@pytest.mark.parametrize(("rule", "sku"), [("geo-redundant", "Standard_LRS"), ("geo-beside-zones", "Standard_ZRS")])
def test_what_azure_would_not_copy_is_for_people(rule: str, sku: str, properties: Json, words: str) -> None:
    told = advice(rule, used(account(sku, **properties), DATA))
    assert words in told
    assert f"set the tag {COPY_TAG} on stml to the other account's resource id: this finding closes." in told


@pytest.mark.parametrize("properties", [None, []], ids=["null", "a list"])
def test_what_was_not_read_is_for_the_approver_to_know(properties: Any) -> None:
    for rule, sku, use in (("zone-redundant", "Standard_LRS", DEFAULT), ("geo-redundant", "Standard_LRS", DATA)):
        body = account(sku) | {"properties": properties}
        assert "no NFS 3.0, no block reported by Azure" in to_confirm(made(rule, used(body, use)))


def test_without_a_paired_region_people_choose_where_the_copy_lies() -> None:
    flat = advice("paired-region", used(account("Standard_ZRS", "italynorth"), DATA))
    hierarchical = advice("paired-region", used(account("Standard_ZRS", "italynorth", isHnsEnabled=True), DATA))
    assert "or-policy create" in flat
    assert "or-policy create" not in hierarchical
    assert "by a job" in hierarchical
    assert f"set the tag {COPY_TAG} on stml" in flat
