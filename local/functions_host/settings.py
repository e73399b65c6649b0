"""host.json and app settings (environment variables), read the way the Azure Functions host reads them."""

import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from azure.core.exceptions import AzureError, HttpResponseError
from azure.storage.queue import QueueServiceClient

from local.functions_host.errors import BadSettings

OVERRIDE_PREFIX = "azurefunctionsjobhost__"
MAX_BATCH_SIZE = 32  # the queue service hands out no more at once


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """How queue triggers behave: extensions.queues of host.json."""

    batch_size: int
    new_batch_threshold: int
    max_dequeue_count: int
    visibility_timeout: timedelta  # the delay before a failed message is tried again, not its lease
    max_polling_interval: timedelta
    base64: bool


@dataclass(frozen=True, slots=True)
class HostOptions:
    """What this host uses of host.json."""

    route_prefix: str
    queues: QueueOptions


def host_options(app: Path, environment: Mapping[str, str]) -> HostOptions:
    """Read host.json of `app` (absent = defaults) with `AzureFunctionsJobHost__a__b` settings laid over it."""
    document = _read_json(app / "host.json")
    for name, value in environment.items():
        if name.lower().startswith(OVERRIDE_PREFIX):
            _lay_over(document, name[len(OVERRIDE_PREFIX) :].lower().split("__"), value)
    try:
        extensions = _section(document, "extensions")
        return HostOptions(
            route_prefix=str(_section(extensions, "http").get("routeprefix", "api")).strip("/"),
            queues=_queue_options(_section(extensions, "queues")),
        )
    except (ValueError, TypeError) as error:
        raise BadSettings(f"host.json or an AzureFunctionsJobHost__ setting is malformed: {error}") from error


def resolve(text: str, environment: Mapping[str, str]) -> str:
    """Replace %NAME% by the app setting NAME, as queue names, schedules and routes may hold it."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in environment:
            raise BadSettings(f"a binding refers to %{name}%, but there is no app setting {name}: set it")
        return environment[name]

    return re.sub(r"%([^%]+)%", value, text)


def storage_connection(name: str, environment: Mapping[str, str]) -> str:
    """The storage connection string a binding means by `connection=name`. Raises BadSettings naming the setting."""
    name = name or "AzureWebJobsStorage"
    text = environment.get(f"AzureWebJobs{name}") or environment.get(name) or ""
    fix = f"set {name} to the connection string of a storage account (Azurite's for work on the desk)"
    if not text.strip():
        raise BadSettings(f"the app setting {name} is missing: {fix}")
    if reason := _unusable(text):
        raise BadSettings(f"the app setting {name} {reason}: {fix}")
    return text


@cache
def _unusable(connection: str) -> str:
    """Why a connection string will never work. An account that does not answer may do so later: that is no reason."""
    try:
        with QueueServiceClient.from_connection_string(connection, retry_total=0, connection_timeout=5) as service:
            service.get_service_properties(timeout=10)
    except ValueError:
        return "is not a storage connection string"
    except HttpResponseError as error:
        return "holds a key that the storage account refuses" if error.status_code == 403 else ""
    except AzureError:
        return ""
    return ""


def load_settings_file(path: Path) -> dict[str, str]:
    """App settings from a JSON file: local.settings.json (`{"Values": {…}}`) or one flat object."""
    document = _read_json(path, must_exist=True)
    values = document.get("Values", document)
    if not isinstance(values, dict):
        raise BadSettings(f"{path}: Values must be an object of setting names and texts")
    return {name: str(value) for name, value in values.items()}


def time_span(text: str) -> timedelta:
    """Parse .NET's TimeSpan: [d.]hh:mm:ss[.fraction]. Raises ValueError."""
    match = re.fullmatch(r"(?:(\d+)\.)?(\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d+)?)", text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a time span like 00:00:30")
    days, hours, minutes, seconds = match.groups()
    return timedelta(days=int(days or 0), hours=int(hours), minutes=int(minutes), seconds=float(seconds))


def whole_seconds(span: timedelta) -> int:
    """`span` in seconds, rounded up: the queue service knows no fractions."""
    return math.ceil(span.total_seconds())


def _queue_options(section: Mapping[str, Any]) -> QueueOptions:
    batch_size = int(section.get("batchsize", 16))
    if not 1 <= batch_size <= MAX_BATCH_SIZE:
        raise ValueError(f"extensions.queues.batchSize must be 1 to {MAX_BATCH_SIZE}, not {batch_size}")
    encoding = str(section.get("messageencoding", "base64")).lower()
    if encoding not in ("base64", "none"):
        raise ValueError(f"extensions.queues.messageEncoding must be base64 or none, not {encoding}")
    return QueueOptions(
        batch_size=batch_size,
        new_batch_threshold=int(section.get("newbatchthreshold", batch_size // 2 * (os.cpu_count() or 1))),
        max_dequeue_count=int(section.get("maxdequeuecount", 5)),
        visibility_timeout=time_span(str(section.get("visibilitytimeout", "00:00:00"))),
        max_polling_interval=time_span(str(section.get("maxpollinginterval", "00:01:00"))),
        base64=encoding == "base64",
    )


def _read_json(path: Path, *, must_exist: bool = False) -> dict[str, Any]:
    if not must_exist and not path.is_file():
        return {}
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadSettings(f"{path.name} cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise BadSettings(f"{path.name} must hold one JSON object")
    return document


def _section(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    # .NET configuration does not mind the case of names.
    found = {key.lower(): value for key, value in document.items()}.get(name) or {}
    if not isinstance(found, dict):
        raise TypeError(f"{name} must be an object")
    return {key.lower(): value for key, value in found.items()}


def _lay_over(document: dict[str, Any], path: list[str], value: str) -> None:
    for name in path[:-1]:
        key = next((k for k in document if k.lower() == name), name)
        if not isinstance(document.get(key), dict):
            document[key] = {}
        document = document[key]
    document[next((k for k in document if k.lower() == path[-1]), path[-1])] = value
