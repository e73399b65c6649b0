"""Slack's Web API, as slack_sdk speaks it: messages with buttons, threads and updates, and what is refused."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from local.chat import ChatServer, slack_api
from local.contracts import objects_in
from local.contracts.slack import message_problems
from remediation.adapters import webhook
from remediation.adapters.slack import render
from remediation.adapters.slack_bot import LONGEST_QUESTION, LONGEST_TITLE, SlackBot, actions_of
from remediation.adapters.slack_client import FIXES
from remediation.cards import Button, Card, Link, Tone
from remediation.cards.buttons import to_decide
from remediation.decisions import APPROVES
from remediation.ports import ChatGone, ChatRefused, ChatUnavailable
from remediation.tokens import LONGEST
from tests.remediation.card_kinds import HOSTILE, kinds
from tests.remediation.carrying_out import CATALOGUE, Example
from tests.remediation.scripted import Reply, ScriptedServer

ROOT = Path(__file__).resolve().parents[2]
CARD = Card(Tone.INFO, "LABEL", "Title", "Summary.")
ASKING = Card(Tone.WARNING, "LABEL", "Title", "Summary.", buttons=(Button("Approve", "approve", "token", "Sure?"),))
TOKEN = "-".join(("xoxb", "secret", "of", "the", "tests"))
KINDS = kinds()


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        yield opened


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with ChatServer() as running:
        yield running


@pytest.fixture
def bot(session: requests.Session, chat: ChatServer) -> SlackBot:
    return SlackBot(session, chat.slack_api, slack_api.TOKEN, slack_api.CHANNEL, buttons=True)


def test_a_message_its_thread_and_its_update(bot: SlackBot, chat: ChatServer) -> None:
    reference = bot.post(ASKING)
    assert reference == f"{slack_api.CHANNEL} {chat.messages[0].ts}"
    assert bot.post(CARD, reference) != reference
    bot.update(reference, CARD)
    first, reply = chat.messages
    assert (first.updates, first.payload["blocks"], reply.thread_ts) == (1, render(CARD)["blocks"], first.ts)
    assert set(first.payload) == {"channel", "ts", "text", "blocks"}


def test_a_message_is_compact_json_with_the_token_in_its_header(session: requests.Session) -> None:
    answer = b'{"ok": true, "channel": "C1", "ts": "1.2"}'
    with ScriptedServer(Reply(200, answer)) as server:
        assert SlackBot(session, f"{server.url}/api/", TOKEN, "C1", buttons=False).post(CARD) == "C1 1.2"
    (asked,) = server.asked
    assert (asked.verb, asked.path) == ("POST", "/api/chat.postMessage")
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["content-type"].startswith("application/json")
    assert json.loads(asked.body) == {"channel": "C1", **render(CARD)}


def test_an_answer_without_a_reference_is_a_message_that_stands_alone(session: requests.Session) -> None:
    with ScriptedServer(Reply(200, b'{"ok": true}')) as server:
        assert SlackBot(session, server.url, TOKEN, "C1", buttons=True).post(CARD) == ""


@pytest.mark.parametrize("tone", Tone)
def test_the_channel_sees_of_a_thread_what_somebody_has_to_act_on(bot: SlackBot, chat: ChatServer, tone: Tone) -> None:
    reference = bot.post(CARD)
    bot.post(Card(tone, "LABEL", "Title", "Summary."), reference)
    assert chat.messages[1].payload["reply_broadcast"] is (tone in (Tone.WARNING, Tone.BAD))


def test_what_follows_in_another_channel_stands_alone(bot: SlackBot, chat: ChatServer) -> None:
    bot.post(CARD, "C0ANOTHER 1.000001")
    assert "thread_ts" not in chat.messages[0].payload


@pytest.mark.parametrize("error", ["cannot_reply_to_message", "message_not_found", "thread_not_found"])
def test_what_cannot_stand_in_its_thread_stands_in_the_channel(bot: SlackBot, chat: ChatServer, error: str) -> None:
    reference = bot.post(CARD)
    chat.fail_next("slack", error=error)
    bot.post(CARD, reference)
    assert [message.thread_ts for message in chat.messages] == ["", ""]


def test_a_message_that_is_not_there_is_gone(bot: SlackBot) -> None:
    with pytest.raises(ChatGone, match="Slack answered message_not_found"):
        bot.update(f"{slack_api.CHANNEL} 1.000001", CARD)


@pytest.mark.parametrize("error", [*FIXES, "cant_update_message", "edit_window_closed", "invalid_blocks"])
def test_a_refusal_says_why_and_what_to_do(bot: SlackBot, chat: ChatServer, error: str) -> None:
    chat.fail_next("slack", error=error)
    with pytest.raises(ChatRefused, match=f"Slack answered {error}") as raised:
        bot.post(CARD)
    assert not isinstance(raised.value, ChatGone)
    assert FIXES.get(error, "") in str(raised.value)


@pytest.mark.parametrize("error", ["internal_error", "ratelimited", "service_unavailable"])
def test_what_is_no_fault_of_the_message_is_tried_again(bot: SlackBot, chat: ChatServer, error: str) -> None:
    chat.fail_next("slack", error=error)
    with pytest.raises(ChatUnavailable, match=error):
        bot.post(CARD)


@pytest.mark.parametrize(("status", "wait"), [(429, timedelta(seconds=17)), (503, timedelta(seconds=17)), (500, None)])
def test_a_limit_is_waited_for_and_nothing_is_tried_twice(
    bot: SlackBot, chat: ChatServer, status: int, wait: timedelta | None
) -> None:
    chat.fail_next("slack", status=status, retry_after=17 if wait else None)
    with pytest.raises(ChatUnavailable) as raised:
        bot.post(CARD)
    assert raised.value.retry_after == wait
    assert bot.post(CARD)


NO_ANSWERS = {
    "no JSON": b"<html>",
    "a list": b'["ok"]',
    "nothing": b"",
    "neither ok nor a word": b'{"ok": false}',
    "ok that is none": b'{"ok": "yes"}',
    "a word that is none": b'{"ok": false, "error": 7}',
    "brackets without end": b"[" * 100_000,
    "a word that is a sentence": b'{"ok": false, "error": "see http://example.com/"}',
}


@pytest.mark.parametrize("body", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_what_is_no_answer_of_slack_is_a_refusal(session: requests.Session, body: bytes) -> None:
    with (
        ScriptedServer(Reply(200, body)) as server,
        pytest.raises(ChatRefused, match=r"Slack answered \(no plain reason\)"),
    ):
        SlackBot(session, server.url, TOKEN, "C1", buttons=True).post(CARD)


SECRETS = {
    "refused": Reply(200, f'{{"ok": false, "error": "{TOKEN}"}}'.encode()),
    "bad request": Reply(400, TOKEN.encode()),
    "moved": Reply(302, TOKEN.encode(), {"Location": f"http://example.com/{TOKEN}"}),
    "moved for good": Reply(308, b"", {"Location": "http://127.0.0.1:1/"}),
    "throttled": Reply(429),
    "broken": Reply(500, TOKEN.encode()),
    "no JSON": Reply(200, TOKEN.encode()),
    "silent": Reply(seconds=5),
}


@pytest.mark.parametrize("reply", SECRETS.values(), ids=SECRETS)
def test_no_token_reaches_a_log_or_an_exception(
    session: requests.Session, reply: Reply, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the bot's nor that of a decision; redirects are not followed, because the token would go with them."""
    monkeypatch.setattr(webhook, "TIMEOUT", (1, 0.1))
    caplog.set_level(logging.DEBUG)
    card = Card(Tone.INFO, "LABEL", "Title", "Summary.", buttons=(Button("Approve", "approve", "token-of-a-decision"),))
    with (
        ScriptedServer(reply) as server,
        pytest.raises((ChatRefused, ChatUnavailable)) as raised,
    ):
        SlackBot(session, server.url, TOKEN, "C1", buttons=True).post(card)
    assert len(server.asked) == 1
    error: BaseException | None = raised.value
    shown = caplog.text
    while error is not None:
        shown += f"{error!r}{error.args}" * (not error.__suppress_context__ or error is raised.value)
        error = error.__cause__
    assert TOKEN not in shown
    assert "token-of-a-decision" not in shown


def test_slack_sdk_is_imported_at_the_first_message() -> None:
    """Where Slack is not set up this way, a cold start does not pay for it."""
    code = "import sys; import remediation.wiring; sys.exit('slack_sdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", [*HOSTILE.values(), "&" * 256, "\u05d0" * 1000], ids=[*HOSTILE, "escaped", "long"])
def test_every_kind_with_its_buttons_is_a_message_that_slack_takes(text: str, kind: str) -> None:
    card = kinds(text)[kind]
    assert message_problems(render(card, actions_of(card.buttons)), mode="bot") == []


@pytest.mark.parametrize("kind", [name for name, card in KINDS.items() if card.buttons])
def test_the_simulated_slack_takes_every_kind_with_buttons(bot: SlackBot, chat: ChatServer, kind: str) -> None:
    bot.post(KINDS[kind])
    assert [element["action_id"] for element in buttons_of(chat)] == [each.action for each in KINDS[kind].buttons]


def buttons_of(chat: ChatServer) -> list[dict[str, object]]:
    return [each for each in objects_in(chat.messages[-1].payload) if each.get("type") == "button"]


def test_a_button_has_its_dialog_and_only_the_approval_is_the_primary_one() -> None:
    approve, snooze = Button("Approve", "approve", "t", "Cost: <none>."), Button("Snooze", "snooze", "t")
    (row,) = actions_of((approve, snooze))
    first, second = row["elements"]
    assert (first["style"], first["value"]) == ("primary", "t")
    assert first["confirm"]["text"] == {"type": "plain_text", "text": "Cost: <none>."}
    assert not {"style", "confirm"} & second.keys()


TOO_LONG = {
    "a question": Button("Approve", "approve_confirmed", "t", "x" * (LONGEST_QUESTION + 1)),
    "a token": Button("Approve", "approve", "t" * (LONGEST + 1)),
    "a title": Button("x" * (LONGEST_TITLE + 1), "approve", "t"),
}


@pytest.mark.parametrize("button", TOO_LONG.values(), ids=TOO_LONG)
def test_a_button_that_does_not_fit_is_left_out_and_never_cut(button: Button) -> None:
    """Its question holds what has to be confirmed: the link leads to all of it."""
    assert actions_of((button,)) == []
    kept = Button("Approve", "approve_confirmed", "t" * LONGEST, "x" * LONGEST_QUESTION)
    (row,) = actions_of((button, kept))
    assert len(row["elements"]) == 1


LONG, ROOM = "x" * LONGEST_QUESTION, "x" * (LONGEST_QUESTION - 5)
NOTES = {
    "alone": ("", "note", "note"),
    "behind the question": (ROOM, "note", f"{ROOM} note"),
    "without room": (f"{ROOM}x", "note", f"{ROOM}x"),
    "cut": ("", f"{LONG}x", f"{LONG[:-2]} …"),
}


@pytest.mark.parametrize(("question", "note", "asked"), NOTES.values(), ids=NOTES)
def test_a_note_stands_behind_the_question_where_there_is_room(question: str, note: str, asked: str) -> None:
    (row,) = actions_of((Button("Approve", "approve", "t", question, note),))
    assert row["elements"][0]["confirm"]["text"]["text"] == asked


def asked_before(row: Mapping[str, Any]) -> str:
    """The text of the first button's dialog."""
    return str(row["elements"][0]["confirm"]["text"]["text"])


@pytest.mark.parametrize("example", CATALOGUE.values(), ids=CATALOGUE)
def test_each_plan_can_be_approved_by_a_button(example: Example) -> None:
    """All that has to be confirmed fits its dialog."""
    (row,) = actions_of(to_decide(example.plan, "https://bot.example/api/approvals/token"))
    assert row["elements"][0]["action_id"] in APPROVES
    assert all(text.lower() in asked_before(row).lower() for text in example.plan.to_confirm)


@pytest.mark.parametrize("buttons", [True, False])
def test_buttons_are_shown_where_clicks_are_taken(session: requests.Session, chat: ChatServer, buttons: bool) -> None:
    SlackBot(session, chat.slack_api, slack_api.TOKEN, slack_api.CHANNEL, buttons).post(ASKING)
    assert [row["type"] for row in chat.messages[0].payload["blocks"]].count("actions") == buttons


def test_links_stand_below_the_buttons() -> None:
    card = Card(Tone.WARNING, "LABEL", "Title", "Summary.", links=(Link("Open", "https://a.example/"),))
    blocks = render(card, actions_of(ASKING.buttons))["blocks"]
    assert [block["type"] for block in blocks[-2:]] == ["actions", "section"]
