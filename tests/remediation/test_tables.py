"""Table storage and queues as the bot uses them, on Azurite: versions, marks, order, and what is missing at first."""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueServiceClient

from remediation.adapters.queues import Queues, spread
from remediation.adapters.tables import IN_CHAT, LONGEST_TEXT, PENDING_LIMIT, TABLES, Tables
from remediation.cards import Card, Tone
from remediation.cases import Case, Entry, Repair, State
from remediation.notices import Delivery, Notice
from remediation.policy import Exemption
from remediation.ports import Conflict, Memo
from remediation.topology import Changes, Used
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
    assert store.journal(REGISTRY_ID) == store.journal() == []
    assert store.uses(["a"]) == ()
    assert store.notice("none") is None
    store.clear_pending(REGISTRY)


def test_tables_are_made_by_their_first_rows(store: Tables, storage: str) -> None:
    store.put_case(CASE)
    store.append(Entry(REGISTRY_ID, CASE.rule, NOON, "told", {}))
    store.add_notice(NOTICE)
    store.claim_pending(REGISTRY, "event-1")
    store.put_uses(WORKSPACE, [Used("a", None)], all_seen=True)
    store.put_exemption(REGISTRY_ID, CASE.rule, Exemption(NOON, "moved next week", "Ann", IN_CHAT))
    store.put_memo(Memo("a name", {}))
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


@pytest.mark.parametrize("of", [REGISTRY_ID, ""], ids=["of one resource", "of all"])
def test_what_is_recorded_twice_stands_in_the_journal_once(store: Tables, of: str) -> None:
    first = Entry(REGISTRY_ID, CASE.rule, NOON, "fixed", {"found": "größe"}, "key-1")
    for seconds in (0, 1, 5):
        store.append(replace(first, at=NOON + timedelta(seconds=seconds)))
    store.append(replace(first, at=NOON + timedelta(seconds=2), key="key-2"))
    assert [(entry.at - NOON).total_seconds() for entry in store.journal(of)] == [0, 2]


def test_what_workers_record_at_once_stands_in_the_journal_once(store: Tables) -> None:
    lines = [Entry(REGISTRY_ID, CASE.rule, NOON + timedelta(seconds=n), "fixed", {}, "key-1") for n in range(8)]
    with ThreadPoolExecutor(len(lines)) as workers:
        list(workers.map(store.append, lines))
    assert [len(store.journal(of)) for of in (REGISTRY_ID, "")] == [1, 1]


def test_what_a_crash_has_left_out_of_the_journal_of_all_is_put_there_when_it_comes_again(
    store: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, places = Entry(REGISTRY_ID, CASE.rule, NOON, "fixed", {}, "key-1"), iter([False, False, True])
    insert = store._insert

    def die_at_the_last(table: Any, row: Any) -> str:
        if next(places):
            raise KeyboardInterrupt
        return insert(table, row)

    monkeypatch.setattr(store, "_insert", die_at_the_last)
    with pytest.raises(KeyboardInterrupt):
        store.append(line)
    monkeypatch.undo()
    assert (len(store.journal(REGISTRY_ID)), store.journal()) == (1, [])
    store.append(replace(line, at=NOON + timedelta(minutes=10)))
    assert [[entry.at for entry in store.journal(of)] for of in (REGISTRY_ID, "")] == [[NOON], [NOON]]


def entry(at: datetime, resource_id: str = REGISTRY_ID, rule: str = CASE.rule) -> Entry:
    return Entry(resource_id, rule, at, "looked", {"at": at.isoformat()})


DAYS = [NOON + timedelta(days=day) for day in (-400, -31, -1, 0)]
"""Over the ends of a month and of a year."""


@pytest.mark.parametrize("of", [REGISTRY_ID, ""], ids=["of one resource", "of all"])
def test_the_newest_entries_are_found_oldest_first(store: Tables, of: str) -> None:
    entries = [entry(at + timedelta(seconds=second)) for at in DAYS for second in (0, 1)]
    for each in entries[::-1]:
        store.append(each)
    assert store.journal(of) == entries
    assert store.journal(of, limit=3) == entries[-3:]
    assert store.journal(of, since=NOON - timedelta(days=31)) == entries[2:]
    assert store.journal(of, since=NOON + timedelta(seconds=1)) == entries[-1:]
    assert store.journal(of, since=NOON + timedelta(seconds=2)) == []
    assert store.journal(of, since=(NOON - timedelta(days=1)).astimezone(timezone(timedelta(hours=14)))) == entries[4:]


def test_the_journal_of_all_resources_is_in_the_order_of_time(store: Tables) -> None:
    ids = [REGISTRY_ID, STORAGE_ID, VAULT_ID, f"{REGISTRY_ID}2"]
    entries = [entry(at, resource_id) for at, resource_id in zip(DAYS, ids, strict=True)]
    for each in entries:
        store.append(each)
    assert store.journal() == entries
    assert store.journal(STORAGE_ID.upper()) == entries[1:2]


@pytest.mark.parametrize("of", [REGISTRY_ID, ""], ids=["of one resource", "of all"])
def test_the_journal_of_one_rule(store: Tables, of: str) -> None:
    """However strange its name."""
    entries = [entry(NOON + timedelta(seconds=second), rule=rule) for second, rule in enumerate(["a/b", "it's/b"] * 2)]
    for each in entries:
        store.append(each)
    assert store.journal(of, rule="it's/b") == entries[1::2]
    assert store.journal(of, rule="it's/b", since=NOON + timedelta(seconds=2), limit=5) == entries[3:]
    assert store.journal(of, rule="a/b", limit=1) == entries[2:3]


def test_more_entries_than_a_page_holds_are_read_only_as_far_as_they_are_wanted(store: Tables) -> None:
    entries = [entry(NOON + timedelta(seconds=second)) for second in range(12)]
    for each in entries:
        store.append(each)
    assert store.journal(limit=5) == entries[-5:]
    assert store.journal(limit=12) == entries


LONG = "ü" + "x" * (LONGEST_TEXT * 3) + "\U0001f600" * LONGEST_TEXT


@pytest.mark.parametrize("text", ["", "x", "x" * LONGEST_TEXT, LONG], ids=["empty", "short", "just one", "long"])
def test_long_texts_are_kept_whole(store: Tables, text: str) -> None:
    """A plan that sends a whole cluster is longer than a property may be."""
    case = store.put_case(replace(CASE, reason=text))
    assert store.cases(REGISTRY_ID)[CASE.rule] == case
    shorter = store.put_case(replace(case, reason="short again"))
    assert store.cases(REGISTRY_ID)[CASE.rule] == shorter
    notice = store.add_notice(replace(NOTICE, card=replace(NOTICE.card, summary=text)))
    assert store.notice(NOTICE.id) == notice
    store.append(Entry(REGISTRY_ID, CASE.rule, NOON, "told", {"text": text}))
    assert [each.detail for each in (*store.journal(), *store.journal(REGISTRY_ID))] == [{"text": text}] * 2


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
    assert store.put_uses(WORKSPACE, [USED_STORAGE, USED_VAULT], all_seen=True) == Changes(
        [USED_STORAGE, USED_VAULT], []
    )
    store.put_uses(OTHER_WORKSPACE, [Used("storage", STORAGE, (ELSEWHERE,))], all_seen=True)
    assert set(store.uses(["storage"])) == {DEFAULT, DATA, ELSEWHERE}
    assert store.uses(["vault", "nothing"]) == ()


def test_the_uses_under_all_keys_of_a_resource_count_once_each(store: Tables) -> None:
    store.put_uses(WORKSPACE, [Used("a", None, (DATA,)), Used("b", None, (DATA, DEFAULT))], all_seen=True)
    assert store.uses(["a", "b"]) == (DATA, DEFAULT)


def test_what_is_used_as_something_else_now_is_so_used(store: Tables) -> None:
    store.put_uses(WORKSPACE, [USED_STORAGE], all_seen=True)
    again = Used("storage", STORAGE, (DATA,))
    assert store.put_uses(WORKSPACE, [again], all_seen=True) == Changes([again], [])
    assert store.uses(["storage"]) == (DATA,)


def test_what_is_dropped_is_used_no_more_and_named_until_it_is_forgotten(store: Tables) -> None:
    store.put_uses(WORKSPACE, [USED_STORAGE, USED_VAULT], all_seen=True)
    for _ in range(2):  # the second time after a crash
        assert store.put_uses(WORKSPACE, [USED_VAULT], all_seen=True) == Changes([], [USED_STORAGE])
        assert store.uses(["storage"]) == ()
    store.forget_uses(WORKSPACE, [USED_STORAGE])
    assert store.put_uses(WORKSPACE, [USED_VAULT], all_seen=True) == Changes([], [])


def test_nothing_is_dropped_unless_all_was_seen(store: Tables) -> None:
    store.put_uses(WORKSPACE, [USED_STORAGE], all_seen=True)
    data = Used("data", None, (DATA,))
    assert store.put_uses(WORKSPACE, [data], all_seen=False) == Changes([data], [])
    assert store.uses(["storage"]) == (DEFAULT, DATA)
    assert store.uses(["data"]) == (DATA,)


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_a_crash_between_the_rows_of_a_use_leaves_none_for_ever(
    store: Tables, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    upsert, left = store._upsert, [rows]

    def dies(table: Any, row: Any) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        upsert(table, row)

    with monkeypatch.context() as patch:
        patch.setattr(store, "_upsert", dies)
        with pytest.raises(KeyboardInterrupt):
            store.put_uses(WORKSPACE, [USED_STORAGE], all_seen=True)
    dropped = store.put_uses(WORKSPACE, [], all_seen=True).dropped
    assert [used.id for used in dropped] == [STORAGE] * bool(rows)
    assert store.uses(["storage"]) == ()


def test_what_a_crash_left_half_done_is_done_again(store: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    upsert, rows = store._upsert, iter(range(3))

    def dies(table: Any, row: Any) -> None:
        if next(rows) == 1:
            raise KeyboardInterrupt
        upsert(table, row)

    with monkeypatch.context() as patch:
        patch.setattr(store, "_upsert", dies)
        with pytest.raises(KeyboardInterrupt):
            store.put_uses(WORKSPACE, [USED_STORAGE], all_seen=True)
    assert store.put_uses(WORKSPACE, [USED_STORAGE], all_seen=True).new == [USED_STORAGE]
    assert store.uses(["storage"]) == (DEFAULT, DATA)


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


def test_an_exemption_is_remembered_by_the_rule_whatever_the_case_of_the_id(store: Tables) -> None:
    given = Exemption(NOON, "moved next week", "Ann", IN_CHAT)
    store.put_exemption(REGISTRY_ID, "aks/autoscaler", replace(given, reason="other"))
    store.put_exemption(REGISTRY_ID, CASE.rule, replace(given, reason="at first"))
    store.put_exemption(REGISTRY_ID.upper(), CASE.rule, given)
    found = store.exemptions(REGISTRY_ID.lower())
    assert found == {CASE.rule: given, "aks/autoscaler": replace(given, reason="other")}
    assert store.exemptions(STORAGE_ID) == {}


def test_cases_are_found_by_their_state(store: Tables) -> None:
    assert list(store.cases_in(State.EXEMPT)) == []
    exempt = replace(CASE, state=State.EXEMPT, until=NOON, repairs=(Repair(NOON, "Ben"),))
    stored = store.put_case(exempt)
    store.put_case(replace(CASE, resource_id=STORAGE_ID))
    assert list(store.cases_in(State.EXEMPT)) == [stored]
    assert replace(stored, etag="") == exempt


def test_what_is_put_off_together_does_not_come_back_together() -> None:
    delay = timedelta(minutes=10)
    waits = {spread(delay, f"message {number}") for number in range(1000)}
    assert len(waits) > 990, "each message has a wait of its own"
    assert delay <= min(waits) < delay * 1.01
    assert delay * 1.24 < max(waits) < delay * 1.25
    assert spread(delay, "message 1") == spread(delay, "message 1")
    assert spread(timedelta(), "message 1") == timedelta()
    night = [spread(timedelta(hours=10), f"message {number}") for number in range(1000)]
    assert timedelta(hours=10, minutes=4) < max(night) <= timedelta(hours=10, minutes=5)


def test_a_memo_is_replaced_in_the_version_that_was_read(store: Tables) -> None:
    assert store.memo("größe") == Memo("größe", {})
    first = store.put_memo(Memo("größe", {"a": [1, "ü"]}))
    assert store.memo("größe") == first
    second = store.put_memo(replace(first, data={"a": 2}))
    assert store.memo("größe") == second
    for stale in (first, Memo("größe", {"a": 3})):
        with pytest.raises(Conflict):
            store.put_memo(stale)
    assert store.memo("größe").data == {"a": 2}
