"""Storage accounts: what is kept of what was deleted or overwritten."""

from typing import Any

import pytest

from rules.model import Rule, Status
from rules.storage import BLOBS, FILES
from rules.storage.retention import blob_soft_delete, blob_versioning, container_soft_delete, share_soft_delete
from tests.builders import Json
from tests.rules.examples.storage import DATA, OFF, ON, blobs, files
from tests.rules.storage_accounts import FAIL, NO, PASS, UNKNOWN, account, verdict


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
