"""Patterns, scopes and what is for which environment."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.scopes import EVERYWHERE, Kin, Scope, like, names_rule
from rules.model import Environment, Resource, Role, Use
from tests.builders import OTHER_SUBSCRIPTION, REGISTRY_ID, SUBSCRIPTION, registry

REGISTRY = Resource.of(registry(tags={"Team": " ML ", "stage": "dev"}), uses=[Use(Role.WORKSPACE_REGISTRY)])
NO_ID = Resource.of({"type": "Microsoft.ContainerRegistry/registries"})

LIKE = {
    ("", ""): True, ("", "a"): False, ("a", "a"): True, ("a", "A"): True, ("a", "ab"): False, ("a*", "ab"): True,
    ("*b", "ab"): True, ("*b", "ba"): False, ("a*b", "ab"): True, ("a*b", "a"): False, ("a*a", "a"): False,
    ("*", ""): True, ("**", "x"): True, ("*a*", "xay"): True, ("*a*", "xy"): False, ("a*b*c", "a-b-c"): True,
    ("a*b*c", "a-c-b"): False, ("*b*b*", "ab"): False, ("a.c", "abc"): False, ("[a]", "a"): False,
    ("rg-ml/*", "RG-ML/x/y"): True,
}  # fmt: skip


@pytest.mark.parametrize(("pattern", "text"), LIKE)
def test_a_pattern_describes_all_of_a_text(pattern: str, text: str) -> None:
    assert like(pattern, text) is LIKE[pattern, text]


@given(st.text("ab*", max_size=8), st.text("ab", max_size=12))
def test_a_pattern_is_what_a_regular_expression_would_be(pattern: str, text: str) -> None:
    expression = ".*".join(map(re.escape, pattern.split("*")))
    assert like(pattern, text) is (re.fullmatch(expression, text) is not None)


def test_no_patterns_name_every_rule() -> None:
    assert names_rule((), "storage/zone-redundant")
    assert names_rule(("aks/*", "storage/*"), "storage/zone-redundant")
    assert not names_rule(("aks/*",), "storage/zone-redundant")


SCOPES: dict[str, tuple[dict[str, Any], bool]] = {
    "everywhere": ({}, True),
    "its subscription": ({"subscriptions": (OTHER_SUBSCRIPTION, SUBSCRIPTION)}, True),
    "another subscription": ({"subscriptions": (OTHER_SUBSCRIPTION,)}, False),
    "its group": ({"resource_groups": ("rg-*",)}, True),
    "another group": ({"resource_groups": ("rg",)}, False),
    "its id": ({"resources": (REGISTRY_ID.lower(),)}, True),
    "ids as its own": ({"resources": ("*/registries/cr*",)}, True),
    "another id": ({"resources": (f"{REGISTRY_ID.lower()}2",)}, False),
    "its type": ({"types": ("microsoft.containerregistry/*",)}, True),
    "another type": ({"types": ("microsoft.storage/*",)}, False),
    "its tag": ({"tags": (("team", ("x", "m*")),)}, True),
    "its tag with another value": ({"tags": (("team", ("ops",)),)}, False),
    "one tag of two": ({"tags": (("team", ("ml",)), ("owner", ("*",)))}, False),
    "its role": ({"roles": frozenset({Role.WORKSPACE_REGISTRY, Role.CMK_VAULT})}, True),
    "another role": ({"roles": frozenset({Role.CMK_VAULT})}, False),
    "its environment": ({"environment": Environment.PRODUCTION}, True),
    "another environment": ({"environment": Environment.DEV_TEST}, False),
    "one of two": ({"types": ("*",), "resource_groups": ("other",)}, False),
}


@pytest.mark.parametrize(("members", "holds"), SCOPES.values(), ids=SCOPES)
def test_all_of_a_scope_has_to_hold(members: dict[str, Any], holds: bool) -> None:
    assert Scope(**members).holds(REGISTRY, Environment.PRODUCTION) is holds


def test_what_has_no_id_lies_nowhere_and_everywhere() -> None:
    assert EVERYWHERE.holds(NO_ID, Environment.PRODUCTION)
    assert not Scope(subscriptions=(SUBSCRIPTION,)).holds(NO_ID, Environment.PRODUCTION)


KIN: dict[str, tuple[dict[str, Any], bool]] = {
    "nothing": ({}, False),
    "subscription": ({"subscriptions": (SUBSCRIPTION,)}, True),
    "group": ({"resource_groups": ("*-ml",)}, True),
    "name": ({"names": ("crml",)}, True),
    "tag": ({"tags": (("owner", ("*",)), ("stage", ("dev",)))}, True),
    "one of all": ({"names": ("x",), "resource_groups": ("rg-ml",)}, True),
    "none of all": ({"names": ("x",), "resource_groups": ("y",), "tags": (("z", ("*",)),)}, False),
}


@pytest.mark.parametrize(("members", "holds"), KIN.values(), ids=KIN)
def test_of_an_environment_one_pattern_is_enough(members: dict[str, Any], holds: bool) -> None:
    assert Kin(Environment.DEV_TEST, "policy.yaml line 1", **members).holds(REGISTRY) is holds
