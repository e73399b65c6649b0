"""Buttons, threads and updates of Slack's messages on the chat page, in a real headless Chromium."""

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient

from local.chat import ChatServer, build_page, slack_api
from local.chat.browser import Browser
from remediation.slack_requests import parse
from tests.local.chat_messages import HOSTILE, button, section
from tests.local.chat_pages import choose, opened, press, press_and_confirm, shown, titles
from tests.local.click_endpoint import Endpoint, listening


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


CONFIRM = {
    "title": plain("Approve"),
    "text": plain(f"Make sure: {HOSTILE}"),
    "confirm": plain("Yes"),
    "deny": plain("No"),
}
APPROVE = button("Approve", action_id="approve", value="token", style="primary", confirm=CONFIRM)
SNOOZE = button("Snooze", action_id="snooze", value="token")
HEADER = {"type": "header", "text": plain("🟠 Convert it")}
ASKED = [HEADER, section("Nothing has changed"), {"type": "actions", "elements": [APPROVE, SNOOZE]}, section("links")]
WIDTHS = (1400, 390)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with listening() as here:
        yield here


@pytest.fixture
def chat(endpoint: Endpoint) -> Iterator[ChatServer]:
    with ChatServer(page=build_page(lambda _: None)) as server:
        server.takes_clicks(endpoint.url, "secret")
        yield server


def call(chat: ChatServer, method: str, **more: Any) -> str:
    """Post or update a message, as a bot; returns its ts."""
    client = WebClient(slack_api.TOKEN, base_url=chat.slack_api, timeout=5, retry_handlers=[])
    message = {"channel": slack_api.CHANNEL, "text": "Convert it", "blocks": ASKED}
    return str(client.api_call(f"chat.{method}", json=message | more)["ts"])


@pytest.mark.parametrize("width", WIDTHS)
def test_slack_asks_before_it_sends(browser: Browser, chat: ChatServer, endpoint: Endpoint, width: int) -> None:
    call(chat, "postMessage")
    page = opened(browser, chat, width)
    press(page, "Approve")
    page.wait_until("document.querySelector('dialog[open]')")
    assert shown(page, "dialog p") == [f"Make sure: {HOSTILE}"]
    assert page.evaluate("document.querySelector('dialog').getBoundingClientRect().right < innerWidth")
    press(page, "No", "dialog")
    page.wait_until("!document.querySelector('dialog')")
    assert endpoint.got == []
    press_and_confirm(page, "Approve")
    page.wait_until("document.querySelector('.said')?.innerText.startsWith('Sent as approver')")
    assert [parse(body).action for _, body in endpoint.got] == ["approve"]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.complaints == []
    assert {url.removeprefix(chat.url) for url in page.requested} == {
        "/",
        "/page.css",
        "/page.js",
        "/events",
        "/clicks",
    }


def test_somebody_else_may_be_chosen_and_a_refusal_shows(
    browser: Browser, chat: ChatServer, endpoint: Endpoint
) -> None:
    endpoint.answer = lambda *_: 403
    call(chat, "postMessage")
    page = opened(browser, chat)
    choose(page, "U0COLLEAGUE")
    press(page, "Snooze")
    page.wait_until("document.querySelector('.said.warns')")
    assert shown(page, ".said") == ["⚠ Refused: colleague is not one of those who may decide (403)."]
    assert [parse(body).user for _, body in endpoint.got] == ["U0COLLEAGUE"]


def test_an_update_takes_the_question_away_and_the_buttons(
    browser: Browser, chat: ChatServer, endpoint: Endpoint
) -> None:
    """What was asked is about the message as it was."""
    ts = call(chat, "postMessage")
    page = opened(browser, chat)
    press(page, "Approve")
    page.wait_until("document.querySelector('dialog[open]')")
    call(chat, "update", ts=ts, blocks=[HEADER, section("Another plan"), *ASKED[2:]])
    page.wait_until("!document.querySelector('dialog')")
    assert titles(page) == ["Approve", "Snooze"]
    call(chat, "update", ts=ts, blocks=ASKED[:2])
    page.wait_until("!document.querySelector('.slack-button')")
    assert endpoint.got == []


def test_what_follows_stands_in_the_thread_and_shows_above(browser: Browser, chat: ChatServer) -> None:
    ts = call(chat, "postMessage")
    call(chat, "postMessage", blocks=[section("another")])
    page = opened(browser, chat)
    assert shown(page, ".channel") == ["# ml-platform"]
    assert page.evaluate("document.querySelector('[role=img]').getAttribute('aria-label')") == "large orange circle"
    call(chat, "postMessage", thread_ts=ts, blocks=[section("begun")])
    call(chat, "postMessage", thread_ts=ts, blocks=[section("done")], reply_broadcast=True)
    call(chat, "update", ts=ts, blocks=[HEADER, section("It is done")])
    page.wait_until("document.querySelector('.quiet')?.innerText === 'updated'")
    assert shown(page, ".thread summary") == ["2 replies"]
    assert page.evaluate("document.querySelectorAll('.scroller > .post').length") == 2
    assert [text.split("\n")[-1] for text in shown(page, ".thread .post")] == ["begun", "done"]
    assert "also in the channel" in shown(page, ".thread .post")[1]
    assert titles(page) == []
    assert "It is done" in shown(page, ".post")[0]


def test_a_button_of_a_link_opens_it(browser: Browser, chat: ChatServer, endpoint: Endpoint) -> None:
    links = [button("Open", url="https://example.invalid/"), button("Bad", url="https://example.invalid/bad")]
    call(chat, "postMessage", blocks=[{"type": "actions", "elements": links}])
    page = opened(browser, chat)
    page.evaluate("window.open = (...all) => { window.opened = all }")
    press(page, "Open")
    assert page.evaluate("window.opened.slice(0, 2)") == ["https://example.invalid/", "_blank"]
    assert endpoint.got == []


def test_without_an_app_buttons_do_nothing(browser: Browser) -> None:
    with ChatServer(page=build_page(lambda _: None)) as chat:
        call(chat, "postMessage")
        page = opened(browser, chat)
        assert page.evaluate("document.querySelector('.who')") is None
        press(page, "Snooze")
        press(page, "Approve")
        assert page.evaluate("document.querySelector('.said, dialog')") is None
