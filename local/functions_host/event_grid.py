"""The Event Grid webhook: handshake, and one invocation per delivered event."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from local.functions_host.invocation import Invoke
from local.functions_host.keys import Keys
from local.functions_host.protos import TypedData
from local.functions_host.worker import Function

PATH = "/runtime/webhooks/eventgrid"


class EventGridWebhook:
    """Answers what Event Grid sends to functions with an Event Grid trigger."""

    def __init__(self, functions: Mapping[str, Function], keys: Keys, invoke: Invoke) -> None:
        self._functions = {name.lower(): function for name, function in functions.items()}
        self._keys = keys
        self._invoke = invoke

    async def answer(self, request: web.Request, key: str) -> web.Response:
        """401 wrong key, 404 unknown function, 400 not an Event Grid request; otherwise as the event type asks."""
        if not self._keys.allow_event_grid(key):
            return web.Response(status=401)
        name = request.query.get("functionName", "")
        function = self._functions.get(name.lower())
        if function is None:
            return web.Response(status=404, text=f"cannot find function: '{name}'")
        if request.method == "OPTIONS":
            return _allow_origin(request.headers.get("Webhook-Request-Origin", ""))
        try:
            return await self._by_type(function, request)
        except ValueError as error:
            return web.Response(status=400, text=f"not an Event Grid request: {error}")

    async def _by_type(self, function: Function, request: web.Request) -> web.Response:
        match request.headers.get("aeg-event-type", "").lower():
            case "subscriptionvalidation":
                return web.json_response({"validationResponse": validation_code(await request.text())})
            case "notification":
                return await self._notify(function, await request.text())
            case "unsubscribe":
                return web.Response(status=202)
            case _:
                return web.Response(status=400)

    async def _notify(self, function: Function, body: str) -> web.Response:
        """202 when every event was handled. Otherwise 500, and Event Grid delivers the whole batch again."""
        events = _events(body)
        outcomes = await asyncio.gather(
            *(self._invoke(function, TypedData(json=json.dumps(event))) for event in events)
        )
        errors = [outcome.error for outcome in outcomes if outcome.error]
        return web.Response(status=500, text=errors[0]) if errors else web.Response(status=202)


def validation_code(body: str) -> str:
    """The code to echo in the handshake. Raises ValueError where there is none."""
    data = next((event.get("data") for event in _events(body)), None)
    if isinstance(data, str):  # some senders encode it twice
        data = json.loads(data)
    if not isinstance(data, dict) or "validationCode" not in data:
        raise ValueError("no validationCode")
    return str(data["validationCode"])


def _events(body: str) -> list[dict[str, Any]]:
    document = json.loads(body)
    events = document if isinstance(document, list) else [document]
    if not all(isinstance(event, dict) for event in events):
        raise ValueError("the body must be an event or a list of events")
    return events


def _allow_origin(origin: str) -> web.Response:
    known = origin.lower().startswith("eventgrid.azure.")
    return web.Response(headers={"Webhook-Allowed-Origin": origin if known else "eventgrid.azure.net"})
