"""The host as a whole: index the app, check its bindings, listen, stop."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from local.functions_host.easy_auth import SETTING as EASY_AUTH
from local.functions_host.easy_auth import EasyAuth
from local.functions_host.errors import BadSettings, CannotStart
from local.functions_host.event_grid import EventGridWebhook
from local.functions_host.invocation import Invoke, Invoker
from local.functions_host.keys import Keys
from local.functions_host.queues import QueueListener
from local.functions_host.routes import make_routes
from local.functions_host.settings import HostOptions, resolve, storage_connection
from local.functions_host.storage import QueueAddress, Queues
from local.functions_host.timers import Timer
from local.functions_host.web import WebServer
from local.functions_host.worker import Function

_log = logging.getLogger("functions_host")
KNOWN_TRIGGERS = ("eventGridTrigger", "httpTrigger", "queueTrigger", "timerTrigger")
DRAIN_TIMEOUT = 10.0  # seconds that invocations get to end after a stop


@dataclass(frozen=True, slots=True)
class Running:
    """A started host: its address, what it listens with, and what to wait for."""

    url: str
    runner: web.AppRunner
    queues: Queues
    listeners: Sequence[QueueListener | Timer]
    tasks: Sequence[asyncio.Task[None]]


async def start(
    functions: Sequence[Function],
    options: HostOptions,
    environment: Mapping[str, str],
    keys: Keys,
    port: int,
    lease: int,
) -> Running:
    """Listen for everything the functions are triggered by. Raises CannotStart before anything runs."""
    _check_triggers(functions)
    outputs = {function.name: _outputs(function, environment) for function in functions}
    queues = Queues(encode=options.queues.base64)
    invoke = Invoker(queues, outputs)
    listeners: list[QueueListener | Timer] = [
        *_queue_listeners(functions, options, environment, queues, lease, invoke),
        *_timers(functions, environment, invoke),
    ]
    server = WebServer(
        {function.name: function for function in functions},
        make_routes(_with(functions, "httpTrigger"), options.route_prefix),
        EventGridWebhook({f.name: f for f in _with(functions, "eventGridTrigger")}, keys, invoke),
        keys,
        invoke,
        EasyAuth() if environment.get(EASY_AUTH, "").lower() == "true" else None,
    )
    runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=DRAIN_TIMEOUT / 2)
    url = await _bind(runner, port)
    return Running(url, runner, queues, listeners, [asyncio.create_task(listener.run()) for listener in listeners])


async def stop(host: Running) -> None:
    """Take nothing new and let what runs end, for DRAIN_TIMEOUT seconds at most."""
    for listener in host.listeners:
        listener.stop()
    closing = asyncio.create_task(host.runner.cleanup())
    _, pending = await asyncio.wait([closing, *host.tasks], timeout=DRAIN_TIMEOUT)
    if pending:
        _log.warning("some invocations did not end in time: they are cut off, messages come back after their lease")
    await host.queues.close()


async def _bind(runner: web.AppRunner, port: int) -> str:
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
    except OSError as error:
        await runner.cleanup()
        raise CannotStart(f"port {port} cannot be used ({error.strerror}): choose another with --port") from error
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


def _queue_listeners(
    functions: Sequence[Function],
    options: HostOptions,
    environment: Mapping[str, str],
    queues: Queues,
    lease: int,
    invoke: Invoke,
) -> list[QueueListener]:
    return [
        QueueListener(function, _address(function.trigger, environment), queues, options.queues, lease, invoke)
        for function in _with(functions, "queueTrigger")
    ]


def _timers(functions: Sequence[Function], environment: Mapping[str, str], invoke: Invoke) -> list[Timer]:
    return [
        Timer(function, resolve(function.trigger["schedule"], environment), invoke)
        for function in _with(functions, "timerTrigger")
    ]


def _check_triggers(functions: Sequence[Function]) -> None:
    for function in functions:
        if function.trigger["type"] not in KNOWN_TRIGGERS:
            raise BadSettings(f"function {function.name}: this host has no {function.trigger['type']}")


def _with(functions: Sequence[Function], trigger: str) -> list[Function]:
    return [function for function in functions if function.trigger["type"] == trigger]


def _outputs(function: Function, environment: Mapping[str, str]) -> dict[str, QueueAddress]:
    return {b["name"]: _address(b, environment) for b in function.outputs if b["type"] == "queue"}


def _address(binding: Mapping[str, str], environment: Mapping[str, str]) -> QueueAddress:
    connection = storage_connection(binding.get("connection", ""), environment)
    return QueueAddress(connection, resolve(binding["queueName"], environment))
