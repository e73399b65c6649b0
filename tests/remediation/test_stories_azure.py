"""What the bot does when Azure refuses, lies, is slow, is busy or does not answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from local.azure import BOT
from remediation.cases import State
from remediation.checks import FIRST_LOOK
from remediation.decide import RETRY_FORBIDDEN, SETTLE
from remediation.plan import Write
from remediation.ports import Answer, Cloud
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
