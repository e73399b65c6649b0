"""What the bot does when Azure throttles, is busy, does not answer or does not show what is there."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from local.azure import BOT
from remediation import pipeline
from remediation.adapters import arm
from remediation.adapters.budget import LONGEST_CLOSED
from remediation.cases import Cause, State
from remediation.checks import FIRST_LOOK, CheckRequest
from remediation.pipeline import MOST_TRIES
from remediation.ports import Unavailable
from rules.resource_id import ResourceId
from tests.builders import REGISTRY_ID, event, registry
from tests.remediation.harness import Bot
from tests.remediation.test_stories_azure import ONE_FIX, PREMIUM, READ, sku


@pytest.mark.parametrize("method", ["GET", "PATCH"])
@pytest.mark.parametrize(("retry_after", "wait"), [(17, timedelta(seconds=17)), (None, FIRST_LOOK)])
def test_throttling_puts_the_check_off_and_is_not_told(
    bot: Bot, method: str, retry_after: int | None, wait: timedelta
) -> None:
    bot.seed(registry("Basic"))
    bot.azure.fault(method=method, status=429, retry_after=retry_after)
    bot.see(event(REGISTRY_ID))
    assert (bot.told(), bot.waits(), sku(bot)) == ([], [wait], "Basic")
    bot.later(wait)
    assert bot.headlines() == ONE_FIX
    assert bot.case(REGISTRY_ID, PREMIUM).attempts == {"GET": 1, "PATCH": 2}[method]


def test_a_throttled_fix_is_free_for_whoever_comes_next(bot: Bot) -> None:
    """Nothing was sent, so the next event need not wait for the claim to run out, only until writes are let through."""
    bot.seed(registry("Basic"))
    bot.azure.fault(method="PATCH", status=429, retry_after=600)
    bot.see(event(REGISTRY_ID))
    bot.clock.move(LONGEST_CLOSED)
    bot.see(event(REGISTRY_ID, "event-2"))
    assert bot.headlines() == ONE_FIX


def test_a_fault_mended_by_a_person_while_azure_throttled_is_not_told_as_fixed(bot: Bot) -> None:
    """Nothing of the bot's had come through: the merit is not its own."""
    bot.seed(registry("Basic"))
    bot.azure.fault(method="PATCH", status=429)
    bot.see(event(REGISTRY_ID))
    bot.seed(registry("Premium"))
    bot.later(FIRST_LOOK)
    assert bot.told() == []
    assert bot.case(REGISTRY_ID, PREMIUM).state is State.CLOSED


@pytest.mark.parametrize("retry_after", [None, 1])
def test_throttling_waits_longer_each_time(bot: Bot, retry_after: int | None) -> None:
    bot.seed(registry("Premium"))
    bot.azure.fault(method="GET", status=429, retry_after=retry_after, times=4)
    bot.see(event(REGISTRY_ID))
    waits = []
    for _ in range(4):
        waits += bot.waits()
        bot.later(waits[-1])
    assert waits == [timedelta(seconds=5 * 2**look) for look in range(4)]
    assert bot.waits() == []


def test_a_resource_that_is_busy_with_another_change_is_fixed_later(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    bot.azure.fault(method="PATCH", status=409, code="Conflict")
    bot.see(event(REGISTRY_ID))
    assert (bot.told(), bot.waits()) == ([], [FIRST_LOOK])
    bot.later(FIRST_LOOK)
    assert bot.headlines() == ONE_FIX


@dataclass(frozen=True, slots=True)
class Silence:
    """A fault that leaves open what happened, and how many writes Azure has seen in the end."""

    fault: dict[str, Any] = field(default_factory=dict)
    writes: int = 1


SILENCES = {
    "read: 500": Silence({"method": "GET", "status": 500}),
    "read: 503": Silence({"method": "GET", "status": 503, "retry_after": 7}),
    "read: connection lost": Silence({"method": "GET", "effect": "drop"}),
    "read: no answer in time": Silence({"method": "GET", "latency": 5.0}),
    "write: 500": Silence({"method": "PATCH", "status": 500}, writes=2),
    "write: connection lost before it": Silence({"method": "PATCH", "effect": "drop"}, writes=2),
    "write: connection lost after it": Silence({"method": "PATCH", "effect": "lost_answer"}),
}


@pytest.mark.parametrize("silence", SILENCES.values(), ids=SILENCES.keys())
def test_without_an_answer_the_bot_looks_again_and_finds_out(
    start: Callable[..., Bot], monkeypatch: pytest.MonkeyPatch, silence: Silence
) -> None:
    monkeypatch.setattr(arm, "READ_SECONDS", 0.3)
    bot = start()
    bot.seed(registry("Basic"))
    bot.azure.fault(**silence.fault)
    bot.see(event(REGISTRY_ID))
    assert bot.told() == []
    (wait,) = bot.waits()
    assert wait == timedelta(seconds=silence.fault.get("retry_after", FIRST_LOOK.total_seconds()))
    bot.later(wait)
    assert bot.headlines() == ONE_FIX
    assert len(bot.azure.writes()) == silence.writes
    assert sku(bot) == "Premium"


@pytest.mark.parametrize("status", [503, 403])
def test_an_unreadable_verification_is_made_up_for(bot: Bot, status: int) -> None:
    """The fix was sent, the fresh read fails: the next look finds it done."""
    bot.seed(registry("Basic"))
    bot.azure.fault(method="GET", path="/registries/")  # the first read goes well
    bot.azure.fault(method="GET", path="/registries/", status=status)
    bot.see(event(REGISTRY_ID))
    assert bot.told() == []
    bot.later(FIRST_LOOK)
    assert bot.headlines() == ONE_FIX
    assert len(bot.azure.writes()) == 1


def test_azure_that_stays_silent_is_told_of_after_many_tries(bot: Bot) -> None:
    bot.azure.fault(method="GET", status=500, times=None)
    parsed = ResourceId.parse(REGISTRY_ID)
    assert parsed is not None
    pipeline.check(bot.services, CheckRequest(parsed, Cause(), MOST_TRIES - 1))
    with pytest.raises(Unavailable):
        pipeline.check(bot.services, CheckRequest(parsed, Cause(), MOST_TRIES))


def test_a_subscription_that_is_out_of_sight_is_not_taken_for_deleted_resources(bot: Bot) -> None:
    bot.azure.lock(REGISTRY_ID)
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID))
    bot.azure.fault(method="GET", status=404, code="SubscriptionNotFound")
    bot.see(event(REGISTRY_ID, "event-2"))
    assert bot.case(REGISTRY_ID, PREMIUM).state is State.FAILED
    assert bot.headlines() == ["FIX FAILED", "NOT PROTECTED"]


def test_what_may_not_be_read_is_told_once_a_day_and_reason(bot: Bot) -> None:
    other = REGISTRY_ID.replace("crml", "crother")
    bot.seed(registry("Basic"), registry("Basic", id=other, name="crother"))
    bot.azure.forbid(BOT, READ)
    bot.see(event(REGISTRY_ID), event(other))
    assert bot.headlines() == ["NOT PROTECTED"]
    assert "AuthorizationFailed" in bot.told()[0]
    assert bot.azure.writes() == []
    bot.clock.move(timedelta(days=1))
    bot.see(event(REGISTRY_ID, "event-2"))
    bot.azure.fault(method="GET", status=403, code="DisallowedProvider")
    bot.see(event(REGISTRY_ID, "event-3"))
    assert bot.headlines() == ["NOT PROTECTED"] * 3


def test_what_may_be_read_again_is_checked_again(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    bot.azure.forbid(BOT, READ)
    bot.see(event(REGISTRY_ID))
    bot.azure.grant(BOT, READ)
    bot.see(event(REGISTRY_ID, "event-2"))
    assert bot.headlines() == ["NOT PROTECTED", *ONE_FIX]


def test_404_to_a_write_while_azure_throttles_is_put_off(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    bot.azure.fault(method="PATCH", status=404, code="ParentResourceNotFound")
    bot.azure.fault(method="GET", path="/registries/")
    bot.azure.fault(method="GET", path="/registries/", status=429)
    bot.see(event(REGISTRY_ID))
    assert (bot.told(), len(bot.waits())) == ([], 1)
    bot.later(max(bot.waits()))
    assert bot.headlines() == ONE_FIX


@pytest.mark.parametrize(
    ("fault", "line"),
    [({"status": 429}, "put off"), ({"status": 503}, "unanswered"), ({"effect": "drop"}, "unanswered")],
)
def test_a_write_that_comes_to_nothing_stands_in_the_journal(bot: Bot, fault: dict[str, Any], line: str) -> None:
    bot.seed(registry("Basic"))
    bot.azure.fault(method="PATCH", **fault)
    bot.see(event(REGISTRY_ID))
    bot.later(max(bot.waits()))
    assert bot.done(REGISTRY_ID) == ["started", line, "started", "sent", "fixed"]
