"""Which workspace uses which resource, and as what. Read from the workspace itself; remembered by resource id."""

from collections.abc import Mapping, Sequence
from typing import Final

from rules.model import Resource, Role, Use
from rules.resource_id import ResourceId

WORKSPACE: Final = "microsoft.machinelearningservices/workspaces"
DEPENDENCIES: Final = {
    "properties.storageAccount": Role.DEFAULT_STORAGE,
    "properties.keyVault": Role.WORKSPACE_VAULT,
    "properties.containerRegistry": Role.WORKSPACE_REGISTRY,
    "properties.applicationInsights": Role.WORKSPACE_APPINSIGHTS,
}


def uses(workspace: Resource) -> Mapping[ResourceId, Sequence[Use]]:
    """Everything an Azure Machine Learning workspace names as its own, with the role it plays.

    `containerRegistry` is null until the first image build; ids that cannot be parsed are left out.
    """
    found: dict[ResourceId, list[Use]] = {}
    for path, role in DEPENDENCIES.items():
        if resource := ResourceId.parse(workspace.get(path)):
            found.setdefault(resource, []).append(Use(role, workspace.id))
    return found
