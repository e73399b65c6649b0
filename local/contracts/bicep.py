"""Checks resource bodies against the newest published shapes, those of the Bicep types.

They describe what a GET answers. Allowances, each because the source cannot say it better:

- a string outside an open enum (`x-open`) is legal in Azure;
- null means absent;
- the case of `type` differs between services and releases;
- `etag` is left out of several types that have one;
- Bicep knows no fractions, so a published integer may be any number;
- `computeMode` of a Databricks workspace is required only of clients that create one with this api-version.
"""

import json
import re
from pathlib import Path
from typing import Any, Self

from jsonschema_rs import Validator, validator_for

from local.contracts import SPECS, Problem, Schema, schema_problems, without_nulls


class BicepTypes:
    """The newest published shape of every resource type the project reads. Compiled on first use and kept."""

    def __init__(self, files: dict[str, Path]) -> None:
        self._files = files
        self._validators: dict[str, Validator] = {}

    @classmethod
    def load(cls, folder: Path = SPECS) -> Self:
        """Find `bicep-types/*.json` below the folder of published specs. Raises FileNotFoundError where none are."""
        files = {_resource_type(file): file for file in (folder / "bicep-types").glob("*@*.json")}
        if not files:
            raise FileNotFoundError(folder / "bicep-types")
        return cls(files)

    def check_body(self, resource_type: str, body: Any) -> list[Problem]:
        """What is wrong with a body that a GET of this type answered; an unknown type is a problem too."""
        wanted = resource_type.lower()
        if wanted not in self._files:
            return [Problem("type", f"no published shape for {resource_type}")]
        if wanted not in self._validators:
            schema = json.loads(self._files[wanted].read_text(encoding="utf-8"))
            self._validators[wanted] = validator_for(_loosened_root(schema), validate_formats=True)
        return schema_problems(self._validators[wanted], without_nulls(body), "body")


def _resource_type(file: Path) -> str:
    return file.name.partition("@")[0].replace("_", "/").lower()


def _loosened_root(schema: Schema) -> Schema:
    loosened: Schema = _loosened(schema)
    resource = loosened["$defs"][loosened["$ref"].rpartition("/")[2]]
    properties = resource.get("properties", {})
    properties["type"] = {"type": "string", "pattern": f"^(?i:{re.escape(schema['x-type'])})$"}
    properties.setdefault("etag", {"type": "string"})
    return loosened


def _loosened(schema: Any) -> Any:
    """The schema with the allowances that apply at every depth."""
    if isinstance(schema, list):
        return [_loosened(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    loosened = {key: _loosened(value) for key, value in schema.items()}
    if loosened.get("x-open") is True:
        loosened.pop("enum", None)
    if loosened.get("type") == "integer":
        loosened["type"] = "number"
    if isinstance(required := loosened.get("required"), list):
        loosened["required"] = [name for name in required if name != "computeMode"]
    return loosened
