"""What the bot does when Azure refuses, lies, is slow, is busy or does not answer."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from local.azure import BOT
from remediation import pipeline
from remediation.adapters import arm
from remediation.adapters.budget import LONGEST_CLOSED
from remediation.cases import Cause, State
from remediation.checks import FIRST_LOOK, CheckRequest
from remediation.decide import RETRY_FORBIDDEN, SETTLE
from remediation.pipeline import MOST_TRIES
from remediation.plan import Write
from remediation.ports import Answer, Cloud, Unavailable
from rules.resource_id import ResourceId
from tests.builders import REGISTRY_ID, event, registry
from tests.remediation.harness import CHANNELS, Bot
from tests.remediation.passing import PassingOn

PREMIUM = "container-registry/premium-sku"
READ = "Microsoft.ContainerRegistry/registries/read"
WRITE = "Microsoft.ContainerRegistry/registries/write"
ONE_FIX = ["FIXED AUTOMATICALLY"]


def sku(bot: Bot) -> str:
    return str((bot.azure.body(REGISTRY_ID) or {})["sku"]["name"])


def finish_operations(bot: Bot) -> None:
    """Let every long-running operation end now."""
    for operation in bot.azure.world.operations.values():
        operation.seconds = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """How Azure comes to refuse a write, how it ceases to, and what people read."""

    begin: Callable[[Bot], None]
    end: Callable[[Bot], None]
    code: str
    advice: str


REFUSALS = {
    "policy": Refusal(
        lambda bot: bot.azure.deny_by_policy(REGISTRY_ID, "allowed-skus"),
        lambda bot: bot.azure.world.access.denials.clear(),
        "RequestDisallowedByPolicy",
        "exempt the resource there",
    ),
    "lock": Refusal(
        lambda bot: bot.azure.lock(REGISTRY_ID),
        lambda bot: bot.azure.unlock(REGISTRY_ID),
        "ScopeLocked",
        "Remove the read-only lock",
    ),
    "permission": Refusal(
        lambda bot: bot.azure.forbid(BOT, WRITE),
        lambda bot: bot.azure.grant(BOT, WRITE),
        "AuthorizationFailed",
        "Grant the bot's identity the action",
    ),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refused_fix_is_told_with_advice_and_never_as_fixed(bot: Bot, refusal: Refusal) -> None:
    bot.seed(registry("Basic"))
    refusal.begin(bot)
    bot.see(event(REGISTRY_ID))
    for channel in CHANNELS:
        (text,) = bot.told(channel)
        assert "FIX FAILED" in text
        assert "FIXED AUTOMATICALLY" not in text
        assert refusal.code in text
        assert refusal.advice in text
    case = bot.case(REGISTRY_ID, PREMIUM)
    assert (case.state, case.reason.split(":")[0]) == (State.FAILED, refusal.code)
    assert bot.done(REGISTRY_ID) == ["started", "refused", "failed"]
    assert len(bot.journal(REGISTRY_ID)[1].detail["request_id"]) == 36


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refused_fix_is_tried_again_after_a_day_and_not_before(bot: Bot, refusal: Refusal) -> None:
    bot.seed(registry("Basic"))
    refusal.begin(bot)
    bot.see(event(REGISTRY_ID))
    refusal.end(bot)
    bot.clock.move(RETRY_FORBIDDEN - timedelta(minutes=1))
    bot.see(event(REGISTRY_ID, "event-2"))
    assert (len(bot.azure.writes()), bot.case(REGISTRY_ID, PREMIUM).state) == (1, State.FAILED)
    bot.clock.move(timedelta(minutes=1))
    bot.see(event(REGISTRY_ID, "event-3"))
    assert bot.headlines() == ["FIX FAILED", *ONE_FIX]
    case = bot.case(REGISTRY_ID, PREMIUM)
    assert (case.state, case.attempts) == (State.FIXED, 2)


def test_a_fix_is_tried_again_when_its_lock_is_removed(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    bot.azure.lock(REGISTRY_ID)
    bot.see(event(REGISTRY_ID))
    bot.azure.unlock(REGISTRY_ID)
    lock = f"{REGISTRY_ID}/providers/Microsoft.Authorization/locks/keep"
    removed = {"resourceUri": lock, "operationName": "Microsoft.Authorization/locks/delete"}
    bot.see(event(lock, "event-2", eventType="Microsoft.Resources.ResourceDeleteSuccess", data=removed))
    assert bot.headlines() == ["FIX FAILED", *ONE_FIX]


def test_the_same_refusal_is_told_once_an_incident(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    bot.azure.lock(REGISTRY_ID)
    bot.see(event(REGISTRY_ID))
    bot.clock.move(RETRY_FORBIDDEN)
    bot.see(event(REGISTRY_ID, "event-2"))
    assert len(bot.azure.writes()) == 2
    assert bot.headlines() == ["FIX FAILED"]


def test_a_change_that_azure_accepts_but_does_not_apply_is_no_fix(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    bot.azure.fault(method="PATCH", effect="accept_without_change")
    bot.see(event(REGISTRY_ID))
    assert bot.told() == [], "the change may still show"
    assert bot.waits() == [FIRST_LOOK]
    bot.later(FIRST_LOOK)
    assert bot.told() == []
    bot.later(SETTLE)
    assert "Azure accepted the change but did not apply it" in bot.told()[0]
    assert bot.headlines() == ["FIX FAILED"]
    assert len(bot.azure.writes()) == 1


def test_a_long_running_fix_is_looked_at_later_and_told_when_done(bot: Bot) -> None:
    bot.azure.operation_seconds = 90
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID))
    assert bot.case(REGISTRY_ID, PREMIUM).operation.startswith(f"{bot.server.url}/")
    assert bot.waits() == [timedelta(seconds=90)], "as long as Azure says"
    bot.later(timedelta(seconds=90))
    assert (bot.headlines(), bot.case(REGISTRY_ID, PREMIUM).state) == (["FIX STARTED"], State.FIXING)
    finish_operations(bot)
    bot.later(timedelta(minutes=1))
    assert bot.headlines() == ["FIX STARTED", *ONE_FIX]
    assert len(bot.azure.writes()) == 1
    assert bot.waits() == []


def test_the_event_of_a_long_running_fix_closes_it_at_once(bot: Bot) -> None:
    bot.azure.operation_seconds = 90
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID))
    finish_operations(bot)
    bot.see(event(REGISTRY_ID, "event-2"))
    assert bot.headlines() == ONE_FIX
    bot.later(timedelta(minutes=2))
    assert bot.headlines() == ONE_FIX


def test_a_long_running_fix_that_fails_is_told_in_azures_words(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    bot.azure.fault(method="PATCH", effect="fail_operation", code="SkuUpgradeFailed")
    bot.see(event(REGISTRY_ID))
    assert bot.told() == []
    bot.later(timedelta(seconds=1))
    assert bot.headlines() == ["FIX FAILED"]
    assert "SkuUpgradeFailed" in bot.told()[0]
    assert (sku(bot), len(bot.azure.writes())) == ("Basic", 1)


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


def test_an_operation_that_ends_between_two_reads_has_not_failed(bot: Bot) -> None:
    """The resource was read before the end, the operation after it: only a read after the end can tell."""
    bot.seed(registry("Basic"))
    bot.azure.operation_seconds = 3600
    bot.see(event(REGISTRY_ID))
    bot.clock.move(2 * SETTLE)
    finish_operations(bot)
    bot.azure.settle()
    bot.services = replace(bot.services, cloud=StaleOnce(bot.services.cloud, registry("Basic")))
    bot.later(max(bot.waits()))
    assert bot.headlines() == ONE_FIX


class StaleOnce(PassingOn):
    """Azure, whose first answer is older than its others."""

    def __init__(self, cloud: Cloud, stale: Any) -> None:
        super().__init__(cloud)
        self._stale = [stale]

    def read(self, resource_id: ResourceId, api_version: str) -> Any:
        """One GET, of old at first."""
        return self._stale.pop() if self._stale else super().read(resource_id, api_version)


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


def test_a_resource_deleted_while_it_is_fixed_is_closed(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    bot.services = replace(bot.services, cloud=DeletedBefore(bot))
    bot.see(event(REGISTRY_ID))
    assert bot.told() == []
    assert bot.case(REGISTRY_ID, PREMIUM).state is State.CLOSED


class DeletedBefore(PassingOn):
    """Azure, where somebody deletes the registry just before a write arrives."""

    def __init__(self, bot: Bot) -> None:
        super().__init__(bot.services.cloud)
        self._bot = bot

    def send(self, write: Write) -> Answer:
        """One write, too late."""
        self._bot.azure.request("DELETE", REGISTRY_ID, api_version="2025-11-01")
        return super().send(write)


@pytest.mark.parametrize("reads", [200, 403])
def test_404_to_a_write_of_what_is_there_is_a_refusal_and_told(bot: Bot, reads: int) -> None:
    bot.seed(registry("Basic"))
    bot.azure.fault(method="PATCH", status=404, code="ParentResourceNotFound")
    if reads != 200:
        bot.azure.fault(method="GET", path="/registries/")  # the first read goes well
        bot.azure.fault(method="GET", path="/registries/", status=reads)
    bot.see(event(REGISTRY_ID))
    case = bot.case(REGISTRY_ID, PREMIUM)
    assert (case.state, case.reason.partition(":")[0]) == (State.FAILED, "NotFound")
    assert bot.headlines() == ["FIX FAILED"]
    assert bot.done(REGISTRY_ID) == ["started", "refused", "failed"]


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
