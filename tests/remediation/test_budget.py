"""The request budget: all workers together stay below what Azure takes, and none of them waits."""

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from azure.core.exceptions import ServiceRequestError
from azure.data.tables import TableServiceClient
from hypothesis import example, given
from hypothesis import strategies as st

from local.azure.limits import BUCKETS, QUERY_WINDOW
from local.azure.limits import QUERIES as QUERY_LIMIT
from remediation.adapters.arm import Arm
from remediation.adapters.budget import (
    BETWEEN_WARNINGS,
    LATE,
    LEASE,
    LONGEST_CLOSED,
    MOST_CONFLICTS,
    QUERIES,
    READS,
    SECOND,
    UNNAMED,
    WRITES,
    Budget,
    Limit,
)
from remediation.adapters.graph import ResourceGraph
from remediation.adapters.tables import Tables
from remediation.plan import Write
from remediation.ports import Conflict, Memo, Refused, Store, Throttled
from rules.resource_id import ResourceId
from tests.builders import NOON, OTHER_SUBSCRIPTION, REGISTRY_ID, SUBSCRIPTION
from tests.remediation.arm_calls import Token
from tests.remediation.harness import Clock
from tests.remediation.scripted import Reply, ScriptedServer

LIMITS = [READS, WRITES, QUERIES]


class Hand:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Memos:
    """The memos of the port `Store` in memory, for properties over thousands of interleavings."""

    kept: dict[str, Memo] = field(default_factory=dict)
    calls: int = 0
    broken: bool = False

    def memo(self, name: str) -> Memo:
        """What is kept."""
        self._call()
        return self.kept.get(name, Memo(name, {}))

    def put_memo(self, memo: Memo) -> Memo:
        """Kept in place of the version it was made from."""
        self._call()
        if memo.etag != (self.kept[memo.name].etag if memo.name in self.kept else ""):
            raise Conflict
        self.kept[memo.name] = replace(memo, etag=str(self.calls))
        return self.kept[memo.name]

    def _call(self) -> None:
        self.calls += 1
        if self.broken:
            raise ServiceRequestError("the store does not answer")


def budgets(count: int, clock: Hand | Clock, memos: Memos | None = None) -> list[Budget]:
    """Processes that share one store."""
    store = cast(Store, memos or Memos())
    return [Budget(store, clock) for _ in range(count)]


def taken(budget: Budget, limit: Limit = READS, whose: str = SUBSCRIPTION, tries: int = 1000) -> int:
    """How many requests may be sent now."""
    for number in range(tries):
        try:
            budget.take(whose, limit)
        except Throttled:
            return number
    return tries


def bears(limit: Limit, sent: list[datetime]) -> bool:
    """Whether Azure takes requests that arrive at these times without a single 429."""
    if limit is QUERIES:
        return all(sum(at - QUERY_WINDOW < other <= at for other in sent) <= QUERY_LIMIT for at in sent)
    size, rate = BUCKETS[limit.kind]
    left, before = float(size), NOON
    for at in sent:
        left, before = min(size, left + rate * ((at - before) / SECOND)) - 1, at
        if left < 0:
            return False
    return True


WAITS = st.sampled_from([0, 0, 0, 0.01, 0.5, 1.9, 2.1, 5, 60])
STEPS = st.lists(st.tuples(st.integers(0, 2), WAITS, st.integers(1, 200)), max_size=40)


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.kind)
@given(steps=STEPS, late=st.lists(st.floats(0, LATE / SECOND), min_size=1, max_size=7))
@example(steps=[(0, 0, 1000), (1, 1.9, 1000), (0, 0.09, 1000), (2, 5, 1000)], late=[2.0, 0.0])
def test_however_workers_take_turns_azure_never_says_429(
    limit: Limit, steps: list[tuple[int, float, int]], late: list[float]
) -> None:
    """Three processes take as much as they can get, at any time; each request is on its way for up to LATE."""
    hand = Hand()
    sent: list[datetime] = []
    workers = budgets(3, hand)
    for worker, wait, wanted in steps:
        hand.now += timedelta(seconds=wait)
        for _ in range(taken(workers[worker], limit, tries=wanted)):
            sent.append(hand.now + timedelta(seconds=late[len(sent) % len(late)]))
    assert bears(limit, sorted(sent))


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.kind)
def test_who_always_asks_gets_all_there_is(limit: Limit) -> None:
    """Two workers, asking every tenth of a second: the bucket at once, then its rate."""
    hand = Hand()
    workers = budgets(2, hand)
    got = 0
    for _ in range(600):
        got += sum(taken(worker, limit) for worker in workers)
        hand.now += SECOND / 10
    assert limit.size + 59 * limit.rate <= got <= limit.size + 60 * limit.rate


def test_an_empty_budget_says_when_to_come_back_and_is_not_asked_again_before() -> None:
    hand, memos = Hand(), Memos()
    (budget,) = budgets(1, hand, memos)
    assert taken(budget, WRITES) == WRITES.size
    calls = memos.calls
    for _ in range(100):
        with pytest.raises(Throttled) as throttled:
            budget.take(SUBSCRIPTION, WRITES)
        assert throttled.value.retry_after == SECOND / WRITES.rate
    assert memos.calls == calls
    hand.now += SECOND / WRITES.rate
    assert taken(budget, WRITES) == 1


def test_most_reads_cost_no_call_and_an_idle_bot_none() -> None:
    hand, memos = Hand(), Memos()
    (budget,) = budgets(1, hand, memos)
    for _ in range(READS.batch):
        budget.take(SUBSCRIPTION, READS)
    assert memos.calls == 2, "one to read the bucket for the first time, one to take from it"
    budget.take(SUBSCRIPTION, READS)
    assert memos.calls == 3, "what is known need not be read"
    hand.now += timedelta(days=1)
    assert memos.calls == 3


def test_what_was_taken_and_not_used_is_lost_after_a_while() -> None:
    hand, memos = Hand(), Memos()
    (budget,) = budgets(1, hand, memos)
    budget.take(SUBSCRIPTION, READS)
    calls = memos.calls
    hand.now += LEASE - timedelta(milliseconds=1)
    budget.take(SUBSCRIPTION, READS)
    assert memos.calls == calls
    hand.now += timedelta(milliseconds=1)
    budget.take(SUBSCRIPTION, READS)
    assert memos.calls == calls + 1


def test_subscriptions_and_kinds_have_budgets_of_their_own() -> None:
    (budget,) = budgets(1, Hand())
    assert taken(budget, READS) == READS.size
    assert taken(budget, WRITES) == WRITES.size
    assert taken(budget, READS, OTHER_SUBSCRIPTION) == READS.size


@pytest.mark.parametrize(("wait", "closed"), [(30, timedelta(seconds=30)), (3600, LONGEST_CLOSED), (None, UNNAMED)])
def test_a_429_closes_the_subscription_for_every_worker(wait: int | None, closed: timedelta) -> None:
    hand = Hand()
    one, other = budgets(2, hand)
    other.take(SUBSCRIPTION, READS)
    one.close(SUBSCRIPTION, READS, None if wait is None else wait * SECOND)
    hand.now += closed - SECOND / 1000
    assert (taken(one), taken(other)) == (0, 0)
    assert taken(other, WRITES) > 0
    hand.now += SECOND / 1000
    assert taken(other) == min(READS.size, closed / SECOND * READS.rate), "Azure's bucket has filled in the meantime"
    assert taken(one) == 0


def test_a_second_429_does_not_open_earlier_what_the_first_has_closed() -> None:
    hand = Hand()
    one, other, third = budgets(3, hand)
    one.close(SUBSCRIPTION, READS, 30 * SECOND)
    other.close(SUBSCRIPTION, READS, 5 * SECOND)
    hand.now += 29 * SECOND
    assert taken(third) == 0


def test_a_worker_whose_clock_is_behind_fills_nothing() -> None:
    memos, ahead, behind = Memos(), Hand(NOON + timedelta(minutes=1)), Hand()
    (one,), (other,) = budgets(1, ahead, memos), budgets(1, behind, memos)
    assert taken(one) == READS.size
    assert taken(other) == 0


def test_a_worker_whose_clock_is_behind_takes_what_is_left() -> None:
    memos, ahead, behind = Memos(), Hand(NOON + timedelta(minutes=1)), Hand()
    (one,), (other,) = budgets(1, ahead, memos), budgets(1, behind, memos)
    other.take(SUBSCRIPTION, READS)
    one.take(SUBSCRIPTION, READS)
    assert taken(other) == (READS.batch - 1) + (READS.size - READS.batch)


def test_a_429_that_a_worker_meets_whose_clock_is_behind_fills_nothing() -> None:
    memos, ahead, behind = Memos(), Hand(NOON + timedelta(minutes=1)), Hand()
    (one, third), (other,) = budgets(2, ahead, memos), budgets(1, behind, memos)
    assert taken(one) == READS.size
    other.close(SUBSCRIPTION, READS, 5 * SECOND)
    assert taken(third) == 0


def test_a_store_that_does_not_answer_lets_reads_go_on_and_no_write(caplog: pytest.LogCaptureFixture) -> None:
    hand, memos = Hand(), Memos(broken=True)
    (budget,) = budgets(1, hand, memos)
    assert taken(budget, READS, tries=60) == 60
    assert memos.calls == 3, "it is tried once a batch"
    with pytest.raises(Throttled, match="cannot be asked") as throttled:
        budget.take(SUBSCRIPTION, WRITES)
    assert throttled.value.retry_after == UNNAMED
    budget.close(SUBSCRIPTION, READS, 30 * SECOND)
    assert taken(budget) == 0, "who was told so remembers it"
    assert [record.levelno for record in caplog.records if "ServiceRequestError" in record.message] == [logging.WARNING]
    hand.now += BETWEEN_WARNINGS
    assert taken(budget, tries=1) == 1
    assert caplog.text.count("ServiceRequestError") == 2, "once a minute"
    memos.broken = False
    assert taken(budget, WRITES, tries=1) == 1


class Contested(Memos):
    """Another worker is always faster."""

    def put_memo(self, memo: Memo) -> Memo:
        """Always a version too late."""
        self.kept[memo.name] = Memo(memo.name, {}, f"{memo.etag} and one more")
        return super().put_memo(memo)


def test_a_bucket_that_everybody_wants_is_asked_for_later() -> None:
    hand, memos = Hand(), Contested()
    (budget,) = budgets(1, hand, memos)
    with pytest.raises(Throttled, match="too many workers"):
        budget.take(SUBSCRIPTION, READS)
    assert memos.calls == 2 * MOST_CONFLICTS
    budget.close(SUBSCRIPTION, READS, SECOND)
    assert memos.calls == 4 * MOST_CONFLICTS, "it ends"


@pytest.fixture
def tables(storage: str) -> Iterator[tuple[Tables, Tables]]:
    """Two processes' clients of one store, in Azurite."""
    with (
        TableServiceClient.from_connection_string(storage) as one,
        TableServiceClient.from_connection_string(storage) as other,
    ):
        yield Tables(one, Clock()), Tables(other, Clock())


def test_many_threads_of_two_processes_share_one_table(tables: tuple[Tables, Tables]) -> None:
    clock, lock = Clock(), threading.Lock()
    sent: list[datetime] = []

    def work(budget: Budget) -> None:
        for _ in range(60):
            with suppress(Throttled):
                budget.take(SUBSCRIPTION, READS)
                with lock:
                    sent.append(clock())

    workers = [Budget(store, clock) for store in tables]
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(work, workers[number % 2]) for number in range(8)]:
            done.result(timeout=60)
    passed = (max(sent) - min(sent)) / SECOND
    assert READS.size <= len(sent) <= READS.size + READS.rate * (passed + 1)
    assert bears(READS, [NOON + (at - min(sent)) for at in sorted(sent)])


def test_what_a_read_costs(tables: tuple[Tables, Tables]) -> None:
    """Printed, not judged: the time of a read's share of the calls, against a table in Azurite."""
    hand = Hand()
    budget = Budget(tables[0], hand)
    budget.take(SUBSCRIPTION, READS)
    spent, count = 0.0, 20 * READS.batch
    for number in range(count):
        hand.now += SECOND if number % READS.batch == 0 else timedelta()
        started = time.perf_counter()
        budget.take(SUBSCRIPTION, READS)
        spent += time.perf_counter() - started
    print(f"\n{spent / count * 1e6:.0f} µs a read, {spent / count * READS.batch * 1e3:.1f} ms a batch")  # noqa: T201


def asking(server: ScriptedServer, budget: Budget) -> Mapping[str, Any]:
    """One request of each kind, each through another client."""
    registry = ResourceId.parse(REGISTRY_ID)
    assert registry is not None
    arm = Arm(Token(), server.url, server.url, budget)
    body = {"sku": {"name": "Premium"}}
    return {
        "generic read": lambda: arm.read(registry, "2025-11-01"),
        "generic write": lambda: arm.send(Write("PUT", f"{REGISTRY_ID}/webhooks/w", "2025-11-01", body)),
        "typed write": lambda: arm.send(Write("PATCH", REGISTRY_ID, "2025-11-01", body)),
        "operation": lambda: arm.operation(f"{server.url}/subscriptions/{SUBSCRIPTION}/operations/1"),
        "query": lambda: ResourceGraph(arm, [SUBSCRIPTION]).find(["microsoft.storage/storageaccounts/st"]),
        "tenant": lambda: arm.request("GET", "/providers/Microsoft.Storage/operations", "2025-11-01"),
    }


KINDS = {
    "generic read": (SUBSCRIPTION, READS),
    "generic write": (SUBSCRIPTION, WRITES),
    "typed write": (SUBSCRIPTION, WRITES),
    "operation": (SUBSCRIPTION, READS),
    "query": ("principal", QUERIES),
    "tenant": ("tenant", READS),
}


@pytest.mark.parametrize(("kind", "bucket"), KINDS.items(), ids=KINDS)
def test_every_request_is_counted_whichever_client_sends_it(kind: str, bucket: tuple[str, Limit]) -> None:
    whose, limit = bucket
    with ScriptedServer(Reply(429, b"{}", {"Retry-After": "9"})) as server:
        hand = Hand()
        (budget,) = budgets(1, hand)
        ask = asking(server, budget)[kind]
        with pytest.raises(Throttled):
            ask()
        assert len(server.asked) == 1
        hand.now += 8 * SECOND
        with pytest.raises(Throttled, match="the bot's own budget"):
            ask()
        assert len(server.asked) == 1, "nothing is sent before it may be"
        hand.now += SECOND
        assert 0 < taken(budget, limit, whose) < limit.size + 1
        with pytest.raises(Throttled, match="the bot's own budget"):
            ask()
        assert len(server.asked) == 1


def test_another_refusal_closes_nothing() -> None:
    with ScriptedServer(Reply(403, b"{}")) as server:
        (budget,) = budgets(1, Hand())
        with pytest.raises(Refused):
            asking(server, budget)["generic read"]()
        assert taken(budget) == READS.size - 1
