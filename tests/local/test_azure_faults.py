"""What goes wrong when the simulated Azure is told to let it go wrong."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from azure.core.exceptions import HttpResponseError

from local.azure import NO_ANSWER, AzureServer, SimulatedAzure
from local.azure.faults import Fault
from local.azure.messages import GRAPH_PATH
from tests.builders import NOON
from tests.local.arm_clients import (
    REGISTRY,
    STORAGE,
    registries,
    running,
    send,
)

type Desk = tuple[SimulatedAzure, AzureServer]
PREMIUM_SKU = {"sku": {"name": "Premium"}}


@pytest.fixture
def desk() -> Iterator[Desk]:
    with running() as both:
        yield both


def sku(azure: SimulatedAzure) -> str:
    return str((azure.body(REGISTRY) or {})["sku"]["name"])


def test_throttling_answers_429_as_often_as_told(desk: Desk) -> None:
    azure, server = desk
    azure.fault(method="PATCH", path="registries/", status=429, retry_after=17, times=2)
    with registries(server) as client:
        for _ in range(2):
            with pytest.raises(HttpResponseError) as throttled:
                client.registries.begin_update("rg-ml", "crml", PREMIUM_SKU)
            assert throttled.value.status_code == 429
        client.registries.begin_update("rg-ml", "crml", PREMIUM_SKU).result()
    assert [line.status for line in azure.writes()] == [429, 429, 200]
    azure.fault(status=429, retry_after=17)
    assert send(server, "GET", REGISTRY).headers["Retry-After"] == "17"


LIMITS = [("GET", 250, 25), ("PATCH", 200, 10), ("DELETE", 200, 10)]


@pytest.mark.parametrize(("method", "size", "rate"), LIMITS)
def test_who_asks_too_often_is_throttled_until_the_bucket_fills(desk: Desk, method: str, size: int, rate: int) -> None:
    """Counted whatever the answer is."""
    azure, server = desk
    now = [NOON]
    azure.limit_requests(lambda: now[0])
    for count in (size, rate):
        answers = [send(server, method, STORAGE, api_version="bad") for _ in range(count + 1)]
        assert [answer.status_code for answer in answers] == [400] * count + [429]
        assert answers[-1].headers["Retry-After"] == "1"
        assert answers[-1].json()["error"]["code"] == "SubscriptionRequestsThrottled"
        now[0] += timedelta(seconds=1)


def test_queries_are_counted_in_any_five_seconds(desk: Desk) -> None:
    azure, server = desk
    now = [NOON]
    azure.limit_requests(lambda: now[0])
    throttled = []
    for _ in range(18):
        throttled.append(send(server, "POST", GRAPH_PATH, {"query": "resources"}).status_code == 429)
        now[0] += timedelta(seconds=0.3)
    assert throttled == [False] * 15 + [True] * 2 + [False]


def test_a_fault_meets_only_what_it_matches(desk: Desk) -> None:
    azure, server = desk
    azure.fault(method="GET", path="storageAccounts", status=503, code="ServerBusy", times=None)
    assert send(server, "GET", REGISTRY).status_code == 200
    for _ in range(3):
        answer = send(server, "GET", STORAGE)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "ServerBusy")
        assert "Retry-After" not in answer.headers
    assert azure.request("GET", STORAGE).status == 200, "others, without a connection, are not met"


def test_a_dropped_request_changes_nothing(desk: Desk) -> None:
    azure, server = desk
    azure.fault(method="PATCH", effect="drop")
    with pytest.raises(requests.ConnectionError):
        send(server, "PATCH", REGISTRY, PREMIUM_SKU)
    assert sku(azure) == "Basic"
    assert [(line.status, line.done) for line in azure.writes()] == [(NO_ANSWER, NO_ANSWER)]


def test_a_lost_answer_was_applied_all_the_same(desk: Desk) -> None:
    azure, server = desk
    azure.fault(method="PATCH", effect="lost_answer")
    with pytest.raises(requests.ConnectionError):
        send(server, "PATCH", REGISTRY, PREMIUM_SKU)
    assert sku(azure) == "Premium"
    assert [(line.status, line.done) for line in azure.writes()] == [(NO_ANSWER, 200)]
    assert send(server, "PATCH", REGISTRY, PREMIUM_SKU).status_code == 200


def test_the_weather_chooses_for_what_no_fault_is_meant_for(desk: Desk) -> None:
    azure, server = desk
    storm = Fault("GET", re.compile(""), 503, None, None, None, 0.0, "refuse")
    azure.weather(lambda request: storm if request.method == "GET" else None)
    azure.fault(method="GET", status=429)
    assert [send(server, "GET", REGISTRY).status_code for _ in range(3)] == [429, 503, 503]
    assert send(server, "PATCH", REGISTRY, PREMIUM_SKU).status_code == 200


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_an_accepted_write_may_change_nothing(desk: Desk, method: str) -> None:
    azure, server = desk
    azure.fault(method=method, effect="accept_without_change")
    assert send(server, method, REGISTRY, PREMIUM_SKU).status_code == 200
    assert sku(azure) == "Basic"


def test_an_operation_can_only_fail_where_there_is_one(desk: Desk) -> None:
    azure, server = desk
    azure.fault(method="PATCH", effect="fail_operation")
    assert send(server, "PATCH", STORAGE, {"tags": {}}).status_code == 501


def test_a_slow_answer_is_slow_and_right(desk: Desk) -> None:
    azure, server = desk
    azure.fault(latency=0.15)
    begun = time.monotonic()
    assert send(server, "GET", REGISTRY).status_code == 200
    assert time.monotonic() - begun >= 0.15
