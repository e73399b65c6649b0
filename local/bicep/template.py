"""A Bicep template with its modules: the resources it would deploy for given parameters."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from tree_sitter import Node

from local.bicep.expressions import Expressions
from local.bicep.functions import LOCATION, SUBSCRIPTION, functions
from local.bicep.syntax import Declaration, NotBicep, declarations

type Json = dict[str, Any]

BICEP_ONLY: Final = ("parent", "scope", "dependsOn", "name")
"""What a resource says to Bicep, not to Azure; its name becomes part of its id."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """One resource as it would be sent: a PUT of `body` to `id`."""

    file: Path
    symbol: str
    type: str
    api_version: str
    id: str
    body: Json

    @property
    def full_body(self) -> Json:
        """The body as Azure would return it: with id, name and type."""
        return self.body | {"id": self.id, "name": self.id.rpartition("/")[2], "type": self.type}


def deployed(file: Path, parameters: Mapping[str, Any], location: str = LOCATION) -> list[Deployed]:
    """Every resource that a template deploys to a subscription, or to the group `rg` in it. Raises NotBicep."""
    subscription = f"/subscriptions/{SUBSCRIPTION}"
    scope = subscription if _targets_subscription(file) else f"{subscription}/resourceGroups/rg"
    return [*Template(file, parameters, scope, location).resources()]


def _targets_subscription(file: Path) -> bool:
    return any(
        each.kind == "targetScope" and b"'subscription'" in (each.node.text or b"") for each in declarations(file)
    )


class Template:
    """One file with its parameters, deployed to a scope (the id of a subscription or of a resource group)."""

    def __init__(self, file: Path, parameters: Mapping[str, Any], scope: str, location: str = LOCATION) -> None:
        self.file, self.scope, self.location = file, scope, location
        self._given = parameters
        self._declared = {(each.kind == "output", each.name): each for each in declarations(file)}
        self._values: dict[str, Any] = {}
        self._expressions = Expressions(file, self._lookup, functions(file, scope, location))
        unknown = parameters.keys() - {each.name for each in self._declared.values() if each.kind == "param"}
        if unknown:
            raise NotBicep(file, next(iter(self._declared.values())).node, f"has no parameter {', '.join(unknown)}")

    @cached_property
    def outputs(self) -> Json:
        """The values of its outputs."""
        found = {each.name: each.node for each in self._declared.values() if each.kind == "output"}
        return {name: self._expressions.value(node.named_children[-1], {}) for name, node in found.items()}

    def resources(self) -> Iterator[Deployed]:
        """What it and its modules deploy; not what exists already or is left out by a condition."""
        for each in self._declared.values():
            if each.kind == "resource" and not _exists(each.node):
                yield from (one.sent() for one in self._all(each) if one.wanted)
            if each.kind == "module":
                for module in self._all(each):
                    if module.wanted:
                        yield from module.template.resources()
            if each.kind in ("param", "var"):
                self._lookup(each.name)
        _ = self.outputs

    def _lookup(self, name: str) -> Any:
        if name not in self._values:
            self._values[name] = self._made(self._declared[False, name])
        return self._values[name]

    def _made(self, declared: Declaration) -> Any:
        match declared.kind:
            case "var":
                return self._expressions.value(declared.node.named_children[-1], {})
            case "param":
                return self._parameter(declared)
            case _:
                found = self._all(declared)
                return found if declared.node.named_children[-1].type == "for_statement" else found[0]

    def _parameter(self, declared: Declaration) -> Any:
        if declared.name in self._given:
            return self._given[declared.name]
        parts = declared.node.named_children
        if len(parts) < 3:
            raise NotBicep(self.file, declared.node, f"the parameter {declared.name} has no value")
        return self._expressions.value(parts[-1], {})

    def _all(self, declared: Declaration) -> list["One"]:
        """The resources or modules of one declaration: one, or one for each turn of its loop."""
        body = declared.node.named_children[-1]
        turns = self._expressions.turns(body, {}) if body.type == "for_statement" else [(body, {})]
        return [One(self, declared, node, local) for node, local in turns]

    def value(self, node: Node, local: Mapping[str, Any]) -> Any:
        """The value of an expression of this file."""
        return self._expressions.value(node, local)


def _exists(node: Node) -> bool:
    return any(child.type == "existing" for child in node.children)


class One:
    """One resource or module of a template, worked out when it is asked for."""

    def __init__(self, template: Template, declared: Declaration, node: Node, local: Mapping[str, Any]) -> None:
        self._in, self._declared, self._local = template, declared, local
        self._condition = node.named_children[0] if node.type == "if_statement" else None
        self._object = node.named_children[-1] if node.type == "if_statement" else node
        self._said = {self._key(entry): entry.named_children[1] for entry in self._entries()}

    def _entries(self) -> list[Node]:
        return [entry for entry in self._object.named_children if entry.type == "object_property"]

    @staticmethod
    def _key(entry: Node) -> str:
        return (entry.named_children[0].text or b"").decode()

    def _value(self, name: str) -> Any:
        return self._in.value(self._said[name], self._local)

    @cached_property
    def wanted(self) -> bool:
        """Whether its condition holds."""
        return self._condition is None or bool(self._in.value(self._condition, self._local))

    @property
    def _kind(self) -> str:
        return str(self._in.value(self._declared.node.named_children[1], {}))

    @cached_property
    def id(self) -> str:
        """The id of a resource."""
        kind, _, _ = self._kind.partition("@")
        name = str(self._value("name"))
        if "parent" in self._said:
            return f"{self._value('parent').id}/{kind.rpartition('/')[2]}/{name}"
        if kind == "Microsoft.Resources/resourceGroups":
            return f"{self._in.scope}/resourceGroups/{name}"
        provider, *types = kind.split("/")
        pairs = zip(types, name.split("/"), strict=True)
        return "/".join((self._scope(), "providers", provider, *(part for pair in pairs for part in pair)))

    def _scope(self) -> str:
        if "scope" not in self._said:
            return self._in.scope
        scope = self._value("scope")
        return str(scope["id"]) if isinstance(scope, dict) else str(scope.id)

    @cached_property
    def template(self) -> Template:
        """The template of a module, with its parameters."""
        parameters = self._value("params") if "params" in self._said else {}
        return Template(self._in.file.parent / self._kind, parameters, self._scope(), self._in.location)

    def member(self, name: str) -> Any:
        """One of its properties, for expressions; what only Azure knows as a text that says so."""
        if self._declared.kind == "module":
            return self.template.outputs if name == "outputs" else f"<{self._declared.name}.{name}>"
        if name == "id":
            return self.id
        if name in ("name", "location", "type"):
            return {"name": self.id.rpartition("/")[2], "type": self._kind.partition("@")[0]}.get(name) or self._value(
                name
            )
        return f"<{self._declared.name}.{name}>"

    def sent(self) -> Deployed:
        """The resource as it would be sent."""
        kind, _, version = self._kind.partition("@")
        body = {name: self._value(name) for name in self._said if name not in BICEP_ONLY}
        for name in {"parent", "dependsOn"} & self._said.keys():
            self._value(name)  # what it names must be declared
        return Deployed(self._in.file, self._declared.name, kind, version, self.id, body)
