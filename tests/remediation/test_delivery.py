"""From the outbox to people: each message once, later when the channel is busy, elsewhere when it refuses."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest

from remediation import cards, outbox, poison
from remediation.cards import NOT_DELIVERED
from remediation.notices import Delivery
from remediation.outbox import LONGEST_RETRY, MOST_REFUSALS, MOST_TRIES, REFUSED_AGAIN
from remediation.ports import ChatUnavailable
from tests.builders import DATABRICKS_ID, REGISTRY_ID, SUBSCRIPTION, databricks, event, registry
from tests.remediation.harness import SECRET, Bot

GUIDANCE = ["GUIDANCE"]


def owe_guidance(bot: Bot) -> None:
    """A message for each channel stands in the outbox."""
    bot.seed(databricks())
    bot.accept(event(DATABRICKS_ID))
    bot.drain("checks")


@pytest.mark.parametrize("kind", ["teams", "slack"])
@pytest.mark.parametrize(("status", "retry_after", "wait"), [(429, 7, 7.0), (500, None, 5.0), (503, 2, 5.0)])
def test_a_busy_channel_gets_its_message_later_and_once(
    bot: Bot, kind: Literal["teams", "slack"], status: int, retry_after: int | None, wait: float
) -> None:
    owe_guidance(bot)
    bot.chat.fail_next(kind, status=status, retry_after=retry_after)
    bot.drain("notices")
    assert bot.told(kind) == []
    assert bot.waits() == [timedelta(seconds=wait)]
    bot.later(timedelta(seconds=wait))
    assert bot.headlines() == GUIDANCE


def test_waits_grow_and_are_bounded(bot: Bot) -> None:
    owe_guidance(bot)
    bot.chat.fail_next("slack", status=500, times=MOST_TRIES)
    bot.drain("notices")
    waited = []
    while bot.waits():
        waited += bot.waits()
        bot.later(waited[-1])
    assert waited[:4] == [timedelta(seconds=seconds) for seconds in (5, 10, 20, 40)]
    assert max(waited) == LONGEST_RETRY
    assert len(waited) == MOST_TRIES
    assert bot.headlines() == GUIDANCE


def test_a_channel_that_never_answers_is_told_of_in_the_other(bot: Bot) -> None:
    owe_guidance(bot)
    bot.chat.fail_next("slack", status=500, times=1000)
    bot.drain("notices")
    for _ in range(MOST_TRIES - 1):
        bot.later(LONGEST_RETRY)
    with pytest.raises(ChatUnavailable):
        bot.later(LONGEST_RETRY)
    (message,) = bot.received("notices")
    poison.unprocessed(bot.services, "notices", message.content)
    bot.drain("notices")
    assert [text.split("\n")[0] for text in bot.told("teams")][-1] == NOT_DELIVERED
    assert "Slack did not take a message" in bot.told("teams")[-1]


@pytest.mark.parametrize("status", [302, 400, 404])
def test_a_refused_message_is_told_in_the_other_channel_and_no_further(bot: Bot, status: int) -> None:
    """The word about an undelivered message is not followed by a word about that word."""
    owe_guidance(bot)
    bot.chat.fail_next("teams", status=status, times=1000)
    bot.chat.fail_next("slack", status=status, times=1000)
    bot.work()
    assert bot.told("teams") == bot.told("slack") == []
    assert [wait for wait in bot.waits() if wait < REFUSED_AGAIN] == []


@pytest.mark.parametrize("days", [1, MOST_REFUSALS])
def test_what_a_channel_refused_comes_when_it_was_set_right(bot: Bot, days: int) -> None:
    """It may be the only one."""
    bot.services = replace(bot.services, chats={"Teams": bot.services.chats["Teams"]})
    owe_guidance(bot)
    bot.chat.fail_next("teams", status=403, times=2 * days)
    bot.work()
    for _ in range(days):
        assert bot.told("teams") == []
        bot.later(REFUSED_AGAIN * 1.25)
    (told,) = bot.told("teams")
    assert "GUIDANCE" in told
    assert bot.waits() == []


def test_a_message_is_refused_for_a_week_at_most(bot: Bot) -> None:
    owe_guidance(bot)
    bot.chat.fail_next("teams", status=403, times=1000)
    bot.chat.fail_next("slack", status=403, times=1000)
    bot.work()
    for _ in range(MOST_REFUSALS):
        bot.later(REFUSED_AGAIN * 1.25)
    assert bot.waits() == []


def test_a_channel_that_refuses_and_is_busy_by_turns_is_tried_for_no_longer(bot: Bot) -> None:
    bot.services = replace(bot.services, chats={"Teams": bot.services.chats["Teams"]})
    owe_guidance(bot)
    for _ in range(MOST_REFUSALS + 1):
        bot.chat.fail_next("teams", status=503)
        bot.chat.fail_next("teams", status=403, times=2)
        bot.later(REFUSED_AGAIN * 1.25)
        bot.later(timedelta(minutes=1))
    assert bot.waits() == []
    assert bot.told("teams") == []


def test_what_was_refused_is_not_tried_again_by_an_old_message(bot: Bot) -> None:
    owe_guidance(bot)
    bot.chat.fail_next("teams", status=403, times=2)
    (message, *_) = bot.received("notices")
    for delivery in ("one", "two"):
        outbox.deliver(bot.services, json.loads(message.content), delivery)
    assert bot.told("teams") == []


def test_the_word_about_a_refused_message_repeats_what_it_said(bot: Bot) -> None:
    owe_guidance(bot)
    bot.chat.fail_next("teams", status=400, times=2)
    bot.work()
    assert bot.told("teams") == []
    own, about_the_other = bot.told("slack")
    assert "GUIDANCE" in own
    assert NOT_DELIVERED in about_the_other
    assert "Teams did not take a message: Databricks workspace" in about_the_other


def test_a_refused_message_is_tried_once_more_in_short(bot: Bot) -> None:
    owe_guidance(bot)
    bot.chat.fail_next("teams", status=400)
    bot.work()
    (short,), (whole,) = bot.told("teams"), bot.told("slack")
    for word in ("GUIDANCE", "dbml", "Used by"):
        assert word in short
        assert word in whole
    assert "Why it matters" in whole
    assert "Why it matters" not in short


def test_what_cannot_be_said_shorter_is_not_said_twice(bot: Bot) -> None:
    short = cards.shortened(cards.limit_reached(SUBSCRIPTION, "a limit"))
    outbox.announce(bot.services, short, "once")
    bot.chat.fail_next("teams", status=400)
    bot.work()
    assert [NOT_DELIVERED in text for text in bot.told("slack")] == [False, True]
    assert bot.told("teams") == []


def test_a_message_asked_for_twice_is_posted_once(bot: Bot) -> None:
    owe_guidance(bot)
    for message in bot.received("notices"):
        for _ in range(2):
            outbox.deliver(bot.services, json.loads(message.content), message.id)
    assert bot.headlines() == GUIDANCE


def test_two_workers_with_one_message_post_it_once(bot: Bot) -> None:
    """Whoever reads the notice while another one posts it leaves it alone; so does whoever comes too late to claim."""
    owe_guidance(bot)
    message = json.loads(bot.received("notices")[0].content)
    notice = bot.services.store.notice(message["id"])
    assert notice is not None
    bot.services.store.put_notice(replace(notice, state=Delivery.SENDING, owner="another"))
    outbox.deliver(bot.services, message, "this one")
    assert bot.chat.messages == []
    outbox.deliver(bot.services, message, "another")
    assert len(bot.chat.messages) == 1


def test_a_worker_that_is_too_late_to_claim_leaves_the_message(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    owe_guidance(bot)
    message = json.loads(bot.received("notices")[0].content)
    stale = bot.services.store.notice(message["id"])
    outbox.deliver(bot.services, message, "the faster one")
    monkeypatch.setattr(bot.services.store, "notice", lambda _: stale)
    outbox.deliver(bot.services, message, "this one")
    assert len(bot.chat.messages) == 1


@pytest.mark.parametrize("message", [[], "text", {}, {"id": 7}])
def test_a_message_that_names_no_notice_is_refused(bot: Bot, message: object) -> None:
    """So that its queue gives it up, and people hear of it."""
    with pytest.raises(ValueError, match="names no notice"):
        outbox.deliver(bot.services, message, "delivery")


@pytest.mark.parametrize("queue", ["events", "checks", "notices"])
def test_brackets_without_end_are_told_of_as_well(bot: Bot, queue: str) -> None:
    poison.unprocessed(bot.services, queue, "[" * 100_000)
    bot.work()
    assert bot.headlines() == ["NOT PROCESSED"]


def test_an_unknown_notice_is_passed_over(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    outbox.deliver(bot.services, {"id": "none"}, "delivery")
    assert "is not known" in caplog.text


def test_a_channel_that_is_no_longer_configured_refuses(bot: Bot) -> None:
    owe_guidance(bot)
    bot.services = replace(bot.services, chats={"Slack": bot.services.chats["Slack"]})
    bot.drain("notices")
    assert [NOT_DELIVERED in text for text in bot.told("slack")].count(True) == 1


@pytest.mark.parametrize("queue", ["events", "checks", "decisions", "notices"])
def test_what_cannot_be_processed_is_told_once(bot: Bot, queue: str) -> None:
    for _ in range(2):
        poison.unprocessed(bot.services, queue, "[not what was expected")
    bot.work()
    assert bot.headlines() == ["NOT PROCESSED"]
    assert ("[not what was expected" in bot.told()[0]) is (queue in ("checks", "notices"))


def test_a_check_that_could_not_be_processed_is_a_case_until_a_check_goes_through(bot: Bot) -> None:
    bot.accept(event())
    (message,) = bot.received("checks")
    poison.unprocessed(bot.services, "checks", message.content)
    assert bot.case(REGISTRY_ID, poison.RULE).state.is_open
    bot.seed(registry("Premium"))
    bot.see(event(event_id="event-2"))
    assert not bot.case(REGISTRY_ID, poison.RULE).state.is_open
    poison.unprocessed(bot.services, "checks", message.content)
    bot.work()
    assert bot.headlines() == ["NOT PROCESSED", "NOT PROCESSED"], "a second time is a new incident"


def test_a_check_that_could_not_be_processed_holds_back_no_later_event(bot: Bot) -> None:
    """Its mark of a pending check is removed: otherwise the next event would wait for a check that does not come."""
    bot.seed(registry("Premium"))
    bot.accept(event())
    (message,) = bot.received("checks")
    poison.unprocessed(bot.services, "checks", message.content)
    bot.accept(event(event_id="event-2"))
    assert len(bot.received("checks")) == 1


def test_a_check_that_is_found_poisoned_again_adds_nothing(bot: Bot) -> None:
    bot.accept(event())
    (message,) = bot.received("checks")
    for _ in range(2):
        poison.unprocessed(bot.services, "checks", message.content)
    bot.work()
    assert bot.done(REGISTRY_ID) == ["unprocessed"]
    assert bot.headlines() == ["NOT PROCESSED"]


def test_two_workers_with_one_poison_message_tell_once(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    store = bot.services.store
    monkeypatch.setattr(store, "cases", lambda _: {})
    for _ in range(2):
        poison.unprocessed(bot.services, "events", "same")
    bot.work()
    assert bot.headlines() == ["NOT PROCESSED"]


def test_no_secret_of_a_webhook_is_logged(start: Callable[..., Bot], caplog: pytest.LogCaptureFixture) -> None:
    bot = start()
    owe_guidance(bot)
    caplog.set_level("DEBUG", logger="remediation")
    bot.chat.fail_next("teams", status=400)
    bot.chat.fail_next("slack", status=500)
    bot.drain("notices")
    ours = [record for record in caplog.records if record.name.startswith("remediation")]
    assert ours
    assert not any(SECRET in record.getMessage() for record in ours)


def test_of_an_event_that_cannot_be_processed_no_claim_is_shown(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    """Claims are personal data: who it was is kept at intake, and this event never got there."""
    poisoned = {"data": {"claims": {"ipaddr": "203.0.113.7", "name": "A user"}}}  # first: texts are cut
    poisoned |= {name: value for name, value in event().items() if name != "data"}
    poison.unprocessed(bot.services, "events", json.dumps(poisoned))
    bot.work()
    assert REGISTRY_ID in bot.told()[0]
    assert not any(part in text for part in ("203.0.113.7", "A user") for text in (bot.told()[0], caplog.text))
