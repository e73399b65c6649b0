"""Checks resource events against the published Event Grid types, in the Event Grid schema and in CloudEvents 1.0."""

from pathlib import Path
from typing import Any, Final, Self

from jsonschema_rs import Draft202012Validator

from local.contracts import SPECS, TEXT, Problem, schema_problems
from local.contracts.swagger import Swagger

_DOCUMENT: Final = "EventGrid.events"
_DATA: Final = {
    f"Microsoft.Resources.{name}": f"{name}Data"
    for name in ("ResourceWriteSuccess", "ResourceWriteFailure", "ResourceDeleteSuccess", "ResourceActionSuccess")
}
# The attributes that CloudEvents 1.0 (cloudevents.io) requires; its extensions are named in lower case.
_CLOUD_EVENT: Final = Draft202012Validator(
    {
        "type": "object",
        "required": ["id", "source", "specversion", "type"],
        "properties": {"specversion": {"const": "1.0"}, "time": {"format": "date-time"}, "data": {"type": "object"}},
        "patternProperties": {"^(id|source|type|subject|time|datacontenttype|dataschema)$": TEXT, "^[a-z0-9]+$": {}},
        "additionalProperties": False,
    },
    validate_formats=True,
)


class EventGrid:
    """The published shapes of the events that Azure raises about resources."""

    def __init__(self, swagger: Swagger) -> None:
        self._swagger = swagger

    @classmethod
    def load(cls, folder: Path = SPECS) -> Self:
        """Read the event types below the folder of published specs. Raises FileNotFoundError where there are none."""
        return cls(Swagger.load(folder))

    def check(self, event: dict[str, Any]) -> list[Problem]:
        """What is wrong with one event; one with `specversion` is taken for a CloudEvent.

        Null data properties count as absent. An event type without published data is a problem.
        """
        if "specversion" in event:
            envelope, kind = schema_problems(_CLOUD_EVENT, event, "event"), event.get("type")
        else:
            envelope, kind = self._swagger.check_definition(_DOCUMENT, "EventGridEvent", event), event.get("eventType")
        return [*envelope, *self._data_problems(kind, event.get("data"))]

    def _data_problems(self, kind: Any, data: Any) -> list[Problem]:
        if kind not in _DATA:
            return [Problem("event type", f"no published data for {kind}")]
        found = self._swagger.check_definition(_DOCUMENT, _DATA[kind], data)
        return [Problem(f"data/{problem.where}", problem.what) for problem in found]
