"""Storage accounts: what exactly would be sent, and what is left to people."""

from typing import Any

import pytest

from remediation.fixes import REMEDIATIONS
from remediation.fixes.storage import CONVERTED_BY_SUPPORT, GZRS_REGIONS
from remediation.plan import Plan, Safety, Write
from rules.model import Resource
from rules.regions import REGIONS
from rules.storage import BLOBS, COPY_TAG, FILES, REPLICATION
from tests.builders import STORAGE_ID, Json, finding, guidance, plan, storage_account
from tests.remediation.applying import read, seeded, send
from tests.rules.examples.storage import DATA, DEFAULT, OFF, ON, account, blobs, files, used

API = "2026-04-01"


def made(rule: str, resource: Resource) -> Plan:
    return plan(finding(f"storage/{rule}", resource))


def advice(rule: str, resource: Resource) -> str:
    """All of the guidance in one text."""
    found = guidance(finding(f"storage/{rule}", resource))
    assert "estimate" in found.cost or found.cost.startswith("none")
    return "\n".join((found.why_no_plan, *found.steps))


def to_confirm(found: Plan) -> str:
    return "\n".join(found.to_confirm)


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


CORS = {"corsRules": [{"allowedOrigins": ["https://example.com"], "allowedMethods": ["GET"]}]}


def keeping(rule: str, blob: Json | None = None, file: Json | None = None, **properties: Any) -> Plan:
    """The plan for an account with such properties of its services."""
    children = {BLOBS: {"properties": blob or {}}, FILES: {"properties": file or {}}, REPLICATION: []}
    return made(rule, used(account("Standard_ZRS", **properties), DATA, children=children))


def put(service: str, properties: Json) -> Write:
    return Write("PUT", f"{STORAGE_ID}/{service}", API, {"properties": properties})


def test_containers_are_kept_by_itself_and_nothing_else_changes() -> None:
    others = {"cors": CORS, "deleteRetentionPolicy": OFF, "isVersioningEnabled": True, "defaultServiceVersion": None}
    found = keeping("container-soft-delete", others | {"containerDeleteRetentionPolicy": OFF})
    assert found.safety is Safety.SAFE
    assert found.writes == (put(BLOBS, others | {"containerDeleteRetentionPolicy": ON}),)
    assert found.undo == (put(BLOBS, others | {"containerDeleteRetentionPolicy": OFF}),)
    assert (found.to_confirm, found.downtime, found.cost.monthly_usd) == ((), "none", 0)
    path = f"{BLOBS}:properties.containerDeleteRetentionPolicy"
    assert found.before == {f"{path}.enabled": False, f"{path}.days": None}
    assert found.after == {f"{path}.enabled": True, f"{path}.days": 7}


def test_shares_are_kept_by_itself_and_nothing_else_changes() -> None:
    others = {"cors": CORS, "protocolSettings": {"smb": {"multichannel": {"enabled": True}}}}
    found = keeping("share-soft-delete", file=others | {"shareDeleteRetentionPolicy": OFF})
    assert found.safety is Safety.SAFE
    assert found.writes == (put(FILES, others | {"shareDeleteRetentionPolicy": ON}),)
    assert found.undo == (put(FILES, others | {"shareDeleteRetentionPolicy": OFF}),)
    assert (found.to_confirm, found.downtime, found.cost.monthly_usd) == ((), "none", 0)
    assert "retention_policy { days = 7 }" in found.code.terraform


def test_what_was_never_set_is_turned_off_again_in_so_many_words() -> None:
    """What a PUT leaves out stays as it is, or does not: nobody promises."""
    found = keeping("container-soft-delete", {"cors": CORS})
    assert found.writes == (put(BLOBS, {"cors": CORS, "containerDeleteRetentionPolicy": ON}),)
    assert found.undo == (put(BLOBS, {"cors": CORS, "containerDeleteRetentionPolicy": OFF}),)
    assert keeping("blob-versioning", {}).undo == (put(BLOBS, {"isVersioningEnabled": False}),)


def test_what_only_azure_sets_is_not_sent_back() -> None:
    restore = {"enabled": True, "days": 2}
    seen = restore | {"lastEnabledTime": "2026-01-01T00:00:00Z", "minRestoreTime": "2026-01-01T00:00:00Z"}
    policy = {"enabled": True, "days": 3, "allowPermanentDelete": False}
    found = keeping("blob-soft-delete", {"deleteRetentionPolicy": policy, "restorePolicy": seen})
    assert found.writes == (put(BLOBS, {"deleteRetentionPolicy": policy | {"days": 7}, "restorePolicy": restore}),)
    assert found.undo == (put(BLOBS, {"deleteRetentionPolicy": policy, "restorePolicy": restore}),)


def test_of_a_policy_that_is_off_azure_shows_no_days_and_takes_none() -> None:
    shown = {"enabled": False, "days": 0}
    children = {
        BLOBS: blobs(containerDeleteRetentionPolicy=shown, deleteRetentionPolicy=shown),
        FILES: files(shareDeleteRetentionPolicy=shown),
    }
    resource = used(account("Standard_ZRS"), DEFAULT, children=children)
    for rule in ("container-soft-delete", "share-soft-delete", "blob-soft-delete"):
        azure, before = seeded(resource)
        found = made(rule, before)
        send(azure, found.writes)
        assert finding(f"storage/{rule}", read(azure, resource)).verdict.status == "PASS"
        send(azure, found.undo)


def blob_deletion(policy: Json, **properties: Any) -> Plan:
    return keeping("blob-soft-delete", {"deleteRetentionPolicy": policy}, **properties)


def test_blobs_are_kept_only_after_approval_as_their_other_endpoint_is_refused_then() -> None:
    found = blob_deletion(OFF)
    assert found.safety is Safety.APPROVE
    assert found.writes == (put(BLOBS, {"deleteRetentionPolicy": ON}),)
    assert found.undo == (put(BLOBS, {"deleteRetentionPolicy": OFF}),)
    assert "nothing reads the account through its dfs endpoint" in to_confirm(found)
    assert "takes deleted ones for data" in to_confirm(found)
    assert "dfs endpoint is refused" in found.downtime
    assert found.cost.monthly_usd is None


def test_with_hierarchical_namespace_that_endpoint_works_on() -> None:
    found = blob_deletion(OFF, isHnsEnabled=True)
    assert "dfs endpoint" not in to_confirm(found)
    assert "takes deleted ones for data" in to_confirm(found)
    assert any("dfs endpoint goes on" in each.text for each in found.preconditions if each.checked)
    assert found.downtime == "none"


def test_longer_days_need_nothing_confirmed() -> None:
    found = blob_deletion({"enabled": True, "days": 6})
    assert found.writes == (put(BLOBS, {"deleteRetentionPolicy": ON}),)
    assert (found.to_confirm, found.downtime) == ((), "none")


@pytest.mark.parametrize(("days", "kept"), [(1, 7), (7, 7), (30, 30), ("30", 7), (None, 7)])
def test_days_are_raised_and_never_lowered(days: object, kept: int) -> None:
    found = blob_deletion({"enabled": False, "days": days})
    assert found.after[f"{BLOBS}:properties.deleteRetentionPolicy.days"] == kept
    assert f"for {kept} days" in found.title
    assert f"days = {kept} " in found.code.terraform
    assert f"days: {kept} " in found.code.bicep


def test_versions_are_kept_after_approval() -> None:
    others = {"deleteRetentionPolicy": ON, "changeFeed": {"enabled": True}}
    found = keeping("blob-versioning", others | {"isVersioningEnabled": False})
    assert found.safety is Safety.APPROVE
    assert found.writes == (put(BLOBS, others | {"isVersioningEnabled": True}),)
    assert found.undo == (put(BLOBS, others | {"isVersioningEnabled": False}),)
    assert "lifecycle rule" in to_confirm(found)
    assert "turns it off again" in found.code.warning


def test_only_what_can_be_taken_back_and_costs_nothing_runs_by_itself() -> None:
    safe = {name for name, each in REMEDIATIONS.items() if each.safety is Safety.SAFE and name.startswith("storage/")}
    assert safe == {"storage/container-soft-delete", "storage/share-soft-delete"}
