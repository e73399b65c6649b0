"""What storage accounts keep: what exactly would be sent."""

from typing import Any

import pytest

from remediation.fixes import REMEDIATIONS
from remediation.plan import Plan, Safety, Write
from rules.storage import BLOBS, FILES, REPLICATION
from tests.builders import STORAGE_ID, Json, finding
from tests.remediation.applying import read, seeded, send
from tests.remediation.fixes.storage_plans import API, made, to_confirm
from tests.rules.examples.storage import DATA, DEFAULT, OFF, ON, account, blobs, files, used

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
