"""Plans carried out on the simulated Azure in memory, which refuses what the services refuse."""

import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from local.azure import SimulatedAzure
from remediation.plan import Write
from rules.model import Resource
from rules.resource_id import ResourceId
from tests.builders import Json

STEP = re.compile(r"[^.\[\]]+(?:\[[^\]]+\])?")
VOLATILE = frozenset({"etag", "eTag", "systemData", "timestamp", "modifiedDate", "lastModifiedAt"})
"""Names of what Azure sets anew with every write."""


def seeded(resource: Resource) -> tuple[SimulatedAzure, Resource]:
    """An Azure that holds the resource and its children, and the resource as Azure then shows it."""
    azure = SimulatedAzure()
    seed(azure, resource)
    return azure, read(azure, resource)


def seed(azure: SimulatedAzure, resource: Resource) -> None:
    """Let the resource be there, with what it is part of and what is part of it."""
    identity = ResourceId.parse(resource.id)
    if identity and identity.parent:
        azure.seed(str(identity.parent), {"location": resource.location})
    azure.seed(resource.id, resource.body)
    for path, child in resource.children.items():
        if isinstance(child, Mapping):
            azure.seed(f"{resource.id}/{path}", child)
        else:
            for item in child:
                azure.seed(f"{resource.id}/{path}/{item['name']}", item)


def send(azure: SimulatedAzure, writes: Sequence[Write]) -> None:
    """Send writes one after the other. Raises AssertionError with Azure's answer to one that it refuses."""
    for write in writes:
        answer = azure.request(write.verb, write.resource_id, write.body, write.api_version, caller=azure.bot)
        assert answer.status < 300, f"{write.verb} {write.resource_id}: {answer.status} {answer.body}"


def read(azure: SimulatedAzure, like: Resource) -> Resource:
    """The resource with the same children and roles, as it is now."""
    children: dict[str, Any] = {}
    for path, child in like.children.items():
        if isinstance(child, Mapping):
            children[path] = azure.body(f"{like.id}/{path}")
        else:
            listed = azure.request("GET", f"{like.id}/{path}")
            children[path] = (listed.body or {})["value"]
    return Resource.of(azure.body(like.id) or {}, children, like.uses)


def lasting(value: Any) -> Any:
    """A body without what Azure sets anew with every write."""
    if isinstance(value, Mapping):
        return {name: lasting(inner) for name, inner in value.items() if name not in VOLATILE}
    return [lasting(item) for item in value] if isinstance(value, list) else value


def altered(resource: Resource, path: str, value: Any) -> Resource:
    """The resource with another value at a path that `remediation.plan.value_of` takes; what leads there is made."""
    body, children = copy.deepcopy({**resource.body}), copy.deepcopy({**resource.children})
    child, _, inner = path.rpartition(":")
    root: Any = _member(children, child) if child else body
    *way, last = STEP.findall(inner)
    for step in way:
        root = _member(root, step)
    root[last] = value
    return Resource.of(body, children, resource.uses)


def _member(parent: Any, step: str) -> Any:
    name, _, item = step.partition("[")
    if not item:
        parent[name] = parent.get(name) or {}
        return parent[name]
    items: list[Json] = parent.setdefault(name, [])
    found = _by_name(items).get(item.rstrip("]"))
    if found is None:
        found = {"name": item.rstrip("]")}
        items.append(found)
    return found


def differences(one: Resource, other: Resource) -> list[str]:
    """The paths at which two states of a resource differ, as `remediation.plan.value_of` writes them."""
    found = list(_differences(lasting(one.body), lasting(other.body)))
    for path in one.children:
        before, after = lasting(one.children[path]), lasting(other.children[path])
        separator = ":" if isinstance(before, Mapping) else ""
        found += [f"{path}{separator}{below}" for below in _differences(before, after)]
    return found


def _differences(before: Any, after: Any, above: str = "") -> Iterable[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted({*before, *after}):
            yield from _differences(before.get(name), after.get(name), f"{above}.{name}" if above else name)
    elif isinstance(before, list) and isinstance(after, list) and _are_named(before + after):
        befores, afters = _by_name(before), _by_name(after)
        for name in sorted({*befores, *afters}):
            yield from _differences(befores.get(name), afters.get(name), f"{above}[{name}]")
    elif before != after:
        yield above


def _are_named(items: list[Any]) -> bool:
    return all(isinstance(item, Mapping) and ("name" in item or "locationName" in item) for item in items)


def _by_name(items: list[Json]) -> dict[str, Json]:
    return {str(item.get("name", item.get("locationName"))): item for item in items}
