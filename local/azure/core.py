"""SimulatedAzure: Resource Manager, managed identity and Event Grid in memory, and the handles to steer them."""

import copy
import re
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, Self

from local.azure.access import lock_scope
from local.azure.callers import BOT, PORTAL_USER, TOKEN_PATH, Caller, managed_identity_answer
from local.azure.children import keep_implicit_children
from local.azure.faults import Effect, Fault, Faults, Weather
from local.azure.graph import ResourceGraph
from local.azure.happenings import Schema
from local.azure.ids import LOCKS, Address
from local.azure.limits import RequestLimits
from local.azure.messages import GRAPH_PATH, NO_ANSWER, ArmError, Exchange, Json, Request, Response
from local.azure.publisher import LATE, RETRY_WAITS, Delivery, EventSubscription
from local.azure.routes import admitted, caller_of, common_headers, dispatch
from local.azure.world import World, new_body

DEFAULT_LOCATION: Final = "westeurope"


class SimulatedAzure:
    """Azure in memory. Thread-safe. Use it as a context manager, or close() it, when it has event subscriptions."""

    def __init__(self) -> None:
        self.bot: Caller = BOT
        self.identity_header = "local-identity-header"
        self.log: list[Exchange] = []
        self.world = World()
        self.graph = ResourceGraph(self.world)
        self._faults = Faults()
        self._limits: RequestLimits | None = None
        self._subscriptions: list[EventSubscription] = []
        self._lock = threading.RLock()
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop publishing events and end every slow answer. The state stays readable."""
        self._closed.set()
        for subscription in self._subscriptions:
            subscription.close()

    # The state

    def seed(self, resource_id: str, body: Mapping[str, Any]) -> None:
        """Put a resource into the state: no event, no log entry. Its group is made when missing."""
        at = Address.parse(resource_id)
        if at is None or at.tail or not (at.is_resource or at.is_group):
            raise ValueError(f"not the id of a resource or a resource group: {resource_id}")
        with self._lock:
            if at.group and not at.is_group and self.world.get(at.group_id) is None:
                self.seed(at.group_id, {"location": body.get("location", DEFAULT_LOCATION)})
            stored = self.world.put(new_body(at, resource_id, copy.deepcopy(dict(body))))
            keep_implicit_children(self.world, stored)

    def body(self, resource_id: str) -> Json | None:
        """A copy of a resource as it is now, or None."""
        self.settle()
        with self._lock:
            return copy.deepcopy(self.world.get(resource_id))

    def request(
        self,
        method: str,
        resource_id_or_path: str,
        body: Mapping[str, Any] | None = None,
        api_version: str = "2024-01-01",
        caller: Caller = PORTAL_USER,
    ) -> Response:
        """Somebody else's request through the same code path, without a connection: no fault meets it."""
        request = Request.to(method, resource_id_or_path, {"authorization": f"Bearer {caller.token}"}, body)
        query = {"api-version": api_version, **request.query}
        response = self.handle(Request(method, request.path, query, request.headers, copy.deepcopy(body)))
        return Response(response.status, copy.deepcopy(response.body), response.headers)

    # What is allowed

    def lock(
        self, scope_id: str, level: Literal["ReadOnly", "CanNotDelete"] = "ReadOnly", name: str = "do-not-touch"
    ) -> None:
        """Lock a scope and all below it."""
        body = {"properties": {"level": level, "notes": ""}}
        self.seed(f"{scope_id}/providers/Microsoft.Authorization/locks/{name}", body)

    def unlock(self, scope_id: str) -> None:
        """Remove every lock that is on exactly this scope."""
        with self._lock:
            for found in self.world.of_type(LOCKS, scope_id):
                if lock_scope(found).lower() == scope_id.lower():
                    self.world.remove(found["id"])

    def deny_by_policy(self, resource_type_or_id: str, policy_name: str) -> None:
        """Let an Azure Policy deny every PUT and PATCH of a type, or at or below an id."""
        self.world.access.denials.append((resource_type_or_id, policy_name))

    def grant(self, caller: Caller, action: str) -> None:
        """Allow an action, wildcards included. Callers may do everything until something is forbidden them."""
        self.world.access.permissions.append((caller.oid, action, True))

    def forbid(self, caller: Caller, action: str) -> None:
        """Forbid an action, wildcards included; the last word about an action counts."""
        self.world.access.permissions.append((caller.oid, action, False))

    def unregister(self, provider: str) -> None:
        """Let the subscriptions not have registered a resource provider, such as `Microsoft.EventGrid`."""
        self.world.unregistered.add(provider.lower())

    # What goes wrong, and how long things take

    def fault(
        self,
        *,
        method: str | None = None,
        path: str = "/subscriptions/",
        status: int | None = None,
        code: str | None = None,
        times: int | None = 1,
        retry_after: int | None = None,
        latency: float = 0.0,
        effect: Effect = "refuse",
    ) -> None:
        """Let the next `times` (None: all) HTTP requests that match a method and a path pattern go wrong.

        refuse answers the status, or without one is only slow. drop closes the connection before the write,
        lost_answer after it. accept_without_change answers 2xx and changes nothing. fail_operation accepts the write,
        which then ends Failed with `code`, the old body restored.
        """
        pattern = re.compile(path, re.IGNORECASE)
        self._faults.ordered.append(Fault(method, pattern, status, code, times, retry_after, latency, effect))

    def limit_requests(self, clock: Callable[[], datetime]) -> None:
        """Answer 429 to who asks more often than Azure lets one principal; `clock` fills the buckets."""
        self._limits = RequestLimits(clock)

    def weather(self, weather: Weather) -> None:
        """Let `weather` choose a fault for every HTTP request that no ordered fault is meant for."""
        self._faults.weather = weather

    @property
    def operation_seconds(self) -> float:
        """How long asynchronous writes take; 0: the first answer is final."""
        return self.world.operation_seconds

    @operation_seconds.setter
    def operation_seconds(self, seconds: float) -> None:
        self.world.operation_seconds = seconds

    @property
    def operation_seconds_by_type(self) -> dict[str, float]:
        """Exceptions to `operation_seconds` by resource type."""
        return self.world.operation_seconds_by_type

    # What was seen

    def reads(self) -> list[Exchange]:
        """The bot's own GETs and HEADs, oldest first."""
        return [exchange for exchange in list(self.log) if self._is_bots(exchange) and not exchange.is_write]

    def writes(self) -> list[Exchange]:
        """The bot's own PUTs, PATCHes, POSTs and DELETEs, oldest first; a graph query is not among them."""
        return [exchange for exchange in list(self.log) if self._is_bots(exchange) and exchange.is_write]

    def _is_bots(self, exchange: Exchange) -> bool:
        return exchange.caller is not None and exchange.caller.oid == self.bot.oid

    # Events

    def subscribe(
        self,
        webhook_url: str,
        schema: Schema = "EventGridSchema",
        *,
        duplicates: float = 0.0,
        shuffle: bool = False,
        noise: bool = False,
        seed: int = 0,
        include_types: Collection[str] | None = None,
        late: float = LATE,
        waits: Sequence[float] = RETRY_WAITS,
    ) -> EventSubscription:
        """Deliver events to a webhook after its handshake. Raises HandshakeFailed."""
        delivery = Delivery(webhook_url, schema, duplicates, shuffle, noise, seed, include_types, late, tuple(waits))
        subscription = EventSubscription(delivery, self.settle)
        subscription.start()
        with self._lock:
            self._subscriptions.append(subscription)
        return subscription

    def flush(self, timeout: float = 10.0) -> None:
        """Wait until every event that is due has been delivered or given up. Raises TimeoutError."""
        self.settle()
        deadline = time.monotonic() + timeout
        for subscription in list(self._subscriptions):
            subscription.flush(max(0.0, deadline - time.monotonic()))

    # The core

    def settle(self) -> None:
        """Bring running operations up to the present and publish what they announce."""
        with self._lock:
            self.world.settle()
            self._publish()

    def handle(self, request: Request) -> Response:
        """Answer one request and log it."""
        started, clock = time.time(), time.perf_counter()
        caller = caller_of(request)
        fault = self._meet_fault(request)
        response = self._answer(request, caller, fault)
        self.log.append(Exchange.of(request, caller, response, started, time.perf_counter() - clock))
        return response

    def _meet_fault(self, request: Request) -> Fault | None:
        if request.connection is None:
            return None
        with self._lock:
            fault = self._faults.take(request)
        if fault and fault.latency:
            self._closed.wait(fault.latency)
        return fault

    def _answer(self, request: Request, caller: Caller | None, fault: Fault | None) -> Response:
        if fault and fault.effect == "drop":
            return Response(NO_ANSWER, dropped=True)
        try:
            response = self._serve(request, caller, fault)
        except ArmError as error:
            response = error.response()
        headers = {**common_headers(request), **response.headers}
        lost = fault is not None and fault.effect == "lost_answer"
        return Response(response.status, response.body, headers, dropped=lost)

    def _serve(self, request: Request, caller: Caller | None, fault: Fault | None) -> Response:
        """Raises ArmError."""
        if request.path == TOKEN_PATH:
            return self._token(request)
        if fault and fault.effect == "refuse" and fault.status:
            raise fault.error(fault.status)
        if self._limits:
            self._limits.count(request, caller)
        with self._lock:
            self.world.settle()
            try:
                if request.path.lower() == GRAPH_PATH:
                    return self._query(request, caller)
                return dispatch(self.world, request, caller, fault)
            finally:
                self._publish()

    def _query(self, request: Request, caller: Caller | None) -> Response:
        return self.graph.query(request, admitted(request, caller).oid)

    def _token(self, request: Request) -> Response:
        header = request.headers.get("x-identity-header", "")
        query = request.query
        asked = (query.get("resource", ""), query.get("client_id", ""))
        return Response(*managed_identity_answer(self.bot, self.identity_header, header, *asked))

    def _publish(self) -> None:
        happened, self.world.happenings = self.world.happenings, []
        for each in happened:
            for subscription in self._subscriptions:
                subscription.offer(each)
