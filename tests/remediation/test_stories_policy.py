"""The policy file on real parts: what it says is what the bot works by."""

from collections.abc import Callable

from remediation.policy import Effect, Mode
from tests.builders import DATABRICKS_ID, REGISTRY_ID, databricks, event, registry
from tests.remediation.harness import Bot

OWN = "environments: {dev_test: {names: [dbml]}, production: {tags: {tier: gold}}}"


def test_rules_about_production_leave_alone_what_the_policy_says_is_for_test(start: Callable[..., Bot]) -> None:
    bot = start(policy=OWN)
    bot.seed(databricks())
    bot.see(event(DATABRICKS_ID))
    assert bot.headlines() == []


def test_what_the_policy_says_is_production_is_so_whatever_its_tags_say(start: Callable[..., Bot]) -> None:
    bot = start(policy=OWN)
    bot.seed(databricks(tags={"environment": "dev", "Tier": "Gold"}))
    bot.see(event(DATABRICKS_ID))
    assert bot.headlines() == ["GUIDANCE"]


def test_without_the_policy_s_word_tags_tell(start: Callable[..., Bot]) -> None:
    bot = start()
    bot.seed(databricks(tags={"environment": "dev"}))
    bot.see(event(DATABRICKS_ID))
    assert bot.headlines() == []


def test_a_rule_that_the_policy_switches_off_is_not_looked_at(start: Callable[..., Bot]) -> None:
    bot = start(policy="rules: [{rules: [container-registry/*], effect: off}]")
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID))
    assert (bot.headlines(), bot.azure.writes()) == ([], [])


def test_the_mode_of_the_file_counts_where_none_is_set(start: Callable[..., Bot]) -> None:
    assert start(mode="", policy="mode: enforce").services.policy.mode is Mode.ENFORCE
    assert start(mode="audit", policy="mode: enforce").services.policy.mode is Mode.AUDIT
    assert start(mode="").services.policy.mode is Mode.AUDIT


def test_what_the_file_says_is_in_the_policy(start: Callable[..., Bot]) -> None:
    (override,) = start(policy="rules: [{effect: tell}]").services.policy.overrides
    assert (override.effect, override.source) == (Effect.TELL, "policy.yaml line 1")
