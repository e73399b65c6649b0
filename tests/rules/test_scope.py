"""What is left alone: what Azure manages for somebody, and what Azure is changing; and what counts as dev/test."""

from typing import Any

import pytest

from rules import evaluate
from rules.model import Resource, Role, Status, Use
from rules.scope import Mark, changing, left_alone, managed, mark
from tests.builders import GROUP, REGISTRY_ID, WORKSPACE_ID, registry

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


MARKS: dict[str, tuple[dict[str, Any], bool]] = {
    "another resource": ({"managedBy": f"{GROUP}/providers/Microsoft.Databricks/workspaces/d"}, True),
    "nothing": ({"managedBy": ""}, False),
}


@pytest.mark.parametrize(("changes", "is_managed"), MARKS.values(), ids=MARKS)
def test_a_resource_is_managed_by(changes: dict[str, Any], is_managed: bool) -> None:
    assert (managed(Resource.of(registry(**changes))) is not None) is is_managed


STATES: dict[str, tuple[Any, bool]] = {
    "a provisioning state that is final": ({"provisioningState": "Succeeded"}, False),
    "in lower case": ({"provisioningState": "succeeded"}, False),
    "failed": ({"provisioningState": "Failed"}, False),
    "one that runs": ({"provisioningState": "Updating"}, True),
    "one that nobody knows": ({"provisioningState": "Pondering"}, True),
    "none": ({}, False),
    "null": ({"provisioningState": None}, False),
    "no text": ({"provisioningState": 7}, False),
    "a server that is ready": ({"state": "Ready"}, False),
    "a server that changes": ({"state": "Updating"}, True),
    "a server that is stopped": ({"state": "Stopped"}, False),
    "a database that is online": ({"status": "Online"}, False),
    "a database that is scaled": ({"status": "Scaling"}, True),
    "a status of another kind": ({"status": {"displayStatus": "Creating"}}, False),
    "the provisioning state before any other": ({"provisioningState": "Succeeded", "state": "Updating"}, False),
    "no properties": (None, False),
    "properties that are a list": ([], False),
}


@pytest.mark.parametrize(("properties", "is_changing"), STATES.values(), ids=STATES)
def test_a_resource_is_being_changed_by_its_own_word(properties: Any, is_changing: bool) -> None:
    assert (changing(Resource.of(registry(properties=properties))) is not None) is is_changing


def test_no_rule_is_about_what_is_left_alone() -> None:
    resource = Resource.of(registry(properties={"provisioningState": "Creating"}))
    assert left_alone(resource) == "Azure is still changing it (provisioning state creating)"
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


def test_no_rule_is_about_what_databricks_manages() -> None:
    found = evaluate(Resource.of(registry(tags={"databricks-environment": "true"})))
    assert {finding.verdict.because for finding in found} == {"Databricks manages it"}
