"""A button that is pressed on the chat page reaches the app as Slack sends it: signed, as a form, for three seconds."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from local.chat import ChatServer, clicks
from remediation.slack_requests import Click, parse, verify
from tests.local.chat_messages import button, post_slack, section
from tests.local.click_endpoint import Endpoint, listening

SECRET = "signing-secret-of-a-slack-app"
APPROVE = button("Approve", action_id="approve", value="the-token", style="primary")


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with listening() as here:
        yield here


@pytest.fixture
def chat(endpoint: Endpoint) -> Iterator[ChatServer]:
    with ChatServer() as server:
        server.takes_clicks(endpoint.url, SECRET)
        rows = [section("Decide"), {"type": "actions", "elements": [APPROVE, button("No id")]}]
        post_slack(server, {"text": "Decide", "blocks": rows}).raise_for_status()
        yield server


def press(chat: ChatServer, origin: str = "", **other: object) -> requests.Response:
    click = {"message": "m1", "action": "approve", "user": clicks.APPROVER} | other
    return requests.post(f"{chat.url}/clicks", json=click, headers={"Origin": origin or chat.url}, timeout=10)


def slowly(*_: object) -> int:
    time.sleep(0.3)
    return 200


def test_the_app_gets_what_slack_sends(chat: ChatServer, endpoint: Endpoint) -> None:
    answer = press(chat)
    assert (answer.status_code, answer.json()["ok"], answer.json()["status"]) == (200, True, 200)
    [(headers, body)] = endpoint.got
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    verify(SECRET, headers, body, time.time())
    assert parse(body) == Click("approve", "the-token", clicks.APPROVER, "approver")


def test_what_the_app_refuses_is_told(chat: ChatServer, endpoint: Endpoint) -> None:
    endpoint.answer = lambda *_: 403
    assert press(chat, user="U0COLLEAGUE").json()["status"] == 403
    assert parse(endpoint.got[0][1]).name == "colleague"


def test_slack_waits_for_three_seconds(chat: ChatServer, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clicks, "SECONDS", 0.1)
    endpoint.answer = slowly
    answer = press(chat).json()
    assert (answer["ok"], answer["status"]) == (False, 0)
    assert clicks.SECONDS < answer["seconds"] < 0.3


@pytest.mark.parametrize(
    ("click", "status"),
    [
        ({"action": "undo"}, 409),
        ({"message": "m2"}, 400),
        ({"message": 1}, 400),
        ({"user": "U0STRANGER"}, 400),
        ({"user": []}, 400),
    ],
)
def test_what_is_no_button_is_not_sent(
    chat: ChatServer, endpoint: Endpoint, click: dict[str, Any], status: int
) -> None:
    assert press(chat, **click).status_code == status
    assert endpoint.got == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"{", b"\xff"])
def test_what_is_no_click_is_refused(chat: ChatServer, endpoint: Endpoint, body: bytes) -> None:
    answer = requests.post(f"{chat.url}/clicks", body, headers={"Origin": chat.url}, timeout=5)
    assert (answer.status_code, answer.json()) == (400, {"error": "that is no click"})
    assert endpoint.got == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_no_other_site_presses_buttons(chat: ChatServer, endpoint: Endpoint, origin: str) -> None:
    assert press(chat, origin).status_code == 403
    assert requests.post(f"{chat.url}/clicks", "{}", timeout=5).status_code == 403
    assert endpoint.got == []


def test_without_an_app_nothing_is_pressed() -> None:
    with ChatServer() as chat:
        answer = press(chat)
    assert (answer.status_code, answer.json()) == (409, {"error": "no app takes clicks here"})
