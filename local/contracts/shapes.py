"""Swagger 2.0 definitions as JSON Schema 2020-12.

Unknown properties are refused, which finds drift; inheritance is written out so that this is possible. `type: object`
without properties means any JSON. A discriminator chooses the subclass. Enums are enforced only where the service
closes them (`x-closed-enum`), because Azure adds values without a new api-version.
"""

from collections.abc import Iterator
from enum import Enum
from typing import Any, Final

from jsonschema_rs import Validator, validator_for

from local.contracts import Schema

_KEPT: Final = frozenset(
    ("type", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "uniqueItems")
)
_FORMATS: Final = frozenset({"date-time", "date", "uuid"})
_INT32: Final[Schema] = {"minimum": -(2**31), "maximum": 2**31 - 1}


class Direction(Enum):
    """Which way a body travels; it decides which properties may and must be there.

    A property that a direction never carries (read-only in a request, write-only in a response) is never required. It
    is refused in a response and in a PATCH, where it would be a fix that changes nothing; a PUT may repeat what a GET
    answered, so there it is let through. A secret is never required in a response.
    """

    CREATE = "create"  # PUT and POST
    UPDATE = "update"  # PATCH
    READ = "read"  # every response


def compile_shape(document: Schema, schema: Schema, direction: Direction) -> Validator:
    """A validator for one schema of a Swagger document; only the definitions it reaches are compiled."""
    shapes = _Shapes(document, direction)
    root = shapes.convert(schema)
    return validator_for({**root, "$defs": shapes.reached}, validate_formats=True)


class _Shapes:
    def __init__(self, document: Schema, direction: Direction) -> None:
        self._definitions: dict[str, Schema] = document["definitions"]
        self._direction = direction
        self.reached: dict[str, Schema] = {}

    def convert(self, schema: Schema) -> Schema:
        parents = schema.get("allOf", ())
        if "$ref" in schema:
            shape = self._reference(_name(schema))
        elif len(parents) == 1 and "properties" not in schema:
            shape = self.convert(parents[0])  # how Swagger puts readOnly beside a reference
        else:
            shape = self._shape(self._flat(schema))
        return {"anyOf": [shape, {"type": "null"}]} if schema.get("x-nullable") else shape

    def _reference(self, name: str) -> Schema:
        if name not in self.reached:
            self.reached[name] = {}  # a definition may contain itself
            self.reached[name] = self._definition(name)
        return {"$ref": f"#/$defs/{name}"}

    def _definition(self, name: str) -> Schema:
        """A definition, or the subclass its discriminator names; an unknown kind is held to the base."""
        flat = self._flat(self._definitions[name])
        shape = self._shape(flat)
        for kind, subclass in self._subclasses(name) if "discriminator" in flat else ():
            is_kind = {"properties": {flat["discriminator"]: {"const": kind}}, "required": [flat["discriminator"]]}
            shape = {"if": is_kind, "then": self._reference(subclass), "else": shape}
        return shape

    def _subclasses(self, base: str) -> Iterator[tuple[str, str]]:
        for name, definition in self._definitions.items():
            if any(_name(parent) == base for parent in definition.get("allOf", ())):
                yield definition.get("x-ms-discriminator-value", name), name

    def _flat(self, schema: Schema) -> Schema:
        """The schema with everything it inherits written out."""
        flat: Schema = {"properties": {}, "required": []}
        parents = (self._flat(self._resolved(parent)) for parent in schema.get("allOf", ()))
        for part in (*parents, schema):
            properties = flat["properties"] | part.get("properties", {})
            required = flat["required"] + part.get("required", [])
            flat = flat | part | {"properties": properties, "required": required}
        return flat

    def _shape(self, flat: Schema) -> Schema:
        if flat["properties"] or ("additionalProperties" in flat and flat.get("type") == "object"):
            return self._object(flat)
        return {} if flat.get("type", "object") == "object" else self._plain(flat)

    def _object(self, flat: Schema) -> Schema:
        extra = flat.get("additionalProperties", False)
        return {
            "type": "object",
            "properties": {name: self._property(schema) for name, schema in flat["properties"].items()},
            "required": [n for n in dict.fromkeys(flat["required"]) if self._must_have(flat["properties"].get(n, {}))],
            "additionalProperties": extra if isinstance(extra, bool) else self.convert(extra),
        }

    def _property(self, schema: Schema) -> Schema | bool:
        if self._never_carries(schema) and self._direction is not Direction.CREATE:
            return False
        return self.convert(schema)

    def _must_have(self, schema: Schema) -> bool:
        secret = self._resolved(schema).get("x-ms-secret") and self._direction is Direction.READ
        return not (secret or self._never_carries(schema))

    def _never_carries(self, schema: Schema) -> bool:
        marks = self._resolved(schema)
        read_only = marks.get("readOnly", False) and self._direction is not Direction.READ
        return read_only or self._direction.value not in marks.get("x-ms-mutability", (self._direction.value,))

    def _plain(self, schema: Schema) -> Schema:
        shape = {key: value for key, value in schema.items() if key in _KEPT}
        if schema.get("format") == "int32":
            shape = _INT32 | shape
        if schema.get("format") in _FORMATS:
            shape["format"] = schema["format"]
        if schema.get("x-closed-enum"):
            shape["enum"] = schema["enum"]
        if "items" in schema:
            shape["items"] = self.convert(schema["items"])
        return shape

    def _resolved(self, schema: Schema) -> Schema:
        """The schema with its reference followed; marks beside the reference win."""
        return self._definitions[_name(schema)] | schema if "$ref" in schema else schema


def _name(reference: dict[str, Any]) -> str:
    return str(reference.get("$ref", "")).removeprefix("#/definitions/")
