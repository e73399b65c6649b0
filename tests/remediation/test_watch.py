"""The watch: a silence and a queue that does not move are told once, and so is their end."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from azure.storage.blob import ContainerClient

from remediation import dead_letters, watch, wiring
from remediation.adapters.tables import BETWEEN_EVENTS
from remediation.policy import Policy
from remediation.ports import Memo
from remediation.queue_state import QueueState
from remediation.watch import MOST_POISON, POISON, WAITING
from tests.builders import DATABRICKS_ID, GROUP, NOON, OTHER_SUBSCRIPTION, REGISTRY_ID, SUBSCRIPTION, event
from tests.remediation.dying import Fuse, Moment, each_death, until_done, with_fuse
from tests.remediation.harness import Bot

SILENCE = Policy(frozenset()).silence

NETWORK_ID = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
SECOND = timedelta(seconds=1)


class Seen:
    """The port `Probe`: one queue is as a test says, the others are empty."""

    def __init__(self, state: QueueState) -> None:
        self.state = state

    def storage(self) -> str:
        """It answers."""
        return ""

    def queue(self, name: str) -> QueueState:
        """As the test says."""
        return self.state if name == self.state.name else QueueState(name, 0, None)


EMPTY = Seen(QueueState("events", 0, None))


def look(bot: Bot, *, after: timedelta = timedelta()) -> list[str]:
    """The timer comes. What people have been told so far."""
    bot.clock.move(after)
    watch.watch(replace(bot.services, probe=EMPTY))
    bot.drain("notices")
    return bot.headlines()


def test_a_silence_is_told_once_and_so_is_its_end(bot: Bot) -> None:
    bot.accept(event(REGISTRY_ID))
    assert look(bot) == []
    assert look(bot, after=SILENCE - SECOND) == []
    assert look(bot, after=2 * SECOND) == ["NO EVENTS"]
    assert look(bot, after=SILENCE) == ["NO EVENTS"]
    assert SUBSCRIPTION in bot.told()[0]
    assert f"--source-resource-id /subscriptions/{SUBSCRIPTION}" in bot.told()[0]
    bot.accept(event(REGISTRY_ID, "event-2"))
    assert look(bot) == ["NO EVENTS", "EVENTS AGAIN"]
    assert look(bot) == ["NO EVENTS", "EVENTS AGAIN"]
    assert look(bot, after=SILENCE + SECOND) == ["NO EVENTS", "EVENTS AGAIN", "NO EVENTS"], "the next one is another"


def test_a_subscription_from_which_nothing_ever_came_is_silent_since_it_is_watched(bot: Bot) -> None:
    assert look(bot) == []
    assert look(bot, after=SILENCE - SECOND) == []
    assert look(bot, after=2 * SECOND) == ["NO EVENTS"]
    assert "none since the bot first looked" in bot.told()[0]


def test_a_subscription_that_is_onboarded_later_is_watched_from_then_on(bot: Bot) -> None:
    look(bot)
    both = replace(bot.services.policy, subscriptions=frozenset({SUBSCRIPTION, OTHER_SUBSCRIPTION}))
    bot.services = replace(bot.services, policy=both)
    bot.clock.move(SILENCE / 2)
    bot.accept(event(REGISTRY_ID))
    assert look(bot) == []
    assert look(bot, after=SILENCE / 2 + SECOND) == []
    assert look(bot, after=SILENCE) == ["NO EVENTS", "NO EVENTS"]


def test_what_came_before_the_watch_began_is_not_held_against_it(bot: Bot) -> None:
    """As with a subscription that was onboarded before, and is again."""
    bot.accept(event(REGISTRY_ID))
    assert look(bot, after=3 * SILENCE) == []
    assert look(bot, after=SILENCE + SECOND) == ["NO EVENTS"]


def test_what_is_right_again_before_it_was_told_is_not_told(bot: Bot) -> None:
    """A run died between noticing and telling."""
    what = f"wrong events of {SUBSCRIPTION}"
    bot.services.store.put_memo(Memo(what, {"since": bot.clock().isoformat()}))
    assert look(bot) == []
    assert bot.services.store.memo(what).data == {}


def test_what_goes_on_is_logged_once(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    look(bot)
    for _ in range(3):
        look(bot, after=SILENCE + SECOND)
    assert caplog.text.count("No event has come") == 1


def test_how_long_a_silence_may_be_is_for_the_operator_to_say(bot: Bot) -> None:
    bot.services = replace(bot.services, policy=replace(bot.services.policy, silence=timedelta(hours=1)))
    watch.watch(bot.services)
    bot.clock.move(timedelta(hours=2))
    watch.watch(bot.services)
    bot.drain("notices")
    assert bot.headlines() == ["NO EVENTS"]


EVENTS = {
    "about a resource with rules": (event(REGISTRY_ID), True),
    "about one without": (event(NETWORK_ID), True),
    "of another subscription": (event(REGISTRY_ID.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)), False),
    "about no resource": (event("x", subject="x"), False),
    "of another kind": (event(eventType="Microsoft.Resources.ResourceActionSuccess"), False),
    "no event": ({"a": 1}, False),
}


@pytest.mark.parametrize(("given", "counts"), EVENTS.values(), ids=EVENTS)
def test_an_event_of_an_onboarded_subscription_is_a_sign_of_life(bot: Bot, given: object, counts: bool) -> None:
    bot.accept(given)
    assert (bot.services.store.last_event(SUBSCRIPTION) is not None) is counts
    assert bot.services.store.last_event(OTHER_SUBSCRIPTION) is None


def test_signs_of_life_are_noted_every_few_minutes(bot: Bot) -> None:
    store = bot.services.store
    bot.accept(event(REGISTRY_ID))
    first = store.last_event(SUBSCRIPTION)
    assert first is not None
    bot.clock.move(BETWEEN_EVENTS - SECOND)
    bot.accept(event(DATABRICKS_ID, "event-2"))
    assert store.last_event(SUBSCRIPTION) == first
    bot.clock.move(SECOND)
    bot.accept(event(DATABRICKS_ID, "event-3"))
    last = store.last_event(SUBSCRIPTION)
    assert last is not None
    assert last - first >= BETWEEN_EVENTS


def test_two_workers_that_see_an_event_at_once_do_not_mind(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    store = bot.services.store
    store.put_memo(Memo(f"event {SUBSCRIPTION}", {"at": bot.clock().isoformat()}))
    monkeypatch.setattr(store, "memo", lambda name: Memo(name, {}))
    store.saw_event(SUBSCRIPTION)


def test_a_dead_letter_is_no_sign_of_life(bot: Bot, storage: str) -> None:
    """It came because Event Grid could not deliver."""
    with ContainerClient.from_connection_string(storage, wiring.DEAD_LETTERS_CONTAINER) as container:
        container.create_container()
        container.upload_blob("A/1.json", json.dumps([event(REGISTRY_ID)]))
    dead_letters.replay(bot.services)
    assert len(bot.received("checks")) == 1
    assert bot.services.store.last_event(SUBSCRIPTION) is None


def waits(name: str, how_long: timedelta) -> QueueState:
    return QueueState(name, 1, NOON - how_long)


STATES = [
    *((waits(name, longest), waits(name, longest + SECOND)) for name, longest in WAITING.items()),
    *((QueueState(name, MOST_POISON, NOON), QueueState(name, MOST_POISON + 1, None)) for name in POISON),
]


@pytest.mark.parametrize(("fine", "wrong"), STATES, ids=[wrong.name for _, wrong in STATES])
def test_a_queue_that_does_not_move_is_told_once_and_so_is_its_end(
    bot: Bot, fine: QueueState, wrong: QueueState
) -> None:
    at_noon = replace(bot.services, clock=lambda: NOON)
    for state, told in [
        (fine, []),
        (wrong, ["NOT PROCESSED"]),
        (wrong, ["NOT PROCESSED"]),
        (fine, ["NOT PROCESSED", "PROCESSED AGAIN"]),
        (fine, ["NOT PROCESSED", "PROCESSED AGAIN"]),
    ]:
        watch.watch(replace(at_noon, probe=Seen(state)))
        bot.drain("notices")
        assert bot.headlines() == told
    assert wrong.name in bot.told()[0]


def test_two_runs_at_once_are_one(bot: Bot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    look(bot)
    monkeypatch.setattr(bot.services.store, "memo", lambda name: Memo(name, {}))
    look(bot)
    assert "another run watches at the same time" in caplog.text


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_may_die_at_any_call(start: Callable[..., Bot], moment: Moment) -> None:
    bot = start()
    each_death(moment, lambda fuse: die(bot, fuse))


def die(bot: Bot, fuse: Fuse) -> None:
    """While it finds a silence or, where it got through that, while it finds its end."""
    services = bot.services = replace(bot.services, probe=EMPTY)
    watch.watch(services)
    posted = len(bot.chat.messages)
    bot.clock.move(SILENCE + SECOND)
    bot.services = replace(with_fuse(services, fuse), probe=EMPTY)
    until_done(bot, fuse, lambda: watch.watch(bot.services))
    bot.services = services
    bot.accept(event(REGISTRY_ID, f"event-again-{fuse.last}"))
    bot.received("checks")
    bot.services = replace(with_fuse(services, fuse), probe=EMPTY)
    until_done(bot, fuse, lambda: watch.watch(bot.services))
    bot.services = services
    bot.drain("notices")
    told = [message.text for message in bot.chat.messages[posted:]]
    for label in ("NO EVENTS", "EVENTS AGAIN"):
        assert [label in text for text in told].count(True) == 2, label


def test_a_message_that_waits_is_seen_where_it_is(bot: Bot) -> None:
    assert bot.services.probe.queue("none") == QueueState("none", 0, None)
    assert bot.services.probe.queue("checks") == QueueState("checks", 0, None)
    bot.accept(event(REGISTRY_ID))
    state = bot.services.probe.queue("checks")
    assert state.messages == 1
    assert state.oldest is not None
    assert abs(bot.clock() - state.oldest) < timedelta(minutes=1)
