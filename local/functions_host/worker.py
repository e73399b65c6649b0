"""Drives azure-functions-runtime, the worker library Azure runs: index the app, invoke a function.

The library keeps its state in module globals: one app per process.
"""

import json
import logging
import re
import secrets
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import azure_functions_runtime as runtime

from local.functions_host import protos
from local.functions_host.errors import IndexingFailed
from local.functions_host.protos import InvocationResponse, ParameterBinding, RpcException, StatusResult, TypedData

# What the worker library appends to an import error: the whole sys.path, and advice for Azure.
_LIBRARY_ADVICE = ". Cannot find module. Please check the requirements.txt"


@dataclass(frozen=True, slots=True)
class Function:
    """One indexed function. Bindings are as in function.json: `type`, `name`, `queueName`, `schedule`, …"""

    name: str
    id: str
    trigger: Mapping[str, Any]
    outputs: tuple[Mapping[str, Any], ...]


async def load(app: Path) -> tuple[Function, ...]:
    """Import and index function_app.py of `app`. Raises IndexingFailed with the app's own error text."""
    sys.path.insert(0, str(app))
    runtime.start_threadpool_executor()
    init = SimpleNamespace(capabilities={}, function_app_directory=str(app))
    quiet = logging.getLogger("azure.functions")
    level = quiet.level
    quiet.setLevel(logging.CRITICAL)  # the library logs the error it also returns, with the whole sys.path
    try:
        answer = await runtime.worker_init_request(_request(worker_init_request=init))
    except SystemExit as error:
        raise IndexingFailed(f"function_app.py ended the process: {error}") from error
    finally:
        quiet.setLevel(level)
    if answer.result.status != StatusResult.Success:
        raise IndexingFailed(_import_error(app, answer.result.exception))
    metadata = (await runtime.functions_metadata_request(_request())).function_metadata_results
    if not metadata:
        raise IndexingFailed(f"{app} holds no function_app.py with functions in it")
    for item in metadata:
        load_request = SimpleNamespace(function_id=item.function_id)
        await runtime.function_load_request(_request(function_load_request=load_request))
    return tuple(_function(item) for item in metadata)


async def invoke(
    function: Function, invocation_id: str, data: TypedData, metadata: Mapping[str, TypedData]
) -> InvocationResponse:
    """Run `function` once. What the function raises becomes a result with status Failure."""
    invocation = SimpleNamespace(
        invocation_id=invocation_id,
        function_id=function.id,
        input_data=[ParameterBinding(function.trigger["name"], data)],
        trigger_metadata=metadata,
        trace_context=SimpleNamespace(
            trace_parent=f"00-{uuid.uuid4().hex}-{secrets.token_hex(8)}-00", trace_state="", attributes={}
        ),
        retry_context=SimpleNamespace(retry_count=0, max_retry_count=0, exception=RpcException()),
    )
    response: InvocationResponse = await runtime.invocation_request(_request(invocation_request=invocation))
    return response


def _request(**verb: SimpleNamespace) -> SimpleNamespace:
    return SimpleNamespace(request=SimpleNamespace(**verb), properties={"protos": protos, "host": "127.0.0.1"})


def _function(item: protos.RpcFunctionMetadata) -> Function:
    bindings = [json.loads(text) for text in item.raw_bindings]
    triggers = [binding for binding in bindings if binding["type"].lower().endswith("trigger")]
    if len(triggers) != 1:
        raise IndexingFailed(f"function {item.name} must have exactly one trigger, not {len(triggers)}")
    outputs = tuple(binding for binding in bindings if binding["direction"] == "OUT")
    return Function(item.name, item.function_id, triggers[0], outputs)


def _import_error(app: Path, error: RpcException) -> str:
    text = error.message.partition(_LIBRARY_ADVICE)[0]
    places = re.findall(rf'File "{re.escape(str(app))}/([^"]+)", line (\d+)', error.stack_trace)
    where = f" ({places[-1][0]}, line {places[-1][1]})" if places else ""
    return f"function_app.py could not be loaded: {text}{where}"
