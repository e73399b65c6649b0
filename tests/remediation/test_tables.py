"""Table storage and queues as the bot uses them, on Azurite: versions, marks, order, and what is missing at first."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueServiceClient

from remediation.adapters.queues import Queues
from remediation.adapters.tables import PENDING_LIMIT, TABLES, Tables
from remediation.cards import Card, Tone
from remediation.cases import Case, Entry, State
from remediation.notices import Delivery, Notice
from remediation.ports import Conflict
from remediation.topology import Used
from rules.model import Role, Use
from rules.resource_id import ResourceId
from tests.builders import NOON, REGISTRY_ID, STORAGE_ID, VAULT_ID, WORKSPACE_ID
from tests.remediation.harness import Clock

CASE = Case("container-registry/premium-sku", REGISTRY_ID, State.TOLD, NOON, NOON)
NOTICE = Notice("notice-1", "Teams", Card(Tone.INFO, "label", "title", "summary"))


def resource(text: str) -> ResourceId:
    parsed = ResourceId.parse(text)
    assert parsed is not None
    return parsed


REGISTRY, STORAGE, VAULT, WORKSPACE = map(resource, (REGISTRY_ID, STORAGE_ID, VAULT_ID, WORKSPACE_ID))
OTHER_WORKSPACE = resource(f"{WORKSPACE_ID}-two")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(storage: str, clock: Clock) -> Iterator[Tables]:
    """A store without any table yet."""
    with TableServiceClient.from_connection_string(storage) as service:
        yield Tables(service, clock)


def test_before_the_first_row_everything_is_empty(store: Tables) -> None:
    assert store.cases(REGISTRY_ID) == {}
    assert store.journal(REGISTRY_ID) == []
    assert store.uses(["a"]) == ()
    assert store.notice("none") is None
    store.clear_pending(REGISTRY)


def test_tables_are_made_by_their_first_rows(store: Tables, storage: str) -> None:
    store.put_case(CASE)
    store.append(Entry(REGISTRY_ID, CASE.rule, NOON, "told", {}))
    store.add_notice(NOTICE)
    store.claim_pending(REGISTRY, "event-1")
    store.put_uses(WORKSPACE, [Used("a", None)], all_seen=True)
    with TableServiceClient.from_connection_string(storage) as service:
        assert {table.name for table in service.list_tables()} == set(TABLES)


def test_a_case_is_replaced_only_in_the_version_that_was_read(store: Tables) -> None:
    first = store.put_case(CASE)
    second = store.put_case(replace(first, state=State.CLOSED))
    assert first.etag != second.etag
    with pytest.raises(Conflict):
        store.put_case(replace(first, state=State.ASKED))
    with pytest.raises(Conflict):
        store.put_case(CASE)
    assert store.cases(REGISTRY_ID.upper()) == {CASE.rule: second}


def test_a_case_that_is_gone_is_not_replaced(store: Tables) -> None:
    store.put_case(replace(CASE, rule="another/rule"))
    with pytest.raises(Conflict):
        store.put_case(replace(CASE, etag="W/\"datetime'2026-01-01T00%3A00%3A00.0000000Z'\""))


def test_the_journal_reads_in_the_order_of_time(store: Tables) -> None:
    times = [NOON + timedelta(microseconds=step) for step in (5, 1, 3)]
    for at in times:
        store.append(Entry(REGISTRY_ID, CASE.rule, at, "looked", {"größe": [1, {"a": None}]}))
    assert [entry.at for entry in store.journal(REGISTRY_ID)] == sorted(times)
    assert store.journal(REGISTRY_ID)[0].detail == {"größe": [1, {"a": None}]}


def test_a_notice_is_remembered_once(store: Tables) -> None:
    stored = store.add_notice(NOTICE)
    sent = store.put_notice(replace(stored, state=Delivery.SENT))
    assert store.add_notice(NOTICE) == sent
    with pytest.raises(Conflict):
        store.put_notice(replace(stored, state=Delivery.SENDING))


def test_a_pending_check_holds_back_all_events_but_its_own(store: Tables) -> None:
    assert store.claim_pending(REGISTRY, "event-1") is True
    assert store.claim_pending(REGISTRY, "event-2") is False
    assert store.claim_pending(resource(REGISTRY_ID.upper()), "event-2") is False
    assert store.claim_pending(REGISTRY, "event-1") is True
    assert store.claim_pending(STORAGE, "event-2") is True


def test_a_check_that_begins_lets_events_in_again(store: Tables) -> None:
    store.claim_pending(REGISTRY, "event-1")
    store.clear_pending(REGISTRY)
    assert store.claim_pending(REGISTRY, "event-2") is True


def test_an_event_without_an_id_is_no_other_events_own(store: Tables) -> None:
    store.claim_pending(REGISTRY, "")
    assert store.claim_pending(REGISTRY, "") is False


def test_a_mark_that_ran_out_holds_nothing_back(store: Tables, clock: Clock) -> None:
    store.claim_pending(REGISTRY, "event-1")
    clock.move(PENDING_LIMIT - timedelta(seconds=1))
    assert store.claim_pending(REGISTRY, "event-2") is False
    clock.move(timedelta(seconds=1))
    assert store.claim_pending(REGISTRY, "event-3") is True
    assert store.claim_pending(REGISTRY, "event-4") is False, "the mark is the third event's now"


def test_a_mark_that_is_removed_meanwhile_holds_nothing_back(store: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    store.claim_pending(REGISTRY, "event-1")
    monkeypatch.setattr(store, "_get", lambda *_: None)
    assert store.claim_pending(REGISTRY, "event-2") is True


DEFAULT, DATA = Use(Role.DEFAULT_STORAGE, WORKSPACE_ID), Use(Role.ADDITIONAL_DATASTORE, WORKSPACE_ID)
ELSEWHERE = Use(Role.ADDITIONAL_DATASTORE, str(OTHER_WORKSPACE))
USED_STORAGE, USED_VAULT = Used("storage", STORAGE, (DEFAULT, DATA)), Used("vault", VAULT, ())


def test_a_resource_is_used_by_every_workspace_that_says_so(store: Tables) -> None:
    assert store.put_uses(WORKSPACE, [USED_STORAGE, USED_VAULT], all_seen=True) == []
    store.put_uses(OTHER_WORKSPACE, [Used("storage", STORAGE, (ELSEWHERE,))], all_seen=True)
    assert set(store.uses(["storage"])) == {DEFAULT, DATA, ELSEWHERE}
    assert store.uses(["vault", "nothing"]) == ()


def test_the_uses_under_all_keys_of_a_resource_count_once_each(store: Tables) -> None:
    store.put_uses(WORKSPACE, [Used("a", None, (DATA,)), Used("b", None, (DATA, DEFAULT))], all_seen=True)
    assert store.uses(["a", "b"]) == (DATA, DEFAULT)


def test_what_is_used_as_something_else_now_is_so_used(store: Tables) -> None:
    store.put_uses(WORKSPACE, [USED_STORAGE], all_seen=True)
    assert store.put_uses(WORKSPACE, [Used("storage", STORAGE, (DATA,))], all_seen=True) == []
    assert store.uses(["storage"]) == (DATA,)


def test_what_is_dropped_is_used_no_more_and_named_until_it_is_forgotten(store: Tables) -> None:
    store.put_uses(WORKSPACE, [USED_STORAGE, USED_VAULT], all_seen=True)
    for _ in range(2):  # the second time after a crash
        assert store.put_uses(WORKSPACE, [USED_VAULT], all_seen=True) == [USED_STORAGE]
        assert store.uses(["storage"]) == ()
    store.forget_uses(WORKSPACE, [USED_STORAGE])
    assert store.put_uses(WORKSPACE, [USED_VAULT], all_seen=True) == []


def test_nothing_is_dropped_unless_all_was_seen(store: Tables) -> None:
    store.put_uses(WORKSPACE, [USED_STORAGE], all_seen=True)
    assert store.put_uses(WORKSPACE, [Used("data", None, (DATA,))], all_seen=False) == []
    assert store.uses(["storage"]) == (DEFAULT, DATA)
    assert store.uses(["data"]) == (DATA,)


def test_what_is_used_as_before_is_not_written_again(store: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put_uses(WORKSPACE, [USED_STORAGE], all_seen=True)
    written: list[object] = []
    monkeypatch.setattr(store, "_upsert", lambda _, row: written.append(row))
    store.put_uses(WORKSPACE, [USED_STORAGE], all_seen=True)
    assert written == []


@pytest.mark.parametrize(
    ("delay", "visible"),
    [
        (timedelta(), True),
        (timedelta(milliseconds=1), False),
        (timedelta(seconds=7), False),
        (timedelta(days=30), False),
    ],
)
def test_a_message_shows_after_its_delay_and_never_expires(storage: str, delay: timedelta, visible: bool) -> None:
    """A missing queue is made. The longest delay is cut to what a queue takes."""
    with QueueServiceClient.from_connection_string(storage) as service:
        service.delete_queue("checks")
        Queues(service).put("checks", {"größe": 1}, delay)
        queue = service.get_queue_client("checks")
        messages = list(queue.receive_messages())
        assert queue.get_queue_properties().approximate_message_count == 1
    assert len(messages) == visible
    for message in messages:
        assert json.loads(base64.b64decode(message.content)) == {"größe": 1}
        assert message.expires_on is not None
        assert message.expires_on.year == 9999
