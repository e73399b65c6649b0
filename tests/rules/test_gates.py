"""What is said of a rule before it looks at the body."""

from dataclasses import replace
from typing import Any

import pytest

from rules import children_read, evaluate_with
from rules.gates import ROLE_NAMES
from rules.model import Environment, Resource, Role, Rule, Severity, Status, Use, Verdict, passed, unknown
from tests.builders import judged, registry


def passes(_: Resource) -> Verdict:
    return passed("all is well")


def asks(registry: Resource) -> Verdict:
    return unknown("not read") if registry.collection("replications") is None else passed("all is well")


def a_rule(check: Any = passes, **gates: Any) -> Rule:
    return Rule("test/rule", "A rule", Severity.LOW, "Microsoft.ContainerRegistry/registries", check, **gates)


def placed(environment: Environment, **changes: Any) -> Resource:
    return replace(Resource.of(registry(**changes)), environment=environment)


DATA, DEFAULT = Use(Role.ADDITIONAL_DATASTORE), Use(Role.DEFAULT_STORAGE)
STORES = frozenset({Role.DEFAULT_STORAGE, Role.ADDITIONAL_DATASTORE})
DEV = {"environment": "dev"}
NA = Status.NOT_APPLICABLE
GATES: dict[str, tuple[Rule, Resource, Status, str]] = {
    "none": (a_rule(), Resource.of(registry(location=None)), Status.PASS, "all is well"),
    "a role it plays": (a_rule(roles=STORES), Resource.of(registry(), uses=[DATA]), Status.PASS, "well"),
    "one role of two": (a_rule(roles=frozenset({Role.DEFAULT_STORAGE})), Resource.of(registry(), uses=[DATA, DEFAULT]),
                        Status.PASS, "well"),
    "another role": (a_rule(roles=frozenset({Role.DEFAULT_STORAGE})), Resource.of(registry(), uses=[DATA]), NA,
                     "no workspace uses it as default storage"),
    "no role": (a_rule(roles=STORES), Resource.of(registry()), NA,
                "no workspace uses it as default storage or a datastore"),
    "one role of many": (a_rule(roles=STORES | {Role.WORKSPACE_VAULT}), Resource.of(registry()), NA,
                         "no workspace uses it as default storage, a datastore or key vault"),
    "zones": (a_rule(zonal=True), Resource.of(registry()), Status.PASS, "well"),
    "no zones": (a_rule(zonal=True), Resource.of(registry(location="westus")), NA, "westus has no availability zones"),
    "an unknown region": (a_rule(zonal=True), Resource.of(registry(location="Atlantis")), Status.UNKNOWN,
                          "whether atlantis has"),
    "no region": (a_rule(zonal=True), Resource.of(registry(location=None)), Status.UNKNOWN, "whether its region has"),
    "what is no region": (a_rule(zonal=True), Resource.of(registry(location="<!channel>")), Status.UNKNOWN,
                          "whether its region has"),
    "production": (a_rule(production=True), Resource.of(registry()), Status.PASS, "well"),
    "dev/test": (a_rule(production=True), Resource.of(registry(tags=DEV)), NA, "marks it as development or test"),
    "dev/test, says the policy": (a_rule(production=True), placed(Environment.DEV_TEST), NA,
                                  "the policy says it is for development or test"),
    "production, says the policy": (a_rule(production=True), placed(Environment.PRODUCTION, tags=DEV), Status.PASS,
                                    "well"),
    "dev/test, for all": (a_rule(), Resource.of(registry(tags=DEV)), Status.PASS, "well"),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "resource", "status", "words"), GATES.values(), ids=GATES)
def test_a_gate_decides(rule: Rule, resource: Resource, status: Status, words: str) -> None:
    verdict = judged(rule, resource)
    assert verdict.status is status
    assert words in verdict.because


def test_every_role_has_a_name() -> None:
    assert set(ROLE_NAMES) == set(Role)


def test_children_are_read_for_rules_that_cannot_do_without() -> None:
    needs = a_rule(asks, reads=("replications",))
    other = a_rule(passes, reads=("webhooks",))
    gated = a_rule(asks, reads=("tokens",), roles=STORES)
    assert children_read((needs, other, gated), Resource.of(registry())) == {"replications"}
    (found,) = evaluate_with((needs,), Resource.of(registry(), {"replications": []}))
    assert found.verdict.status is Status.PASS
