"""Container groups: what people are told."""

from rules.model import Resource, Role, Use
from tests.builders import WORKSPACE_ID, finding, guidance
from tests.rules.examples.container_instances import container_group

RULE = "container-instances/zonal"


def test_two_groups_in_two_zones_are_for_people() -> None:
    advice = guidance(finding(RULE, Resource.of(container_group())))
    assert "(az container export --file group.yaml --resource-group rg-ml --name aciml)" in advice.steps[0]
    assert 'zones: ["1"]' in advice.steps[1]
    assert 'zones: ["2"]' in advice.steps[2]
    assert "(az container delete --resource-group rg-ml --name aciml)" in advice.steps[-1]


def test_a_model_moves_to_a_managed_online_endpoint() -> None:
    uses = [Use(Role.ACI_ENDPOINT, WORKSPACE_ID)]
    advice = guidance(finding(RULE, Resource.of(container_group(), uses=uses)))
    assert "at least three instances" in advice.steps[1]
    assert "behind aciml" in advice.steps[-1]
    assert "az container" not in " ".join(advice.steps)


def test_without_a_readable_id_people_say_which_group() -> None:
    advice = guidance(finding(RULE, Resource.of(container_group() | {"id": "aciml"})))
    assert "--resource-group <group> --name <name>" in advice.steps[0]
