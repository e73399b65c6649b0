"""The resources of a run, and what callers write to them: every type of the catalogue, faulty and not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final

from local.azure import SimulatedAzure
from local.sample import samples
from remediation.api_versions import api_version
from remediation.topology import COMPONENT, COMPUTE, DATASTORE, STORAGE, VAULT, WORKSPACE
from rules.resource_id import ResourceId

VARIANTS: Final = 6
"""States that callers choose from for one resource."""
REGISTRY: Final = "microsoft.containerregistry/registries"
LINKS: Final = {
    "storageAccount": STORAGE,
    "keyVault": VAULT,
    "containerRegistry": REGISTRY,
    "applicationInsights": COMPONENT,
}
"""What a workspace stands on: the property that names it, and its type."""
OFTEN: Final = 4
"""How much oftener callers write to what has remediations that write."""
CHANGED: Final = frozenset({STORAGE, VAULT, REGISTRY, "microsoft.documentdb/databaseaccounts", WORKSPACE})
GIVEN_BY_AZURE: Final = ("id", "name", "type")

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Put:
    """One PUT that a caller may send: below the resource itself where it is of a child."""

    resource_id: str
    body: Mapping[str, Any]

    @property
    def api_version(self) -> str:
        """The version that the bot writes with."""
        resource = ResourceId.parse(self.resource_id)
        if resource is None:
            raise ValueError(f"not a resource id: {self.resource_id}")
        return api_version(resource.type)


@dataclass(frozen=True, slots=True)
class Member:
    """One resource, and the states that callers put it into, each with its children."""

    resource: ResourceId
    states: tuple[tuple[Put, ...], ...]

    @property
    def weight(self) -> int:
        """How often it is written to, beside others."""
        return OFTEN if self.resource.type in CHANGED else 1


def population(count: int, random: Random) -> tuple[Member, ...]:
    """That many resources, all types in turn. Workspaces name others of them, and in each state others again."""
    drawn = [list(samples(count, random.randrange(2**32))) for _ in range(VARIANTS)]
    members = [_member([states[number] for states in drawn]) for number in range(count)]
    by_type: dict[str, list[Member]] = {}
    for member in members:
        by_type.setdefault(member.resource.type, []).append(member)
    return tuple(_placed(member, by_type, random) for member in members)


def _member(lines: Sequence[Json]) -> Member:
    resource = ResourceId.parse(lines[0]["id"])
    if resource is None:
        raise ValueError(f"not a resource id: {lines[0]['id']}")
    location = lines[0]["resource"]["location"]  # Azure moves nothing
    return Member(resource, tuple(tuple(_puts(line, location)) for line in lines))


def _puts(line: Json, location: str) -> list[Put]:
    body = {name: value for name, value in line["resource"].items() if name not in GIVEN_BY_AZURE}
    body["properties"] = {name: value for name, value in body["properties"].items() if name != "provisioningState"}
    children = [
        Put(f"{line['id']}/{path}", child) for path, child in line["children"].items() if isinstance(child, dict)
    ]
    return [Put(line["id"], body | {"location": location}), *children]


def _placed(member: Member, by_type: Mapping[str, Sequence[Member]], random: Random) -> Member:
    """The member where it belongs: computes and datastores in a workspace of the run, and workspaces on its others."""
    if member.resource.type == WORKSPACE:
        return replace(member, states=tuple(_linked(state, by_type, random) for state in member.states))
    if member.resource.type not in (COMPUTE, DATASTORE):
        return member
    owner, (_, (kind, name)) = random.choice(by_type[WORKSPACE]).resource, _last_two(member.resource)
    moved = ResourceId.parse(f"{owner}/{kind}/{name}")
    if moved is None:
        raise ValueError(f"not a workspace: {owner}")
    states = tuple((Put(str(moved), _naming(state[0].body, by_type, random)),) for state in member.states)
    return Member(moved, states)


def _last_two(resource: ResourceId) -> Sequence[tuple[str, str]]:
    return resource.segments[-2:]


def _naming(body: Mapping[str, Any], by_type: Mapping[str, Sequence[Member]], random: Random) -> Json:
    """A datastore that names a storage account."""
    properties = {**body.get("properties", {})}
    if "datastoreType" in properties:
        properties["accountName"] = random.choice(by_type[STORAGE]).resource.name
    return {**body, "properties": properties}


def _linked(state: tuple[Put, ...], by_type: Mapping[str, Sequence[Member]], random: Random) -> tuple[Put, ...]:
    links = {
        name: str(random.choice(by_type[resource_type]).resource)
        for name, resource_type in LINKS.items()
        if resource_type in by_type
    }
    body = state[0].body
    return (replace(state[0], body={**body, "properties": {**body.get("properties", {}), **links}}), *state[1:])


def prepare(azure: SimulatedAzure, members: Sequence[Member]) -> None:
    """What was there before: resource groups, and what other resources are part of."""
    for member in members:
        own, parent = member.resource, member.resource.parent
        group = f"/subscriptions/{own.subscription}/resourceGroups/{own.group}"
        if azure.body(group) is None:
            azure.seed(group, {"location": "westeurope"})
        if parent is not None and parent.type != WORKSPACE and azure.body(str(parent)) is None:
            azure.seed(str(parent), {"location": "westeurope"})
        if own.type == WORKSPACE:
            azure.seed(str(own), member.states[0][0].body)
