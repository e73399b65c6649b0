"""Holds messages to the shapes that Microsoft and Slack publish, so that a fake cannot share our misunderstandings.

A development tool, never deployed. The published shapes are not part of the project: they lie in `SPECS`, and whoever
needs them says `SPECS_ABSENT` and stops where the folder is missing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jsonschema_rs import Validator

type Schema = dict[str, Any]  # a JSON Schema, or a part of a Swagger 2.0 document

SPECS: Final = Path(__file__).resolve().parents[3] / "shared" / "specs"
SPECS_ABSENT: Final = "published Azure specs not found at ../shared/specs; contract tests skipped"
TEXT: Final[Schema] = {"type": "string", "minLength": 1}


@dataclass(frozen=True, slots=True)
class Problem:
    """One way in which a message breaks its contract. `where` is a place in the message, such as `body/sku/name`."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def schema_problems(validator: Validator, message: Any, where: str) -> list[Problem]:
    """Everything the schema finds wrong with a message, each at its place below `where`."""
    errors = validator.iter_errors(message)
    return [Problem("/".join((where, *map(str, error.instance_path))), error.message) for error in errors]


def closed(*required: str, **properties: Schema) -> Schema:
    """The schema of an object that holds these properties and no others."""
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


def without_nulls(message: Any) -> Any:
    """The message without null properties: Azure answers null where it means absent."""
    if isinstance(message, dict):
        return {name: without_nulls(value) for name, value in message.items() if value is not None}
    if isinstance(message, list):
        return [without_nulls(item) for item in message]
    return message


def objects_in(message: Any) -> Iterator[dict[str, Any]]:
    """Every JSON object in a message, outermost first."""
    if isinstance(message, dict):
        yield message
    children = message.values() if isinstance(message, dict) else message if isinstance(message, list) else ()
    for child in children:
        yield from objects_in(child)


def repeated(values: Sequence[str]) -> list[str]:
    """The values that occur more than once, each named once."""
    return sorted({value for value in values if values.count(value) > 1})
