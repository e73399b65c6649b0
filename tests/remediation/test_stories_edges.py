"""The rare turns of the pipeline: another worker was faster, a resource stays busy, a rule reads children."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from local.azure import BOT
from remediation import pipeline, reader
from remediation.cases import Cause, State
from remediation.checks import CheckRequest
from remediation.fixes import REMEDIATIONS
from remediation.pipeline import MOST_LOOKS
from remediation.ports import Conflict
from rules import RULES_BY_TYPE
from rules.container_registry import premium_sku
from rules.model import Resource, Rule, Verdict, unknown
from rules.resource_id import ResourceId
from rules.scope import SETTLED
from tests.builders import REGISTRY_ID, SUBSCRIPTION, event, registry
from tests.remediation.harness import Bot


def parsed(text: str) -> ResourceId:
    found = ResourceId.parse(text)
    assert found is not None
    return found


def look(bot: Bot, looks: int = 0, resource_id: str = REGISTRY_ID) -> None:
    pipeline.check(bot.services, CheckRequest(parsed(resource_id), Cause(), looks, "delivery"))


def test_who_loses_the_claim_sends_nothing_and_looks_again(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    bot.seed(registry("Basic"))

    def somebody_was_faster(_: object) -> Any:
        raise Conflict

    with monkeypatch.context() as patched:
        patched.setattr(bot.services.store, "put_case", somebody_was_faster)
        look(bot)
    assert bot.azure.writes() == []
    assert len(bot.waits()) == 1
    bot.later(bot.waits()[0])
    assert bot.headlines() == ["FIXED AUTOMATICALLY"]


def test_who_loses_a_close_need_not_look_again(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other worker saw the same resource pass, or a later event brings a check of its own."""
    bot.azure.lock(REGISTRY_ID)
    bot.seed(registry("Basic"))
    bot.see(event())
    bot.azure.unlock(REGISTRY_ID)
    bot.seed(registry("Premium"))

    def somebody_was_faster(_: object) -> Any:
        raise Conflict

    monkeypatch.setattr(bot.services.store, "put_case", somebody_was_faster)
    look(bot)
    assert bot.waits() == []


def test_a_deleted_resource_whose_case_changes_meanwhile_is_left_to_the_other_worker(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot.azure.lock(REGISTRY_ID)
    bot.seed(registry("Basic"))
    bot.see(event())
    before = bot.case(REGISTRY_ID, premium_sku.name)
    bot.azure.unlock(REGISTRY_ID)
    bot.azure.request("DELETE", REGISTRY_ID, api_version="2025-11-01")

    def somebody_was_faster(_: object) -> Any:
        raise Conflict

    monkeypatch.setattr(bot.services.store, "put_case", somebody_was_faster)
    look(bot)
    assert (bot.case(REGISTRY_ID, premium_sku.name), bot.waits()) == (before, [])


def test_a_resource_that_stays_busy_is_given_up_after_some_hours(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    bot.seed(registry("Basic", properties={"provisioningState": "Updating"}))
    assert "updating" not in SETTLED
    look(bot, MOST_LOOKS - 1)
    assert len(bot.waits()) == 1
    look(bot, MOST_LOOKS)
    assert len(bot.waits()) == 1
    assert "its next event brings it back" in caplog.text


def test_a_fix_under_way_is_never_given_up(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    bot.azure.operation_seconds = 3600
    look(bot)
    assert bot.case(REGISTRY_ID, premium_sku.name).state is State.FIXING
    waiting = len(bot.waits())
    look(bot, MOST_LOOKS * 10)
    assert len(bot.waits()) == waiting + 1
    assert bot.delays.waiting[-1].message["looks"] == MOST_LOOKS + 1, "a look that went through is no failed try"


def test_a_fix_that_begins_after_many_looks_is_followed_to_its_end(bot: Bot) -> None:
    """It was busy for hours; now it is not, and what the bot starts there must not be forgotten."""
    bot.seed(registry("Basic"))
    bot.azure.operation_seconds = 3600
    look(bot, MOST_LOOKS)
    assert bot.case(REGISTRY_ID, premium_sku.name).state is State.FIXING
    assert len(bot.waits()) == 1


def test_a_check_outside_the_onboarded_subscriptions_reads_nothing(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    look(bot, resource_id=REGISTRY_ID.replace(SUBSCRIPTION, "00000000-0000-4000-8000-00000000ffff"))
    assert bot.azure.reads() == []
    assert "is not onboarded" in caplog.text


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, tuple[Rule, ...]]:
    """A rule that reads two children, one of which is not there."""
    kind = premium_sku.applies_to.lower()
    rule = replace(premium_sku, check=_asks, reads=("replications/eastus2", "replications/westus2"))
    monkeypatch.setitem(RULES_BY_TYPE, kind, (rule,))
    return RULES_BY_TYPE


def _asks(_: Resource) -> Verdict:
    return unknown("it takes its children to tell")


@pytest.mark.usefixtures("reading")
def test_the_children_a_rule_declares_are_read_and_missing_ones_left_out(bot: Bot) -> None:
    bot.seed(registry("Premium"))
    bot.azure.seed(f"{REGISTRY_ID}/replications/eastus2", {"location": "eastus2", "properties": {}})
    found = reader.read(bot.services, parsed(REGISTRY_ID))
    assert list(found.children) == ["replications/eastus2"]
    assert len(bot.azure.reads()) == 3


@pytest.mark.usefixtures("reading")
def test_a_child_that_may_not_be_read_is_left_out(bot: Bot) -> None:
    bot.seed(registry("Premium"))
    bot.azure.seed(f"{REGISTRY_ID}/replications/eastus2", {"location": "eastus2", "properties": {}})
    bot.azure.forbid(BOT, "Microsoft.ContainerRegistry/registries/replications/read")
    assert reader.read(bot.services, parsed(REGISTRY_ID)).children == {}


def test_a_failure_that_nothing_answers_is_left_alone(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule without a remediation, and what people were asked about it before."""
    bot.seed(registry("Basic", properties={"provisioningState": "Failed"}))
    look(bot)
    before = bot.case(REGISTRY_ID, premium_sku.name)
    others = {name: each for name, each in REMEDIATIONS.items() if name != premium_sku.name}
    monkeypatch.setattr("remediation.judging.REMEDIATIONS", others)
    look(bot)
    assert (bot.azure.writes(), bot.case(REGISTRY_ID, premium_sku.name)) == ([], before)


def test_a_case_that_is_closed_stays_as_it_is_when_its_resource_is_deleted(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    bot.see(event())
    before = bot.case(REGISTRY_ID, premium_sku.name)
    bot.azure.request("DELETE", REGISTRY_ID, api_version="2025-11-01")
    look(bot)
    assert bot.case(REGISTRY_ID, premium_sku.name) == before
    assert before.state is State.FIXED
