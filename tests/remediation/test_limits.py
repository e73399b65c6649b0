"""Limits are counted one by one, however many workers there are."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from remediation import limits
from remediation.policy import Limits
from remediation.ports import Conflict, Memo
from rules.resource_id import ResourceId
from tests.builders import REGISTRY_ID
from tests.remediation.harness import Bot
from tests.remediation.situations import SAFE, fixing, seen


def limit(bot: Bot, number: int = 0, most: int = 5) -> str:
    """What a fix of one of several registries would go beyond."""
    found = ResourceId.parse(f"{REGISTRY_ID}{number}")
    assert found is not None
    bounds = Limits(fixes_per_resource_per_day=2, changes_per_subscription_per_hour=most)
    policy = replace(bot.services.policy, limits=bounds)
    reached = limits.reached(replace(bot.services, policy=policy), found, seen(), SAFE)
    return reached.text if reached else ""


def test_a_resource_is_counted_to_its_limit_and_another_apart(bot: Bot) -> None:
    assert [limit(bot), limit(bot)] == ["", ""]
    assert limit(bot) == "the bot has changed this resource 2 times today, which is the limit of the policy"
    assert limit(bot, 1) == ""


def test_workers_at_once_are_counted_one_by_one(bot: Bot) -> None:
    with ThreadPoolExecutor(8) as pool:
        reached = list(pool.map(lambda number: limit(bot, number), range(8)))
    assert reached.count("") == 5
    assert {each[:30] for each in reached if each} == {"the bot has begun 5 changes in"}


def test_workers_at_once_on_one_resource_are_counted_one_by_one(bot: Bot) -> None:
    """Each has seen that the day of the resource is not over, before any was counted."""
    with ThreadPoolExecutor(8) as pool:
        reached = list(pool.map(lambda _: limit(bot, most=8), range(8)))
    assert reached.count("") == 2
    assert {each[:38] for each in reached if each} == {"the bot has changed this resource 2 ti"}


def test_what_is_always_counted_by_others_is_held_back(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(_: Memo) -> Memo:
        raise Conflict

    monkeypatch.setattr(bot.services.store, "put_memo", taken)
    assert limit(bot).startswith("the bot has begun 5 changes in this subscription")


def test_the_day_of_a_resource_does_not_pass_while_its_subscription_has_to_wait(bot: Bot) -> None:
    assert limit(bot, 1, most=1) == ""
    for _ in range(5):
        assert limit(bot, most=1).startswith("the bot has begun 1 change in this subscription")
    assert limit(bot, most=5) == ""


def test_who_died_before_counting_counts_after_all(bot: Bot) -> None:
    found = ResourceId.parse(REGISTRY_ID)
    assert found is not None
    none = replace(bot.services.policy, limits=Limits(fixes_per_resource_per_day=0))
    services = replace(bot.services, policy=none)
    assert limits.reached(services, found, seen(before=fixing()), SAFE) is not None
    assert limits.reached(services, found, seen(before=fixing(owner="")), SAFE) is None, "put off, and counted already"
