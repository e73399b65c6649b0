"""A small functions app, written to a folder and run by the real host on a real Azurite; shared by the host's tests.

A pytest plugin (`pytest_plugins`), so that its session fixtures exist once for all modules. PYTEST_DONT_REWRITE:
the test modules import from it as well.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from azure.storage.queue import QueueClient, TextBase64DecodePolicy, TextBase64EncodePolicy

from local.azurite import Azurite
from local.functions_host import FunctionsHost
from local.functions_host.process import PROJECT

SAMPLE_APP = """
import json, logging, os, time
from typing import List

import azure.functions as func

app = func.FunctionApp()

def record(function: str, **seen) -> None:
    with open(os.environ["RECORD"], "a") as file:
        file.write(json.dumps({"function": function, **seen}) + "\\n")

@app.event_grid_trigger(arg_name="event")
@app.queue_output(arg_name="checks", queue_name="%CHECKS%", connection="AzureWebJobsStorage")
def on_event(event: func.EventGridEvent, checks: func.Out[List[str]]) -> None:
    record("on_event", subject=event.subject, kind=type(event).__name__, data=event.get_json())
    if event.subject.startswith("broken"):
        raise ValueError(f"cannot handle {event.subject}")
    checks.set([event.subject])

@app.event_grid_trigger(arg_name="event")
def on_cloud_event(event: func.CloudEvent) -> None:
    record("on_cloud_event", subject=event.subject, kind=type(event).__name__, source=event.source)

@app.queue_trigger(arg_name="message", queue_name="%CHECKS%", connection="AzureWebJobsStorage")
def on_check(message: func.QueueMessage) -> None:
    body = message.get_body().decode()
    record("on_check", body=body, count=message.dequeue_count, inserted=str(message.insertion_time))
    logging.getLogger("sample").info("checking %s with %s", body, os.environ["AzureWebJobsStorage"])
    if body.startswith("broken"):
        raise ValueError(f"cannot check {body}")
    if body.startswith("slow"):
        time.sleep(float(os.environ["SLOW"]))
        record("on_check done", body=body)

@app.queue_trigger(arg_name="message", queue_name="%CHECKS%-poison", connection="AzureWebJobsStorage")
async def on_poison(message: func.QueueMessage) -> None:
    record("on_poison", body=message.get_body().decode(errors="replace"))

@app.route(route="hello/{name?}", auth_level=func.AuthLevel.ANONYMOUS)
async def hello(req: func.HttpRequest) -> str:
    return f"hello {req.route_params.get('name', 'you')} {req.params.get('from', '')}"

@app.route(route="items/{id:int}", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
def item(req: func.HttpRequest) -> func.HttpResponse:
    headers = {"X-Kind": req.headers["x-kind"], "Set-Cookie": "seen=1; HttpOnly; SameSite=Lax; Path=/api"}
    return func.HttpResponse(json.dumps({"id": req.route_params["id"], **req.get_json()}), status_code=201,
                             mimetype="application/json", headers=headers)

@app.route(route="items/latest", auth_level=func.AuthLevel.ADMIN)
def latest(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("the latest")

@app.route(route="crash", auth_level=func.AuthLevel.ANONYMOUS)
def crash(req: func.HttpRequest) -> func.HttpResponse:
    raise RuntimeError("inner secret")

@app.timer_trigger(arg_name="timer", schedule="%SCHEDULE%", run_on_startup=True)
def on_timer(timer: func.TimerRequest) -> None:
    record("on_timer", past_due=timer.past_due)
"""

HOST_JSON = {
    "version": "2.0",
    "extensions": {"queues": {"maxDequeueCount": 3, "visibilityTimeout": "00:00:00", "maxPollingInterval": "00:00:30"}},
}


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample app at work: its host, its queue, and what its functions recorded."""

    host: FunctionsHost
    connection: str
    queue: str
    records: Path

    def seen(self, function: str, **wanted: object) -> list[dict[str, Any]]:
        """The records of one function that have the wanted values."""
        lines = self.records.read_text().splitlines() if self.records.exists() else []
        found = [json.loads(line) for line in lines]
        return [r for r in found if r["function"] == function and wanted.items() <= r.items()]

    def put(self, body: str) -> None:
        """Put a message into the queue, as the host encodes it."""
        with queue_client(self.connection, self.queue) as client:
            client.send_message(body)

    def deliver(self, *events: dict[str, Any], function: str = "on_event", **headers: str) -> requests.Response:
        """Post a delivery as Event Grid does."""
        headers = headers or {"aeg-event-type": "Notification"}
        return requests.post(self.host.event_grid_url(function), json=list(events), headers=headers, timeout=20)

    def get(self, path: str, key: str = "", method: str = "GET", **options: Any) -> requests.Response:
        """Call the host."""
        headers = {"x-functions-key": key, "x-kind": "test"} if key else {}
        return requests.request(method, self.host.url + path, headers=headers, timeout=20, **options)


def queue_client(connection: str, queue: str) -> QueueClient:
    """A client that encodes as the Functions host does, without the SDK's long retries."""
    return QueueClient.from_connection_string(
        connection,
        queue,
        message_encode_policy=TextBase64EncodePolicy(),
        message_decode_policy=TextBase64DecodePolicy(),
        retry_total=1,
        initial_backoff=1,
    )


def event(subject: str) -> dict[str, Any]:
    """An event in the Event Grid schema."""
    return {
        "id": str(uuid4()),
        "topic": "/subscriptions/00000000-0000-4000-8000-000000000001",
        "subject": subject,
        "eventType": "Microsoft.Resources.ResourceWriteSuccess",
        "eventTime": "2026-01-02T03:04:05.1234567Z",
        "data": {"status": "Succeeded"},
        "dataVersion": "2",
    }


def unique(kind: str) -> str:
    """A name that no other test uses."""
    return f"{kind}-{uuid4().hex[:8]}"


def wait_until[T](read: Callable[[], T], *, seconds: float = 15.0) -> T:
    """Read again and again until the answer is true; the last answer when time is up."""
    deadline = time.monotonic() + seconds
    while not (answer := read()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return answer


def write_app(folder: Path, source: str, host_json: object = HOST_JSON) -> Path:
    """Write an app and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "function_app.py").write_text(source)
    (folder / "host.json").write_text(json.dumps(host_json))
    return folder


@contextmanager
def sample_app(folder: Path, connection: str, *, lease: float = 600, **settings: str) -> Iterator[Sample]:
    """Run the sample app on queues of its own."""
    sample = {
        "AzureWebJobsStorage": connection,
        "CHECKS": unique("checks"),
        "RECORD": str(folder / "records.jsonl"),
        "SCHEDULE": "0 0 0 1 1 *",
        "SLOW": "2",
        "AzureFunctionsJobHost__extensions__queues__maxPollingInterval": "00:00:00.100",
        **settings,
    }
    with queue_client(connection, sample["CHECKS"]) as client:
        client.create_queue()
    app = write_app(folder / "app", SAMPLE_APP)
    with FunctionsHost(app, sample, lease_seconds=lease, log=folder / "host.log") as host:
        yield Sample(host, connection, sample["CHECKS"], folder / "records.jsonl")


@contextmanager
def orphaned(program: str) -> Iterator[int]:
    """Run a program that starts a child and prints its pid, kill the program, and yield the child's pid."""
    parent = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )
    try:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
    finally:
        os.kill(parent.pid, signal.SIGKILL)
        parent.communicate()
    yield pid


def runs(pid: int) -> bool:
    """Whether a process runs (a dead one that nobody has waited for does not)."""
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture(scope="session")
def storage() -> Iterator[str]:
    """The connection string of one Azurite for all tests."""
    with Azurite() as azurite:
        yield azurite.connection_string


@pytest.fixture(scope="session")
def sample(storage: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    """The sample app, running. Its timer fires every second."""
    with sample_app(tmp_path_factory.mktemp("sample"), storage, SCHEDULE="* * * * * *") as running:
        yield running
