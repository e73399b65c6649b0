"""Several workers at once: one plan is sent once, one message is posted once."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from azure.storage.queue import QueueMessage

from remediation.cases import CLAIM, Case, Cause, State, opened
from remediation.pipeline import MOST_LOOKS
from remediation.ports import Cloud, QueueName
from rules.container_registry import premium_sku
from rules.model import Body, Resource
from rules.resource_id import ResourceId
from tests.builders import REGISTRY_ID, event, finding, plan, registry
from tests.remediation.harness import Bot
from tests.remediation.passing import PassingOn

ONE_FIX = ["FIXED AUTOMATICALLY"]


class Meeting(PassingOn):
    """Azure, whose first readers wait for each other, so that all have seen the same before anyone acts."""

    def __init__(self, cloud: Cloud, readers: int) -> None:
        super().__init__(cloud)
        self._readers = readers
        self._barrier, self._lock = threading.Barrier(readers, timeout=10), threading.Lock()

    def read(self, resource_id: ResourceId, api_version: str) -> Body:
        """One GET, and a wait."""
        body = super().read(resource_id, api_version)
        with self._lock:
            waits, self._readers = self._readers > 0, self._readers - 1
        if waits:
            self._barrier.wait()
        return body


def at_once(bot: Bot, queue: QueueName, messages: Sequence[QueueMessage]) -> None:
    """Each message in the hands of a worker of its own."""
    with ThreadPoolExecutor(len(messages)) as pool:
        for done in [pool.submit(bot.handle, queue, message) for message in messages]:
            done.result(timeout=30)


def look_again(bot: Bot) -> None:
    """Whoever was told to come back comes back, until nobody is."""
    for _ in range(MOST_LOOKS):
        if not bot.waits():
            return
        bot.later(max(bot.waits()))
    raise AssertionError("there is no end to it")


@pytest.mark.parametrize("workers", [2, 6])
def test_workers_that_saw_the_same_send_one_plan(bot: Bot, workers: int) -> None:
    bot.seed(registry("Basic"))
    bot.accept(*[event(REGISTRY_ID)] * workers)
    messages = bot.received("checks")
    assert len(messages) == workers, "each redelivery of an event finds its own mark"
    bot.services = replace(bot.services, cloud=Meeting(bot.services.cloud, workers))
    at_once(bot, "checks", messages)
    look_again(bot)
    bot.work()
    assert len(bot.azure.writes()) == 1
    assert bot.headlines() == ONE_FIX
    assert bot.done(REGISTRY_ID).count("started") == 1


def test_one_event_ten_times_at_once_is_one_write_and_one_message(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    with ThreadPoolExecutor(10) as pool:
        for accepted in [pool.submit(bot.accept, event(REGISTRY_ID)) for _ in range(10)]:
            accepted.result(timeout=30)
    at_once(bot, "checks", bot.received("checks"))
    at_once(bot, "notices", bot.received("notices"))
    look_again(bot)
    assert len(bot.azure.writes()) == 1
    assert bot.headlines() == ONE_FIX


def test_ten_events_at_once_are_one_check(bot: Bot) -> None:
    bot.seed(registry("Premium"))
    with ThreadPoolExecutor(10) as pool:
        for number in range(10):
            pool.submit(bot.accept, event(REGISTRY_ID, f"event-{number}"))
    assert len(bot.received("checks")) == 1


def claimed(bot: Bot) -> Case:
    """Another worker has claimed the fix, and has sent nothing yet."""
    found = finding(premium_sku.name, Resource.of(registry("Basic")))
    case = opened(found, State.FIXING, Cause(), bot.clock(), None)
    return bot.services.store.put_case(replace(case, plan=plan(found), owner="another delivery", attempts=1))


def test_another_workers_claim_is_respected_until_it_runs_out(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    claimed(bot)
    bot.see(event(REGISTRY_ID))
    bot.later(CLAIM - timedelta(seconds=1))
    assert (bot.azure.writes(), bot.told()) == ([], [])
    assert len(bot.waits()) == 1
    look_again(bot)
    assert bot.headlines() == ONE_FIX
    assert len(bot.azure.writes()) == 1
    assert bot.case(REGISTRY_ID, premium_sku.name).attempts == 2


def test_another_workers_fix_is_not_closed_under_its_hands(bot: Bot) -> None:
    """It may have sent the plan and not yet said so: it closes its case itself, or the claim runs out.

    Then nobody knows whose change it was, and nothing is claimed.
    """
    bot.seed(registry("Premium"))
    claimed(bot)
    bot.see(event(REGISTRY_ID))
    assert bot.case(REGISTRY_ID, premium_sku.name).state is State.FIXING
    bot.later(CLAIM)
    assert bot.case(REGISTRY_ID, premium_sku.name).state is State.CLOSED
    assert bot.headlines() == ["CLOSED"]
    assert "nobody knows whether the bot did it" in bot.told()[-1]
