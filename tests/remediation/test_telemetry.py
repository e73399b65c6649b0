"""Records say what they are about, numbers are lines that queries can read, and ids from outside are made safe."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation import poison, telemetry, watch
from remediation.cases import Cause, Entry
from remediation.telemetry import FIELDS, SAFE, about, metric, safe, time_to_fix
from tests.builders import CAUSE, DATABRICKS_ID, NOON, REGISTRY_ID, databricks, event, registry
from tests.remediation.harness import Bot

log = logging.getLogger("remediation.anything")


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    """Records carry the fields; afterwards they are made as before."""
    before = logging.getLogRecordFactory()
    telemetry.install()
    telemetry.install()  # twice is once
    yield
    logging.setLogRecordFactory(before)


@pytest.fixture
def records(caplog: pytest.LogCaptureFixture) -> Callable[[], list[logging.LogRecord]]:
    """The bot's own records."""
    caplog.set_level("INFO", logger="remediation")
    return lambda: [record for record in caplog.records if record.name.startswith("remediation")]


def fields(record: logging.LogRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in FIELDS}


def metrics(records: list[logging.LogRecord], name: str) -> list[dict[str, Any]]:
    """The metrics of a name, as a query reads them: out of the text."""
    texts = [each.getMessage() for each in records if each.getMessage().startswith("metric ")]
    found = [json.loads(text.removeprefix("metric ")) for text in texts]
    return [each for each in found if each["name"] == name]


def test_a_record_says_what_it_is_about(records: Callable[[], list[logging.LogRecord]]) -> None:
    log.info("before")
    with about(correlation_id="c", resource="r"):
        with about(rule="x"):
            log.info("inside")
        log.info("between")
    log.info("after")
    assert [(each.getMessage(), *fields(each).values()) for each in records()] == [
        ("before", "", "", ""),
        ("inside", "c", "r", "x"),
        ("between", "c", "r", ""),
        ("after", "", "", ""),
    ]


def test_workers_at_once_keep_apart(records: Callable[[], list[logging.LogRecord]]) -> None:
    def work(number: int) -> None:
        with about(correlation_id=str(number)):
            for _ in range(20):
                log.info("%d", number)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(20)))
    assert len(records()) == 400
    assert all(each.getMessage() == fields(each)["correlation_id"] for each in records())


def test_a_block_that_fails_ends_too() -> None:
    with pytest.raises(ValueError, match="it"), about(correlation_id="c"):
        raise ValueError("it")
    assert telemetry.correlation() == ""


@given(st.text() | st.integers() | st.none())
def test_an_id_from_outside_is_safe_in_a_log(value: object) -> None:
    found = safe(value)
    assert found == "" or SAFE.fullmatch(found)
    assert safe(found) == found
    assert (found == "") is (value == "" or not isinstance(value, str))


def test_a_correlation_id_is_azures_or_stands_for_the_event() -> None:
    assert CAUSE.correlation == CAUSE.correlation_id
    assert Cause(event_id="event-1").correlation == "event-1"
    assert Cause().correlation == ""
    assert Cause(correlation_id="a\nERROR all is lost").correlation.isalnum()


def test_a_metric_is_a_line(records: Callable[[], list[logging.LogRecord]]) -> None:
    metric("fixes", 1.23456, rule="a/b")
    (record,) = records()
    assert record.getMessage() == 'metric {"name": "fixes", "rule": "a/b", "value": 1.235}'
    assert (record.metric, record.value) == ("fixes", 1.235)  # type: ignore[attr-defined]


TIMES = {
    "2026-11-23T11:59:00Z": [60],
    "2026-11-23T11:59:58.5000000Z": [1.5],
    "2026-11-23T12:01:00Z": [0],
    "2026-11-23T11:59:00": [],
    "soon": [],
    "": [],
}


@pytest.mark.parametrize(("changed", "seconds"), TIMES.items(), ids=[*TIMES])
def test_the_time_to_a_fix_is_measured_from_the_change(
    records: Callable[[], list[logging.LogRecord]], changed: str, seconds: list[float]
) -> None:
    time_to_fix(changed, NOON, "a/b")
    assert [each["value"] for each in metrics(records(), "time_to_fix")] == seconds


def test_one_correlation_id_leads_from_the_event_to_the_message(
    bot: Bot, records: Callable[[], list[logging.LogRecord]]
) -> None:
    """Through both queues, a look that is put off and a message that is posted again."""
    bot.seed(registry("Basic"))
    bot.azure.fault(method="GET", status=503)
    bot.chat.fail_next("teams", status=503)
    changed = (bot.clock() - timedelta(minutes=2)).isoformat()
    bot.see(event(REGISTRY_ID, eventTime=changed))
    bot.later(timedelta(seconds=5))
    bot.later(timedelta(seconds=5))
    assert bot.headlines() == ["FIXED AUTOMATICALLY"]
    said = [each for each in records() if "budget" not in each.name and "event" not in metric_name(each)]
    without = {each.getMessage() for each in said if fields(each)["correlation_id"] != CAUSE.correlation_id}
    assert without == set()
    assert {each.name.removeprefix("remediation.") for each in said} >= {"intake", "pipeline", "outbox", "telemetry"}
    for part in (": check queued", ": look 1", ": look 2", ": posted to Teams", ": posted to Slack"):
        texts = [each.getMessage() for each in said if part in each.getMessage()]
        assert texts, part
        assert all(text.endswith(f"correlation {CAUSE.correlation_id}") for text in texts)
    decided = [each for each in said if "container-registry/premium-sku FAIL" in each.getMessage()]
    assert [fields(each)["rule"] for each in decided] == ["container-registry/premium-sku"]
    assert {fields(each)["resource"].lower() for each in decided} == {REGISTRY_ID.lower()}
    (took,) = metrics(records(), "time_to_fix")
    assert 125 <= took["value"] < 140
    assert [each["what"] for each in metrics(records(), "journal")] == ["started", "sent", "fixed"]
    assert [each["outcome"] for each in metrics(records(), "check")] == ["put off", "done"]
    assert [each["outcome"] for each in metrics(records(), "event")] == ["check"]


def metric_name(record: logging.LogRecord) -> str:
    return str(getattr(record, "metric", ""))


def test_a_check_that_could_not_be_processed_keeps_its_correlation_id(
    bot: Bot, records: Callable[[], list[logging.LogRecord]]
) -> None:
    bot.accept(event(REGISTRY_ID))
    (message,) = bot.received("checks")
    poison.unprocessed(bot.services, "checks", message.content)
    bot.drain("notices")
    posted = [each for each in records() if ": posted to" in each.getMessage()]
    assert [fields(each)["correlation_id"] for each in posted] == [CAUSE.correlation_id] * 2


def test_how_a_check_ended_is_counted(bot: Bot, records: Callable[[], list[logging.LogRecord]]) -> None:
    bot.see(event(REGISTRY_ID))
    bot.azure.forbid(bot.azure.bot, "*/read")
    bot.seed(databricks())
    bot.see(event(DATABRICKS_ID, "event-2"), {"a": 1}, event("x", subject="x"))
    assert [each["outcome"] for each in metrics(records(), "check")] == ["gone", "refused"]
    assert [each["outcome"] for each in metrics(records(), "event")] == ["check", "check", "malformed", "ignored"]


def test_open_cases_are_counted_by_the_watch(bot: Bot, records: Callable[[], list[logging.LogRecord]]) -> None:
    watch.watch(bot.services)
    before = {each["state"]: each["value"] for each in metrics(records(), "open_cases")}
    assert before == dict.fromkeys(("FIXING", "ASKED", "APPROVED", "TOLD", "FAILED"), 0)
    bot.seed(databricks(), registry("Basic"))
    bot.see(event(DATABRICKS_ID), event(REGISTRY_ID, "event-2"))
    watch.watch(bot.services)
    after = {each["state"]: each["value"] for each in metrics(records(), "open_cases")}
    assert after == before | {"TOLD": 1}, "a case that is closed is not counted"


def test_a_line_that_a_crash_records_twice_is_counted_once(
    bot: Bot, records: Callable[[], list[logging.LogRecord]]
) -> None:
    for _ in range(2):
        bot.services.store.append(Entry(REGISTRY_ID, "a/b", bot.clock(), "started", {}, "its key"))
    assert [each["what"] for each in metrics(records(), "journal")] == ["started"]


QUERIES = Path(__file__).parents[2] / "docs" / "queries.kql"


def test_the_queries_ask_for_what_is_logged(bot: Bot, records: Callable[[], list[logging.LogRecord]]) -> None:
    """Every metric and dimension that a query names is one that a story leaves behind."""
    text = QUERIES.read_text(encoding="utf-8")
    bot.seed(registry("Basic"), databricks())
    bot.see(event(REGISTRY_ID, eventTime=bot.clock().isoformat()), event(DATABRICKS_ID, "event-2"))
    watch.watch(bot.services)
    asked = set(re.findall(r'm\.name == "(\w+)"', text))
    assert asked == {"event", "check", "journal", "time_to_fix", "open_cases"}
    assert all(metrics(records(), name) for name in asked)
    logged = {key for name in asked for each in metrics(records(), name) for key in each}
    assert set(re.findall(r"\bm\.(\w+)", text)) <= logged
