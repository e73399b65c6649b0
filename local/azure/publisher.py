"""Event Grid's publisher: one event subscription delivering to a webhook, at least once and in no promised order.

Handshakes: https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema
"""

import heapq
import random
import threading
import time
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import requests

from local.azure.happenings import Happening, Schema, noise_around
from local.azure.messages import Json
from local.azure.server_made import timestamp

SUCCESS_TYPES: Final = frozenset(f"Microsoft.Resources.Resource{verb}Success" for verb in ("Write", "Delete", "Action"))
NEVER_RETRIED: Final = frozenset({400, 401, 403, 413})
RETRY_WAITS: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
LATE: Final = 0.2
"""Seconds that a shuffled or repeated event may be late."""
TICK: Final = 0.02
RESPONSE_WINDOW: Final = 30.0
SUBSCRIPTION_NAME: Final = "HA-REMEDIATION-BOT"


class HandshakeFailed(Exception):
    """The webhook did not prove that it wants the events."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an event subscription delivers. `duplicates` is the share of events that come twice.

    `include_types` are full event types; None means the Success ones. `late` is by how many seconds at most a shuffled
    or repeated event comes later, `waits` are the seconds before each further attempt.
    """

    url: str
    schema: Schema = "EventGridSchema"
    duplicates: float = 0.0
    shuffle: bool = False
    noise: bool = False
    seed: int = 0
    include_types: Collection[str] | None = None
    late: float = LATE
    waits: tuple[float, ...] = RETRY_WAITS

    def wants(self, happened: Happening) -> bool:
        """Whether the event passes the subscription's filter."""
        return happened.event_type in (SUCCESS_TYPES if self.include_types is None else self.include_types)


@dataclass(order=True, slots=True)
class _Due:
    at: float
    number: int
    event: Json = field(compare=False)
    attempt: int = field(default=0, compare=False)


class EventSubscription:
    """Delivers what it is offered from its own thread, which also lets time pass for the simulator (`tick`)."""

    def __init__(self, delivery: Delivery, tick: Callable[[], None]) -> None:
        self.delivery = delivery
        self.delivered: list[Json] = []
        self.given_up: list[Json] = []
        self._tick = tick
        # Seeded, so that a run can be repeated.
        self._random = random.Random(delivery.seed)  # noqa: S311
        self._queue: list[_Due] = []
        self._open = 0
        self._numbers = 0
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._session = requests.Session()
        self._thread = threading.Thread(target=self._run, name="event-grid", daemon=True)

    def start(self) -> None:
        """Do the handshake, then deliver. Raises HandshakeFailed."""
        shake = _cloud_handshake if self.delivery.schema == "CloudEventSchemaV1_0" else _event_grid_handshake
        try:
            shake(self._session, self.delivery.url)
        except HandshakeFailed:
            self._session.close()
            raise
        self._thread.start()

    def offer(self, happened: Happening) -> None:
        """Queue the event of a happening, and what the options make of it."""
        around = noise_around(happened) if self.delivery.noise else ()
        for each in filter(self.delivery.wants, (*around, happened)):
            event = each.event(self.delivery.schema)
            self._enqueue(event, self._lateness() if self.delivery.shuffle else 0.0)
            if self._random.random() < self.delivery.duplicates:
                self._enqueue(event, self._lateness())

    def _lateness(self) -> float:
        return self._random.uniform(0, self.delivery.late)

    def flush(self, timeout: float) -> None:
        """Wait until every event is delivered or given up. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._open == 0, timeout):
                raise TimeoutError(f"{self._open} events are still due at {self.delivery.url}")

    def close(self) -> None:
        """Stop delivering; events still due are lost."""
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._session.close()

    def _enqueue(self, event: Json, delay: float) -> None:
        with self._changed:
            self._numbers += 1
            self._open += 1
            heapq.heappush(self._queue, _Due(time.monotonic() + delay, self._numbers, event))
            self._changed.notify_all()

    def _run(self) -> None:
        while not self._closed.is_set():
            self._tick()
            if due := self._next():
                self._deliver(due)

    def _next(self) -> _Due | None:
        """The next delivery, if it is due within a tick."""
        with self._changed:
            self._changed.wait_for(self._is_due, TICK)
            return heapq.heappop(self._queue) if self._is_due() else None

    def _is_due(self) -> bool:
        return bool(self._queue) and self._queue[0].at <= time.monotonic()

    def _deliver(self, due: _Due) -> None:
        status = self._post(due)
        with self._changed:
            if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
                self.delivered.append(due.event)
            elif status in NEVER_RETRIED or due.attempt >= len(self.delivery.waits):
                self.given_up.append(due.event)
            else:
                again = _Due(
                    time.monotonic() + self.delivery.waits[due.attempt], due.number, due.event, due.attempt + 1
                )
                heapq.heappush(self._queue, again)
                return
            self._open -= 1
            self._changed.notify_all()

    def _post(self, due: _Due) -> int:
        """One attempt; 0 when there was no answer."""
        is_cloud = self.delivery.schema == "CloudEventSchemaV1_0"
        headers = {
            "Content-Type": f"application/{'cloudevents+json' if is_cloud else 'json'}; charset=utf-8",
            "aeg-event-type": "Notification",
            "aeg-subscription-name": SUBSCRIPTION_NAME,
            "aeg-delivery-count": str(due.attempt),
        }
        body = due.event if is_cloud else [due.event]
        try:
            answer = self._session.post(self.delivery.url, json=body, headers=headers, timeout=RESPONSE_WINDOW)
        except requests.RequestException:
            return 0
        return answer.status_code


def _event_grid_handshake(session: requests.Session, url: str) -> None:
    code = str(uuid.uuid4())
    event = {
        "id": str(uuid.uuid4()),
        "topic": "",
        "subject": "",
        "data": {"validationCode": code},
        "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
        "eventTime": timestamp(),
        "metadataVersion": "1",
        "dataVersion": "2",
    }
    headers = {"aeg-event-type": "SubscriptionValidation", "aeg-subscription-name": SUBSCRIPTION_NAME}
    try:
        answer = session.post(url, json=[event], headers=headers, timeout=RESPONSE_WINDOW)
        echoed = answer.json().get("validationResponse") if answer.ok else None
    except (requests.RequestException, AttributeError) as error:
        raise HandshakeFailed(f"{_bare(url)} did not answer the validation event") from error
    if echoed != code:
        raise HandshakeFailed(
            f"{_bare(url)} answered the validation event with {answer.status_code}, not with its code"
        )


def _cloud_handshake(session: requests.Session, url: str) -> None:
    origin = "eventgrid.azure.net"
    try:
        answer = session.options(url, headers={"WebHook-Request-Origin": origin}, timeout=RESPONSE_WINDOW)
    except requests.RequestException as error:
        raise HandshakeFailed(f"{_bare(url)} did not answer OPTIONS") from error
    if not answer.ok or answer.headers.get("WebHook-Allowed-Origin") not in ("*", origin):
        raise HandshakeFailed(f"{_bare(url)} does not allow {origin}")


def _bare(url: str) -> str:
    """Without its query, which holds the key."""
    return url.partition("?")[0]
