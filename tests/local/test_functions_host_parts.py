"""The host's pure parts: settings, routes, schedules, polling, queue outputs, log lines."""

import logging
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.functions_host.errors import BadSettings
from local.functions_host.invocation import Invoker, queue_messages
from local.functions_host.log import LineFormatter
from local.functions_host.protos import RpcHttp, RpcHttpCookie, TypedData
from local.functions_host.queues import polling_interval
from local.functions_host.routes import find_route, make_routes
from local.functions_host.settings import host_options, resolve, storage_connection, time_span
from local.functions_host.storage import Queues
from local.functions_host.timers import Timer, next_run
from local.functions_host.web import http_response
from local.functions_host.worker import Function

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def function(name: str, **trigger: Any) -> Function:
    """A function as indexed."""
    return Function(name, name, trigger, ())


def test_an_absent_host_json_means_the_defaults(tmp_path: Path) -> None:
    options = host_options(tmp_path, {})
    assert options.route_prefix == "api"
    assert options.queues.batch_size == 16
    assert options.queues.max_dequeue_count == 5
    assert options.queues.visibility_timeout == timedelta(0)
    assert options.queues.max_polling_interval == timedelta(minutes=1)
    assert options.queues.base64


def test_settings_are_laid_over_host_json_whatever_their_case(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text('{"extensions": {"Queues": {"batchSize": 8, "maxDequeueCount": 3}}}')
    options = host_options(
        tmp_path,
        {
            "AzureFunctionsJobHost__extensions__queues__MaxDequeueCount": "2",
            "AzureFunctionsJobHost__extensions__queues__newBatchThreshold": "1",
            "AzureFunctionsJobHost__extensions__http__routePrefix": "",
            "AzureFunctionsJobHost__extensions__queues__messageEncoding": "none",
        },
    )
    assert (options.queues.batch_size, options.queues.max_dequeue_count) == (8, 2)
    assert (options.queues.new_batch_threshold, options.queues.base64, options.route_prefix) == (1, False, "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "host.json cannot be read"),
        ("[]", "must hold one JSON object"),
        ('{"extensions": [1]}', "extensions must be an object"),
        ('{"extensions": {"queues": {"batchSize": 99}}}', "batchSize must be 1 to 32, not 99"),
        ('{"extensions": {"queues": {"maxPollingInterval": "soon"}}}', "'soon' is not a time span"),
        ('{"extensions": {"queues": {"messageEncoding": "utf7"}}}', "messageEncoding must be base64 or none"),
        ('{"extensions": {"queues": 1}}', "queues must be an object"),
    ],
)
def test_a_bad_host_json_is_named(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text(text)
    with pytest.raises(BadSettings, match=message):
        host_options(tmp_path, {})


def test_a_binding_may_hold_the_name_of_a_setting() -> None:
    assert resolve("%QUEUE%-poison", {"QUEUE": "checks"}) == "checks-poison"
    with pytest.raises(BadSettings, match="there is no app setting QUEUE: set it"):
        resolve("%QUEUE%", {})


def test_a_connection_is_the_setting_of_its_name_or_the_default() -> None:
    store = "UseDevelopmentStorage=true"
    assert storage_connection("", {"AzureWebJobsStorage": store}) == store
    assert storage_connection("Store", {"AzureWebJobsStore": store}) == store
    with pytest.raises(BadSettings, match="the app setting Store is not a storage connection string: set Store to"):
        storage_connection("Store", {"Store": "nonsense"})
    with pytest.raises(BadSettings, match="AzureWebJobsStorage is missing"):
        storage_connection("", {"AzureWebJobsStorage": " "})


@pytest.mark.parametrize(
    ("text", "seconds"), [("00:00:30", 30), ("1.02:03:04", 93784), ("00:00:00.100", 0.1), ("23:59:59", 86399)]
)
def test_a_time_span_is_read_as_dotnet_writes_it(text: str, seconds: float) -> None:
    assert time_span(text).total_seconds() == seconds


@pytest.mark.parametrize(
    ("path", "expected", "values"),
    [
        ("/api/items/latest", "latest", {}),
        ("/api/items/7", "by_id", {"id": "7"}),
        ("/api/items/seven", "by_name", {"name": "seven"}),
        ("/api/items/7/", "by_id", {"id": "7"}),
        ("/api/items/a/b/c", "rest", {"path": "a/b/c"}),
        ("/api/items", "rest", {}),
        ("/api/day/report-2026.json", "report", {"year": "2026"}),
        ("/api/plain", "plain", {}),
        ("/items/7", None, {}),
        ("/api/itemsX", None, {}),
    ],
)
def test_the_most_exact_template_wins(path: str, expected: str | None, values: dict[str, str]) -> None:
    templates = {
        "rest": "items/{*path}",
        "by_name": "items/{name}",
        "by_id": "items/{id:int}",
        "latest": "items/latest",
        "report": "day/report-{year}.json",
        "plain": None,
    }
    routes = make_routes([function(name, route=route) for name, route in templates.items()], "api")
    match = find_route(routes, "GET", path)
    assert (match and match.route.function.name, match.values if match else {}) == (expected, values)


def test_an_unknown_route_constraint_is_refused() -> None:
    with pytest.raises(BadSettings, match="does not know the route constraint 'range'"):
        make_routes([function("odd", route="{n:range}")], "")


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("*/10 * * * * *", NOON + timedelta(seconds=10)),
        ("0 30 6 * * *", datetime(2026, 11, 24, 6, 30, tzinfo=UTC)),
        ("0 0 8 * * 5", datetime(2026, 11, 27, 8, 0, tzinfo=UTC)),
        ("01:00:00", NOON + timedelta(hours=1)),
    ],
)
def test_the_next_run_follows_the_schedule(schedule: str, expected: datetime) -> None:
    assert next_run(schedule, NOON) == expected


@pytest.mark.parametrize("schedule", ["every day", "99 * * * * *", "00:00:00"])
def test_a_schedule_that_cannot_be_read_is_refused(schedule: str) -> None:
    with pytest.raises(BadSettings, match="function sweep has a schedule that cannot be read"):
        Timer(function("sweep"), schedule, Invoker(Queues(encode=True), {}))


def test_empty_polls_slow_down_to_the_longest_interval() -> None:
    assert polling_interval(0, 60) == 0.1
    assert 0.16 <= polling_interval(1, 60) <= 0.24
    assert polling_interval(50, 60) == 60
    assert polling_interval(0, 0.05) == 0.05


@pytest.mark.parametrize(
    ("value", "messages"),
    [
        (None, []),
        (TypedData(), []),
        (TypedData(string="a"), [b"a"]),
        (TypedData(bytes=b"\xff"), [b"\xff"]),
        (TypedData(json='["a", {"id": "1", "body": "b"}, {"c": 1}]'), [b"a", b"b", b'{"c": 1}']),
        (TypedData(json='{"id": "1", "body": "b"}'), [b"b"]),
    ],
)
def test_a_queue_output_is_one_message_or_one_for_each_item(value: TypedData | None, messages: list[bytes]) -> None:
    assert list(queue_messages(value)) == messages


def test_an_http_function_that_returns_nothing_answers_204() -> None:
    assert http_response(None).status == 204
    assert http_response(TypedData(string="text")).text == "text"


def test_a_cookie_keeps_its_attributes() -> None:
    cookie = RpcHttpCookie("a", "b", same_site=3)
    answer = http_response(TypedData(http=RpcHttp(status_code="202", body=TypedData(bytes=b"x"), cookies=[cookie])))
    assert (answer.status, answer.body) == (202, b"x")
    assert answer.cookies.output() == "Set-Cookie: a=b; Path=/; SameSite=None"


def test_a_log_line_never_holds_a_secret() -> None:
    try:
        raise ValueError("key=hunter2")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "sent %s", ("hunter2",), sys.exc_info())
    line = LineFormatter(["hunter2", ""]).format(record)
    assert "hunter2" not in line
    assert line[12:].startswith(" ERROR   host sent ***\nTraceback")
