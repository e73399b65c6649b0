"""The functions of Bicep that the templates use."""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

TENANT: Final = "00000000-0000-4000-8000-00000000000a"
SUBSCRIPTION: Final = "00000000-0000-4000-8000-000000000001"
LOCATION: Final = "westeurope"
"""Where a template is deployed that does not say where."""


def functions(file: Path, scope: str, location: str) -> Mapping[str, Callable[..., Any]]:
    """The functions as a file sees them that is deployed to a scope: a subscription's id or a resource group's."""
    return {
        **PURE,
        "deployment": lambda: {"name": file.stem, "location": location},
        "environment": lambda: {
            "resourceManager": "https://management.azure.com/",
            "authentication": {"loginEndpoint": "https://login.microsoftonline.com/"},
            "suffixes": {"storage": "core.windows.net"},
        },
        "loadJsonContent": lambda name: json.loads((file.parent / name).read_text(encoding="utf-8")),
        "loadTextContent": lambda name: (file.parent / name).read_text(encoding="utf-8"),
        "resourceGroup": lambda *names: _group(scope, location, *names),
        "subscription": lambda: _subscription(scope),
        "tenant": lambda: {"tenantId": TENANT},
        "subscriptionResourceId": lambda kind, *names: f"{_subscription(scope)['id']}/providers/{_path(kind, names)}",
    }


def _subscription(scope: str) -> dict[str, str]:
    identity = scope.split("/")[2]
    return {"id": f"/subscriptions/{identity}", "subscriptionId": identity, "tenantId": TENANT}


def _group(scope: str, location: str, *names: str) -> dict[str, str]:
    """The group that is deployed to, or the one of a name, in another subscription where two are given."""
    if not names:
        return {"id": scope, "name": scope.rpartition("/")[2], "location": location}
    subscription = names[0] if len(names) > 1 else scope.split("/")[2]
    return {"id": f"/subscriptions/{subscription}/resourceGroups/{names[-1]}", "name": names[-1]}


def _path(kind: str, names: tuple[str, ...]) -> str:
    provider, *types = kind.split("/")
    return "/".join((provider, *(part for pair in zip(types, names, strict=True) for part in pair)))


def _hash(*values: str) -> str:
    return hashlib.sha256("\0".join(values).encode()).hexdigest()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


PURE: Final[Mapping[str, Callable[..., Any]]] = {
    "concat": lambda *lists: [item for each in lists for item in each],
    "contains": lambda whole, part: part in whole,
    "empty": lambda value: not value,
    "guid": lambda *values: str(uuid.uuid5(uuid.NAMESPACE_URL, _hash(*values))),
    "join": lambda values, between: between.join(values),
    "length": len,
    "replace": lambda text, old, new: text.replace(old, new),
    "split": lambda text, between: text.split(between),
    "string": _text,
    "take": lambda value, count: value[:count],
    "toLower": lambda text: text.lower(),
    "uniqueString": lambda *values: _hash(*values)[:13],
    "union": lambda *values: {key: value for each in values for key, value in each.items()},
}
