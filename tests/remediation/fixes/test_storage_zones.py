"""Storage accounts and zones: what exactly would be sent, and what is left to people."""

from typing import Any

import pytest

from remediation.fixes.storage.account import GZRS_REGIONS
from remediation.fixes.storage.zones import CONVERTED_BY_SUPPORT
from remediation.plan import Plan, Safety, Write
from rules.regions import REGIONS
from tests.builders import STORAGE_ID, Json, storage_account
from tests.remediation.fixes.storage_plans import API, advice, made, to_confirm
from tests.rules.examples.storage import DATA, DEFAULT, account, used


def migrate(target: str) -> Write:
    body, progress = {"properties": {"targetSkuName": target}}, f"{STORAGE_ID}/accountMigrations/default"
    return Write("POST", f"{STORAGE_ID}/startAccountMigration", API, body, progress=progress)


CONVERSIONS = {
    "Standard_LRS": ("zone-redundant", "Standard_ZRS", "about +25 %"),
    "standard_lrs": ("zone-redundant", "Standard_ZRS", "about +25 %"),
    "Standard_GRS": ("zones-beside-geo", "Standard_GZRS", "about +10 %"),
    "Standard_RAGRS": ("zones-beside-geo", "Standard_RAGZRS", "about +10 %"),
}


@pytest.mark.parametrize(("before", "rule", "target", "cost"), [(sku, *rest) for sku, rest in CONVERSIONS.items()])
def test_an_account_is_converted_after_approval(before: str, rule: str, target: str, cost: str) -> None:
    found = made(rule, used(account(before), DEFAULT))
    assert found.safety is Safety.APPROVE
    assert found.writes == (migrate(target),)
    assert found.undo == (migrate(before),)
    assert (found.before, found.after) == ({"sku.name": before}, {"sku.name": target})
    assert target in found.code.bicep
    assert f'"{target.removeprefix("Standard_")}"' in found.code.terraform
    assert "deletes it and its data" in found.code.warning
    assert cost in found.cost.text


def test_what_azure_does_not_show_is_for_the_approver_to_know() -> None:
    found = made("zone-redundant", used(account("Standard_LRS", "northeurope"), DEFAULT))
    for words in ("archive tier", "NFS 4.1", "boot diagnostics", "last 72 hours"):
        assert words in to_confirm(found)
    assert "2024" not in to_confirm(found)
    assert "NFS 3.0" not in to_confirm(found)


@pytest.mark.parametrize("location", sorted(CONVERTED_BY_SUPPORT))
def test_where_only_support_converted_the_approver_hears_of_it(location: str) -> None:
    conversion = made("zone-redundant", used(account("Standard_LRS", location), DEFAULT))
    assert f"Azure takes this conversion in {location} by now" in to_confirm(conversion)


def test_that_is_about_conversions_of_locally_redundant_accounts() -> None:
    assert "2024" not in to_confirm(made("zones-beside-geo", used(account("Standard_GRS", "uksouth"), DATA)))


def test_of_default_storage_people_hear_that_zones_would_do() -> None:
    words = "Standard_ZRS would do, and costs less"
    assert words in made("zones-beside-geo", used(account("Standard_RAGRS"), DEFAULT)).effect
    assert words not in made("zones-beside-geo", used(account("Standard_RAGRS"), DATA)).effect
    assert words not in made("zone-redundant", used(account("Standard_LRS"), DEFAULT)).effect


def test_the_regions_named_are_such_as_there_are() -> None:
    assert all(REGIONS[name].zones and REGIONS[name].pair for name in GZRS_REGIONS)
    assert all(REGIONS[name].zones for name in CONVERTED_BY_SUPPORT)


NOT_CONVERTIBLE: dict[str, tuple[Json, str]] = {
    "NFS 3.0": (account("Standard_LRS", isNfsV3Enabled=True), "NFS 3.0 is enabled"),
    "blocked": (account("Standard_LRS", isSkuConversionBlocked=True), "a conversion is blocked"),
    "failed over": (account("Standard_LRS", lastGeoFailoverTime="2026-01-01T00:00:00Z"), "through a failover"),
    "premium blobs": (storage_account("Premium_LRS", "BlockBlobStorage"), "premium block blob"),
    "page blobs": (storage_account("Premium_LRS"), "premium page blobs have no zone redundancy"),
    "premium files": (storage_account("Premium_LRS", "FileStorage"), "converted by Azure Support, if at all"),
    "provisioned files": (storage_account("StandardV2_LRS", "FileStorage"), "Migrate to ZRS, GZRS, or RA-GZRS"),
    "an odd pair": (storage_account("StandardV2_LRS"), "StandardV2_LRS is not converted"),
}


@pytest.mark.parametrize(("body", "reason"), NOT_CONVERTIBLE.values(), ids=NOT_CONVERTIBLE)
def test_an_account_that_azure_would_not_convert_is_for_people(body: Json, reason: str) -> None:
    assert reason in advice("zone-redundant", used(body, DEFAULT))


def test_an_account_that_azure_would_convert_has_a_plan() -> None:
    clear = account("Standard_LRS", isNfsV3Enabled=False, isSkuConversionBlocked=False, lastGeoFailoverTime=None)
    assert made("zone-redundant", used(clear, DEFAULT)) == made(
        "zone-redundant", used(account("Standard_LRS"), DEFAULT)
    )


def test_nothing_is_proposed_that_a_region_does_not_offer() -> None:
    """Japan West has zones and a pair, yet not both at once in storage."""
    words = "japanwest is not known to offer zones and another region at once"
    assert words in advice("zones-beside-geo", used(account("Standard_GRS", "japanwest"), DATA))
    assert words in advice("geo-beside-zones", used(account("Standard_ZRS", "japanwest"), DATA))


def test_files_in_two_regions_without_zones_are_for_people() -> None:
    files_only = used(storage_account("StandardV2_GRS", "FileStorage"), DATA)
    assert "Azure Support" in advice("zones-beside-geo", files_only)


def test_in_a_region_without_zones_data_may_be_copied_and_default_storage_not() -> None:
    body = account("Standard_LRS", "westus")
    assert "storage/geo-redundant" in advice("zonal-region", used(body, DATA))
    for uses in ((DEFAULT,), (DATA, DEFAULT)):
        words = advice("zonal-region", used(body, *uses))
        assert "storage/geo-redundant" not in words
        assert "does not fail it over" in words


def upgrade(kind: str, sku: str = "Standard_LRS", **properties: Any) -> Plan:
    return made("general-purpose-v2", used(storage_account(sku, kind, properties=properties), DEFAULT))


UPGRADES: dict[str, tuple[str, Json, str]] = {
    "general-purpose v1": ("Storage", {}, "Hot"),
    "blobs": ("BlobStorage", {"accessTier": "Cool"}, "Cool"),
    "blobs of an unreadable tier": ("BlobStorage", {"accessTier": 1}, "Hot"),
}


@pytest.mark.parametrize(("kind", "properties", "tier"), UPGRADES.values(), ids=UPGRADES)
def test_a_legacy_account_is_upgraded_once_and_for_all(kind: str, properties: Json, tier: str) -> None:
    found = upgrade(kind, **properties)
    body = {"kind": "StorageV2", "properties": {"accessTier": tier}}
    assert found.safety is Safety.APPROVE
    assert found.writes == (Write("PATCH", STORAGE_ID, API, body),)
    assert found.undo == ()
    assert "cannot be undone" in found.undo_note
    assert found.before == {"kind": kind, "properties.accessTier": properties.get("accessTier")}
    assert found.after == {"kind": "StorageV2", "properties.accessTier": tier}
    assert f'"{kind}" makes Terraform replace the account' in found.code.warning
    assert f"{tier} is the right access tier" in to_confirm(found)


def test_a_premium_legacy_account_is_for_people() -> None:
    premium = used(storage_account("Premium_LRS", "Storage"), DATA)
    assert "not documented" in advice("general-purpose-v2", premium)
