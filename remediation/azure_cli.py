"""How a command of the Azure CLI names a resource, in what people may copy. Pure."""

import shlex

from rules.model import Resource
from rules.resource_id import ResourceId


def in_group(resource: Resource) -> str:
    """The option that names the resource's group, with a blank to fill in where its id cannot be read."""
    parsed = ResourceId.parse(resource.id)
    return f"--resource-group {shlex.quote(parsed.group) if parsed else '<group>'}"


def names(resource: Resource) -> str:
    """The options that name a resource that stands in a group by itself."""
    parsed = ResourceId.parse(resource.id)
    return f"{in_group(resource)} --name {shlex.quote(parsed.name) if parsed else '<name>'}"
