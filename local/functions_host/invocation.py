"""One invocation from start to finish: run the function, send its queue outputs, log how it went."""

import json
import logging
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from azure.core.exceptions import AzureError

from local.functions_host import log, worker
from local.functions_host.protos import InvocationResponse, StatusResult, TypedData
from local.functions_host.storage import QueueAddress, Queues
from local.functions_host.worker import Function

_log = logging.getLogger("functions_host")
# The same frames in every traceback: how the worker library came to call the function.
_LIBRARY_FRAMES = re.compile(r'  File "[^"]*/(?:azure_functions_runtime|concurrent/futures)/[^"]*", .*\n(?:    .*\n)*')
_NO_METADATA: Mapping[str, TypedData] = {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an invocation ended: `error` is empty on success, else `TypeName: text`."""

    error: str
    return_value: TypedData | None = None


class Invoke(Protocol):
    """Runs a function; what listeners are given."""

    async def __call__(
        self, function: Function, data: TypedData, metadata: Mapping[str, TypedData] = _NO_METADATA
    ) -> Outcome:
        """Run `function` with `data` for its trigger parameter."""
        ...


class Invoker:
    """Runs functions and sends what they put into their queue outputs. `addresses`: function → parameter → queue."""

    def __init__(self, queues: Queues, addresses: Mapping[str, Mapping[str, QueueAddress]]) -> None:
        self._queues = queues
        self._addresses = addresses

    async def __call__(
        self, function: Function, data: TypedData, metadata: Mapping[str, TypedData] = _NO_METADATA
    ) -> Outcome:
        """Run `function` once. Never raises for what the function or a queue output does: see Outcome.error."""
        invocation_id = str(uuid.uuid4())
        started = time.perf_counter()
        with log.running(invocation_id, function.name):
            response = await worker.invoke(function, invocation_id, data, metadata)
            error, trace = _failure(response)
            if not error:
                error = await self._send_outputs(function, response)
            milliseconds = (time.perf_counter() - started) * 1000
            if error:
                _log.error("failed in %.0f ms: %s%s", milliseconds, error, f"\n{trace}" if trace else "")
            else:
                _log.info("succeeded in %.0f ms", milliseconds)
        return Outcome(error, response.return_value)

    async def _send_outputs(self, function: Function, response: InvocationResponse) -> str:
        values = {output.name: output.data for output in response.output_data}
        values["$return"] = response.return_value
        try:
            for name, address in self._addresses.get(function.name, {}).items():
                for body in queue_messages(values.get(name)):
                    await self._queues.send(address, body)
        except (AzureError, UnicodeDecodeError) as error:
            return f"{type(error).__name__}: a queue output could not be sent: {error}"
        return ""


def queue_messages(value: TypedData | None) -> Iterator[bytes]:
    """The messages that the value of a queue output stands for: one, or one for each item of a JSON list."""
    if value is None:
        return
    if value.bytes is not None:
        yield value.bytes
    elif value.json is not None:
        document = json.loads(value.json)
        for item in document if isinstance(document, list) else [document]:
            yield _body(item).encode()
    elif value.string is not None:
        yield value.string.encode()


def _body(item: object) -> str:
    """The text of one item: a QueueMessage travels as {"id", "body"}."""
    if isinstance(item, dict) and item.keys() == {"id", "body"}:
        return str(item["body"])
    return item if isinstance(item, str) else json.dumps(item)


def _failure(response: InvocationResponse) -> tuple[str, str]:
    if response.result.status == StatusResult.Success:
        return "", ""
    error = response.result.exception
    return (error.message, _LIBRARY_FRAMES.sub("", error.stack_trace).strip()) if error else ("unknown error", "")
