"""What a policy decides: rulings, exemptions, environments, routes, limits."""

from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.fixes import REMEDIATIONS
from remediation.plan import Plan, Safety
from remediation.policy import (
    MOST,
    ORDER,
    Effect,
    Exempted,
    Exemption,
    Limits,
    Override,
    Policy,
    Route,
    Ruling,
)
from remediation.quiet_hours import QuietHours
from remediation.scopes import EVERYWHERE, Kin, Scope
from rules import CATALOGUE, RULES_BY_NAME, evaluate
from rules.model import Environment, Finding, Resource, Severity, Status, failed
from tests.builders import NOON, SUBSCRIPTION, finding, plan, registry
from tests.rules.examples import EXAMPLES

PREMIUM = RULES_BY_NAME["container-registry/premium-sku"]
ZONES = RULES_BY_NAME["storage/zone-redundant"]
BASIC = Resource.of(registry())
DEV = Resource.of(registry(tags={"env": "dev"}))
OWN = "the rule's own safety"
ML = Scope(resource_groups=("rg-ml",))
ELSEWHERE = Scope(resource_groups=("other",))
A_POLICY = Policy(frozenset({SUBSCRIPTION}))


def an_override(effect: Effect, line: int = 2, **members: object) -> Override:
    return replace(Override(effect, f"policy.yaml line {line}"), **members)  # type: ignore[arg-type]


TELL, ASK, FIX, OFF = (an_override(effect) for effect in (Effect.TELL, Effect.ASK, Effect.FIX, Effect.OFF))
RULINGS: dict[str, tuple[tuple[Override, ...], Safety | None, Effect, str]] = {
    "safe": ((), Safety.SAFE, Effect.FIX, OWN),
    "approve": ((), Safety.APPROVE, Effect.ASK, OWN),
    "guide": ((), Safety.GUIDE, Effect.TELL, OWN),
    "no remediation": ((), None, Effect.TELL, OWN),
    "less": ((ASK,), Safety.SAFE, Effect.ASK, "policy.yaml line 2"),
    "as much": ((FIX,), Safety.SAFE, Effect.FIX, "policy.yaml line 2"),
    "more": ((FIX,), Safety.APPROVE, Effect.ASK, OWN),
    "off": ((OFF,), Safety.GUIDE, Effect.OFF, "policy.yaml line 2"),
    "with a reason": ((replace(ASK, reason="it is new"),), Safety.SAFE, Effect.ASK, "policy.yaml line 2 (it is new)"),
    "the last": ((OFF, an_override(Effect.TELL, 3)), Safety.SAFE, Effect.TELL, "policy.yaml line 3"),
    "the last that is about it": (
        (TELL, an_override(Effect.OFF, 3, where=ELSEWHERE), an_override(Effect.OFF, 4, rules=("storage/*",))),
        Safety.SAFE, Effect.TELL, "policy.yaml line 2"),
    "about it": ((an_override(Effect.ASK, where=ML, rules=("container-registry/*",)),), Safety.SAFE, Effect.ASK,
                 "policy.yaml line 2"),
    "the last allows more": ((OFF, an_override(Effect.FIX, 3)), Safety.SAFE, Effect.FIX, "policy.yaml line 3"),
}  # fmt: skip


@pytest.mark.parametrize(("overrides", "safety", "effect", "why"), RULINGS.values(), ids=RULINGS)
def test_a_ruling_names_what_decided(
    overrides: tuple[Override, ...], safety: Safety | None, effect: Effect, why: str
) -> None:
    policy = replace(A_POLICY, overrides=overrides)
    assert policy.ruling(PREMIUM, safety, BASIC) == Ruling(effect, why)


def test_what_the_settings_switch_off_stays_off() -> None:
    policy = replace(A_POLICY, off=frozenset({PREMIUM.name}), overrides=(FIX,))
    assert policy.ruling(PREMIUM, Safety.SAFE, BASIC) == Ruling(Effect.OFF, "the setting HA_BOT_RULES_OFF")


TAGS = {
    "none": (None, FIX, Effect.FIX, "policy.yaml line 2"),
    "audit": (" Audit ", FIX, Effect.TELL, "its tag ha-bot is audit"),
    "ask": ("ask", FIX, Effect.ASK, "its tag ha-bot is ask"),
    "ask, and told anyway": ("ask", TELL, Effect.TELL, "policy.yaml line 2"),
    "ask, and asked anyway": ("ask", ASK, Effect.ASK, "policy.yaml line 2"),
    "audit, and off anyway": ("audit", OFF, Effect.OFF, "policy.yaml line 2"),
    "off: an exemption": ("off", FIX, Effect.FIX, "policy.yaml line 2"),
    "something else": ("of", FIX, Effect.TELL, "its tag ha-bot has none of the values off, audit, ask"),
}


@pytest.mark.parametrize(("value", "override", "effect", "why"), TAGS.values(), ids=TAGS)
def test_the_resource_s_own_tag_allows_less(value: str | None, override: Override, effect: Effect, why: str) -> None:
    resource = Resource.of(registry(tags={"HA-Bot": value} if value else {}))
    assert replace(A_POLICY, overrides=(override,)).ruling(PREMIUM, Safety.SAFE, resource) == Ruling(effect, why)


PATTERNS = st.sampled_from(["*", "storage/*", "container-registry/*", PREMIUM.name, "aks/*"])
SCOPES = st.builds(
    Scope,
    resource_groups=st.sampled_from([(), ("rg-*",), ("x",)]),
    environment=st.sampled_from([None, *Environment]),
)
OVERRIDES = st.builds(
    Override,
    st.sampled_from(Effect),
    st.just("policy.yaml line 1"),
    st.lists(PATTERNS, max_size=2).map(tuple),
    SCOPES,
)
POLICIES = st.builds(
    Policy,
    st.just(frozenset({SUBSCRIPTION})),
    off=st.frozensets(st.sampled_from([PREMIUM.name, ZONES.name])),
    overrides=st.lists(OVERRIDES, max_size=5).map(tuple),
    environments=st.lists(st.builds(Kin, st.sampled_from(Environment), st.just(""), names=st.just(("cr*",)))).map(
        tuple
    ),
)


@given(POLICIES, st.sampled_from(CATALOGUE), st.sampled_from([None, *Safety]), st.sampled_from([BASIC, DEV]))
def test_no_policy_goes_beyond_the_safety_of_a_remediation(policy, rule, safety, resource) -> None:  # type: ignore[no-untyped-def]
    ruling = policy.ruling(rule, safety, resource)
    assert ORDER.index(ruling.effect) <= ORDER.index(MOST[safety])
    assert ruling.why


@given(POLICIES, st.sampled_from([BASIC, DEV]))
def test_a_rule_that_is_not_looked_at_is_off_for_every_resource(policy: Policy, resource: Resource) -> None:
    on = policy.rules(PREMIUM.applies_to.lower())
    for rule in {rule for rule in CATALOGUE if rule.applies_to == PREMIUM.applies_to} - set(on):
        assert policy.ruling(rule, Safety.SAFE, resource).effect is Effect.OFF


LOOKED_AT: dict[str, tuple[tuple[Override, ...], bool]] = {
    "no entry": ((), True),
    "off": ((OFF,), False),
    "off somewhere": ((an_override(Effect.OFF, where=ML),), True),
    "off, but on somewhere": ((OFF, an_override(Effect.TELL, where=ML)), True),
    "on again": ((OFF, TELL), True),
    "another is off": ((an_override(Effect.OFF, rules=("storage/*",)),), True),
}


@pytest.mark.parametrize(("overrides", "is_on"), LOOKED_AT.values(), ids=LOOKED_AT)
def test_a_rule_that_is_off_everywhere_is_not_looked_at(overrides: tuple[Override, ...], is_on: bool) -> None:
    assert (PREMIUM in replace(A_POLICY, overrides=overrides).rules(PREMIUM.applies_to.lower())) is is_on


def test_a_type_without_rules_has_none() -> None:
    assert A_POLICY.rules("microsoft.network/virtualnetworks") == ()


def exempted(days: int, where: Scope = EVERYWHERE, *rules: str) -> Exempted:
    return Exempted(Exemption(NOON + timedelta(days), f"for {days} days", "", "policy.yaml line 9"), where, rules)


EXEMPTIONS: dict[str, tuple[tuple[Exempted, ...], str | None]] = {
    "none": ((), None),
    "one": ((exempted(1),), "for 1 days"),
    "the longest": ((exempted(2), exempted(3), exempted(1)), "for 3 days"),
    "over": ((exempted(0), exempted(-1)), None),
    "elsewhere": ((exempted(9, ELSEWHERE), exempted(1, ML)), "for 1 days"),
    "another rule": ((exempted(9, ML, "storage/*"), exempted(1, ML, PREMIUM.name)), "for 1 days"),
    "dev/test": ((exempted(9, Scope(environment=Environment.DEV_TEST)),), None),
}


@pytest.mark.parametrize(("entries", "reason"), EXEMPTIONS.values(), ids=EXEMPTIONS)
def test_the_exemption_that_lasts_longest_holds(entries: tuple[Exempted, ...], reason: str | None) -> None:
    found = replace(A_POLICY, exemptions=entries).exemption(PREMIUM.name, BASIC, NOON)
    assert (found and found.reason) == reason


PRODUCTION = Kin(Environment.PRODUCTION, "policy.yaml line 5", names=("crml",))
DEV_TEST = Kin(Environment.DEV_TEST, "policy.yaml line 7", resource_groups=("rg-*",))
ENVIRONMENTS: dict[str, tuple[tuple[Kin, ...], Resource, Environment | None, Environment]] = {
    "tags: production": ((), BASIC, None, Environment.PRODUCTION),
    "tags: dev/test": ((), DEV, None, Environment.DEV_TEST),
    "the first": ((PRODUCTION, DEV_TEST), DEV, Environment.PRODUCTION, Environment.PRODUCTION),
    "the other": ((DEV_TEST,), BASIC, Environment.DEV_TEST, Environment.DEV_TEST),
    "none": ((replace(DEV_TEST, resource_groups=("x",)),), DEV, None, Environment.DEV_TEST),
}


@pytest.mark.parametrize(("kin", "resource", "said", "effective"), ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_the_policy_s_word_on_an_environment_goes_before_tags(
    kin: tuple[Kin, ...], resource: Resource, said: Environment | None, effective: Environment
) -> None:
    policy = replace(A_POLICY, environments=kin, overrides=(replace(ASK, where=Scope(environment=effective)),))
    assert policy.environment(resource) is said
    assert policy.placed(resource).environment is said
    for seen in (resource, policy.placed(resource)):
        assert policy.ruling(PREMIUM, Safety.SAFE, seen).effect is Effect.ASK


FOUND = Finding(PREMIUM, BASIC, failed("it is Basic"))
TEAMS, SLACK = frozenset({"teams"}), frozenset({"slack"})
ROUTES: dict[str, tuple[tuple[Route, ...], tuple[str, ...]]] = {
    "none": ((), ("Teams", "Slack")),
    "one": ((Route(SLACK, "line 1"),), ("Slack",)),
    "they add up": ((Route(SLACK, "line 1"), Route(TEAMS, "line 2")), ("Teams", "Slack")),
    "its severity": ((Route(SLACK, "line 1", severities=frozenset({Severity.HIGH})),), ("Slack",)),
    "another severity": ((Route(SLACK, "line 1", severities=frozenset({Severity.LOW})),), ("Teams", "Slack")),
    "another rule": ((Route(SLACK, "line 1", rules=("aks/*",)), Route(TEAMS, "line 2")), ("Teams",)),
    "elsewhere": ((Route(SLACK, "line 1", where=ELSEWHERE), Route(TEAMS, "line 2", where=ML)), ("Teams",)),
    "a channel that is not there": ((Route(frozenset({"mail"}), "line 1"),), ("Teams", "Slack")),
}


@pytest.mark.parametrize(("routes", "channels"), ROUTES.values(), ids=ROUTES)
def test_routes_say_who_hears_of_a_finding_and_somebody_always_does(
    routes: tuple[Route, ...], channels: tuple[str, ...]
) -> None:
    assert replace(A_POLICY, routes=routes).channels(FOUND, ("Teams", "Slack")) == channels


def test_a_change_is_afforded_up_to_the_limit_and_never_if_its_cost_is_unknown() -> None:
    limits = Limits(monthly_usd_per_change=45)
    assert [limits.affords(cost) for cost in (0, 45, 45.01, None)] == [True, True, False, False]


def test_what_is_safe_is_afforded_by_default() -> None:
    made = [
        REMEDIATIONS[found.rule.name].remedy(found)
        for example in EXAMPLES
        for found in evaluate(example)
        if found.verdict.status is Status.FAIL and REMEDIATIONS[found.rule.name].safety is Safety.SAFE
    ]
    safe = [each for each in made if isinstance(each, Plan)]
    assert {each.rule for each in safe} == {
        "container-registry/premium-sku",
        "cosmos-db/automatic-failover",
        "storage/container-soft-delete",
        "storage/share-soft-delete",
    }
    assert [each.rule for each in safe if not Limits().affords(each.cost.monthly_usd)] == []


def test_a_tier_whose_price_is_not_known_is_asked() -> None:
    upgrade = plan(finding(PREMIUM.name, Resource.of(registry("Classic"))))
    assert not Limits().affords(upgrade.cost.monthly_usd)


def test_messages_wait_in_quiet_hours_if_there_are_any() -> None:
    assert A_POLICY.quiet_until(NOON, Severity.LOW) is None
    hours = QuietHours(time(11), time(13), NOON.tzinfo)  # type: ignore[arg-type]
    policy = replace(A_POLICY, quiet_hours=hours)
    assert policy.quiet_until(NOON, Severity.LOW) == NOON + timedelta(hours=1)
