"""Dead letters: what Event Grid gave up is taken in after all, nothing is lost on the way, and people hear of it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from azure.storage.blob import ContainerClient

from remediation import dead_letters, poison, wiring
from remediation.adapters.blobs import DeadLetterBlobs
from remediation.dead_letters import MOST_BLOBS, MOST_TIME
from remediation.ports import UNREADABLE, Blob
from tests.builders import GROUP, REGISTRY_ID, event, registry
from tests.remediation.dying import Fuse, Moment, each_death, until_done, with_fuse
from tests.remediation.harness import Bot

DELIVERY = {
    "deadLetterReason": "MaxDeliveryAttemptsExceeded",
    "deliveryAttempts": 30,
    "lastDeliveryOutcome": "NotFound",
    "lastHttpStatusCode": 404,
    "publishTime": "2026-11-23T12:00:01Z",
    "lastDeliveryAttemptTime": "2026-11-24T11:00:00Z",
}
NAME = "ON-RESOURCE-EVENT/2026/11/24/9/11111111-1111-4111-8111-111111111111.json"
NOT_DELIVERED = "EVENTS NOT DELIVERED"


@pytest.fixture
def container(storage: str) -> Iterator[ContainerClient]:
    """The container, as Event Grid finds it."""
    with ContainerClient.from_connection_string(storage, wiring.DEAD_LETTERS_CONTAINER) as client:
        client.create_container()
        yield client


def letter(*events: dict[str, Any], **delivery: Any) -> bytes:
    """A blob as Event Grid writes it."""
    return json.dumps([each | DELIVERY | delivery for each in events]).encode()


def names(container: ContainerClient) -> list[str]:
    return [*container.list_blob_names()]


def replay(bot: Bot) -> None:
    """The timer comes, and the bot works on what follows."""
    dead_letters.replay(bot.services)
    bot.work()


def test_an_event_that_was_given_up_is_taken_in_and_told_of(bot: Bot, container: ContainerClient) -> None:
    bot.seed(registry("Basic"))
    container.upload_blob(NAME, letter(event(REGISTRY_ID)))
    replay(bot)
    assert sorted(bot.headlines()) == [NOT_DELIVERED, "FIXED AUTOMATICALLY"]
    assert names(container) == []
    (text,) = (text for text in bot.told() if NOT_DELIVERED in text)
    assert "1 event did not reach the bot" in text
    assert event(REGISTRY_ID)["eventTime"] in text
    assert "NotFound, 404, MaxDeliveryAttemptsExceeded" in text
    replay(bot)
    assert len(bot.headlines()) == 2


def test_both_schemas_are_taken_in(bot: Bot, container: ContainerClient) -> None:
    grid = event(REGISTRY_ID)
    cloud = {
        "specversion": "1.0",
        "type": grid["eventType"],
        "source": "/subscriptions/x",
        "id": "event-2",
        "time": "2026-11-20T00:00:00Z",
        "subject": grid["subject"],
        "data": grid["data"],
        "deadletterreason": "UndeliverableDueToHttpBadRequest",
        "lastdeliveryoutcome": "BadRequest",
        "lasthttpstatuscode": 400,
    }
    container.upload_blob("A/1.json", letter(grid))
    container.upload_blob("B/1.json", json.dumps(cloud))
    dead_letters.replay(bot.services)
    assert len(bot.received("checks")) == 1, "both are about one resource"
    bot.drain("notices")
    (text,) = bot.told()
    assert "2 events did not reach the bot" in text
    assert "2026-11-20T00:00:00Z" in text
    assert "BadRequest, 400, UndeliverableDueToHttpBadRequest" in text


def test_people_hear_of_it_once_a_day_for_each_error(bot: Bot, container: ContainerClient) -> None:
    for number, status in enumerate([404, 404, 403, 404]):
        container.upload_blob(
            f"A/{number}.json", letter(event(REGISTRY_ID, f"event-{number}"), lastHttpStatusCode=status)
        )
        replay(bot)
    assert bot.headlines().count(NOT_DELIVERED) == 2
    bot.clock.move(timedelta(days=1))
    container.upload_blob("A/9.json", letter(event(REGISTRY_ID, "event-9")))
    replay(bot)
    assert bot.headlines().count(NOT_DELIVERED) == 3


def test_without_container_or_blobs_there_is_nothing_to_do(bot: Bot, storage: str) -> None:
    replay(bot)
    with ContainerClient.from_connection_string(storage, wiring.DEAD_LETTERS_CONTAINER) as container:
        container.create_container()
        replay(bot)
        container.upload_blob(NAME, b"[]")
        replay(bot)
        assert names(container) == []
    assert bot.told() == []


def test_an_event_that_says_nothing_of_its_delivery_is_told_of_too(bot: Bot, container: ContainerClient) -> None:
    container.upload_blob(NAME, json.dumps([event(REGISTRY_ID, eventTime=None)]))
    replay(bot)
    assert bot.told()[0].count("unknown") == 2


UNREADABLE_BLOBS = {
    "no JSON": b"<html>",
    "cut off": letter(event(REGISTRY_ID))[:-3],
    "brackets without end": b"[" * 100_000,
    "no event": b"[7]",
    "half an event": letter({"id": "1"}),
    "not UTF-8": b'["\xff"]',
    "empty": b"",
}


@pytest.mark.parametrize("content", UNREADABLE_BLOBS.values(), ids=UNREADABLE_BLOBS)
def test_what_cannot_be_read_is_set_aside_and_told_of_once(
    bot: Bot, container: ContainerClient, content: bytes
) -> None:
    for _ in range(2):
        container.upload_blob(NAME, content, overwrite=True)
        replay(bot)
        assert names(container) == [f"{UNREADABLE}{NAME}"]
        assert container.download_blob(f"{UNREADABLE}{NAME}").readall() == content
    assert bot.headlines() == ["NOT PROCESSED"]
    assert f"{UNREADABLE}{NAME}" in bot.told()[0]


def test_of_a_blob_with_one_bad_event_the_good_ones_are_taken_in(bot: Bot, container: ContainerClient) -> None:
    container.upload_blob(NAME, letter({"id": "1"}, event(REGISTRY_ID)))
    dead_letters.replay(bot.services)
    assert len(bot.received("checks")) == 1
    assert names(container) == [f"{UNREADABLE}{NAME}"]


def test_no_claim_of_an_event_that_cannot_be_read_is_shown(
    bot: Bot, container: ContainerClient, caplog: pytest.LogCaptureFixture
) -> None:
    secret = {"id": "1", "data": {"claims": {"name": "A user", "ipaddr": "203.0.113.7"}}}
    container.upload_blob(NAME, letter(secret))
    replay(bot)
    told = "\n".join((*bot.told(), *bot.told("slack"), caplog.text))
    assert "A user" not in told
    assert "203.0.113.7" not in told
    assert [entry.rule for entry in bot.services.store.journal()] == [poison.RULE]


def test_one_run_is_bounded_in_blobs_and_in_time(bot: Bot, container: ContainerClient) -> None:
    for number in range(4):
        container.upload_blob(f"A/{number}.json", letter(event(REGISTRY_ID, f"event-{number}")))
    port = bot.services.dead_letters
    assert len(port.names(3)) == 3
    assert MOST_BLOBS > 3
    slow = Slow(bot, container)
    dead_letters.replay(replace(bot.services, dead_letters=slow))
    assert names(container) == ["A/2.json", "A/3.json"]
    replay(bot)
    assert names(container) == []


class Slow(DeadLetterBlobs):
    """Each read takes more than half of the time of a run."""

    def __init__(self, bot: Bot, container: ContainerClient) -> None:
        super().__init__(lambda: container)
        self._bot = bot

    def read(self, name: str) -> Blob | None:
        """One read."""
        self._bot.clock.move(MOST_TIME * 0.6)
        return super().read(name)


def test_a_blob_that_is_written_to_meanwhile_is_read_again(bot: Bot, container: ContainerClient) -> None:
    port = bot.services.dead_letters
    container.upload_blob(NAME, letter(event(REGISTRY_ID)))
    before = port.read(NAME)
    assert before is not None
    container.upload_blob(NAME, letter(event(REGISTRY_ID, "event-2")), overwrite=True)
    port.delete(before)
    assert names(container) == [NAME]
    replay(bot)
    assert names(container) == []
    port.delete(before)  # another run was faster
    assert port.read(NAME) is None


def test_a_blob_that_another_run_has_taken_is_passed_over(bot: Bot, container: ContainerClient) -> None:
    class Late(DeadLetterBlobs):
        def names(self, most: int) -> list[str]:
            return [NAME, *super().names(most)]

    container.upload_blob("Z/1.json", letter(event(REGISTRY_ID)))
    dead_letters.replay(replace(bot.services, dead_letters=Late(lambda: container)))
    assert names(container) == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_may_die_at_any_call(start: Callable[..., Bot], container: ContainerClient, moment: Moment) -> None:
    bot = start()
    each_death(moment, lambda fuse: die(bot, container, f"{moment}{fuse.last}", fuse))


def die(bot: Bot, container: ContainerClient, number: str, fuse: Fuse) -> None:
    """Two blobs, of which one cannot be read; whenever the run dies, the next one has the same outcome."""
    services, posted = bot.services, len(bot.chat.messages)
    resource = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/cr{number}"
    bot.seed(registry("Basic") | {"id": resource})
    container.upload_blob(f"A/{number}.json", letter(event(resource, f"event-{number}"), lastDeliveryOutcome=number))
    container.upload_blob(f"B/{number}.json", b"?")
    bot.services = with_fuse(services, fuse)
    until_done(bot, fuse, lambda: dead_letters.replay(bot.services))
    bot.services = services
    bot.work()
    told = [message.text for message in bot.chat.messages[posted:]]
    for label in (NOT_DELIVERED, "NOT PROCESSED", "FIXED AUTOMATICALLY"):
        assert [label in text for text in told].count(True) == 2, label
    assert [name for name in names(container) if number in name] == [f"{UNREADABLE}B/{number}.json"]
