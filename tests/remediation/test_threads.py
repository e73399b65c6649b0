"""One message for each incident in Slack: what follows stands in its thread, and it shows how that stands."""

import json
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from local.chat import ChatServer
from local.contracts.slack import message_problems
from remediation import approvals, cards, channel_state, outbox, reminders, threads
from remediation.adapters import channels
from remediation.approvals import Person
from remediation.cases import State
from remediation.notices import Kind, Notice
from remediation.ports import ChatUnavailable, Conflict, Memo
from remediation.quiet_hours import QuietHours
from remediation.tokens import LIFE
from tests.builders import REGISTRY_ID, SUBSCRIPTION, event, registry
from tests.remediation import approving, in_slack
from tests.remediation.approving import GEO, GROW, ZONES, Start, case_of
from tests.remediation.carrying_out import Example, finish_operations, look
from tests.remediation.dying import Fuse, Moment, each_death, until_done, with_fuse
from tests.remediation.harness import Bot
from tests.remediation.in_slack import outline, posts, press
from tests.remediation.taking_back import PREMIUM, identity

ANN = Person("Ann", "object-1")
ASKING = "APPROVAL NEEDED [approve] [snooze] [exempt]"


@pytest.fixture
def bot(start: Start, chat: ChatServer) -> Bot:
    """A bot in Slack that knows three rules."""
    rules = [GROW.rule, GEO.rule, ZONES.rule, PREMIUM]
    return start(rules=rules, settings=in_slack.settings(chat))


def ask(bot: Bot, example: Example = GROW) -> Bot:
    example.seed(bot)
    example.see(bot)
    return bot


def approve(bot: Bot, example: Example = GROW) -> None:
    """Somebody approves on the page; nothing has worked on it yet."""
    plan = case_of(bot, example).plan
    assert plan is not None
    approvals.approve(bot.services, example.id, example.rule, plan.digest, ANN)


def heal(bot: Bot, example: Example = GROW) -> None:
    """Somebody puts it right by hand."""
    plan = case_of(bot, example).plan
    assert plan is not None
    for write in plan.writes:
        bot.services.cloud.send(write)
    example.see(bot)


def memo(bot: Bot) -> Memo:
    """What is remembered of the thread about GROW."""
    return bot.services.store.memo(threads.name(bot.services, "Slack", case_of(bot, GROW)))


def first(bot: Bot) -> str:
    """The lines of the first message that tell how it stands."""
    return posts(bot)[0].text.split("Resource:")[0]


def test_from_question_to_fix_and_back_there_is_one_message_in_the_channel(bot: Bot) -> None:
    ask(bot)
    assert outline(bot) == [ASKING]
    press(bot, "approve")
    assert outline(bot) == ["FIXED", "> FIXED [undo]"]
    assert first(bot).splitlines()[0] == "🟢 Let the storage of MySQL server mysqlml grow by itself"
    assert "Its storage grows before it is full." in first(bot)
    assert "Approved by: ann (Slack U0APPROVER)" in posts(bot)[0].text
    press(bot, "undo", 1)
    assert outline(bot) == ["APPROVAL NEEDED", "> FIXED", "> APPROVAL NEEDED [approve] [snooze]"]
    assert "Decide on the newest message in its thread." in first(bot)
    press(bot, "approve", 2)
    assert outline(bot) == ["TAKEN BACK", "> FIXED", "> APPROVAL NEEDED", "> TAKEN BACK"]
    assert case_of(bot, GROW).state is State.UNDONE
    assert {message.thread_ts for message in posts(bot)[1:]} == {posts(bot)[0].ts}


def test_teams_hears_each_step_as_before(bot: Bot) -> None:
    ask(bot)
    press(bot, "approve")
    assert [text.split(" · ")[0] for text in bot.told("teams")] == ["APPROVAL NEEDED", "FIXED"]
    assert not any("Exempt" in text for text in bot.told("teams"))


def test_an_approval_shows_before_anything_follows(bot: Bot) -> None:
    ask(bot)
    approve(bot)
    bot.drain("notices")
    assert outline(bot) == ["APPROVED"]
    assert "Approved by Ann (object-1)" in first(bot)
    assert "Review and approve" not in posts(bot)[0].links


def test_what_takes_long_is_started_and_then_fixed(bot: Bot) -> None:
    bot.azure.operation_seconds = 24 * 3600
    ask(bot, ZONES)
    approve(bot, ZONES)
    bot.work()
    assert outline(bot) == ["FIX STARTED", "> FIX STARTED"]
    finish_operations(bot)
    look(bot)
    assert outline(bot)[0].startswith("FIXED")
    assert outline(bot)[-1].startswith("> FIXED")


def test_a_failure_is_seen_by_the_whole_channel_and_can_be_tried_again(bot: Bot) -> None:
    ask(bot)
    bot.azure.fault(method="PATCH", status=409, code="ScopeLocked")
    press(bot, "approve")
    assert outline(bot) == ["FIX FAILED", "> FIX FAILED [approve]"]
    assert "Reason: ScopeLocked" in posts(bot)[0].text
    assert posts(bot)[1].payload["reply_broadcast"] is True
    press(bot, "approve", 1)
    assert outline(bot) == ["FIXED", "> FIX FAILED", "> FIXED [undo]"]
    assert posts(bot)[2].payload["reply_broadcast"] is False


def test_a_snooze_shows_and_the_question_comes_again_in_the_thread(bot: Bot) -> None:
    ask(bot)
    press(bot, "snooze")
    assert outline(bot) == ["SNOOZED"]
    assert "Put off by ann (Slack U0APPROVER): people are asked again on" in first(bot)


def test_a_reminder_asks_in_the_thread_and_takes_the_buttons_of_the_question(bot: Bot) -> None:
    ask(bot)
    bot.clock.move(LIFE)
    reminders.remind(bot.services)
    bot.work()
    assert outline(bot) == ["STILL TO BE APPROVED", "> STILL TO BE APPROVED [approve] [snooze] [exempt]"]
    press(bot, "approve", 1)
    assert outline(bot) == ["FIXED", "> STILL TO BE APPROVED", "> FIXED [undo]"]


def test_an_exemption_shows_and_nobody_is_told(bot: Bot) -> None:
    ask(bot)
    press(bot, "exempt")
    assert outline(bot) == ["EXEMPT"]
    assert "accepted by a button in Slack" in first(bot)
    case = case_of(bot, GROW)
    assert (case.state, case.until and case.until > bot.clock()) == (State.EXEMPT, True)


def test_what_heals_without_the_bot_is_not_asked_about_any_more(bot: Bot) -> None:
    ask(bot)
    heal(bot)
    assert outline(bot) == ["CLOSED"]
    assert "Somebody else has put it right" in first(bot)
    assert [text.split(" · ")[0] for text in bot.told("teams")] == ["APPROVAL NEEDED"]


def test_what_is_deleted_is_not_asked_about_any_more(bot: Bot) -> None:
    ask(bot)
    bot.azure.fault(method="GET", status=404, times=None)
    GROW.see(bot)
    assert outline(bot) == ["CLOSED"]


def test_a_button_that_could_do_nothing_is_told_beside_the_question(bot: Bot) -> None:
    """The question stands as it did: it can still be decided."""
    ask(bot)
    bot.azure.fault(method="GET", status=403)
    press(bot, "approve")
    assert outline(bot) == [ASKING, "> NOT DONE"]


def test_a_new_incident_is_a_new_message(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID))
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID, event_id="event-2"))
    assert outline(bot) == ["FIXED AUTOMATICALLY [undo]", "FIXED AUTOMATICALLY [undo]"]


def test_undo_pressed_twice_asks_once_and_complains_to_nobody(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID))
    token = in_slack.buttons(posts(bot)[0])["undo"]
    for _ in range(2):
        assert approving.press(bot, "undo", token) == 200
        bot.clock.move(timedelta(seconds=2))
    bot.work()
    assert outline(bot) == ["APPROVAL NEEDED", "> APPROVAL NEEDED [approve] [snooze]"]


def test_every_message_of_the_dialogue_is_one_that_slack_takes(bot: Bot) -> None:
    ask(bot)
    press(bot, "approve")
    press(bot, "undo", 1)
    assert [message_problems(message.payload, mode="bot") for message in posts(bot)] == [[], [], []]


@pytest.mark.parametrize("error", ["cant_update_message", "edit_window_closed", "message_not_found"])
def test_what_follows_is_told_also_where_the_first_message_cannot_show_it(bot: Bot, error: str) -> None:
    ask(bot)
    approve(bot)
    bot.chat.fail_next("slack", error=error)  # the word about the approval
    bot.drain("notices")
    assert outline(bot) == [ASKING]
    bot.work()
    assert outline(bot) == ["FIXED", "> FIXED [undo]"]
    assert [text.split(" · ")[0] for text in bot.told("teams")] == ["APPROVAL NEEDED", "FIXED"]


def test_after_a_deleted_message_what_follows_stands_under_the_next(bot: Bot) -> None:
    """Slack puts a reply to what is not there into the channel, and refuses to update it."""
    ask(bot)
    stands = bot.services.store.notice(memo(bot).data["first"])
    assert stands is not None
    bot.services.store.put_notice(replace(stands, reference="C0LOCALBOT1 1.000001"))
    press(bot, "approve")
    assert outline(bot)[1:] == ["FIXED [undo]"]
    press(bot, "undo", 1)
    assert outline(bot)[1:] == ["APPROVAL NEEDED", "> APPROVAL NEEDED [approve] [snooze]"]


def test_a_thread_that_was_closed_leaves_the_channel(bot: Bot) -> None:
    ask(bot)
    approve(bot)
    bot.drain("notices")
    bot.drain("checks")
    bot.chat.fail_next("slack", error="cannot_reply_to_message")
    bot.work()
    assert outline(bot) == ["FIXED", "FIXED [undo]"]


def test_a_message_that_is_forgotten_is_followed_by_a_new_one(bot: Bot) -> None:
    ask(bot)
    known = memo(bot)
    bot.services.store.put_memo(replace(known, data={**known.data, "first": "none"}))
    press(bot, "approve")
    assert outline(bot) == [ASKING, "FIXED [undo]"]


def test_a_message_without_a_reference_stands_alone(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    slack = bot.services.chats["Slack"]
    post = slack.post
    with monkeypatch.context() as patch:
        patch.setattr(slack, "post", lambda card, thread: post(card, thread)[:0])
        ask(bot)
    press(bot, "approve")
    assert outline(bot) == [ASKING, "FIXED [undo]"]


def test_what_no_incident_is_about_stands_alone(bot: Bot) -> None:
    for day in ("monday", "tuesday"):
        outbox.announce(bot.services, cards.limit_reached(SUBSCRIPTION, "a limit"), day)
    bot.work()
    assert outline(bot) == ["LIMIT REACHED", "LIMIT REACHED"]


def test_in_another_channel_a_new_message_begins(start: Start, chat: ChatServer, bot: Bot) -> None:
    """What stands in the old one shows it all the same."""
    ask(bot)
    approve(bot)
    again = start(rules=[GROW.rule], settings={**in_slack.settings(chat), channels.SLACK_CHANNEL: "C0LOCALBOT2"})
    again.delays = bot.delays
    bot.services = again.services
    bot.work()
    assert outline(bot) == ["FIXED", "FIXED [undo]"]
    assert [message.channel for message in posts(bot)] == ["C0LOCALBOT1", "C0LOCALBOT2"]


def test_a_busy_slack_gets_the_message_once_and_the_update_later(bot: Bot) -> None:
    ask(bot)
    approve(bot)
    bot.drain("notices")
    bot.drain("checks")
    bot.chat.fail_next("slack", status=429, retry_after=9)
    bot.drain("notices")
    assert (outline(bot), bot.waits()) == (["APPROVED"], [timedelta(seconds=9)])
    bot.later(timedelta(seconds=9))
    assert outline(bot) == ["FIXED", "> FIXED [undo]"]


def fails_to_update(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    def update(*_: object) -> None:
        raise ChatUnavailable("busy", timedelta(seconds=9))

    monkeypatch.setattr(bot.services.chats["Slack"], "update", update)


def test_an_update_that_has_to_wait_posts_nothing_twice(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(bot)
    approve(bot)
    with monkeypatch.context() as patch:
        fails_to_update(bot, patch)
        bot.work()
        assert outline(bot) == [ASKING, "> FIXED [undo]"]
    bot.later(timedelta(minutes=1))
    assert outline(bot) == ["FIXED", "> FIXED [undo]"]


def owed(bot: Bot) -> list[Notice]:
    """The notices whose messages wait in the queue, for Slack."""
    ids = [json.loads(message.content)["id"] for message in bot.received("notices")]
    found = [bot.services.store.notice(identity) for identity in ids]
    return [notice for notice in found if notice is not None and notice.chat == "Slack"]


def test_what_only_shows_is_no_message_that_is_missing(bot: Bot) -> None:
    ask(bot)
    approve(bot)
    (approved,) = owed(bot)
    posted = bot.services.store.notice(memo(bot).data["first"])
    assert (approved.kind, posted and posted.kind) == (Kind.SHOWN, Kind.STEP)
    for notice in filter(None, (approved, posted)):
        outbox.undeliverable(bot.services, notice, "all tries failed")
    bot.drain("notices")
    assert len(bot.told("teams")) == 1


def test_what_only_shows_does_not_say_that_a_channel_takes_messages_again(bot: Bot) -> None:
    ask(bot)
    channel_state.refuses(bot.services, "Slack")
    bot.chat.fail_next("slack", error="cant_update_message", times=1)
    approve(bot)
    bot.drain("notices")
    assert list(channel_state.refusing(bot.services)) == ["Slack"]
    bot.work()
    assert list(channel_state.refusing(bot.services)) == [], "the next message was taken"


def test_an_update_of_a_channel_that_is_no_longer_configured_is_dropped(bot: Bot) -> None:
    ask(bot)
    approve(bot)
    bot.services = replace(bot.services, chats={"Teams": bot.services.chats["Teams"]})
    bot.drain("notices")
    assert len(bot.told("teams")) == 1


def test_what_is_shown_does_not_wait_for_the_end_of_quiet_hours(start: Start, chat: ChatServer) -> None:
    bot = ask(start(rules=[GROW.rule], settings=in_slack.settings(chat)))
    now = bot.clock()
    quiet = QuietHours((now - timedelta(hours=1)).time(), (now + timedelta(hours=1)).time(), UTC)
    bot.services = replace(bot.services, policy=replace(bot.services.policy, quiet_hours=quiet))
    approve(bot)
    bot.work()
    assert outline(bot) == ["APPROVED"]


def test_what_had_to_wait_does_not_cover_what_came_after_it(bot: Bot) -> None:
    ask(bot)
    approve(bot)
    bot.chat.fail_next("slack", status=500)  # the word about the approval
    bot.drain("notices")
    bot.work()
    assert outline(bot) == ["FIXED", "> FIXED [undo]"]
    bot.later(timedelta(minutes=1))
    assert outline(bot) == ["FIXED", "> FIXED [undo]"]


def test_a_question_that_had_to_wait_until_it_was_decided_has_no_buttons(bot: Bot) -> None:
    bot.chat.fail_next("slack", status=500)
    ask(bot)
    approve(bot)
    bot.work()
    assert outline(bot) == ["FIXED [undo]"]
    bot.later(timedelta(minutes=1))
    assert outline(bot) == ["FIXED [undo]", "> APPROVAL NEEDED"]


def test_who_shows_something_at_the_same_time_tries_again(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(bot)
    approve(bot)
    store = bot.services.store
    stale = memo(bot)
    store.put_memo(stale)
    with monkeypatch.context() as patch:
        patch.setattr(store, "memo", lambda _: stale)
        with pytest.raises(Conflict):
            bot.drain("notices")
    bot.work()
    assert outline(bot) == ["FIXED", "> FIXED [undo]"]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_may_die_at_any_call_of_a_delivery(start: Start, chat: ChatServer, moment: Moment) -> None:
    """At worst a message is posted twice, when the worker died right after Slack had taken it."""
    bot = start(rules=[PREMIUM], settings={**in_slack.settings(chat), channels.TEAMS: ""}).unlimited()
    each_death(moment, lambda fuse: play(bot, f"{moment}{fuse.last}", fuse))


def play(bot: Bot, name: str, fuse: Fuse) -> None:
    bot.clock.move(timedelta(minutes=1))
    before, services = len(posts(bot)), bot.services
    resource = registry("Basic", id=f"{REGISTRY_ID}{name}", name=f"crml{name}")
    bot.seed(resource)
    bot.accept(event(resource["id"], event_id=name))
    bot.drain("checks")
    bot.services = with_fuse(services, fuse)
    until_done(bot, fuse, lambda: bot.drain("notices"))
    bot.services = services
    bot.work()
    approvals.take_back(services, identity(resource["id"]), PREMIUM, ANN)
    bot.drain("checks")
    bot.services = with_fuse(services, fuse)
    until_done(bot, fuse, lambda: bot.drain("notices"))
    bot.services = services
    bot.work()
    seen = outline(bot)[before:]
    assert (seen[-1], seen.count("APPROVAL NEEDED")) == ("> APPROVAL NEEDED [approve] [snooze]", 1)
    between = fuse.died_at("post", "after") or fuse.died_at("put_notice", "before")
    assert len(seen) <= 2 + between
