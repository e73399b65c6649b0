"""The chat's webhooks answer as Teams' Workflows and Slack do, and keep what they accepted."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from local.chat import ChannelKind, ChatServer, StoryLine
from local.chat.inbox import Failure
from tests.local.chat_messages import (
    button,
    card,
    envelope,
    needs_samples,
    post_samples,
    post_slack,
    post_teams,
    section,
    text_block,
)

HELLO_CARD = envelope(card(text_block("hello")))
HELLO_BLOCKS = {"text": "hello", "blocks": [section("hello")]}


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with ChatServer() as server:
        yield server


def test_teams_accepts_an_adaptive_card_with_202_and_no_body(chat: ChatServer) -> None:
    answer = post_teams(chat, HELLO_CARD)
    assert (answer.status_code, answer.content) == (202, b"")
    [message] = chat.messages
    assert (message.channel_kind, message.channel, message.text) == ("teams", "ml-platform", "hello")
    assert message.payload == HELLO_CARD


def test_slack_accepts_a_message_with_ok(chat: ChatServer) -> None:
    answer = post_slack(chat, HELLO_BLOCKS)
    assert (answer.status_code, answer.text) == (200, "ok")
    [message] = chat.messages
    assert (message.channel_kind, message.channel, message.text) == ("slack", "ml-platform", "hello")


def test_messages_are_listed_oldest_first(chat: ChatServer) -> None:
    post_teams(chat, HELLO_CARD)
    post_slack(chat, {"text": "second"})
    listed = requests.get(f"{chat.url}/messages", timeout=5).json()
    assert [(each["id"], each["text"]) for each in listed] == [("m1", "hello"), ("m2", "second")]


def test_a_channel_name_is_kept_as_it_is(chat: ChatServer) -> None:
    post_slack(chat, HELLO_BLOCKS, channel="data/ml & co")
    assert chat.messages[0].channel == "data/ml & co"


TEAMS_REFUSES: dict[str, Any] = {
    "not an object": [1],
    "a bare card": card(),
    "no attachments": {"type": "message", "attachments": []},
    "another kind of card": {"type": "message", "attachments": [{"contentType": "text/html", "content": {}}]},
    "no card inside": envelope({"type": "Container"}),
}


@pytest.mark.parametrize("payload", TEAMS_REFUSES.values(), ids=TEAMS_REFUSES.keys())
def test_teams_refuses_an_envelope_without_a_card(chat: ChatServer, payload: object) -> None:
    assert post_teams(chat, payload).status_code == 400
    assert chat.messages == []


def test_teams_refuses_more_than_28_kb(chat: ChatServer) -> None:
    assert post_teams(chat, envelope(card(text_block("x" * 28_700)))).status_code == 413
    assert chat.messages == []


def test_a_body_no_webhook_would_read_is_refused_unread(chat: ChatServer) -> None:
    answer = requests.post(chat.slack_webhook("x"), headers={"Content-Length": str(2**31)}, data=b"", timeout=5)
    assert answer.status_code == 413


def blocks(*each: object) -> dict[str, object]:
    return {"text": "t", "blocks": list(each)}


FULL_BUTTON = button("b", url="https://example.com")
SLACK_REFUSES: dict[str, tuple[object, str]] = {
    "not an object": ([1], "invalid_payload"),
    "text is a number": ({"text": 5}, "invalid_payload"),
    "nothing to show": ({"username": "bot"}, "no_text"),
    "blocks are no list": ({"text": "t", "blocks": {"type": "divider"}}, "invalid_blocks"),
    "51 blocks": (blocks(*[{"type": "divider"}] * 51), "invalid_blocks"),
    "unknown block": (blocks({"type": "hero"}), "invalid_blocks"),
    "a block that is text": (blocks("divider"), "invalid_blocks"),
    "header in mrkdwn": (blocks({"type": "header", "text": {"type": "mrkdwn", "text": "h"}}), "invalid_blocks"),
    "long header": (blocks({"type": "header", "text": {"type": "plain_text", "text": "h" * 151}}), "invalid_blocks"),
    "empty section": (blocks(section("")), "invalid_blocks"),
    "long section": (blocks(section("s" * 3001)), "invalid_blocks"),
    "section with nothing": (blocks({"type": "section"}), "invalid_blocks"),
    "eleven fields": (blocks({"type": "section", "fields": [section("f")["text"]] * 11}), "invalid_blocks"),
    "long field": (blocks({"type": "section", "fields": [section("f" * 2001)["text"]]}), "invalid_blocks"),
    "eleven in a context": (blocks({"type": "context", "elements": [section("c")["text"]] * 11}), "invalid_blocks"),
    "no actions": (blocks({"type": "actions", "elements": []}), "invalid_blocks"),
    "long button": (blocks({"type": "actions", "elements": [button("b" * 76)]}), "invalid_blocks"),
    "script link": (blocks({"type": "actions", "elements": [button("b", url="javascript:1")]}), "invalid_blocks"),
    "unknown style": (blocks({"type": "actions", "elements": [button("b", style="red")]}), "invalid_blocks"),
    "same block id": (blocks(*[{"type": "divider", "block_id": "a"}] * 2), "invalid_blocks"),
    "same action id": (
        blocks({"type": "actions", "elements": [button("b", action_id="a"), button("c", action_id="a")]}),
        "invalid_blocks",
    ),
}


@pytest.mark.parametrize(("payload", "word"), SLACK_REFUSES.values(), ids=SLACK_REFUSES.keys())
def test_slack_refuses_a_broken_message_by_name(chat: ChatServer, payload: object, word: str) -> None:
    answer = post_slack(chat, payload)
    assert (answer.status_code, answer.text) == (400, word)
    assert chat.messages == []


def test_slack_takes_every_block_at_its_limit(chat: ChatServer) -> None:
    fields = {"type": "section", "fields": [section("f" * 2000)["text"]] * 10, "accessory": FULL_BUTTON}
    header = {"type": "header", "text": {"type": "plain_text", "text": "h" * 150}}
    assert post_slack(chat, blocks(header, section("s" * 3000), fields, {"type": "divider"})).text == "ok"


@pytest.mark.parametrize("webhook", ["teams_webhook", "slack_webhook"])
def test_a_body_that_is_no_json_is_refused(chat: ChatServer, webhook: str) -> None:
    url = getattr(chat, webhook)("ml-platform")
    assert requests.post(url, data=b"\xff{", timeout=5).status_code == 400


@pytest.mark.parametrize(("kind", "accepted"), [("teams", 202), ("slack", 200)])
def test_a_failure_is_played_as_often_as_asked_and_only_for_its_kind(
    chat: ChatServer, kind: ChannelKind, accepted: int
) -> None:
    chat.fail_next(kind, status=429, retry_after=7, times=2)
    mine, other = (post_teams, post_slack) if kind == "teams" else (post_slack, post_teams)
    payload = {"teams": HELLO_CARD, "slack": HELLO_BLOCKS}
    assert other(chat, payload["slack" if kind == "teams" else "teams"]).ok
    answers = [mine(chat, payload[kind]) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, accepted]
    assert [answer.headers.get("Retry-After") for answer in answers] == ["7", "7", None]
    assert len(chat.messages) == 2


def test_a_lost_message_is_answered_as_accepted_but_not_kept(chat: ChatServer) -> None:
    chat.fail_next("teams", lost=True)
    assert post_teams(chat, HELLO_CARD).status_code == 202
    assert chat.messages == []


@pytest.mark.parametrize(("failure", "kept"), [(Failure(hangs_up=True), 1), (Failure(lost=True, hangs_up=True), 0)])
def test_a_channel_may_hang_up_without_an_answer(chat: ChatServer, failure: Failure, kept: int) -> None:
    chat.weather(lambda kind: failure if kind == "teams" else None)
    with pytest.raises(requests.ConnectionError):
        post_teams(chat, HELLO_CARD)
    assert post_slack(chat, HELLO_BLOCKS).status_code == 200
    assert [message.channel_kind for message in chat.messages] == ["teams"] * kept + ["slack"]
    assert [met for met, _ in chat.met] == [failure]


def test_waiting_ends_when_enough_messages_came_or_time_is_up(chat: ChatServer) -> None:
    post_slack(chat, HELLO_BLOCKS)
    assert len(chat.wait_for(1)) == 1
    with pytest.raises(TimeoutError, match="1 of 2 messages"):
        chat.wait_for(2, timeout=0.05)


def next_event(lines: Iterator[str]) -> tuple[str, Any]:
    """The name and data of the next server-sent event."""
    name = next(line for line in lines if line.startswith("event: "))
    return name.removeprefix("event: "), json.loads(next(lines).removeprefix("data: "))


def test_events_bring_what_was_posted_before_and_what_comes_later(chat: ChatServer) -> None:
    post_slack(chat, {"text": "before"})
    with requests.get(f"{chat.url}/events", stream=True, timeout=5) as stream:
        lines = stream.iter_lines(chunk_size=1, decode_unicode=True)
        assert next_event(lines)[0] == "start"
        assert next_event(lines)[1]["text"] == "before"
        post_teams(chat, HELLO_CARD)
        chat.timeline([StoryLine("09:12", "a registry is created")])
        seen = [next_event(lines)]
        while seen[-1] != ("story", [{"time": "09:12", "text": "a registry is created", "turn": False}]):
            seen.append(next_event(lines))
        assert [data["text"] for name, data in seen if name == "message"] == ["hello"]


def test_a_stopped_server_ends_the_events_and_refuses_connections() -> None:
    with ChatServer() as chat:
        stream = requests.get(f"{chat.url}/events", stream=True, timeout=5)
        url = chat.url
    with stream:
        assert b"event: start" in stream.content
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)


def test_nothing_but_the_page_may_run_or_be_reached(chat: ChatServer) -> None:
    answer = requests.get(f"{chat.url}/messages", timeout=5)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/nothing", "/page.js.map", "/../build.py", "/teams/x"])
def test_other_addresses_are_not_found(chat: ChatServer, path: str) -> None:
    assert requests.get(chat.url + path, timeout=5).status_code == 404


def test_a_server_without_its_page_says_so(chat: ChatServer) -> None:
    assert requests.get(chat.url, timeout=5).status_code == 503


@needs_samples
def test_every_design_sample_is_accepted(chat: ChatServer) -> None:
    post_samples(chat)
    assert {message.channel_kind for message in chat.messages} == {"teams", "slack"}
