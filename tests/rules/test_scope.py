"""What is left alone: what Azure manages for somebody, and what Azure is changing; and what counts as dev/test."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from rules import RULES_BY_TYPE, evaluate
from rules.model import Environment, Resource, Role, Status, Use
from rules.scope import Mark, broken, changing, environment, left_alone, managed, mark
from tests.builders import GROUP, REGISTRY_ID, WORKSPACE_ID, Json, registry
from tests.rules.shapes import SHAPES, Shape

UUID = "00000000-0000-4000-8000-00000000000a"


def in_group(name: str) -> Resource:
    return Resource.of(registry(id=REGISTRY_ID.replace("rg-ml", name)))


GROUPS = {
    "rg-ml": False,
    "MC_rg-ml_aks-ml_westeurope": True,
    "mc_rg_with_lines_aks_westeurope": True,
    "MC_rg-ml": False,
    f"azureml-rg-mlw_{UUID}": True,
    f"AzureML-RG-mlw_{UUID.upper()}": True,
    "azureml-rg-mlw": False,
    "databricks-rg-dbml-abcdefghijk12": True,
    "databricks-rg-dbml": False,
    "ai_appi-ml_0a1b_managed": True,
    "ai_team": False,
}


@pytest.mark.parametrize(("group", "is_managed"), GROUPS.items())
def test_a_resource_is_managed_in_a_group_that_azure_names_so(group: str, is_managed: bool) -> None:
    assert (managed(in_group(group)) is not None) is is_managed


def test_no_rule_is_about_what_the_topology_knows_to_be_in_a_managed_group() -> None:
    resource = Resource.of(registry(), uses=[Use(Role.MANAGED_RG, WORKSPACE_ID)])
    assert {(found.verdict.status, found.verdict.because) for found in evaluate(resource)} == {
        (Status.NOT_APPLICABLE, "it lies in a resource group that Azure manages")
    }


POOL = f"{GROUP}/providers/Microsoft.Sql/servers/sqlml/elasticPools/pool"
MARKS: dict[str, tuple[dict[str, Any], bool]] = {
    "another resource": ({"managedBy": f"{GROUP}/providers/Microsoft.Databricks/workspaces/d"}, True),
    "nothing": ({"managedBy": ""}, False),
    "no text": ({"managedBy": [POOL]}, True),
    "its elastic pool": ({"managedBy": POOL}, False),
    "its elastic pool, in lower case": ({"managedBy": POOL.lower()}, False),
    "something of an elastic pool": ({"managedBy": f"{POOL}/databases/a"}, True),
}


@pytest.mark.parametrize(("changes", "is_managed"), MARKS.values(), ids=MARKS)
def test_a_resource_is_managed_by(changes: dict[str, Any], is_managed: bool) -> None:
    assert (managed(Resource.of(registry(**changes))) is not None) is is_managed


STATES: dict[str, tuple[Any, bool]] = {
    "a provisioning state that is final": ({"provisioningState": "Succeeded"}, False),
    "in lower case": ({"provisioningState": "succeeded"}, False),
    "failed": ({"provisioningState": "Failed"}, False),
    "one that runs": ({"provisioningState": "Updating"}, True),
    "a change that failed": ({"provisioningState": "DeletionFailed"}, False),
    "another one, in capitals": ({"provisioningState": "UPDATINGFAILED"}, False),
    "one that Azure does not know": ({"provisioningState": "Unknown"}, False),
    "canceled, as the British write it": ({"provisioningState": "Cancelled"}, False),
    "one that nobody knows": ({"provisioningState": "Pondering"}, True),
    "none": ({}, False),
    "null": ({"provisioningState": None}, False),
    "no text": ({"provisioningState": 7}, False),
    "empty": ({"provisioningState": ""}, False),
    "a server that is ready": ({"state": "Ready"}, False),
    "a server that changes": ({"state": "Updating"}, True),
    "a server that is stopped": ({"state": "Stopped"}, False),
    "a database that is online": ({"status": "Online"}, False),
    "a database that is scaled": ({"status": "Scaling"}, True),
    "a warehouse that is scaled": ({"status": "OnlineChangingDwPerformanceTiers"}, True),
    "a status of another kind": ({"status": {"displayStatus": "Creating"}}, False),
    "the provisioning state before any other": ({"provisioningState": "Succeeded", "state": "Updating"}, False),
    "no properties": (None, False),
    "properties that are a list": ([], False),
}


@pytest.mark.parametrize(("properties", "is_changing"), STATES.values(), ids=STATES)
def test_a_resource_is_being_changed_by_its_own_word(properties: Any, is_changing: bool) -> None:
    assert (changing(Resource.of(registry(properties=properties))) is not None) is is_changing


UNDER_WAY = {"Accepted", "Creating", "Deleted", "Deleting", "InProgress", "ProvisioningAccount", "RegisteringDns"} | {
    "ResolvingDNS",
    "Updating",
}
NOTHING_UNDER_WAY = {"Canceled", "Created", "Failed", "Ready", "Running", "Succeeded", "Unknown"}
"""What Azure publishes as provisioning states of the catalogue's types."""


@pytest.mark.skipif(not SHAPES, reason="published shapes not found at ../shared/specs")
def test_every_published_provisioning_state_is_known() -> None:
    published = {state for kind in RULES_BY_TYPE if kind in SHAPES for state in _provisioning_states(SHAPES[kind])}
    assert published == UNDER_WAY | NOTHING_UNDER_WAY


def _provisioning_states(shape: Shape) -> Iterator[str]:
    for body in _parts(shape, shape.schema):
        for properties in _parts(shape, body.get("properties", {}).get("properties", {})):
            for state in _parts(shape, properties.get("properties", {}).get("provisioningState", {})):
                yield from state.get("enum", ())


def _parts(shape: Shape, schema: Any) -> Iterator[Any]:
    """A schema with all that it refers to and consists of."""
    if "$ref" in schema:
        yield from _parts(shape, shape.resolved(schema))
    else:
        yield schema
        for part in schema.get("allOf", ()):
            yield from _parts(shape, part.get("then", part))


OF_CONTAINER_GROUPS = {"Pending": True, "Repairing": True, "Unhealthy": False, "NotSpecified": False} | {
    "NotAccessible": False,
    "PreProvisioned": False,
}
"""Published by the SDK only (azure-mgmt-containerinstance)."""


@pytest.mark.parametrize(
    ("state", "is_changing"),
    (dict.fromkeys(UNDER_WAY, True) | dict.fromkeys(NOTHING_UNDER_WAY, False) | OF_CONTAINER_GROUPS).items(),
)
def test_a_published_state_says_whether_something_is_under_way(state: str, is_changing: bool) -> None:
    resource = Resource.of(registry(properties={"provisioningState": state}))
    assert (changing(resource) is not None) is is_changing


BROKEN = {"Failed": True, "DeletionFailed": True, "canceled": True, "Cancelled": True, "Succeeded": False} | {
    "Unknown": False,
    "": False,
}


@pytest.mark.parametrize(("state", "is_broken"), [*BROKEN.items(), (None, False), (7, False)])
def test_a_change_that_went_wrong_leaves_it_broken(state: object, is_broken: bool) -> None:
    assert broken(Resource.of(registry(properties={"provisioningState": state}))) is is_broken


@pytest.mark.parametrize("state", ["\r", "a\nb", "<!channel>", "x" * 41])
def test_a_state_that_is_no_word_is_not_repeated(state: str) -> None:
    resource = Resource.of(registry(properties={"provisioningState": state}))
    assert changing(resource) == "Azure is still changing it (provisioning state unknown)"


LEFT_ALONE: dict[str, tuple[Json, str]] = {
    "being changed": (
        registry(properties={"provisioningState": "Creating"}),
        "Azure is still changing it (provisioning state creating)",
    ),
    "managed": (registry(managedBy="/subscriptions/x"), "another Azure resource manages it"),
}


@pytest.mark.parametrize(("body", "reason"), LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_no_rule_is_about_what_is_left_alone(body: Json, reason: str) -> None:
    resource = Resource.of(body)
    assert left_alone(resource) == reason
    assert {found.verdict.status for found in evaluate(resource)} == {Status.NOT_APPLICABLE}
    assert {found.verdict.because for found in evaluate(resource)} == {left_alone(resource)}
    assert left_alone(Resource.of(registry())) is None


TAGS: dict[str, tuple[Any, Mark]] = {
    "none": (None, Mark.NONE),
    "empty": ({}, Mark.NONE),
    "development": ({"environment": "Development"}, Mark.DEV_TEST),
    "the name in another case, blanks": ({"Env": " dev "}, Mark.DEV_TEST),
    "test": ({"stage": "TEST"}, Mark.DEV_TEST),
    "production": ({"environment": "prod"}, Mark.NONE),
    "another tag": ({"team": "dev"}, Mark.NONE),
    "one of two": ({"environment": "prod", "stage": "sandbox"}, Mark.DEV_TEST),
    "no text": ({"environment": 7}, Mark.NONE),
    "Databricks": ({"application": "databricks", "databricks-environment": "true"}, Mark.DATABRICKS),
    "not Databricks": ({"databricks-environment": "false"}, Mark.NONE),
    "a list": (["databricks-environment"], Mark.NONE),
}


@pytest.mark.parametrize(("tags", "marked"), TAGS.values(), ids=TAGS)
def test_tags_mark_a_resource(tags: Any, marked: Mark) -> None:
    assert mark(Resource.of(registry(tags=tags))) is marked


PLACED: dict[str, tuple[Any, Environment, Mark, Environment]] = {
    "production": ({"env": "dev"}, Environment.PRODUCTION, Mark.NONE, Environment.PRODUCTION),
    "dev/test": ({"env": "prod"}, Environment.DEV_TEST, Mark.SAID_DEV_TEST, Environment.DEV_TEST),
    "Databricks": ({"Databricks-Environment": " True"}, Environment.DEV_TEST, Mark.DATABRICKS, Environment.DEV_TEST),
}


@pytest.mark.parametrize(("tags", "said", "marked", "effective"), PLACED.values(), ids=PLACED)
def test_the_operator_s_word_goes_before_tags(
    tags: Any, said: Environment, marked: Mark, effective: Environment
) -> None:
    resource = replace(Resource.of(registry(tags=tags)), environment=said)
    assert mark(resource) is marked
    assert environment(resource) is effective


@pytest.mark.parametrize(("tags", "expected"), [({"env": "dev"}, Environment.DEV_TEST), ({}, Environment.PRODUCTION)])
def test_without_it_tags_tell_the_environment(tags: Any, expected: Environment) -> None:
    assert environment(Resource.of(registry(tags=tags))) is expected


def test_no_rule_is_about_what_databricks_manages() -> None:
    found = evaluate(Resource.of(registry(tags={"databricks-environment": "true"})))
    assert {finding.verdict.because for finding in found} == {"Databricks manages it"}
