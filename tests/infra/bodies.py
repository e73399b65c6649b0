"""Holds what a template would send to the published shapes, as requests: stricter than what Azure would answer.

Two sources: the Bicep types beside the project (`../shared/specs`, absent elsewhere), and `shapes/`, cut from the
models of Microsoft's management SDKs for the types that those leave out. An unknown property, one that is read-only, a
value outside an enum and a missing property are errors. What is only known when the template is deployed fits anywhere.
"""

import json
from pathlib import Path
from typing import Any, Final

from jsonschema_rs import Validator, validator_for

from local.bicep.template import Deployed
from local.contracts import SPECS, Schema

SHAPES: Final = Path(__file__).parent / "shapes"


class Shapes:
    """The shape of a request for every type that the templates deploy."""

    def __init__(self) -> None:
        read = [_read(file) for folder in (SPECS / "bicep-types", SHAPES) for file in sorted(folder.glob("*@*.json"))]
        self._shapes = {(each["x-type"].lower(), each.get("x-name", "")): each for each in read}

    def knows(self, resource: Deployed) -> bool:
        """Whether a shape is published for the resource where the project is."""
        return self._find(resource) is not None

    def problems(self, resource: Deployed) -> list[str]:
        """What Azure would refuse of a resource; also an api-version that the shape is not for."""
        shape = self._find(resource)
        if shape is None:
            return [f"{resource.symbol}: no shape of {resource.type}"]
        body = resource.body | {"name": resource.id.rpartition("/")[2]}
        errors = [
            f"{resource.symbol}: {'/'.join(map(str, error.instance_path))}: {error.message}"
            for error in _validator(shape).iter_errors(body)
        ]
        if resource.api_version != shape["x-api-version"]:
            errors.append(f"{resource.symbol}: api-version is {resource.api_version}, not {shape['x-api-version']}")
        return errors

    def _find(self, resource: Deployed) -> Schema | None:
        kind, name = resource.type.lower(), resource.id.rpartition("/")[2]
        return self._shapes.get((kind, name)) or self._shapes.get((kind, ""))


def _read(file: Path) -> Schema:
    shape: Schema = json.loads(file.read_text(encoding="utf-8"))
    return shape


def _validator(shape: Schema) -> Validator:
    return validator_for(_as_request(shape))


def _as_request(schema: Any) -> Any:
    """The schema of a body as a client sends it: what it cannot set is refused, and not required."""
    if isinstance(schema, list):
        return [_as_request(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    read_only = schema.get("x-readonly", ())
    request = {key: _as_request(value) for key, value in schema.items()}
    if isinstance(properties := request.get("properties"), dict) and "x-readonly" in schema:
        request["properties"] = {name: shape for name, shape in properties.items() if name not in read_only}
        request["required"] = [name for name in schema.get("required", ()) if name not in read_only]
    if schema.get("type") == "string" and ("maxLength" in schema or "pattern" in schema):
        return {"anyOf": [request, {"type": "string", "pattern": "^<.*>$"}]}
    return request
