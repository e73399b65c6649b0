"""Starting, stopping, crashing and coming back of the functions host."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from local.functions_host import FunctionsHost, HostFailed
from tests.local.host_fixtures import event, orphaned, queue_client, runs, sample_app, unique, wait_until, write_app

pytest_plugins = ["tests.local.host_fixtures"]

HOST = [sys.executable, "-m", "local.functions_host", "--port", "0"]

EMPTY_APP = """
import azure.functions as func
app = func.FunctionApp()

@app.route(route="hello", auth_level=func.AuthLevel.ANONYMOUS)
def hello(req: func.HttpRequest) -> str:
    return "hello"
"""

QUEUE_APP = """
import azure.functions as func
app = func.FunctionApp()

@app.queue_trigger(arg_name="message", queue_name="checks", connection="STORE")
def on_check(message: func.QueueMessage) -> None:
    pass
"""


def test_a_message_whose_host_crashed_is_processed_again_by_the_next(storage: str, tmp_path: Path) -> None:
    """Processed again once only: the second run takes longer than the lease, which is renewed."""
    with sample_app(tmp_path, storage, lease=1, SLOW="1.1") as sample:
        body, before = unique("slow"), (sample.host.url, sample.host.function_key, sample.host.pid)
        sample.put(body)
        assert wait_until(lambda: sample.seen("on_check", body=body, count=1))
        sample.host.kill()
        assert not sample.host.alive
        assert not sample.seen("on_check done", body=body)

        sample.host.start()
        assert (sample.host.url, sample.host.function_key) == before[:2]
        assert sample.host.pid != before[2]
        assert sample.deliver(event(unique("after"))).status_code == 202
        assert wait_until(lambda: sample.seen("on_check done", body=body))
        with queue_client(storage, sample.queue) as client:
            assert wait_until(lambda: client.get_queue_properties().approximate_message_count == 0)
        assert [seen["count"] for seen in sample.seen("on_check", body=body)] == [1, 2]


def test_a_stop_lets_the_invocation_end_and_saves_its_coverage(
    storage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "coverage.ini"
    settings.write_text(f"[run]\ndata_file = {tmp_path}/data\nparallel = true\nsource = {tmp_path}/app\n")
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)  # of a measured test run
    monkeypatch.setenv("COVERAGE_PROCESS_START", str(settings))
    with sample_app(tmp_path, storage, SLOW="0.3") as sample:
        body = unique("slow")
        sample.put(body)
        assert wait_until(lambda: sample.seen("on_check", body=body))
        sample.host.stop()
        assert sample.seen("on_check done", body=body)
        with queue_client(storage, sample.queue) as client:
            assert client.get_queue_properties().approximate_message_count == 0
    assert list(tmp_path.glob("data.*"))


@pytest.mark.parametrize(
    ("source", "status", "message"),
    [
        (QUEUE_APP, 2, r"the app setting STORE is missing: set STORE to the connection string"),
        ("import nothing_like_it", 3, r"No module named 'nothing_like_it' \(function_app.py, line 1\)$"),
        ("raise SystemExit('no settings')", 3, r"function_app.py ended the process: no settings"),
    ],
)
def test_what_keeps_the_host_from_starting_is_said_in_one_line(
    source: str, status: int, message: str, tmp_path: Path
) -> None:
    command = [*HOST, "--app", str(write_app(tmp_path, source))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("functions host cannot start: ")
    assert re.search(message, last)


def test_a_taken_port_is_reported_with_the_fix(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(HostFailed, match=rf"port {port} cannot be used \(.*\): choose another with --port"):
            FunctionsHost(write_app(tmp_path, EMPTY_APP), {}, port=port).__enter__()


def test_settings_come_from_a_file_and_the_environment_wins(tmp_path: Path) -> None:
    source = EMPTY_APP.replace('return "hello"', 'import os; return os.environ["ONE"] + os.environ["TWO"]')
    (tmp_path / "settings.json").write_text('{"IsEncrypted": false, "Values": {"ONE": "file", "TWO": "file"}}')
    app = write_app(tmp_path, source)
    with subprocess.Popen(
        [*HOST, "--app", str(app), "--settings", str(tmp_path / "settings.json")],
        env={**os.environ, "ONE": "environment"},
        stdout=subprocess.PIPE,
        text=True,
    ) as host:
        assert host.stdout is not None
        url = host.stdout.readline().split()[1]
        assert requests.get(f"{url}/api/hello", timeout=10).text == "environmentfile"
        host.send_signal(signal.SIGINT)
        assert host.wait(15) == 0
    assert (app / ".local" / "functions-host-keys.json").stat().st_mode & 0o077 == 0


def test_the_host_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    app, log = str(write_app(tmp_path, EMPTY_APP)), str(tmp_path / "log")
    program = (
        "import time; from pathlib import Path; from local.functions_host import FunctionsHost\n"
        f"host = FunctionsHost(Path({app!r}), {{}}, log=Path({log!r}))\n"
        "host.start(); print(host.pid, flush=True); time.sleep(60)"
    )
    with orphaned(program) as pid:
        assert wait_until(lambda: not runs(pid))


def test_without_storage_the_listener_keeps_trying(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    store = f"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=AAAA;QueueEndpoint=http://127.0.0.1:{port}/a"
    with FunctionsHost(write_app(tmp_path, QUEUE_APP), {"STORE": store}) as host:
        assert wait_until(lambda: "queue checks cannot be read, trying again" in host.log_text())
        assert host.alive
        assert "Traceback" not in host.log_text()
