"""Messages of every queue, and dead letters, that mean harm: worked on, or refused and told of; nothing is written."""

import json
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from azure.storage.blob import ContainerClient
from hypothesis import given
from hypothesis import strategies as st

from remediation import dead_letters, outbox, pipeline, poison, wiring
from remediation.checks import CheckRequest
from tests.builders import SUBSCRIPTION, registry
from tests.hostile.inputs import DEEP, SECRET_CLAIM, examples, ids, json_values, payloads, surrogates, texts
from tests.remediation.harness import SECRET, Bot

requests = st.fixed_dictionaries(
    {"resource_id": ids() | json_values},
    optional={
        "cause": st.fixed_dictionaries({"caller": texts | surrogates, "event_id": surrogates}) | json_values,
        "looks": json_values,
        "delivery": json_values,
        "only_new": json_values,
        "correlation_id": json_values,
    },
)
notices = st.fixed_dictionaries({"id": texts | surrogates | json_values}, optional={"tries": json_values})
bodies = (requests | notices | json_values).map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60)
QUEUES: tuple[Literal["events", "checks", "notices"], ...] = ("events", "checks", "notices")


def take(bot: Bot, queue: str, body: bytes) -> None:
    """What function_app does with one message: its only errors say that it is none, and lead to the poison queue."""
    if queue == "events":
        bot.accept(body)
        return
    try:
        if queue == "checks":
            request = CheckRequest.of(json.loads(body), "delivery")
            if request is not None:
                pipeline.check(bot.services, request)
        else:
            outbox.deliver(bot.services, json.loads(body), "delivery")
    except (ValueError, RecursionError):
        poison.unprocessed(bot.services, queue, body.decode(errors="replace"))


@pytest.fixture
def container(storage: str) -> Iterator[ContainerClient]:
    """The container of dead letters."""
    with ContainerClient.from_connection_string(storage, wiring.DEAD_LETTERS_CONTAINER) as client:
        client.create_container()
        yield client


def assert_harmless(bot: Bot, log: str) -> None:
    """Nothing was written, nothing outside read, and nothing secret said."""
    assert bot.azure.writes() == []
    asked = [read.path for read in bot.azure.reads() if not read.path.startswith("/msi/")]
    assert all(path.startswith(f"/subscriptions/{SUBSCRIPTION}/") for path in asked)
    assert SECRET not in log
    assert SECRET_CLAIM not in log
    assert SECRET_CLAIM not in "".join(bot.told("teams") + bot.told("slack"))


@pytest.mark.parametrize("queue", QUEUES)
def test_whatever_is_in_a_queue_changes_nothing(bot: Bot, queue: str, caplog: pytest.LogCaptureFixture) -> None:
    bot.seed(registry("Premium"))

    @examples(60)
    @given(bodies)
    def send(body: bytes) -> None:
        take(bot, queue, body)

    send()
    bot.work()
    assert_harmless(bot, caplog.text)


@pytest.mark.parametrize("queue", QUEUES)
def test_whatever_is_poison_becomes_a_case_and_a_message(
    bot: Bot, queue: str, caplog: pytest.LogCaptureFixture
) -> None:
    @examples(20)
    @given(bodies if queue != "events" else bodies | payloads.map(lambda value: json.dumps(value).encode()))
    def bury(body: bytes) -> None:
        poison.unprocessed(bot.services, queue, body.decode(errors="replace"))

    bury()
    bot.work()
    assert bot.told("teams")
    assert len(bot.told("teams")) == len(bot.told("slack"))
    assert bot.waits() == [], "no channel refused one"
    assert_harmless(bot, caplog.text)


@pytest.mark.parametrize("queue", QUEUES)
@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_depth_is_told_as_poison(bot: Bot, queue: str, text: str) -> None:
    poison.unprocessed(bot.services, queue, text)
    bot.work()
    (told,) = bot.told()
    assert "NOT PROCESSED" in told


def test_whatever_is_in_a_dead_letter_is_taken_in_or_set_aside(
    bot: Bot, container: ContainerClient, caplog: pytest.LogCaptureFixture
) -> None:
    bot.seed(registry("Premium"))
    names = (f"ON-RESOURCE-EVENT/{number}.json" for number in range(10_000))

    @examples(30)
    @given(payloads.map(lambda value: json.dumps(value).encode()) | bodies)
    def replay(body: bytes) -> None:
        container.upload_blob(next(names), body)
        dead_letters.replay(bot.services)

    replay()
    for text in DEEP.values():
        container.upload_blob(next(names), text)
    dead_letters.replay(bot.services)
    bot.work()
    assert_harmless(bot, caplog.text)
    assert [*container.list_blob_names(name_starts_with="ON-")] == []


def test_whatever_a_message_holds_it_is_a_request_or_none() -> None:
    @examples(120)
    @given(requests | json_values)
    def parse(message: Any) -> None:
        request = CheckRequest.of(message, "delivery")
        if request is not None:
            assert CheckRequest.of(json.loads(json.dumps(request.message())), "other") == request

    parse()
