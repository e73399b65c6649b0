"""How far the bot may go with a finding, by what the policy, the tags and people say."""

from dataclasses import replace
from datetime import timedelta

import pytest

from remediation.guards import TAKEN_BACK, Guard, guard
from remediation.plan import UNDO
from remediation.policy import OWN_SAFETY, Effect, Exempted, Exemption, Override, Policy, Ruling
from remediation.scopes import EVERYWHERE
from rules.model import Finding, Resource
from tests.builders import NOON, SUBSCRIPTION, databricks, default_storage, finding, registry, storage_account

POLICY = Policy(frozenset({SUBSCRIPTION}))
LINE = "policy.yaml line 14"
DAY = timedelta(days=1)


def tagged(**tags: str) -> Finding:
    """A Basic registry with these tags, whose names have _ for -."""
    named = {name.replace("_", "-"): value for name, value in tags.items()}
    return finding("container-registry/premium-sku", Resource.of(registry("Basic", tags=named)))


def given(days: int, source: str = LINE) -> Exemption:
    return Exemption(NOON + days * DAY, "moved next week", "", source)


SAFE = tagged()
RISKY = finding("storage/zone-redundant", default_storage(storage_account()))
ADVISED = finding("databricks/disaster-recovery", Resource.of(databricks()))
BACK = SAFE._replace(rule=replace(SAFE.rule, name=f"{SAFE.rule.name}{UNDO}"))
NEW = SAFE._replace(rule=replace(SAFE.rule, name="container-registry/new"))
ASK = replace(POLICY, overrides=(Override(Effect.ASK, LINE),))
OFF = replace(POLICY, overrides=(Override(Effect.OFF, LINE),))
EXEMPT = replace(POLICY, exemptions=(Exempted(given(5), EVERYWHERE),))
NO_END = "the tag ha-bot-exempt needs an end: add the tag ha-bot-exempt-until, such as 2027-01-31"
TAGGED = tagged(ha_bot_exempt="*", ha_bot_exempt_until="2026-11-25")
UNTIL_TAG = Exemption(NOON.replace(day=25, hour=23, minute=59, second=59), "no reason given", "", "tag ha-bot-exempt")

GUARDS: dict[str, tuple[Policy, Finding, Exemption | None, Guard]] = {
    "safe": (POLICY, SAFE, None, Guard(Ruling(Effect.FIX, OWN_SAFETY))),
    "to approve": (POLICY, RISKY, None, Guard(Ruling(Effect.ASK, OWN_SAFETY))),
    "to tell": (POLICY, ADVISED, None, Guard(Ruling(Effect.TELL, OWN_SAFETY))),
    "without a remediation": (POLICY, NEW, None, Guard(Ruling(Effect.TELL, OWN_SAFETY))),
    "an undo": (OFF, BACK, given(1), Guard(Ruling(Effect.ASK, TAKEN_BACK))),
    "by the policy": (ASK, SAFE, None, Guard(Ruling(Effect.ASK, LINE))),
    "exempt by the policy": (EXEMPT, SAFE, None, Guard(Ruling(Effect.FIX, OWN_SAFETY), given(5))),
    "exempt by a person": (POLICY, SAFE, given(1), Guard(Ruling(Effect.FIX, OWN_SAFETY), given(1))),
    "exempt by a person, and that is over": (POLICY, SAFE, given(0), Guard(Ruling(Effect.FIX, OWN_SAFETY))),
    "exempt by a tag": (POLICY, TAGGED, None, Guard(Ruling(Effect.FIX, OWN_SAFETY), UNTIL_TAG)),
    "exempt by all": (EXEMPT, TAGGED, given(1), Guard(Ruling(Effect.FIX, OWN_SAFETY), given(5))),
    "a tag without an end": (
        POLICY,
        tagged(ha_bot_exempt="*"),
        None,
        Guard(Ruling(Effect.TELL, NO_END)),
    ),
    "a tag without an end, exempt by a person": (
        POLICY,
        tagged(ha_bot_exempt="*"),
        given(1),
        Guard(Ruling(Effect.TELL, NO_END), given(1)),
    ),
    "a tag without an end, off by the policy": (OFF, tagged(ha_bot_exempt="*"), None, Guard(Ruling(Effect.OFF, LINE))),
}


@pytest.mark.parametrize(("policy", "found", "granted", "expected"), GUARDS.values(), ids=GUARDS)
def test_a_guard(policy: Policy, found: Finding, granted: Exemption | None, expected: Guard) -> None:
    assert guard(policy, found, granted, NOON) == expected
