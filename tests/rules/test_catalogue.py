"""What holds for every rule of the catalogue, whatever Azure answers."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rules
from remediation.fixes import REMEDIATIONS
from remediation.plan import Remediation, Safety
from rules import CATALOGUE, RULES_BY_NAME, RULES_BY_TYPE, evaluate
from rules.model import Finding, Resource, Rule, Severity, Status, Verdict, passed
from tests.builders import GROUP, Json, registry
from tests.rules.bodies import BODIES, as_used, bodies, spoiled_bodies

HEADINGS = ["What it checks", "Why it matters", "How it is fixed", "References"]
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
every_rule = pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.name)
every_remediation = pytest.mark.parametrize("remediation", REMEDIATIONS.values(), ids=REMEDIATIONS)


def checked(body: Json) -> list[tuple[str, Status]]:
    """The verdicts on a body by its rules themselves: nothing catches what they raise."""
    resource = as_used(body)
    return [(rule.name, rule.check(resource).status) for rule in RULES_BY_TYPE[resource.type]]


@given(spoiled_bodies())
def test_no_rule_raises_whatever_is_missing_null_or_of_another_type(body: Json) -> None:
    assert checked(body)


@given(spoiled_bodies())
def test_every_verdict_says_why_in_one_line(body: Json) -> None:
    texts = [finding.verdict.because for finding in evaluate(as_used(body))]
    assert [text for text in texts if not text] == []


@given(spoiled_bodies(), st.randoms(use_true_random=False))
def test_the_order_of_keys_changes_no_verdict(body: Json, random: Any) -> None:
    assert checked(shuffled(body, random)) == checked(body)


def shuffled(value: Any, random: Any) -> Any:
    if not isinstance(value, dict):
        return value
    names = list(value)
    random.shuffle(names)
    return {name: shuffled(value[name], random) for name in names}


@given(bodies, st.sampled_from([str.upper, str.lower, str.title]))
def test_the_case_of_ids_types_and_locations_changes_no_verdict(body: Json, change: Any) -> None:
    written = {name: change(value) if name in ("id", "type", "location") else value for name, value in body.items()}
    written["tags"] = {name: change(value) for name, value in (body.get("tags") or {}).items()}
    assert checked(written) == checked(body)


def test_the_bodies_reach_every_rule() -> None:
    """Properties prove nothing about a rule that none of the bodies is for."""
    failing = {name for body in BODIES for name, status in checked(body) if status is Status.FAIL}
    passing = {name for body in BODIES for name, status in checked(body) if status is Status.PASS}
    assert failing == passing == set(RULES_BY_NAME)


@every_rule
def test_a_rule_has_its_page(rule: Rule) -> None:
    lines = rule.documentation.splitlines()
    assert [line for line in lines if line in HEADINGS] == HEADINGS
    assert lines[0].endswith(".")
    assert all(rule.section(heading) for heading in HEADINGS)


@every_rule
def test_a_rule_is_named_after_its_module_and_function(rule: Rule) -> None:
    module, function = rule.check.__module__, rule.check.__name__
    assert rule.name == f"{module.removeprefix('rules.')}/{function}".replace("_", "-")


@every_rule
def test_a_rule_says_where_others_say_the_same(rule: Rule) -> None:
    references = rule.references
    assert references.learn
    assert all(url.startswith("https://learn.microsoft.com/") for url in references.learn)
    assert all(UUID.fullmatch(guid) for guid in references.aprl + references.policy)


@every_rule
def test_a_rule_says_its_title_severity_and_type(rule: Rule) -> None:
    assert rule.title
    assert rule.severity in Severity
    assert re.fullmatch(r"Microsoft\.\w+(/\w+)+", rule.applies_to)


def test_names_are_unique() -> None:
    assert len(RULES_BY_NAME) == len(CATALOGUE)


def test_rules_are_found_by_type_in_lower_case() -> None:
    assert {rule for found in RULES_BY_TYPE.values() for rule in found} == set(CATALOGUE)
    assert [kind for kind in RULES_BY_TYPE if kind != kind.lower()] == []


def test_every_rule_has_a_remediation_and_every_remediation_a_rule() -> None:
    assert list(REMEDIATIONS) == [rule.name for rule in CATALOGUE]
    assert all(REMEDIATIONS[rule.name].rule is rule for rule in CATALOGUE)


@every_remediation
def test_what_writes_says_what_it_touches_and_needs(remediation: Remediation) -> None:
    writes = remediation.safety is not Safety.GUIDE
    assert bool(remediation.touches) == bool(remediation.needs) == writes


@every_remediation
def test_what_it_needs_are_actions_on_the_rules_type(remediation: Remediation) -> None:
    """Neither a wildcard nor a delete, and nothing of another service."""
    for action in remediation.needs:
        assert action.startswith(f"{remediation.rule.applies_to}/")
        assert action.rsplit("/", 1)[-1] in ("read", "write", "action")
        assert "*" not in action


def refuses(_: Resource) -> Verdict:
    raise KeyError("sku")


def passes(_: Resource) -> Verdict:
    return passed("all is well")


def of_a_registry(name: str, check: Any, applies_to: str = "Microsoft.ContainerRegistry/registries") -> Rule:
    return Rule(f"test/{name}", "A rule", Severity.LOW, applies_to, check)


def test_a_rule_that_raises_is_unknown_and_silences_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    found = (of_a_registry("refuses", refuses), of_a_registry("passes", passes))
    monkeypatch.setattr(rules, "RULES_BY_TYPE", {"microsoft.containerregistry/registries": found})
    broken, sound = evaluate(Resource.of(registry()))
    assert broken.verdict.status is Status.UNKNOWN
    assert broken.verdict.because == "the rule could not be evaluated (KeyError)"
    assert sound.verdict.status is Status.PASS


def test_a_finding_holds_its_rule_and_resource() -> None:
    resource = Resource.of(registry())
    assert evaluate(resource) == [
        Finding(rule, resource, rule.check(resource)) for rule in RULES_BY_TYPE[resource.type]
    ]


def test_a_type_that_no_rule_is_about_has_no_findings() -> None:
    assert evaluate(Resource.of({"id": f"{GROUP}/providers/Microsoft.Web/sites/a"})) == []
