"""Event Grid's publisher: what it sends, to whom, how often."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from local.azure import PIPELINE, HandshakeFailed, SimulatedAzure
from tests.local.arm_clients import BASIC, REGISTRY, STORAGE, wait_until

OID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
PREMIUM_SKU = {"sku": {"name": "Premium"}}
WRITE = "Microsoft.Resources.ResourceWriteSuccess"
FAILURE = "Microsoft.Resources.ResourceWriteFailure"


class Webhook(ThreadingHTTPServer):
    """Answers handshakes and collects notifications; refuses the first `refusals` of them with `status`."""

    daemon_threads = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.received: list[tuple[dict[str, str], Any]] = []
        self.refusals = 0
        self.status = 503
        self.proves_itself = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/runtime/webhooks/eventgrid"

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for _, body in self.received for event in (body if isinstance(body, list) else [body])]


class _Answer(BaseHTTPRequestHandler):
    server: Webhook

    def do_OPTIONS(self) -> None:
        self.send_response(200)
        self.send_header("WebHook-Allowed-Origin", "*" if self.server.proves_itself else "elsewhere.example.com")
        self.end_headers()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["aeg-event-type"] == "SubscriptionValidation":
            code = body[0]["data"]["validationCode"] if self.server.proves_itself else "something else"
            return self._finish(200, {"validationResponse": code})
        self.server.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
        if len(self.server.received) <= self.server.refusals:
            return self._finish(self.server.status, {})
        return self._finish(200, {})

    def _finish(self, status: int, body: dict[str, Any]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def webhook() -> Iterator[Webhook]:
    with Webhook() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


type Desk = tuple[SimulatedAzure, Webhook]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with SimulatedAzure() as azure, webhook() as hook:
        azure.seed(REGISTRY, BASIC)
        yield azure, hook


def test_an_update_is_told_with_its_caller_and_request_and_without_a_body(desk: Desk) -> None:
    azure, hook = desk
    azure.subscribe(hook.url)
    azure.request("PATCH", REGISTRY, PREMIUM_SKU)
    azure.flush()
    [(headers, [event])] = hook.received
    assert (headers["aeg-event-type"], headers["aeg-delivery-count"]) == ("Notification", "0")
    assert (event["eventType"], event["subject"]) == (WRITE, REGISTRY)
    assert (event["dataVersion"], event["metadataVersion"]) == ("2", "1")
    data = event["data"]
    assert (data["operationName"], data["status"]) == ("Microsoft.ContainerRegistry/registries/write", "Succeeded")
    assert data["resourceUri"] == REGISTRY
    assert data["claims"]["name"] == "Example User"
    assert data["claims"]["http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"] == "user@example.com"
    assert data["httpRequest"]["method"] == "PATCH"
    assert all(isinstance(claim, str) for claim in data["claims"].values())
    assert "Premium" not in json.dumps(event)


def test_a_creation_carries_no_request_and_a_delete_does(desk: Desk) -> None:
    azure, hook = desk
    azure.subscribe(hook.url)
    azure.request("PUT", f"{REGISTRY}2", BASIC, caller=PIPELINE)
    azure.request("DELETE", f"{REGISTRY}2", caller=PIPELINE)
    azure.flush()
    created, deleted = hook.events
    assert "httpRequest" not in created["data"]
    assert created["data"]["claims"][OID] == PIPELINE.oid
    assert "name" not in created["data"]["claims"]
    assert deleted["eventType"] == "Microsoft.Resources.ResourceDeleteSuccess"
    assert deleted["data"]["httpRequest"]["method"] == "DELETE"


def test_reads_and_seeds_are_not_told(desk: Desk) -> None:
    azure, hook = desk
    azure.subscribe(hook.url)
    azure.request("GET", REGISTRY)
    azure.seed(f"{REGISTRY}2", BASIC)
    azure.lock(REGISTRY)
    azure.flush()
    assert hook.events == []


def test_tags_locks_and_actions_are_told_under_their_own_ids(desk: Desk) -> None:
    azure, hook = desk
    azure.seed(STORAGE, {"location": "westeurope", "sku": {"name": "Standard_LRS"}})
    azure.subscribe(hook.url)
    tags, lock = f"{REGISTRY}/providers/Microsoft.Resources/tags/default", "providers/Microsoft.Authorization/locks/l1"
    azure.request("PUT", tags, {"properties": {"tags": {"team": "ml"}}})
    azure.request("POST", f"{STORAGE}/listKeys")
    azure.request("PUT", f"{REGISTRY}/{lock}", {"properties": {"level": "CanNotDelete"}})
    azure.flush()
    assert [(event["subject"], event["data"]["operationName"]) for event in hook.events] == [
        (tags, "Microsoft.Resources/tags/write"),
        (STORAGE, "Microsoft.Storage/storageAccounts/listKeys/action"),
        (f"{REGISTRY}/{lock}", "Microsoft.Authorization/locks/write"),
    ]
    assert hook.events[1]["eventType"] == "Microsoft.Resources.ResourceActionSuccess"


def test_a_slow_write_is_told_when_it_is_done_though_nobody_asks(desk: Desk) -> None:
    azure, hook = desk
    azure.operation_seconds = 0.2
    subscription = azure.subscribe(hook.url)
    azure.request("PATCH", REGISTRY, PREMIUM_SKU)
    azure.flush()
    assert hook.events == []
    wait_until(lambda: subscription.delivered)
    assert (azure.body(REGISTRY) or {})["properties"]["provisioningState"] == "Succeeded"


def test_cloud_events_come_one_by_one_with_the_same_data(desk: Desk) -> None:
    azure, hook = desk
    azure.subscribe(hook.url, schema="CloudEventSchemaV1_0")
    azure.request("PATCH", REGISTRY, PREMIUM_SKU)
    azure.flush()
    [(headers, event)] = hook.received
    assert headers["content-type"].startswith("application/cloudevents+json")
    assert (event["specversion"], event["type"], event["subject"]) == ("1.0", WRITE, REGISTRY)
    assert event["data"]["resourceUri"] == REGISTRY


@pytest.mark.parametrize("schema", ["EventGridSchema", "CloudEventSchemaV1_0"])
def test_a_webhook_that_does_not_prove_itself_is_refused(desk: Desk, schema: Any) -> None:
    azure, hook = desk
    hook.proves_itself = False
    with pytest.raises(HandshakeFailed):
        azure.subscribe(hook.url, schema=schema)


def test_what_is_not_accepted_comes_again_with_a_higher_count(desk: Desk) -> None:
    azure, hook = desk
    hook.refusals = 2
    subscription = azure.subscribe(hook.url)
    azure.request("PATCH", REGISTRY, PREMIUM_SKU)
    azure.flush()
    assert [headers["aeg-delivery-count"] for headers, _ in hook.received] == ["0", "1", "2"]
    assert len({event["id"] for event in hook.events}) == 1
    assert len(subscription.delivered) == 1


def test_some_answers_end_the_delivery(desk: Desk) -> None:
    azure, hook = desk
    hook.refusals, hook.status = 1, 403
    subscription = azure.subscribe(hook.url)
    azure.request("PATCH", REGISTRY, PREMIUM_SKU)
    azure.flush()
    assert (len(hook.received), len(subscription.given_up)) == (1, 1)


def test_a_flush_that_takes_too_long_says_so(desk: Desk) -> None:
    azure, hook = desk
    hook.refusals = 100
    azure.subscribe(hook.url)
    azure.request("PATCH", REGISTRY, PREMIUM_SKU)
    with pytest.raises(TimeoutError):
        azure.flush(timeout=0.1)


def test_duplicates_have_the_same_id_and_content(desk: Desk) -> None:
    azure, hook = desk
    azure.subscribe(hook.url, duplicates=1.0)
    azure.request("PATCH", REGISTRY, PREMIUM_SKU)
    azure.flush()
    first, second = hook.events
    assert first == second


def test_shuffled_events_all_arrive_and_not_in_the_order_they_happened(desk: Desk) -> None:
    azure, hook = desk
    azure.subscribe(hook.url, shuffle=True, seed=7)
    for number in range(6):
        azure.request("PATCH", REGISTRY, {"tags": {"n": str(number)}})
    azure.flush()
    times = [event["eventTime"] for event in hook.events]
    assert len(times) == 6
    assert times != sorted(times)


def test_noise_is_a_deployment_with_the_same_correlation_id(desk: Desk) -> None:
    azure, hook = desk
    azure.subscribe(hook.url, noise=True)
    azure.request("PATCH", REGISTRY, PREMIUM_SKU)
    azure.flush()
    assert [event["data"]["operationName"] for event in hook.events] == [
        "Microsoft.Resources/deployments/write",
        "Microsoft.Resources/tags/write",
        "Microsoft.Authorization/locks/write",
        "Microsoft.ContainerRegistry/registries/write",
    ]
    assert len({event["data"]["correlationId"] for event in hook.events}) == 1
    assert len({event["id"] for event in hook.events}) == 4


def test_refused_writes_are_told_to_those_who_ask(desk: Desk) -> None:
    azure, hook = desk
    with webhook() as other:
        azure.subscribe(hook.url)
        azure.subscribe(other.url, include_types={FAILURE})
        azure.lock(REGISTRY)
        azure.request("PATCH", REGISTRY, PREMIUM_SKU)
        azure.flush()
        assert hook.events == []
        assert [(event["eventType"], event["data"]["status"]) for event in other.events] == [(FAILURE, "Failed")]
        azure.close()
