"""Messages of every queue, and dead letters, that mean harm: worked on, or refused and told of; nothing is written."""

import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from azure.storage.blob import ContainerClient
from hypothesis import given
from hypothesis import strategies as st

from remediation import dead_letters, decisions, outbox, pipeline, poison, scan, scan_end, wiring
from remediation.checks import CheckRequest
from remediation.ports import QueueName
from remediation.scans import Step
from tests.builders import SUBSCRIPTION, registry
from tests.hostile.inputs import DEEP, SECRET_CLAIM, examples, ids, json_values, payloads, surrogates, texts
from tests.remediation.approving import GEO, SETTINGS, Start, asked, link_of
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
notices = st.fixed_dictionaries(
    {"id": texts | surrogates | json_values}, optional={"tries": json_values, "refusals": json_values}
)
people = st.fixed_dictionaries({"name": texts | surrogates | json_values, "id": texts | json_values})
buttons = st.fixed_dictionaries(
    {"what": st.sampled_from([*decisions.ACTIONS]) | json_values, "token": texts | json_values, "person": people}
)
numbers = st.integers(-(2**40), 2**40)
steps = st.fixed_dictionaries(
    {"scan": texts | json_values, "token": texts, "blob": texts, "last": st.booleans()}
    | dict.fromkeys(("batch", "page", "slice", "start", "size", "looks"), numbers)
)
values = requests | notices | buttons | steps | json_values
bodies = values.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60)
QUEUES = ("events", *get_args(QueueName.__value__))


def take(bot: Bot, queue: str, body: bytes) -> None:
    """What function_app does with one message: its only errors say that it is none, and lead to the poison queue."""
    if queue == "events":
        bot.accept(body)
        return
    try:
        message = json.loads(body)
        if queue == "checks":
            request = CheckRequest.of(message, "delivery")
            if request is not None:
                pipeline.check(bot.services, request)
        elif queue == "scans":
            step = Step.of(message)
            if step is not None:
                scan.work(bot.services, step)
        elif queue == "decisions":
            decisions.decide(bot.services, message, "delivery")
        else:
            outbox.deliver(bot.services, message, "delivery")
    except (ValueError, RecursionError):
        bury(bot, queue, body)


def bury(bot: Bot, queue: str, body: bytes) -> None:
    """What function_app does with a message of a poison queue."""
    text = body.decode(errors="replace")
    if queue == "scans":
        scan_end.unprocessed(bot.services, text)
    else:
        poison.unprocessed(bot.services, queue, text)


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
def test_whatever_is_in_a_queue_changes_nothing(start: Start, queue: str, caplog: pytest.LogCaptureFixture) -> None:
    bot = start(settings=SETTINGS)
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
    def sent(body: bytes) -> None:
        bury(bot, queue, body)

    sent()
    bot.work()
    assert bot.told("teams")
    assert len(bot.told("teams")) == len(bot.told("slack"))
    assert bot.waits() == [], "no channel refused one"
    assert_harmless(bot, caplog.text)


@pytest.mark.parametrize("queue", QUEUES)
@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_depth_is_told_as_poison(bot: Bot, queue: str, text: str) -> None:
    bury(bot, queue, text.encode())
    bot.work()
    (told,) = bot.told()
    assert "NOT PROCESSED" in told


def test_a_token_of_which_anything_was_changed_decides_nothing(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """But for its signature, of which more than one spelling stands for the same bytes."""
    bot = asked(start)
    token, person = link_of(bot), {"name": "ann", "id": "U0"}

    @examples(60)
    @given(st.integers(0, token.rindex(".")), texts | st.text(st.characters(codec="ascii"), max_size=2))
    def send(place: int, put: str) -> None:
        broken = token[:place] + put + token[place + 1 :]
        if broken != token:
            take(bot, "decisions", json.dumps({"what": "snooze", "token": broken, "person": person}).encode())

    send()
    assert bot.done(GEO.resource.id) == ["asked"]
    assert_harmless(bot, caplog.text)


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
