"""What is left alone whatever its settings: what Azure manages for somebody, and what Azure is changing right now."""

import re
from typing import Final

from rules.model import Resource, Role
from rules.resource_id import ResourceId

MANAGED_GROUPS: Final = re.compile(
    r"mc_.+_.+_.+"  # node resource group of an AKS cluster
    r"|azureml-rg-.+_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # of a workspace with a customer-managed key
    r"|databricks-rg-.+-[0-9a-z]{13}"  # of a Databricks workspace made in the portal
    r"|ai_.+_managed",  # of an Application Insights component's own Log Analytics workspace
    re.IGNORECASE,
)
"""Names that Azure gives by default to resource groups it manages; the topology knows those with other names."""

SETTLED: Final = frozenset(
    {"succeeded", "failed", "canceled", "ready", "created", "running", "stopped", "terminated", "unhealthy"}
)
"""Provisioning states in which nothing is under way."""

CHANGING: Final = frozenset(
    {"creating", "copying", "scaling", "updating", "upgrading", "provisioning", "restarting", "starting", "stopping"}
    | {"dropping", "recovering", "restoring", "resuming", "pausing", "recoverypending", "offlinesecondary"}
)
"""Words of `properties.state` (PostgreSQL, MySQL) and `properties.status` (SQL) while something is under way."""

DEV_TEST_TAGS: Final = ("environment", "env", "stage")
DEV_TEST: Final = frozenset(
    {"dev", "develop", "development", "test", "testing", "dev/test", "devtest", "dev-test", "qa", "sandbox", "poc"}
    | {"demo", "lab", "playground", "experiment", "nonprod", "non-prod", "non-production", "nonproduction"}
)


def left_alone(resource: Resource) -> str | None:
    """Why no rule is about this resource as it is now, None where rules are."""
    return managed(resource) or changing(resource)


def managed(resource: Resource) -> str | None:
    """Why the resource is not its owner's to change, None where it is."""
    if resource.get("managedBy"):
        return "another Azure resource manages it"
    if Role.MANAGED_RG in resource.roles() or _in_managed_group(resource.id):
        return "it lies in a resource group that Azure manages"
    if resource.tag("databricks-environment") == "true":
        return "Databricks manages it"
    return None


def _in_managed_group(identity: str) -> bool:
    parsed = ResourceId.parse(identity)
    return parsed is not None and MANAGED_GROUPS.fullmatch(parsed.group) is not None


def changing(resource: Resource) -> str | None:
    """Whether Azure is creating, changing or deleting the resource right now, and how it says so; None if not."""
    state = resource.text("properties.provisioningState")
    if state is not None and state not in SETTLED:
        return f"Azure is still changing it (provisioning state {state})"
    for path in ("properties.state", "properties.status"):
        if (state := resource.text(path)) in CHANGING:
            return f"Azure is still changing it (state {state})"
    return None


def is_dev_test(resource: Resource) -> bool:
    """Whether a tag marks the resource as development or test. Without one it counts as production."""
    return any((resource.tag(name) or "").strip().lower() in DEV_TEST for name in DEV_TEST_TAGS)
