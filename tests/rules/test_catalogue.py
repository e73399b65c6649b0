"""What holds for every rule of the catalogue, whatever Azure answers."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rules
from remediation.fixes import REMEDIATIONS
from remediation.plan import Remediation, Safety
from rules import CATALOGUE, RULES_BY_NAME, RULES_BY_TYPE, evaluate
from rules.gates import gates
from rules.model import Finding, Resource, Rule, Severity, Status, Use, Verdict, passed
from rules.scope import left_alone, mark
from tests.builders import GROUP, registry
from tests.rules.examples import EXAMPLES
from tests.rules.spoiling import Path, examples, paths_of, replaced, spoiled

HEADINGS = ["What it checks", "Why it matters", "How it is fixed", "References"]
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LINKING = {
    "Microsoft.Network/virtualNetworks/subnets/join/action",
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
}
PASS, FAIL = Status.PASS, Status.FAIL
every_rule = pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.name)
every_remediation = pytest.mark.parametrize("remediation", REMEDIATIONS.values(), ids=REMEDIATIONS)


def checked(resource: Resource) -> list[tuple[str, Status]]:
    """The verdicts of the rules themselves past their gates: nothing catches what they raise."""
    if left_alone(resource):
        return [(rule.name, Status.NOT_APPLICABLE) for rule in RULES_BY_TYPE[resource.type]]
    found = gates(RULES_BY_TYPE[resource.type], resource.roles, resource.location, mark(resource))
    return [(rule.name, (settled or check(resource)).status) for rule, check, settled in found]


@given(spoiled())
def test_no_rule_raises_whatever_is_missing_null_or_of_another_type(resource: Resource) -> None:
    assert checked(resource)
    for rule in RULES_BY_TYPE[resource.type]:
        rule.check(resource)


@given(spoiled())
def test_what_can_be_judged_without_children_is_judged_the_same_with_them(resource: Resource) -> None:
    """Children are read only for rules that answer UNKNOWN without them."""
    alone = checked(replace(resource, children={}))
    assert [
        one
        for one, other in zip(alone, checked(resource), strict=True)
        if one != other and one[1] is not Status.UNKNOWN
    ] == []


@given(spoiled())
def test_every_verdict_says_why_in_one_line(resource: Resource) -> None:
    texts = [finding.verdict.because for finding in evaluate(resource)]
    assert [text for text in texts if not text or text.endswith(".") or "\n" in text] == []


@given(spoiled(), st.randoms(use_true_random=False))
def test_the_order_of_keys_changes_no_verdict(resource: Resource, random: Any) -> None:
    body, children = shuffled(resource.body, random), shuffled(resource.children, random)
    assert checked(Resource.of(body, children, resource.uses)) == checked(resource)


def shuffled(value: Any, random: Any) -> Any:
    if not isinstance(value, dict):
        return value
    names = list(value)
    random.shuffle(names)
    return {name: shuffled(value[name], random) for name in names}


@given(examples, st.sampled_from([str.upper, str.lower, str.title]))
def test_the_case_of_ids_types_and_locations_changes_no_verdict(resource: Resource, change: Any) -> None:
    written = rewritten(resource.body, change)
    written["tags"] = {name: change(value) for name, value in (resource.body.get("tags") or {}).items()}
    uses = [Use(use.role, change(use.workspace_id)) for use in resource.uses]
    assert checked(Resource.of(written, rewritten(resource.children, change), uses)) == checked(resource)


def rewritten(value: Any, change: Any) -> Any:
    """With every id, type and location, however deep, in another case."""
    if isinstance(value, list):
        return [rewritten(item, change) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: change(inner) if isinstance(inner, str) and _names_something(name, inner) else rewritten(inner, change)
        for name, inner in value.items()
    }


def _names_something(name: str, value: str) -> bool:
    return name in ("type", "location", "locationName") or value.lower().startswith("/subscriptions/")


READ_ELSEWHERE = {
    "aks/second-region": "tags",
    "aks/standard-tier": "sku",
    "container-instances/zonal": "zones, which pass whatever else is set",
    "container-registry/geo-replica": "sku, location, replications",
    "container-registry/premium-sku": "sku",
    "container-registry/replica-routing": "sku, replications",
    "container-registry/zonal-region": "sku, location, replications",
    "data-lake/gen1-retired": "existence",
    "databricks/data-outside-dbfs": "tags",
    "databricks/disaster-recovery": "tags",
    "hdinsight/zonal": "location, zones",
    "key-vault/failover-region": "location, tags",
    "mysql/single-server-retired": "existence",
    "mysql/tier-with-standby": "sku",
    "postgresql/single-server-retired": "existence",
    "postgresql/tier-with-standby": "sku",
    "storage/blob-soft-delete": "kind, the blob service",
    "storage/container-soft-delete": "kind, the blob service",
    "storage/general-purpose-v2": "kind",
    "storage/geo-beside-zones": "kind, sku, location, tags",
    "storage/geo-redundant": "kind, sku, location, tags",
    "storage/paired-region": "location, tags, object replication policies",
    "storage/share-soft-delete": "kind, sku, the file service",
    "storage/zonal-region": "sku, location",
    "storage/zone-redundant": "kind, sku",
    "storage/zones-beside-geo": "kind, sku",
    "workspace/disaster-recovery": "kind, tags",
    "workspace/zonal-region": "kind, location",
}
"""Rules that judge by something else than `properties`, and by what."""


@pytest.mark.parametrize("properties", [{}, {"properties": None}, {"properties": []}], ids=["none", "null", "a list"])
def test_a_default_is_claimed_only_where_its_holder_was_read(properties: dict[str, Any]) -> None:
    """Without readable properties a rule about one of them has nothing to go by, whatever Azure's default is."""
    bodies = [({**example.body}, example.children, example.uses) for example in EXAMPLES]
    unread = [
        Resource.of({name: value for name, value in body.items() if name != "properties"} | properties, children, uses)
        for body, children, uses in bodies
    ]
    decided = {name for resource in unread for name, status in checked(resource) if status in (PASS, FAIL)}
    assert decided == set(READ_ELSEWHERE)


POSTPONED = {
    ("sql-database/zonal-tier", "currentSku"),
    ("storage/general-purpose-v2", "storageAccountSkuConversionStatus"),
    ("storage/geo-redundant", "storageAccountSkuConversionStatus"),
    ("storage/zone-redundant", "storageAccountSkuConversionStatus"),
}
"""What an object, where it can be read, only puts off: a verdict while Azure changes something."""


@pytest.mark.parametrize("example", EXAMPLES, ids=[f"{number}-{found.name}" for number, found in enumerate(EXAMPLES)])
def test_where_an_object_cannot_be_read_no_default_takes_its_place(example: Resource) -> None:
    """A rule may answer as it did, because it looks elsewhere, or not at all: never otherwise."""
    before, body = checked(example), {**example.body}
    otherwise = set()
    for path in paths_of(body):
        if path[0] == "properties" and len(path) > 1 and isinstance(at(body, path), dict):
            spoilt = Resource.of(replaced(body, path, []), example.children, example.uses)
            after = [verdict for verdict in checked(spoilt) if verdict[1] in (PASS, FAIL)]
            otherwise |= {(name, path[-1]) for name, status in after if (name, status) not in before}
    assert otherwise <= POSTPONED


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


NEVER_PASSED = {"data-lake/gen1-retired", "mysql/single-server-retired", "postgresql/single-server-retired"}
"""About services that are retired: that the resource is there is the failure."""


def test_the_examples_reach_every_rule() -> None:
    """Properties prove nothing about a rule that none of the examples is for."""
    failing = {name for example in EXAMPLES for name, status in checked(example) if status is Status.FAIL}
    passing = {name for example in EXAMPLES for name, status in checked(example) if status is Status.PASS}
    assert set(RULES_BY_NAME) - failing == set()
    assert set(RULES_BY_NAME) - passing - NEVER_PASSED == set()


@every_rule
def test_a_rule_has_its_page(rule: Rule) -> None:
    lines = rule.documentation.splitlines()
    assert [line for line in lines if line in HEADINGS] == HEADINGS
    assert lines[0].endswith(".")
    assert all(rule.section(heading) for heading in HEADINGS)


@every_rule
def test_a_rule_is_named_after_its_service_and_function(rule: Rule) -> None:
    _, service, *_ = rule.check.__module__.split(".")
    assert rule.name == f"{service}/{rule.check.__name__}".replace("_", "-")


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
    """Neither a wildcard nor a delete, and nothing of another service but what Azure asks for to link it again."""
    for action in remediation.needs:
        assert action.startswith(f"{remediation.rule.applies_to}/") or action in LINKING
        assert action.rsplit("/", 1)[-1] in ("read", "write", "action")
        assert "*" not in action


def refuses(_: Resource) -> Verdict:
    raise KeyError("sku")


def passes(_: Resource) -> Verdict:
    return passed("all is well")


def of_a_registry(name: str, check: Any, applies_to: str = "Microsoft.ContainerRegistry/registries") -> Rule:
    return Rule(f"test/{name}", "A rule", Severity.LOW, applies_to, check)


def test_a_rule_that_raises_is_unknown_and_silences_no_other() -> None:
    found = (of_a_registry("refuses", refuses), of_a_registry("passes", passes))
    broken, sound = rules.evaluate_with(found, Resource.of(registry()))
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
