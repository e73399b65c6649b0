"""The timers and the health check run in the real functions host."""

import json
import time
from collections.abc import Callable, Iterator

import pytest
import requests
from azure.storage.blob import ContainerClient

from local.demo.stage import GROUP, Stage, stage
from remediation import wiring
from tests.builders import event

REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/acrlate"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The app at work."""
    with stage(lambda _: None, log=tmp_path_factory.mktemp("timers") / "host.log") as started:
        yield started


def run(running: Stage, function: str) -> None:
    """Let a timer come now, and wait for its end."""
    before = len(running.host.log_text())
    key = {"x-functions-key": running.host.master_key}
    answer = requests.post(f"{running.host.url}/admin/functions/{function}", json={}, headers=key, timeout=30)
    assert answer.status_code == 202
    wait_for(lambda: has_run(running.host.log_text()[before:], function))


def has_run(log: str, function: str) -> bool:
    """Whether a log says that a function has ended well."""
    return any(f" {function}[" in line and " succeeded in " in line for line in log.splitlines())


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not come in time"
        time.sleep(0.05)


def test_a_dead_letter_is_taken_in_by_a_timer(running: Stage) -> None:
    body = {"location": "westeurope", "sku": {"name": "Basic"}, "properties": {"provisioningState": "Succeeded"}}
    running.azure.seed(REGISTRY, body)
    storage = running.settings[wiring.STORAGE]
    with ContainerClient.from_connection_string(storage, wiring.DEAD_LETTERS_CONTAINER) as container:
        container.create_container()
        container.upload_blob("A/1.json", json.dumps([event(REGISTRY) | {"lastDeliveryOutcome": "NotFound"}]))
        run(running, "replay_dead_letters")
        assert [*container.list_blob_names()] == []
    wait_for(lambda: (running.azure.body(REGISTRY) or {})["sku"]["name"] == "Premium")
    running.settle()
    told = [message.text for message in running.chat.messages if message.channel_kind == "teams"]
    assert any("EVENTS NOT DELIVERED" in text for text in told)


def test_health_is_for_everybody_and_the_watch_is_part_of_it(running: Stage) -> None:
    url = f"{running.host.url}/api/health"
    first = requests.get(url, timeout=30)
    assert (first.status_code, first.json()["checks"]["storage"]) == (200, "ok")
    run(running, "watch")
    time.sleep(5)  # an answer is kept for that long
    second = requests.get(url, timeout=30)
    assert second.json() == {
        "status": "ok",
        "checks": dict.fromkeys(("storage", "events", "queues", "channels", "watch"), "ok"),
    }
    assert requests.post(url, timeout=30).status_code in (404, 405)
