"""Which resources and rules an entry of the policy is about. Pure; a pattern is lower-case text, * stands for any."""

from dataclasses import dataclass

from rules.model import Environment, Resource, Role
from rules.resource_id import ResourceId

type Tags = tuple[tuple[str, tuple[str, ...]], ...]
"""Names of tags, each with the patterns of its values."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Resources: all that is given has to hold, and of each list one pattern is enough. Empty members are not given."""

    subscriptions: tuple[str, ...] = ()
    resource_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    tags: Tags = ()
    roles: frozenset[Role] = frozenset()
    environment: Environment | None = None

    def holds(self, resource: Resource, environment: Environment) -> bool:
        """Whether it is about a resource, which is for this environment."""
        subscription, group = place(resource)
        return (
            _fits(self.subscriptions, subscription)
            and _fits(self.resource_groups, group)
            and _fits(self.resources, resource.id)
            and _fits(self.types, resource.type)
            and all(is_tagged(resource, name, values) for name, values in self.tags)
            and (not self.roles or bool(self.roles & resource.roles))
            and self.environment in (None, environment)
        )


EVERYWHERE = Scope()


@dataclass(frozen=True, slots=True)
class Kin:
    """Resources that are for one environment: one pattern of any list is enough. `source` says where that stands."""

    environment: Environment
    source: str
    subscriptions: tuple[str, ...] = ()
    resource_groups: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    tags: Tags = ()

    def holds(self, resource: Resource) -> bool:
        """Whether a resource is one of them."""
        subscription, group = place(resource)
        return (
            any_like(self.subscriptions, subscription)
            or any_like(self.resource_groups, group)
            or any_like(self.names, resource.name)
            or any(is_tagged(resource, name, values) for name, values in self.tags)
        )


def place(resource: Resource) -> tuple[str, str]:
    """Subscription and resource group, empty where the id tells none."""
    at = ResourceId.parse(resource.id)
    return (at.subscription, at.group) if at else ("", "")


def is_tagged(resource: Resource, name: str, values: tuple[str, ...]) -> bool:
    """Whether a tag has one of these values."""
    value = resource.tag(name)
    return value is not None and any_like(values, value.strip())


def names_rule(patterns: tuple[str, ...], rule: str) -> bool:
    """Whether a rule is named; no patterns name them all."""
    return _fits(patterns, rule)


def _fits(patterns: tuple[str, ...], text: str) -> bool:
    return not patterns or any_like(patterns, text)


def any_like(patterns: tuple[str, ...], text: str) -> bool:
    """Whether one of the patterns describes a text."""
    return any(like(pattern, text) for pattern in patterns)


def like(pattern: str, text: str) -> bool:
    """Whether a pattern describes all of a text. Each part between two * is found where it first stands, so no pattern
    takes long."""
    first, *others = pattern.split("*")
    rest = text.lower()
    if not others:
        return rest == first
    *middle, last = others
    if not rest.startswith(first) or not rest.endswith(last) or len(rest) < len(first) + len(last):
        return False
    rest = rest[len(first) : len(rest) - len(last)]
    for part in middle:
        _, found, rest = rest.partition(part) if part else ("", "*", rest)
        if not found:
            return False
    return True
