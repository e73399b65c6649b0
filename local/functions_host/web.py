"""The host's HTTP server: HTTP functions, the Event Grid webhook and the admin API."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from aiohttp import web
from multidict import CIMultiDict, MultiMapping

from local.functions_host.easy_auth import PREFIX as AUTH_PATH
from local.functions_host.easy_auth import EasyAuth
from local.functions_host.event_grid import PATH as EVENT_GRID_PATH
from local.functions_host.event_grid import EventGridWebhook
from local.functions_host.invocation import Invoke
from local.functions_host.keys import Keys
from local.functions_host.protos import RpcHttp, RpcHttpCookie, TypedData
from local.functions_host.routes import Match, Route, find_route
from local.functions_host.timers import timer_payload
from local.functions_host.worker import Function

MAX_BODY = 100 * 1024 * 1024  # bytes, as http.maxRequestBodySize of the real host


class WebServer:
    """Dispatches each request. The admin API's status is open here, the rest of it needs the master key."""

    def __init__(
        self,
        functions: Mapping[str, Function],
        routes: Sequence[Route],
        event_grid: EventGridWebhook,
        keys: Keys,
        invoke: Invoke,
        easy_auth: EasyAuth | None = None,
    ) -> None:
        self._easy_auth = easy_auth
        self._functions = functions
        self._routes = routes
        self._event_grid = event_grid
        self._keys = keys
        self._invoke = invoke
        self._admin_runs: set[asyncio.Task[object]] = set()

    def application(self) -> web.Application:
        """The aiohttp application."""
        application = web.Application(client_max_size=MAX_BODY)
        application.router.add_route("*", "/{path:.*}", self._dispatch)
        return application

    async def _dispatch(self, request: web.Request) -> web.StreamResponse:
        path = request.path.lower().rstrip("/")
        key = request.headers.get("x-functions-key") or request.query.get("code", "")
        if path == EVENT_GRID_PATH:
            return await self._event_grid.answer(request, key)
        if self._easy_auth and path.startswith(AUTH_PATH):
            return self._easy_auth.answer(request)
        if path.startswith("/admin/"):
            return await self._admin(request, path, key)
        match = find_route(self._routes, request.method, request.path)
        if match is None:
            return web.Response(status=404)
        if not self._keys.allow(match.route.auth_level, key):
            return web.Response(status=401)
        return await self._run(request, match)

    async def _run(self, request: web.Request, match: Match) -> web.Response:
        headers = self._easy_auth.headers(request) if self._easy_auth else request.headers
        outcome = await self._invoke(match.route.function, await http_payload(request, match.values, headers))
        # As in Azure, the caller does not learn what went wrong; the log does.
        return web.Response(status=500) if outcome.error else http_response(outcome.return_value)

    async def _admin(self, request: web.Request, path: str, key: str) -> web.Response:
        if request.method == "GET" and path == "/admin/host/status":
            return web.json_response({"state": "Running", "functions": sorted(self._functions)})
        if not self._keys.allow("ADMIN", key):
            return web.Response(status=401)
        name = path.removeprefix("/admin/functions/")
        function = next((f for f in self._functions.values() if f.name.lower() == name), None)
        if request.method != "POST" or function is None:
            return web.Response(status=404)
        return self._start_by_hand(function, await request.text())

    def _start_by_hand(self, function: Function, body: str) -> web.Response:
        try:
            value = json.loads(body or "{}").get("input", "")
            payload = _MANUAL[function.trigger["type"]](value if isinstance(value, str) else json.dumps(value))
        except KeyError:
            return web.Response(status=400, text=f"{function.name} has an HTTP trigger: call its route")
        except (ValueError, AttributeError):
            return web.Response(status=400, text='the body must be {"input": "…"}')
        task = asyncio.create_task(self._invoke(function, payload))
        self._admin_runs.add(task)
        task.add_done_callback(self._admin_runs.discard)
        return web.Response(status=202)


_MANUAL: dict[str, Callable[[str], TypedData]] = {
    "queueTrigger": lambda text: TypedData(string=text),
    "eventGridTrigger": lambda text: TypedData(json=text),
    "timerTrigger": lambda _: timer_payload(datetime.now(UTC), datetime.now(UTC)),
}


async def http_payload(request: web.Request, values: Mapping[str, str], headers: MultiMapping[str]) -> TypedData:
    """The request as an HTTP function receives it."""
    body = await request.read()
    return TypedData(
        http=RpcHttp(
            method=request.method,
            url=str(request.url),
            headers={name.lower(): value for name, value in _joined(headers).items()},
            query=_joined(request.query),
            params=values,
            body=TypedData(bytes=body) if body else TypedData(),
        )
    )


def http_response(value: TypedData | None) -> web.Response:
    """The answer an HTTP function's return value stands for."""
    if value is None:
        return web.Response(status=204)
    if value.http is None:
        return web.Response(text=value.string or "")
    # The server itself decides how the body travels.
    headers = CIMultiDict(value.http.headers)
    for name in ("content-length", "transfer-encoding"):
        headers.popall(name, None)
    response = web.Response(status=int(value.http.status_code), headers=headers, body=value.http.body.bytes)
    for cookie in value.http.cookies or ():
        _set_cookie(response, cookie)
    return response


def _set_cookie(response: web.Response, cookie: RpcHttpCookie) -> None:
    expires = datetime.fromtimestamp(cookie.expires.value.seconds, UTC) if cookie.expires else None
    same_site = {1: "Lax", 2: "Strict", 3: "None"}.get(int(cookie.same_site))
    response.set_cookie(
        cookie.name,
        cookie.value,
        domain=cookie.domain.value if cookie.domain else None,
        path=cookie.path.value if cookie.path else "/",
        expires=expires.strftime("%a, %d %b %Y %H:%M:%S GMT") if expires else None,
        max_age=int(cookie.max_age.value) if cookie.max_age else None,
        secure=cookie.secure.value if cookie.secure else None,
        httponly=cookie.http_only.value if cookie.http_only else None,
        samesite=same_site,
    )


def _joined(values: MultiMapping[str]) -> dict[str, str]:
    """One text per name; several values of a name are joined by commas."""
    return {name: ",".join(values.getall(name)) for name in values}
