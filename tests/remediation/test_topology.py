"""What a workspace uses, and as what."""

from typing import Any

import pytest

from remediation.topology import uses
from rules.model import Resource, Role, Use
from rules.resource_id import ResourceId
from tests.builders import GROUP, REGISTRY_ID, STORAGE_ID, VAULT_ID, WORKSPACE_ID, ml_workspace

INSIGHTS_ID = f"{GROUP}/providers/Microsoft.Insights/components/appi-ml"


def used(**properties: Any) -> dict[str, list[Role]]:
    """Roles by resource id."""
    found = uses(Resource.of(ml_workspace(**properties)))
    return {str(resource): [use.role for use in roles] for resource, roles in found.items()}


def test_a_workspace_uses_what_it_names() -> None:
    assert used(applicationInsights=INSIGHTS_ID) == {
        STORAGE_ID: [Role.DEFAULT_STORAGE],
        VAULT_ID: [Role.WORKSPACE_VAULT],
        REGISTRY_ID: [Role.WORKSPACE_REGISTRY],
        INSIGHTS_ID: [Role.WORKSPACE_APPINSIGHTS],
    }


def test_a_use_names_the_workspace() -> None:
    storage = ResourceId.parse(STORAGE_ID)
    assert storage is not None
    assert uses(Resource.of(ml_workspace()))[storage] == [Use(Role.DEFAULT_STORAGE, WORKSPACE_ID)]


NO_REGISTRY = {"not built yet": None, "empty": "", "no id": "crml", "no text": 7, "a list": [REGISTRY_ID]}


@pytest.mark.parametrize("value", NO_REGISTRY.values(), ids=NO_REGISTRY)
def test_what_is_no_id_is_left_out(value: object) -> None:
    assert list(used(containerRegistry=value)) == [STORAGE_ID, VAULT_ID]


def test_a_workspace_without_properties_uses_nothing() -> None:
    assert uses(Resource.of({"id": WORKSPACE_ID, "properties": None})) == {}


def test_one_resource_may_play_two_roles() -> None:
    assert used(keyVault=STORAGE_ID)[STORAGE_ID] == [Role.DEFAULT_STORAGE, Role.WORKSPACE_VAULT]
