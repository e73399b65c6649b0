"""The simulated Web API of Slack answers as Slack does: threads, updates, and a word for what it refuses."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from local.chat import ChatServer, slack_api
from local.chat.inbox import Failure
from tests.local.chat_messages import button, post_slack, section
from tests.local.test_chat import next_event

CHANNEL = slack_api.CHANNEL
HELLO: dict[str, Any] = {"channel": CHANNEL, "text": "hello", "blocks": [section("hello")]}
UPDATED = HELLO | {"text": "done", "blocks": [section("done")]}


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with ChatServer() as server:
        yield server


def client(chat: ChatServer, token: str = slack_api.TOKEN) -> WebClient:
    return WebClient(token, base_url=chat.slack_api, timeout=5, retry_handlers=[])


def post(chat: ChatServer, **call: Any) -> Any:
    return client(chat).api_call("chat.postMessage", json=HELLO | call)


def update(chat: ChatServer, ts: str, **call: Any) -> Any:
    return client(chat).api_call("chat.update", json=UPDATED | {"ts": ts} | call)


def word(refused: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(refused.value.response["error"])


def test_a_message_is_known_by_channel_and_ts(chat: ChatServer) -> None:
    first, second = post(chat), post(chat)
    assert first["ok"]
    assert first["channel"] == CHANNEL
    assert first["ts"] < second["ts"]
    assert [(message.channel, message.ts, message.by_bot) for message in chat.messages] == [
        (CHANNEL, first["ts"], True),
        (CHANNEL, second["ts"], True),
    ]


def test_a_reply_stands_in_the_thread_of_the_first_message(chat: ChatServer) -> None:
    first = post(chat)["ts"]
    reply = post(chat, thread_ts=first)
    further = post(chat, thread_ts=reply["ts"])
    assert reply["message"]["thread_ts"] == further["message"]["thread_ts"] == first
    assert [message.thread_ts for message in chat.messages] == ["", first, first]


def test_a_reply_to_what_is_not_there_stands_in_the_channel(chat: ChatServer) -> None:
    assert "thread_ts" not in post(chat, thread_ts="1.000001")["message"]
    assert chat.messages[0].thread_ts == ""


def test_an_update_takes_the_place_of_what_was(chat: ChatServer) -> None:
    ts = post(chat)["ts"]
    assert update(chat, ts)["ts"] == ts
    (message,) = chat.messages
    assert (message.id, message.ts, message.text, message.updates) == ("m1", ts, "done", 1)
    assert message.payload["blocks"] == UPDATED["blocks"]


def test_the_page_hears_of_an_update(chat: ChatServer) -> None:
    ts = post(chat)["ts"]
    with requests.get(f"{chat.url}/events", stream=True, timeout=5) as stream:
        lines = stream.iter_lines(chunk_size=1, decode_unicode=True)
        assert [next_event(lines)[0] for _ in range(3)] == ["start", "message", "story"]
        update(chat, ts)
        _, data = next(event for event in iter(lambda: next_event(lines), None) if event[0] == "message")
    assert (data["id"], data["text"], data["updates"]) == ("m1", "done", 1)


def test_only_a_message_of_the_bot_itself_can_be_updated(chat: ChatServer) -> None:
    post_slack(chat, {"text": "by a webhook"}, channel=CHANNEL)
    with pytest.raises(SlackApiError) as refused:
        update(chat, chat.messages[0].ts)
    assert word(refused) == "cant_update_message"
    with pytest.raises(SlackApiError) as refused:
        update(chat, "1.000001")
    assert word(refused) == "message_not_found"


CONFIRM = {
    "title": {"type": "plain_text", "text": "Sure?"},
    "text": {"type": "mrkdwn", "text": "It costs."},
    "confirm": {"type": "plain_text", "text": "Yes"},
    "deny": {"type": "plain_text", "text": "No"},
}


def asking(**confirm: object) -> list[object]:
    return [{"type": "actions", "elements": [button("Approve", value="v", action_id="a", confirm=CONFIRM | confirm)]}]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "another channel": ({"channel": "C0ELSEWHERE"}, "channel_not_found"),
    "a channel's name": ({"channel": "#general"}, "channel_not_found"),
    "broken blocks": ({"blocks": [{"type": "hero"}]}, "invalid_blocks"),
    "nothing to show": ({"text": "", "blocks": []}, "no_text"),
    "text that is none": ({"text": 7}, "no_text"),
    "too much text": ({"blocks": [section("x" * 2900)] * 5}, "msg_blocks_too_long"),
    "a long question": ({"blocks": asking(text={"type": "mrkdwn", "text": "x" * 301})}, "invalid_blocks"),
    "a long title": ({"blocks": asking(title={"type": "plain_text", "text": "x" * 101})}, "invalid_blocks"),
    "a title in mrkdwn": ({"blocks": asking(title={"type": "mrkdwn", "text": "x"})}, "invalid_blocks"),
    "a long yes": ({"blocks": asking(confirm={"type": "plain_text", "text": "x" * 31})}, "invalid_blocks"),
    "a long no": ({"blocks": asking(deny={"type": "plain_text", "text": "x" * 31})}, "invalid_blocks"),
    "a style of its own": ({"blocks": asking(style="red")}, "invalid_blocks"),
    "a dialog that is none": (
        {"blocks": [{"type": "actions", "elements": [button("b", confirm="sure?")]}]},
        "invalid_blocks",
    ),
    "a long value": ({"blocks": [{"type": "actions", "elements": [button("b", value="x" * 2001)]}]}, "invalid_blocks"),
    "a long action_id": (
        {"blocks": [{"type": "actions", "elements": [button("b", action_id="x" * 256)]}]},
        "invalid_blocks",
    ),
}


@pytest.mark.parametrize(("call", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_slack_refuses_has_a_word_and_is_not_kept(chat: ChatServer, call: dict[str, Any], expected: str) -> None:
    with pytest.raises(SlackApiError) as refused:
        post(chat, **call)
    assert word(refused) == expected
    assert chat.messages == []


def test_a_dialog_within_its_limits_is_taken(chat: ChatServer) -> None:
    assert post(chat, blocks=asking(style="danger"))["ok"]


AUTHORIZED = {"Authorization": f"Bearer {slack_api.TOKEN}"}
NOT_UNDERSTOOD: dict[str, tuple[str, dict[str, str], bytes, str]] = {
    "no token": ("chat.update", {}, b"{}", "not_authed"),
    "another token": ("chat.update", {"Authorization": "Bearer xoxb-other"}, b"{}", "invalid_auth"),
    "another method": ("chat.delete", AUTHORIZED, b"{}", "unknown_method"),
    "no JSON": ("chat.update", AUTHORIZED, b"\xff{", "invalid_json"),
    "a list": ("chat.update", AUTHORIZED, b"[]", "json_not_object"),
}


@pytest.mark.parametrize(("method", "headers", "body", "expected"), NOT_UNDERSTOOD.values(), ids=NOT_UNDERSTOOD)
def test_what_is_no_call_is_answered_by_200_and_a_word(
    chat: ChatServer, method: str, headers: dict[str, str], body: bytes, expected: str
) -> None:
    answer = requests.post(f"{chat.slack_api}{method}", headers=headers, data=body, timeout=5)
    assert (answer.status_code, answer.json()) == (200, {"ok": False, "error": expected})


def test_limits_and_errors_are_played_as_told(chat: ChatServer) -> None:
    chat.fail_next("slack", status=429, retry_after=7)
    chat.fail_next("slack", status=500)
    chat.fail_next("slack", error="is_archived")
    statuses = []
    for _ in range(3):
        with pytest.raises(SlackApiError) as refused:
            post(chat)
        statuses.append((refused.value.response.status_code, word(refused)))
    assert statuses == [(429, "ratelimited"), (500, "fatal_error"), (200, "is_archived")]
    assert post(chat)["ok"]


@pytest.mark.parametrize(("failure", "kept"), [(Failure(hangs_up=True), 1), (Failure(lost=True, hangs_up=True), 0)])
def test_it_may_hang_up_with_the_message_or_without(chat: ChatServer, failure: Failure, kept: int) -> None:
    chat.weather(lambda _: failure)
    with pytest.raises(OSError, match=r"closed|reset"):
        post(chat)
    assert len(chat.messages) == kept
    assert [met for met, _ in chat.met] == [failure]


def test_a_lost_message_is_answered_as_taken(chat: ChatServer) -> None:
    chat.fail_next("slack", lost=True)
    assert post(chat)["ok"]
    assert chat.messages == []
