"""Strategies that write resources as Microsoft's published shapes describe them.

Bodies come from the newest shapes (bicep-types), or from a Swagger document where those lack the type; they hold every
kind of property: optional ones, enums, nested objects, lists, maps, unions. What is published nowhere is an example
with some of its values changed. hypothesis-jsonschema would do the first part, but 0.23.1 (2024) neither runs with
today's hypothesis nor takes shapes that contain themselves, as AKS' do.
"""

import ast
import inspect
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from hypothesis import strategies as st

from local.contracts import SPECS, Schema, objects_in
from remediation.fixes import REMEDIATIONS
from rules import RULES_BY_TYPE
from rules.model import Body, Resource, Role, Use
from rules.regions import REGIONS
from tests.builders import DATABRICKS_ID, GROUP, REGISTRY_ID, STORAGE_ID, SUBSCRIPTION, VAULT_ID, WORKSPACE_ID, Json
from tests.rules.examples import EXAMPLES
from tests.rules.spoiling import paths_of, spoiled_body, without

type Bodies = st.SearchStrategy[Any]

NAMES: Final = ("mlprod", "mlsecond", "westeurope", "northeurope")
"""Legal for every type."""

IDS: Final = (STORAGE_ID, VAULT_ID, REGISTRY_ID, WORKSPACE_ID, DATABRICKS_ID, f"{GROUP}/x", "")
FORMATS: Final = {"date-time": "2026-01-01T00:00:00Z", "uuid": SUBSCRIPTION}
IDLE: Final = {"provisioningState": "Succeeded", "state": "Ready", "status": "Online"}
ARM_SETS: Final = frozenset({"id", "name", "type", "apiVersion"})

locations: Final = st.sampled_from([*REGIONS]) | st.sampled_from(["West Europe", "westeurope", "Atlantis Central"])
texts: Final = st.text(max_size=8)
any_json: Final[Bodies] = st.none() | st.booleans() | st.integers() | texts | st.lists(texts, max_size=2)


class Shape(NamedTuple):
    """The published schema of one type, and the document that its references point into."""

    document: Schema
    schema: Schema

    def resolved(self, schema: Schema) -> Schema:
        """The schema that a reference names."""
        found: Any = self.document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return {**found}


def _published() -> Iterator[tuple[str, Shape]]:
    for file in sorted((SPECS / "swagger").glob("Microsoft.*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        for path, operations in document["paths"].items():
            provider, *rest = path.rpartition("/providers/")[2].split("/")
            if "get" in operations and provider.startswith("Microsoft.") and rest[-1].startswith("{"):
                answer = operations["get"]["responses"]["200"]["schema"]
                yield "/".join((provider, *rest[::2])).lower(), Shape(document, answer)
    for file in sorted((SPECS / "bicep-types").glob("*@*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        yield document["x-type"].lower(), Shape(document, {"$ref": document["$ref"]})


SHAPES: Final[Mapping[str, Shape]] = dict(_published())
"""The newest published shape by lower-case type: those of the Bicep types come last and win. Empty without specs."""


class Vocabulary(NamedTuple):
    """What the rules and planners of a type speak of: names of properties, other words, numbers."""

    names: frozenset[str]
    words: tuple[str, ...]
    numbers: tuple[int, ...]


GENERAL: Final = frozenset(
    {"rules.model", "rules.regions", "rules.resource_id", "rules.scope", "rules.twin", "rules.values"}
)
"""What rules and planners import that speaks of no service."""


@cache
def vocabulary(kind: str) -> Vocabulary:
    """The constants in the modules of a type's rules and planners, so that bodies hold what those look for."""
    rules = RULES_BY_TYPE.get(kind, ())
    planners = [REMEDIATIONS[rule.name].planner for rule in rules if rule.name in REMEDIATIONS]
    modules = {found.__module__ for found in (*planners, *(rule.check for rule in rules))}
    shared = {module for each in modules for module in _shared(_tree(each))}
    trees = [_tree(module) for module in sorted(modules | shared)]
    constants = [node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    words = sorted({value for value in constants if isinstance(value, str) and re.fullmatch(r"[\w.-]{1,60}", value)})
    numbers = sorted({value for value in constants if type(value) is int})
    names = {name for word in words for name in word.split(".")}
    return Vocabulary(frozenset(names), ("1", "2", "3", *words), (0, *numbers))


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(inspect.getsource(sys.modules[module]))


def _shared(tree: ast.Module) -> set[str]:
    """The modules that rules or planners have their service's words from, beside their own."""
    found = {node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)}
    return {name for name in found - GENERAL if name.startswith(("rules.", "remediation.fixes."))}


class _Writer:
    """A shape as strategies. `full`: what the rules speak of is never left out, so that they get far."""

    def __init__(self, shape: Shape, words: Vocabulary, full: bool) -> None:
        self._shape, self._words, self._full = shape, words, full
        self._known: dict[tuple[str, str], Bodies] = {}

    def body(self) -> Bodies:
        """Everything but what Resource Manager sets."""
        schema = self._flat(self._shape.schema)
        properties = {name: inner for name, inner in schema["properties"].items() if name not in ARM_SETS}
        return self._object(schema | {"properties": properties})

    def _of(self, schema: Schema, name: str) -> Bodies:
        match schema:
            case {"$ref": str(reference)}:
                if (reference, name) not in self._known:
                    self._known[reference, name] = st.deferred(lambda: self._of(self._shape.resolved(schema), name))
                return self._known[reference, name]
            case {"const": value}:
                return st.just(value)
            case {"enum": values}:
                return st.sampled_from([*values, "Another"] if schema.get("x-open") else [*values])
            case {"allOf": [{"then": _}, *_] as kinds}:
                return st.one_of([self._of(kind["then"], name) for kind in kinds])
            case {"allOf": [only]} if "properties" not in schema:
                return self._of(only, name)  # how Swagger puts readOnly beside a reference
            case {"properties": _} | {"allOf": _} | {"additionalProperties": _}:
                return self._object(self._flat(schema))
            case _:
                return self._plain(schema, name)

    def _plain(self, schema: Schema, name: str) -> Bodies:
        match schema.get("type"):
            case "array":
                return st.lists(self._of(schema["items"], name), max_size=3)
            case "boolean":
                return st.booleans()
            case "integer" | "number":
                low, high = schema.get("minimum", -(2**31)), schema.get("maximum", 2**31 - 1)
                near = [number for number in self._words.numbers if low <= number <= high]
                return st.sampled_from(near or [low]) | st.integers(low, high)
            case "string":
                return self._text(schema, name)
            case _:
                return any_json

    def _text(self, schema: Schema, name: str) -> Bodies:
        low, high = schema.get("minLength", 0), schema.get("maxLength", 60)
        if schema.get("format") in FORMATS:
            return st.just(FORMATS[schema["format"]])
        if "pattern" in schema:
            matching = st.from_regex(re.compile(schema["pattern"], re.ASCII), fullmatch=True)
            return matching.filter(lambda text: low <= len(text) <= high and "\n" not in text)
        if name.lower().endswith("location"):
            return locations
        known = IDS if name.lower().endswith("id") else self._words.words
        fitting = [text for text in known if low <= len(text) <= high]
        free = st.text(min_size=low, max_size=min(low + 8, high))
        return st.sampled_from(fitting) | free if fitting else free

    def _object(self, schema: Schema) -> Bodies:
        readable = {each: inner for each, inner in schema["properties"].items() if _is_read(inner)}
        needed = set(schema["required"]) | (self._words.names if self._full else set())
        values = {each: self._of(inner, each) for each, inner in readable.items()}
        known = st.fixed_dictionaries(
            {each: value for each, value in values.items() if each in needed},
            optional={each: value for each, value in values.items() if each not in needed},
        )
        extra = schema.get("additionalProperties", False)
        if extra is False:
            return known
        others = st.dictionaries(st.sampled_from(self._words.words) | texts, self._of(extra, ""), max_size=3)
        return st.builds(lambda more, body: {**more, **body}, others, known)

    def _flat(self, schema: Schema) -> Schema:
        """An object with its reference followed and everything it inherits written out."""
        if "$ref" in schema:
            return self._flat(self._shape.resolved(schema))
        properties, required = schema.get("properties", {}), schema.get("required", [])
        for parent in map(self._flat, schema.get("allOf", ())):
            properties, required = parent["properties"] | properties, parent["required"] + required
        return {**schema, "properties": properties, "required": required}


def _is_read(schema: Schema) -> bool:
    return "read" in schema.get("x-ms-mutability", ("read",))


@cache
def _shaped(kind: str, owner: str) -> Bodies:
    """Bodies of a published shape, in the words of the rules of `owner`."""
    writers = [_Writer(SHAPES[kind], vocabulary(owner), full) for full in (True, False)]
    return st.one_of([writer.body() for writer in writers])


@cache
def _spoiled(kind: str) -> Bodies:
    """What examples hold of a type that nobody publishes, some of it left out, null or of another type."""
    found: list[Json] = [{"properties": {}}, *({**example.body} for example in EXAMPLES if example.type == kind)]
    for example in EXAMPLES:
        for path, child in example.children.items():
            if child_type(example.type, path) == kind:
                found += [{**body} for body in bodies_of(child)]
    return st.sampled_from(found).flatmap(spoiled_body)


@st.composite
def bodies(draw: st.DrawFn, kind: str, resource_id: str, owner: str) -> Json:
    """Bodies of a type as a GET answers them, in the words of `owner`'s rules; half of them of idle resources."""
    body: Json = draw(_shaped(kind, owner) if kind in SHAPES else _spoiled(kind))
    properties = body.get("properties")
    if isinstance(properties, dict) and draw(st.booleans()):
        idle = {name: value for name, value in IDLE.items() if isinstance(properties.get(name), str)}
        body = {name: value for name, value in body.items() if name != "managedBy"} | {"properties": properties | idle}
    return _at(resource_id, body)


@st.composite
def resources(draw: st.DrawFn, kind: str) -> Resource:
    """Resources of a type in any region and role, with the children that its rules and planners read.

    Half of them are an example, most of whose values they keep, with all else that the shape allows: a rule may depend
    on more at once than chance brings together.
    """
    resource_id = id_of(kind)
    body, children = draw(bodies(kind, resource_id, kind)), draw(_children(kind))
    used = draw(st.sets(st.sampled_from(Role)) | st.just({*Role} - {Role.MANAGED_RG}))
    uses = [Use(role, WORKSPACE_ID) for role in sorted(used)]
    if draw(st.booleans()):
        example = draw(st.sampled_from([example for example in EXAMPLES if example.type == kind]))
        rest = {name: value for name, value in body.items() if name not in ARM_SETS}
        body = _at(resource_id, _over(rest, draw(_most_of(kind, {**example.body})), _discriminators(kind)))
        children |= {path: _child_at(f"{resource_id}/{path}", child) for path, child in example.children.items()}
        uses = [*example.uses]
    if draw(st.integers(0, 4)) == 0:
        body = {name: value for name, value in body.items() if name != "location"}
    return Resource.of(body, children, uses)


def id_of(kind: str) -> str:
    """An id of the type, in the casing of its rules where it has any."""
    spelled = RULES_BY_TYPE[kind][0].applies_to if kind in RULES_BY_TYPE else kind
    provider, *types = spelled.split("/")
    return "/".join((GROUP, "providers", provider, *(part for each in types for part in (each, NAMES[0]))))


def _at(resource_id: str, body: Body) -> Json:
    """The body with what Resource Manager sets."""
    provider, *parts = resource_id.rpartition("/providers/")[2].split("/")
    return {**body, "id": resource_id, "name": parts[-1], "type": "/".join((provider, *parts[::2]))}


def _child_at(child_id: str, child: Body | Sequence[Body]) -> Json | list[Json]:
    if isinstance(child, Mapping):
        return _at(child_id, child)
    return [_at(f"{child_id}/{body.get('name', NAMES[0])}", body) for body in child]


@st.composite
def _most_of(draw: st.DrawFn, kind: str, example: Json) -> Json:
    """An example without up to three of its values; it still says of which kind the objects in it are."""
    body = {name: value for name, value in example.items() if name not in ARM_SETS}
    paths = [path for path in paths_of(body) if path[-1] not in _discriminators(kind)]
    for path in draw(st.lists(st.sampled_from(paths), max_size=3)):
        body = without(body, path)
    return body


def _over(body: Any, example: Any, discriminators: frozenset[str]) -> Any:
    """The example's values, with everything else from the body where both are of one kind."""
    if not isinstance(body, dict) or not isinstance(example, dict):
        return example
    if any(body.get(name) != example.get(name) for name in discriminators):
        return example
    return body | {name: _over(body.get(name), value, discriminators) for name, value in example.items()}


@cache
def _discriminators(kind: str) -> frozenset[str]:
    """The names of the properties that say of which kind an object of a union is."""
    document = SHAPES[kind].document if kind in SHAPES else {}
    return frozenset(name for schema in objects_in(document) if "if" in schema for name in schema["if"]["properties"])


@cache
def _children(kind: str) -> Bodies:
    """What was read below a resource: all that its rules and planners ask for, or some of it."""
    children = {path: _child(kind, path) for path in sorted(paths_read(kind))}
    return st.fixed_dictionaries(children) | st.fixed_dictionaries({}, optional=children)


def _child(kind: str, path: str) -> Bodies:
    """One child's body, or those of a collection."""
    inner, child_id = child_type(kind, path), f"{id_of(kind)}/{path}"
    if path.count("/") % 2:
        return bodies(inner, child_id, kind)
    named = [bodies(inner, f"{child_id}/{name}", kind) for name in NAMES]
    return st.lists(st.one_of(named), max_size=3, unique_by=lambda child: str(child["name"]))


def bodies_of(child: Body | Sequence[Body]) -> Sequence[Body]:
    """The bodies at a child path: one, or those of a collection."""
    return [child] if isinstance(child, Mapping) else child


def paths_read(kind: str) -> frozenset[str]:
    """The child paths that some rule of the type or its planner reads."""
    found = {path for rule in RULES_BY_TYPE[kind] for path in rule.reads}
    planned = (REMEDIATIONS[rule.name].reads for rule in RULES_BY_TYPE[kind] if rule.name in REMEDIATIONS)
    return frozenset(found.union(*planned))


def child_type(kind: str, path: str) -> str:
    """The lower-case type of what lies at a child path."""
    return "/".join((kind, *path.lower().split("/")[::2]))
