"""Scans in Table storage, their texts in Blob storage, and the uses of many resources at once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.blob import ContainerClient

from remediation.adapters.scan_tables import ScanTables
from remediation.adapters.tables import Tables
from remediation.adapters.texts import TextBlobs
from remediation.ports import Conflict
from remediation.scan_request import Reach, ScanRequest, Scope
from remediation.scans import Part, Scan, ScanState, Step, scan_id
from remediation.topology import Used
from rules.model import Role, Use
from rules.resource_id import ResourceId
from tests.builders import NOON, REGISTRY_ID, STORAGE_ID, WORKSPACE_ID
from tests.remediation.harness import Clock

STORAGE = "microsoft.storage/storageaccounts/stml"


def scan(minutes: int = 0) -> Scan:
    at = NOON + timedelta(minutes=minutes)
    return Scan(scan_id(at, "-abc"), ScanRequest(Scope(Reach.ALL)), 1, at, at)


@pytest.fixture
def scans(storage: str) -> ScanTables:
    return ScanTables(TableServiceClient.from_connection_string(storage))


def test_a_scan_is_stored_and_replaced_in_the_version_that_was_read(scans: ScanTables) -> None:
    stored = scans.put(scan())
    assert scans.get(stored.id) == stored
    done = scans.put(replace(stored, state=ScanState.DONE))
    assert scans.get(stored.id) == done
    for outdated in (stored, scan()):
        with pytest.raises(Conflict):
            scans.put(outdated)


@pytest.mark.parametrize("identity", ["", "x", scan(1).id, "a' or true"])
def test_a_scan_that_is_not_there_is_none(scans: ScanTables, identity: str) -> None:
    scans.put(scan())
    assert scans.get(identity) is None


def test_the_newest_scans_come_first(scans: ScanTables) -> None:
    for minutes in (1, 3, 2):
        scans.put(scan(minutes))
    assert [each.id for each in scans.newest(2)] == [scan(3).id, scan(2).id]


def test_the_first_part_of_a_step_counts(scans: ScanTables) -> None:
    first = Part(Step(scan().id, 0), "first", {"done": 1})
    assert scans.part(scan().id, first.step.key) is None
    assert scans.add_part(first) == first
    assert scans.add_part(replace(first, blob="second")) == first
    scans.followed(first)
    assert scans.part(scan().id, first.step.key) == replace(first, followed=True)


def test_parts_come_in_the_order_of_their_steps(scans: ScanTables) -> None:
    steps = [Step(scan().id, 0, 1), Step(scan().id, 0, 0), Step(scan().id, 0, 0, 1), Step(scan(1).id, 0)]
    for step in steps:
        scans.add_part(Part(step, "blob", {}))
    assert [part.step for part in scans.parts(scan().id)] == [steps[1], steps[2], steps[0]]


@pytest.fixture
def texts(storage: str) -> TextBlobs:
    return TextBlobs(lambda: ContainerClient.from_connection_string(storage, "scans"))


def test_a_text_is_read_as_it_was_written(texts: TextBlobs) -> None:
    assert texts.get("a/b.jsonl") is None
    texts.put("a/b.jsonl", "ä\u2028\n")
    assert texts.get("a/b.jsonl") == "ä\u2028\n"
    assert texts.get("a/c.jsonl") is None
    texts.put("a/b.jsonl", "")
    assert texts.get("a/b.jsonl") == ""


def test_half_a_character_is_no_obstacle(texts: TextBlobs) -> None:
    texts.put("a", "x\ud800y")
    assert texts.get("a") == "x?y"


def test_a_container_that_another_worker_has_just_made_is_used(storage: str, texts: TextBlobs) -> None:
    ContainerClient.from_connection_string(storage, "scans").create_container()
    texts._create()
    texts.put("a", "b")
    assert texts.get("a") == "b"


def test_uses_of_many_are_known_at_once_and_for_a_minute(storage: str) -> None:
    clock = Clock()
    store = Tables(TableServiceClient.from_connection_string(storage), clock)
    owner, registry = ResourceId.parse(WORKSPACE_ID), ResourceId.parse(REGISTRY_ID)
    account = ResourceId.parse(STORAGE_ID)
    assert owner is not None
    assert store.uses_of([STORAGE]) == {}
    use = Use(Role.DEFAULT_STORAGE, WORKSPACE_ID)
    used = [Used(STORAGE, account, (use,)), Used("key", None, (Use(Role.CMK_VAULT, WORKSPACE_ID),))]
    store.put_uses(owner, used, all_seen=True)
    assert {each.key for each in store.used(owner)} == {STORAGE, "key"}
    assert store.used(registry or owner) == []
    assert store.uses_of([STORAGE]) == {}
    clock.move(timedelta(minutes=1))
    assert store.uses_of([STORAGE, "another"]) == {STORAGE: (use,)}
    assert store.uses([STORAGE]) == (use,)
