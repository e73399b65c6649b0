"""Checks Resource Manager requests and answers against Microsoft's published Swagger 2.0 documents.

Ids compare without case, as in Azure. `/{resourceId}` and `/{scope}/…` match only what has the form of an id, and the
path with the most literal segments wins. The address at which a long-running operation is polled is published nowhere:
check its answers with `check_operation_status`.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from jsonschema_rs import Validator

from local.contracts import SPECS, Problem, Schema, schema_problems, without_nulls
from local.contracts.shapes import Direction, compile_shape

_GROUP: Final = r"/subscriptions/[^/]+(?:/resourceGroups/[^/]+)?"
_RESOURCE: Final = r"/providers/[^/]+(?:/(?!providers/)[^/]+/[^/]+)+"
_SPANNING: Final = {"{resourceId}": f"(?:{_GROUP})?(?:{_RESOURCE})+", "{scope}": f"{_GROUP}(?:{_RESOURCE})*"}
_API_VERSION: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(-preview)?")
_BOOLEANS: Final = {"true": True, "false": False}
_DIRECTIONS: Final = {"put": Direction.CREATE, "post": Direction.CREATE, "patch": Direction.UPDATE}


@dataclass(frozen=True, slots=True)
class _Route:
    document: Schema
    template: str
    pattern: re.Pattern[str]

    @property
    def literals(self) -> int:
        return sum(not part.startswith("{") for part in self.template.split("/"))


@dataclass(frozen=True, slots=True)
class _Call:
    route: _Route
    method: str
    path_values: Mapping[str, str]

    @property
    def operation(self) -> Schema:
        operation: Schema = self.route.document["paths"][self.route.template][self.method]
        return operation

    def parameters(self, place: str) -> dict[str, Schema]:
        """The declared parameters in `path`, `query` or `body`, by name."""
        shared = self.route.document["parameters"]
        declared = (shared[_last(p["$ref"])] if "$ref" in p else p for p in self.operation.get("parameters", ()))
        return {parameter["name"]: parameter for parameter in declared if parameter["in"] == place}


class Swagger:
    """The published operations of every provider the project calls. Validators are compiled on first use and kept."""

    def __init__(self, documents: Iterable[Schema]) -> None:
        self._documents = {document["info"]["title"]: document for document in documents}
        self._routes = [
            _Route(document, template, _path_pattern(template))
            for document in self._documents.values()
            for template in document["paths"]
        ]
        self._validators: dict[tuple[str, Direction, str], Validator] = {}

    @classmethod
    def load(cls, folder: Path = SPECS) -> Self:
        """Read `swagger/*.json` below the folder of published specs. Raises FileNotFoundError where there are none."""
        files = [file for file in sorted((folder / "swagger").glob("*.json")) if file.name != "INDEX.json"]
        if not files:
            raise FileNotFoundError(folder / "swagger")
        return cls(json.loads(file.read_text(encoding="utf-8")) for file in files)

    def check_request(
        self,
        method: str,
        url_path: str,
        query: Mapping[str, str],
        body: Any = None,
        *,
        ignore_newer_api_version: bool = True,
    ) -> list[Problem]:
        """What is wrong with a request; `url_path` is the part of the URL before `?`, `body` is parsed JSON.

        The documents are older than the SDKs: a newer api-version is held to the shapes that are there, unless
        `ignore_newer_api_version` is False. An older one is always a problem, because nothing vouches for its shape.
        """
        call = self._find(method, url_path)
        if isinstance(call, Problem):
            return [call]
        path_values = {name: value.lower() for name, value in call.path_values.items()}
        return [
            *self._parameter_problems(call, "path", path_values),
            *self._parameter_problems(call, "query", query),
            *_api_version_problems(call, query.get("api-version"), ignore_newer_api_version),
            *self._request_body_problems(call, body),
        ]

    def check_response(
        self, method: str, url_path: str, status: int, *, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> list[Problem]:
        """What is wrong with an answer; headers are looked at only where they are given.

        `default` declares errors only, so a success must be declared by its number. Resource Manager itself may answer
        any request with an error in its common shape.
        """
        call = self._find(method, url_path)
        if isinstance(call, Problem):
            return [call]
        responses = call.operation["responses"]
        declared = responses.get(str(status))
        if declared is None and status < 400:
            return [Problem("status", f"{status} is not declared, only {', '.join(sorted(responses))}")]
        if declared is None:
            return self._error_problems(call, responses.get("default", {}), body)
        return [*self._answer_problems(call, declared, body), *_polling_problems(call, status, headers)]

    def check_operation_status(self, body: Any) -> list[Problem]:
        """What is wrong with the answer at an Azure-AsyncOperation address, by Resource Manager's common type."""
        return self.check_definition("ARM.common", "OperationStatusResult", body)

    def check_definition(self, document: str, definition: str, body: Any) -> list[Problem]:
        """What is wrong with a received body, by the name of its definition in a document (`info.title`)."""
        schema = {"$ref": f"#/definitions/{definition}"}
        validator = self._validator(self._documents[document], schema, Direction.READ)
        return schema_problems(validator, without_nulls(body), "body")

    def _find(self, method: str, url_path: str) -> _Call | Problem:
        matches = [(route, match) for route in self._routes if (match := route.pattern.fullmatch(url_path))]
        if not matches:
            return Problem("path", f"no published path matches {url_path}")
        route, match = max(matches, key=lambda found: found[0].literals)
        if method.lower() not in route.document["paths"][route.template]:
            return Problem("method", f"{method} is not declared for {route.template}")
        return _Call(route, method.lower(), match.groupdict())

    def _parameter_problems(self, call: _Call, place: str, values: Mapping[str, str]) -> list[Problem]:
        declared = call.parameters(place)
        schema = {
            "type": "object",
            "properties": {name: parameter | {"required": []} for name, parameter in declared.items()},
            "required": [name for name, parameter in declared.items() if parameter.get("required")],
            "additionalProperties": False,
        }
        validator = self._validator(call.route.document, schema, Direction.CREATE)
        typed = {name: _typed(value, declared.get(name, {}).get("type")) for name, value in values.items()}
        return schema_problems(validator, typed, place)

    def _request_body_problems(self, call: _Call, body: Any) -> list[Problem]:
        declared = next(iter(call.parameters("body").values()), None)
        if declared is None:
            return [] if body is None else [Problem("body", f"{call.method.upper()} declares no body here")]
        if body is None:
            return [Problem("body", "is required")] if declared.get("required") else []
        validator = self._validator(call.route.document, declared["schema"], _DIRECTIONS[call.method])
        return schema_problems(validator, body, "body")

    def _answer_problems(self, call: _Call, declared: Schema, body: Any) -> list[Problem]:
        if "schema" not in declared:
            return [] if body is None else [Problem("body", "no body is declared for this status")]
        if body is None:
            return [Problem("body", "is missing")]
        validator = self._validator(call.route.document, declared["schema"], Direction.READ)
        return schema_problems(validator, without_nulls(body), "body")

    def _error_problems(self, call: _Call, default: Schema, body: Any) -> list[Problem]:
        problems = self.check_definition("ARM.common", "ErrorResponse", body)
        return self._answer_problems(call, default, body) if problems and "schema" in default else problems

    def _validator(self, document: Schema, schema: Schema, direction: Direction) -> Validator:
        key = (document["info"]["title"], direction, json.dumps(schema))
        if key not in self._validators:
            self._validators[key] = compile_shape(document, schema, direction)
        return self._validators[key]


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]


def _path_pattern(template: str) -> re.Pattern[str]:
    return re.compile("".join(_segment_pattern(part) for part in template.strip("/").split("/")), re.IGNORECASE)


def _segment_pattern(segment: str) -> str:
    if not segment.startswith("{"):
        return f"/{re.escape(segment)}"
    name = segment.strip("{}")
    return f"(?P<{name}>{_SPANNING[segment]})" if segment in _SPANNING else f"/(?P<{name}>[^/]+)"


def _typed(value: str, declared_type: str | None) -> object:
    """A query value as the type its parameter declares; unchanged where it cannot be, for the schema to refuse."""
    match declared_type:
        case "integer":
            return int(value) if value.isdecimal() else value
        case "boolean":
            return _BOOLEANS.get(value.lower(), value)
        case "array":
            return value.split(",")
        case _:
            return value


def _api_version_problems(call: _Call, version: str | None, ignore_newer: bool) -> list[Problem]:
    if version is None:
        return []  # its absence is a missing parameter, reported with the others
    if not (match := _API_VERSION.fullmatch(version)):
        return [Problem("query/api-version", f"{version} is not an api-version")]
    published = call.route.document["info"]["version"]
    if call.route.template == "/{resourceId}" or version == published:
        return []  # the generic path takes the api-version of whatever the id names
    if match[1] < published or not ignore_newer:
        return [Problem("query/api-version", f"{version} cannot be checked, the published shapes are of {published}")]
    return []


def _polling_problems(call: _Call, status: int, headers: Mapping[str, str] | None) -> list[Problem]:
    if headers is None or status != 202 or not call.operation.get("x-ms-long-running-operation"):
        return []
    if {"location", "azure-asyncoperation"} & {name.lower() for name in headers}:
        return []
    return [Problem("headers", "202 names no address to poll: neither Location nor Azure-AsyncOperation")]
