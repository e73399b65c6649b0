"""What is left alone whatever its settings: what Azure manages for somebody, and what Azure is changing right now."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from rules.model import Environment, Resource

MANAGED_GROUP: Final = re.compile(
    r"/subscriptions/[^/]+/resourcegroups/(?:"
    r"mc_[^/]+_[^/]+_[^/]+"  # node resource group of an AKS cluster
    r"|azureml-rg-[^/]+_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # of a workspace with a customer-managed key
    r"|databricks-rg-[^/]+-[0-9a-z]{13}"  # of a Databricks workspace made in the portal
    r"|ai_[^/]+_managed"  # of an Application Insights component's own Log Analytics workspace
    r")/",
    re.IGNORECASE,
)
"""Ids in resource groups that Azure manages, by the names it gives them; the topology knows those with other names."""

ELASTIC_POOL: Final = re.compile(r"/providers/microsoft\.sql/servers/[^/]+/elasticpools/[^/]+$", re.IGNORECASE)
"""What SQL databases of a pool may name as their manager: their owner changes them all the same."""

GROUP_AT: Final = len("/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/")
FIRST_LETTERS: Final = frozenset("madMAD")
"""Where the name of the resource group stands in an id, and what those of Azure begin with: most ids need no more."""

SETTLED: Final = frozenset(
    {"succeeded", "canceled", "cancelled", "ready", "created", "running", "online", "stopped", "terminated"}
    | {"unknown", "unhealthy", "notspecified", "notaccessible", "preprovisioned"}
)
"""Provisioning states in which nothing is under way, besides those that end in `failed`. Any other word, published or
not, says that something is: a resource that is Deleted is on its way out."""
FAILED: Final = "failed"

LONGEST_WORD: Final = 40
CHANGING: Final = frozenset(
    {"creating", "copying", "scaling", "updating", "upgrading", "provisioning", "restarting", "starting", "stopping"}
    | {"dropping", "recovering", "restoring", "resuming", "pausing", "recoverypending", "offlinesecondary"}
    | {"offlinechangingdwperformancetiers", "onlinechangingdwperformancetiers"}
)
"""Words of `properties.state` (PostgreSQL, MySQL) and `properties.status` (SQL) while something is under way."""

DEV_TEST: Final = frozenset(
    {"dev", "develop", "development", "test", "testing", "dev/test", "devtest", "dev-test", "qa", "sandbox", "poc"}
    | {"demo", "lab", "playground", "experiment", "nonprod", "non-prod", "non-production", "nonproduction"}
)


class Mark(StrEnum):
    """What tags say of a resource, or the operator."""

    NONE = ""
    DEV_TEST = "dev/test"
    """It is for development or test. Without such a tag a resource counts as production."""
    SAID_DEV_TEST = "dev/test, says the operator"
    """The same, whatever its tags say."""
    DATABRICKS = "Databricks"
    """Databricks manages it."""


MARKS: Final[Mapping[str, tuple[Mark, frozenset[str]]]] = {
    "environment": (Mark.DEV_TEST, DEV_TEST),
    "env": (Mark.DEV_TEST, DEV_TEST),
    "stage": (Mark.DEV_TEST, DEV_TEST),
    "databricks-environment": (Mark.DATABRICKS, frozenset({"true"})),
}
"""Tags that mark a resource, by name in lower case: as what, and with which values."""


def left_alone(resource: Resource) -> str | None:
    """Why no rule is about this resource as it is now, as far as it shows by itself; None where rules are."""
    return managed(resource) or changing(resource)


def managed(resource: Resource) -> str | None:
    """Why the resource is not its owner's to change, None where it is."""
    owner = resource.body.get("managedBy")
    if owner and not (isinstance(owner, str) and ELASTIC_POOL.search(owner)):
        return "another Azure resource manages it"
    if resource.id[GROUP_AT : GROUP_AT + 1] in FIRST_LETTERS and MANAGED_GROUP.match(resource.id):
        return "it lies in a resource group that Azure manages"
    return None


def changing(resource: Resource) -> str | None:
    """Whether Azure is creating, changing or deleting the resource right now, and how it says so; None if not."""
    properties = resource.body.get("properties")
    if not isinstance(properties, dict):
        return None
    state = properties.get("provisioningState")
    if state == "Succeeded":  # nearly always: no need to look further
        return None
    if isinstance(state, str) and state:
        word = state.lower()
        named = word if word.isalpha() and len(word) <= LONGEST_WORD else "unknown"  # the sentence ends in chat
        settled = word in SETTLED or word.endswith(FAILED)
        return None if settled else f"Azure is still changing it (provisioning state {named})"
    words = (properties.get(name) for name in ("state", "status"))
    word = next((word.lower() for word in words if isinstance(word, str)), "")
    return f"Azure is still changing it (state {word})" if word in CHANGING else None


def broken(resource: Resource) -> bool:
    """Whether Azure's own last change of the resource went wrong, or was canceled."""
    state = resource.text("properties.provisioningState") or ""
    return state.endswith(FAILED) or state in ("canceled", "cancelled")


def mark(resource: Resource) -> Mark:
    """What a resource is marked as. Names and values of tags are read without case; the operator's word goes first."""
    if resource.environment is not None:
        return _said(resource, resource.environment)
    tags = resource.body.get("tags")
    if not tags or not isinstance(tags, dict):
        return Mark.NONE
    for name, value in tags.items():
        meaning = MARKS.get(name.lower())
        if meaning is not None and isinstance(value, str) and value.strip().lower() in meaning[1]:
            return meaning[0]
    return Mark.NONE


def _said(resource: Resource, environment: Environment) -> Mark:
    if (resource.tag("databricks-environment") or "").strip().lower() == "true":
        return Mark.DATABRICKS
    return Mark.SAID_DEV_TEST if environment is Environment.DEV_TEST else Mark.NONE


def environment(resource: Resource) -> Environment:
    """What a resource is for: as the operator says, else as its tags say, else production."""
    if resource.environment is not None:
        return resource.environment
    return Environment.DEV_TEST if mark(resource) is Mark.DEV_TEST else Environment.PRODUCTION
