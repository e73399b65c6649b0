"""Every rule and planner copes with whatever Microsoft's published shapes allow."""

from functools import cache
from typing import Any, Final

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from jsonschema_rs import Validator, validator_for

from local.contracts import SPECS, SPECS_ABSENT, Problem, schema_problems, without_nulls
from local.contracts.bicep import BicepTypes
from local.contracts.swagger import Swagger
from remediation.fixes import REMEDIATIONS
from remediation.plan import Guidance, Plan, Remedy, Write
from rules import CATALOGUE, RULES_BY_TYPE, evaluate
from rules.model import Body, Resource, Status
from rules.resource_id import ResourceId
from tests.rules.shapes import SHAPES, bodies, bodies_of, child_type, id_of, paths_read, resources

pytestmark = pytest.mark.skipif(not SPECS.is_dir(), reason=SPECS_ABSENT)
every_type = pytest.mark.parametrize("kind", sorted(RULES_BY_TYPE))

UNPUBLISHED: Final = {
    "microsoft.datalakestore/accounts",
    "microsoft.dbformysql/servers",
    "microsoft.dbforpostgresql/servers",
    "microsoft.sql/servers/elasticpools",
}
"""Types that rules are about, though nothing at hand says what they look like: there are only the examples."""

UNPUBLISHED_CHILDREN: Final = {
    "microsoft.dbformysql/flexibleservers/configurations",
    "microsoft.dbforpostgresql/flexibleservers/capabilities",
    "microsoft.sql/servers/databases/replicationlinks",
    "microsoft.storage/storageaccounts/blobservices",
    "microsoft.storage/storageaccounts/fileservices",
    "microsoft.storage/storageaccounts/objectreplicationpolicies",
}
"""The same of what they read besides."""

LEFT_OUT: Final = ('"secrets" is a required property', '"value" is a required property')
"""Write-only properties that published shapes require, yet leave out."""


@cache
def newest() -> BicepTypes:
    return BicepTypes.load()


@cache
def swagger() -> Swagger:
    return Swagger.load()


def test_only_these_types_have_no_published_shape() -> None:
    children = {child_type(kind, path) for kind in RULES_BY_TYPE for path in paths_read(kind)}
    assert RULES_BY_TYPE.keys() - SHAPES.keys() == UNPUBLISHED
    assert children - SHAPES.keys() == UNPUBLISHED_CHILDREN


@pytest.mark.parametrize("kind", sorted(SHAPES))
@given(data=st.data())
@settings(max_examples=15)
def test_the_bodies_are_what_azure_answers(kind: str, data: st.DataObject) -> None:
    """The strategies themselves are held to the published shapes."""
    problems = body_problems(kind, data.draw(bodies(kind, id_of(kind), kind)))
    assert [problem for problem in problems if problem.what not in LEFT_OUT] == []


@every_type
@given(data=st.data())
@settings(max_examples=15)
def test_an_example_among_them_is_too(kind: str, data: st.DataObject) -> None:
    """Examples hold only what their rules look for, so nothing is required of them."""
    resource = data.draw(resources(kind))
    problems = body_problems(kind, resource.body)
    for path, child in resource.children.items():
        problems += [found for body in bodies_of(child) for found in body_problems(child_type(kind, path), body)]
    assert [problem for problem in problems if not problem.what.endswith("is a required property")] == []


def body_problems(kind: str, body: Body) -> list[Problem]:
    """What is wrong with a body, as far as the shape of its type is published."""
    if is_newest(kind):
        return newest().check_body(kind, body)
    return swagger().check_response("GET", body["id"], 200, body=body) if kind in SHAPES else []


def is_newest(kind: str) -> bool:
    """Whether the Bicep types have the type."""
    return kind in SHAPES and "x-type" in SHAPES[kind].document


@every_type
@given(data=st.data())
@settings(max_examples=40)
def test_every_rule_gives_a_verdict(kind: str, data: st.DataObject) -> None:
    resource = data.draw(resources(kind))
    for rule in RULES_BY_TYPE[kind]:
        assert is_one_line(rule.check(resource).because), rule.name
    found = evaluate(resource)
    assert [finding.rule for finding in found] == [rule for rule in CATALOGUE if rule.applies_to.lower() == kind]
    assert [finding.rule.name for finding in found if not is_one_line(finding.verdict.because)] == []


def is_one_line(text: str) -> bool:
    return bool(text.strip()) and len(text.splitlines()) == 1


@every_type
@given(data=st.data())
@settings(max_examples=40)
def test_every_failure_has_a_remedy_that_azure_understands(kind: str, data: st.DataObject) -> None:
    resource = data.draw(resources(kind))
    for finding in evaluate(resource):
        if finding.verdict.status is Status.FAIL:
            made: Remedy = REMEDIATIONS[finding.rule.name].remedy(finding)
            assert isinstance(made, Plan | Guidance), finding.rule.name
            writes = made.writes + made.undo if isinstance(made, Plan) else ()
            assert [(write, problems) for write in writes if (problems := write_problems(write))] == []


def write_problems(write: Write) -> list[Problem]:
    """What a request holds that the published shape of its target does not know."""
    if write.verb == "POST":
        return swagger().check_request("POST", write.resource_id, {"api-version": write.api_version}, write.body)
    target = ResourceId.parse(write.resource_id)
    assert target is not None
    if target.type in UNPUBLISHED | UNPUBLISHED_CHILDREN:
        return []
    return schema_problems(settable(target.type, write.verb), without_nulls(write.body), "body")


@cache
def settable(kind: str, verb: str) -> Validator:
    """The shape of a request: nothing is required, and a PATCH sets nothing that is read-only."""
    return validator_for(_settable(SHAPES[kind].document, verb))


def _settable(schema: Any, verb: str) -> Any:
    if isinstance(schema, list):
        return [_settable(item, verb) for item in schema]
    if not isinstance(schema, dict):
        return schema
    dropped = {"required", "enum"} if schema.get("x-open") else {"required"}
    kept = {name: _settable(inner, verb) for name, inner in schema.items() if name not in dropped}
    if verb == "PATCH" and "properties" in kept:
        kept["properties"] |= dict.fromkeys(schema.get("x-readonly", ()), False)
    return kept


@every_type
def test_every_rule_is_reached(kind: str) -> None:
    """Some body is a rule's business: all else here would prove nothing about it."""
    missing = {rule.name: rule for rule in RULES_BY_TYPE[kind]}

    def all_are(resource: Resource) -> bool:
        for rule in [*missing.values()]:
            if rule.check(resource).status is not Status.NOT_APPLICABLE:
                del missing[rule.name]
        return not missing

    bounded = settings(max_examples=500, derandomize=True, database=None, phases=[Phase.generate])
    try:
        find(resources(kind), all_are, settings=bounded)
    except NoSuchExample:
        assert set(missing) == set()
