"""What a Swagger document means in each direction, shown on documents small enough to read."""

from pathlib import Path
from typing import Any

import pytest

from local.contracts import Schema
from local.contracts.bicep import BicepTypes
from local.contracts.shapes import Direction, compile_shape
from local.contracts.swagger import Swagger

CREATE, UPDATE, READ = Direction.CREATE, Direction.UPDATE, Direction.READ
DEFINITIONS: dict[str, Schema] = {
    "Tracked": {
        "required": ["location"],
        "properties": {"location": {"type": "string", "x-ms-mutability": ["create", "read"]}},
    },
    "Server": {
        "allOf": [{"$ref": "#/definitions/Tracked"}],
        "required": ["state", "password", "key", "location"],
        "properties": {
            "state": {"type": "string", "readOnly": True},
            "password": {"type": "string", "x-ms-mutability": ["create", "update"]},
            "key": {"type": "string", "x-ms-secret": True},
            "size": {"type": "integer", "format": "int32"},
            "note": {"type": "string", "x-nullable": True},
            "open": {"type": "string", "enum": ["A"]},
            "closed": {"type": "string", "enum": ["A"], "x-closed-enum": True},
            "anything": {"type": "object"},
            "tags": {"type": "object", "additionalProperties": {"type": "string"}},
            "replicas": {"type": "array", "items": {"$ref": "#/definitions/Server"}},
            "last": {"$ref": "#/definitions/Backup", "readOnly": True},
            "backup": {"allOf": [{"$ref": "#/definitions/Backup"}], "readOnly": False},
        },
    },
    "Backup": {"discriminator": "kind", "required": ["kind"], "properties": {"kind": {"type": "string"}}},
    "Hourly": {
        "allOf": [{"$ref": "#/definitions/Backup"}],
        "x-ms-discriminator-value": "hourly",
        "properties": {"hours": {"type": "integer"}},
    },
    "continuous": {"allOf": [{"$ref": "#/definitions/Backup"}]},
}

WRITTEN = {"location": "westeurope", "password": "secret", "key": "k"}
ANSWERED = {"location": "westeurope", "state": "Ready"}
LEGAL: dict[str, tuple[Direction, Any]] = {
    "a create needs nothing read-only": (CREATE, WRITTEN),
    "a create may repeat what was read": (CREATE, WRITTEN | {"state": "Ready"}),
    "an update needs nothing it cannot change": (UPDATE, {"password": "secret", "key": "k"}),
    "an answer needs no secret": (READ, ANSWERED),
    "an answer may hold a secret": (READ, ANSWERED | {"key": "k"}),
    "null where it is declared": (CREATE, WRITTEN | {"note": None}),
    "a new value of an open enum": (READ, ANSWERED | {"open": "B"}),
    "any JSON in a bare object": (READ, ANSWERED | {"anything": [1, {"x": None}]}),
    "a definition inside itself": (READ, ANSWERED | {"replicas": [ANSWERED]}),
    "a kind by its discriminator value": (READ, ANSWERED | {"backup": {"kind": "hourly", "hours": 1}}),
    "a kind by its name": (READ, ANSWERED | {"backup": {"kind": "continuous"}}),
    "an unknown kind of the base's shape": (READ, ANSWERED | {"backup": {"kind": "weekly"}}),
}
ILLEGAL: dict[str, tuple[Direction, Any]] = {
    "a create without what it must send": (CREATE, {"location": "westeurope", "key": "k"}),
    "an inherited requirement": (CREATE, {"password": "secret", "key": "k"}),
    "an update of something read-only": (UPDATE, {"password": "secret", "key": "k", "state": "Ready"}),
    "an update of a read-only reference": (UPDATE, {"password": "secret", "key": "k", "last": {"kind": "hourly"}}),
    "an update of something fixed at creation": (UPDATE, WRITTEN),
    "an answer without what it must say": (READ, {"location": "westeurope"}),
    "an answer with something write-only": (READ, ANSWERED | {"password": "secret"}),
    "an unknown property": (READ, ANSWERED | {"colour": "red"}),
    "null where it is not declared": (CREATE, WRITTEN | {"open": None}),
    "a number beyond 32 bits": (READ, ANSWERED | {"size": 2**31}),
    "another value of a closed enum": (READ, ANSWERED | {"closed": "B"}),
    "a tag that is no text": (READ, ANSWERED | {"tags": {"env": 1}}),
    "a fault deep inside": (READ, ANSWERED | {"replicas": [{"location": "westeurope"}]}),
    "a property of another kind": (READ, ANSWERED | {"backup": {"kind": "continuous", "hours": 1}}),
    "no kind": (READ, ANSWERED | {"backup": {"hours": 1}}),
}


def is_valid(direction: Direction, body: Any) -> bool:
    validator = compile_shape({"definitions": DEFINITIONS}, {"$ref": "#/definitions/Server"}, direction)
    return validator.is_valid(body)


@pytest.mark.parametrize(("direction", "body"), LEGAL.values(), ids=LEGAL)
def test_legal(direction: Direction, body: Any) -> None:
    assert is_valid(direction, body)


@pytest.mark.parametrize(("direction", "body"), ILLEGAL.values(), ids=ILLEGAL)
def test_illegal(direction: Direction, body: Any) -> None:
    assert not is_valid(direction, body)


@pytest.mark.parametrize("kind", [Swagger, BicepTypes])
def test_an_empty_folder_is_never_taken_for_a_contract(kind: type[Swagger | BicepTypes], tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        kind.load(tmp_path)
