"""Scans over HTTP and by timer, through the functions host."""

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests
from azure.core.exceptions import ResourceExistsError

from local.demo.stage import GROUP, SUBSCRIPTION, Stage, stage
from local.estate import fill
from remediation import wiring
from rules.values import value_at
from tests.remediation.scanning import delete_results

REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/acrscan"
RULES = ["container-registry/premium-sku"]
SMALL = {"scope": {"resource": REGISTRY}, "rules": RULES}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(lambda _: None, log=tmp_path_factory.mktemp("scans") / "host.log") as started:
        started.azure.seed(REGISTRY, {"location": "westeurope", "sku": {"name": "Basic"}})
        fill(started.azure, 8)  # of so few, a share of failures is no limit
        yield started


@pytest.fixture(scope="module")
def done(running: Stage) -> str:
    """Where a finished scan is asked for."""
    started = call(running, "POST", "/api/scan", SMALL)
    ended(running, started.headers["Location"])
    return started.headers["Location"]


def call(running: Stage, method: str, path: str, body: Any = None, *, key: bool = True) -> requests.Response:
    headers = {"x-functions-key": running.host.function_key} if key else {}
    return requests.request(method, f"{running.host.url}{path}", json=body, headers=headers, timeout=60)


def wait(condition: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.1)


def ended(running: Stage, location: str) -> Any:
    wait(
        lambda: call(running, "GET", location).json()["state"] != "RUNNING",
        f"the scan did not end; see {running.log}",
    )
    return call(running, "GET", location).json()


def test_a_scan_is_started_followed_and_read(running: Stage) -> None:
    started = call(running, "POST", "/api/scan", {"scope": {"subscription": SUBSCRIPTION}})
    assert started.status_code == 202
    shown = ended(running, started.headers["Location"])
    assert (shown["state"], shown["evaluated"], shown["percent"]) == ("DONE", 9, 100)
    assert len(shown["results"]) == sum(shown["verdicts"].values())
    listed = call(running, "GET", "/api/scans").json()["scans"]
    assert shown["id"] in {scan["id"] for scan in listed}


def test_a_small_scan_answers_with_its_results(running: Stage) -> None:
    """Unless the bot's own budget of queries holds it up, which the other tests have used."""
    answer = call(running, "POST", "/api/scan", SMALL | {"wait": 30})
    for _ in range(10):
        if answer.status_code == 200:
            break
        time.sleep(6)
        answer = call(running, "POST", "/api/scan", SMALL | {"wait": 30})
    assert answer.status_code == 200
    assert [result["rule"] for result in answer.json()["results"]] == RULES


def test_a_scan_may_be_cancelled(running: Stage) -> None:
    """Azure's 429 holds every query of the bot up, so it is short."""
    running.azure.fault(path="ResourceGraph", status=429, retry_after=5)
    location = call(running, "POST", "/api/scan", SMALL).headers["Location"]
    wait(
        lambda: any(exchange.status == 429 for exchange in running.azure.log), f"no step was put off; see {running.log}"
    )
    assert call(running, "DELETE", location).json()["state"] == "CANCELLED"
    assert call(running, "GET", location).json()["state"] == "CANCELLED"


BAD: dict[str, tuple[str, str, Any, int, str]] = {
    "no body": ("POST", "/api/scan", None, 400, "the body must be a JSON object"),
    "a bad scope": ("POST", "/api/scan", {"scope": "some"}, 400, "scope: must be"),
    "no such scan": ("GET", "/api/scans/x", None, 404, "GET /api/scans lists the newest"),
    "nothing to cancel": ("DELETE", "/api/scans/x", None, 404, "GET /api/scans lists the newest"),
}


@pytest.mark.parametrize(("method", "path", "body", "status", "said"), BAD.values(), ids=BAD)
def test_what_cannot_be_is_a_problem(running: Stage, method: str, path: str, body: Any, status: int, said: str) -> None:
    answer = call(running, method, path, body)
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (status, "application/problem+json")
    assert said in answer.json()["detail"]


def test_brackets_without_end_are_no_request(running: Stage) -> None:
    headers = {"x-functions-key": running.host.function_key}
    answer = requests.post(f"{running.host.url}/api/scan", data="[" * 200_000, headers=headers, timeout=30)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("name", "media_type", "begins"),
    [
        ("csv", "text/csv", "severity,"),
        ("sarif", "application/sarif+json", "{"),
        ("junit", "application/xml", "<?xml"),
        ("html", "text/html", "<!doctype html>"),
    ],
)
def test_results_come_in_other_formats(running: Stage, done: str, name: str, media_type: str, begins: str) -> None:
    answer = call(running, "GET", f"{done}?format={name}")
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (200, media_type)
    assert answer.text.lower().startswith(begins)


def test_results_in_other_formats_are_those_asked_for(running: Stage, done: str) -> None:
    (found,) = call(running, "GET", done).json()["results"]
    for status in ("PASS", "FAIL"):
        head, *rows = call(running, "GET", f"{done}?format=csv&status={status.lower()}").text.splitlines()
        assert (head.startswith("severity,"), len(rows)) == (True, int(found["status"] == status))
    answer = call(running, "GET", f"{done}?format=csv&status=NONE")
    assert (answer.status_code, "'NONE' is not one of PASS, FAIL" in answer.json()["detail"]) == (400, True)


def test_a_bad_question_about_a_scan_is_a_problem(running: Stage, done: str) -> None:
    answer = call(running, "GET", f"{done}?format=pdf")
    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "format: 'pdf' is not one of json, csv, sarif, junit, html",
    )


def test_results_that_are_deleted_are_gone(running: Stage) -> None:
    started = call(running, "POST", "/api/scan", SMALL)
    ended(running, started.headers["Location"])
    delete_results(running.settings[wiring.STORAGE], begin=started.json()["id"])
    answer = call(running, "GET", started.headers["Location"])
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (410, "application/problem+json")


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/scan"), ("GET", "/api/scans"), ("DELETE", "/api/scans/x")])
def test_nothing_is_told_without_a_key(running: Stage, method: str, path: str) -> None:
    assert call(running, method, path, SMALL, key=False).status_code == 401


def test_a_message_that_is_no_step_ends_with_people(running: Stage) -> None:
    queue = running.queues.get_queue_client("scans")
    with suppress(ResourceExistsError):  # it is there after the first scan
        queue.create_queue()
    queue.send_message(base64.b64encode(b"{}").decode())
    wait(
        lambda: any("NOT PROCESSED" in message.text for message in running.chat.messages),
        f"nobody was told; see {running.log}",
    )


def test_the_night_puts_right_what_events_missed(running: Stage) -> None:
    answer = requests.post(
        f"{running.host.url}/admin/functions/sweep",
        json={"input": ""},
        headers={"x-functions-key": running.host.master_key},
        timeout=30,
    )
    assert answer.status_code == 202
    wait(
        lambda: value_at(running.azure.body(REGISTRY) or {}, "sku.name") == "Premium",
        f"nothing was put right; see {running.log}",
    )
