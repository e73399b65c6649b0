"""Workspaces: what people are told."""

from remediation.fixes.workspace import REMEDIATIONS
from remediation.plan import Guidance, Safety
from rules.model import Resource
from tests.builders import WORKSPACE_ID, finding, guidance
from tests.rules.examples.workspace import with_own_key, workspace


def advised(rule: str, resource: Resource) -> Guidance:
    return guidance(finding(f"workspace/{rule}", resource))


def test_a_second_workspace_is_for_people() -> None:
    advice = advised("disaster-recovery", Resource.of(workspace()))
    assert f"--resource-id {WORKSPACE_ID} --tags ha-bot-dr-workspace=" in advice.steps[-1]
    assert "estimate" in advice.cost


def test_an_id_in_a_command_is_quoted_for_the_shell() -> None:
    strange = WORKSPACE_ID.replace("rg-ml", "rg(ml)")
    advice = advised("disaster-recovery", Resource.of(workspace() | {"id": strange}))
    assert f"--resource-id '{strange}' " in advice.steps[-1]


def test_another_region_is_for_people() -> None:
    advice = advised("zonal-region", Resource.of(workspace(location="westus")))
    assert "as mlw, with zone-redundant" in advice.steps[1]
    assert "cannot be moved" in advice.why_no_plan


def test_the_stores_of_a_customer_managed_key_are_for_microsoft() -> None:
    advice = advised("customer-managed-key-stores", Resource.of(with_own_key()))
    assert advice.steps[0].startswith("Do not change or delete anything in the managed resource group")
    assert "support request" in advice.steps[1]
    assert "enableServiceSideCMKEncryption" in advice.steps[2]


def test_nothing_here_is_ever_written() -> None:
    assert {remediation.safety for remediation in REMEDIATIONS} == {Safety.GUIDE}
