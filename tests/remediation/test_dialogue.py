"""People decide on the chat page, in a real headless Chromium: a click in Slack's message, and what follows is shown.

The bot runs here without its functions host; with it, tests/end_to_end/test_approvals.py has one such dialogue.
"""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from slack_sdk import WebClient

from local.chat import ChatServer, build_page, clicks, slack_api
from local.chat.browser import Browser, Page
from local.demo import turn
from local.demo.turn import decided
from remediation import slack_requests
from remediation.cases import State
from remediation.tokens import LIFE, Tokens, pinned
from tests.local.chat_messages import button
from tests.local.chat_pages import choose, opened, press, press_and_confirm, shown, titles
from tests.local.click_endpoint import listening
from tests.remediation import in_slack
from tests.remediation.approving import GEO, GROW, KEY, SLACK_KEY, Start, case_of, change
from tests.remediation.carrying_out import Example
from tests.remediation.harness import Bot

COLLEAGUE = next(user for user in clicks.PEOPLE if user != clicks.APPROVER)
SENT = "document.querySelector('.said')?.innerText.startsWith('Sent')"


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with ChatServer(page=build_page(lambda _: None)) as running:
        yield running


@pytest.fixture
def bot(start: Start, chat: ChatServer) -> Iterator[Bot]:
    """A bot in Slack that has asked about GROW, and takes clicks."""
    running = start(rules=[GROW.rule, GEO.rule], settings=in_slack.settings(chat))
    with listening(lambda headers, body: slack_requests.accept(running.services, headers, body)) as endpoint:
        chat.takes_clicks(endpoint.url, SLACK_KEY)
        yield ask(running, GROW)


def ask(bot: Bot, example: Example) -> Bot:
    example.seed(bot)
    example.see(bot)
    return bot


def follow(bot: Bot, page: Page, label: str) -> None:
    """Let the bot work on a click that was sent, until the first message shows this."""
    page.wait_until(SENT)
    bot.work()
    page.wait_until(f"document.querySelector('.slack .post').innerText.includes('{label} ·')")


def writes(bot: Bot) -> int:
    return len(bot.azure.writes())


@pytest.mark.parametrize("width", [1400, 390])
def test_somebody_approves_and_sees_what_follows(browser: Browser, bot: Bot, width: int) -> None:
    page = opened(browser, bot.chat, width)
    assert titles(page) == ["Approve", "Snooze 3 days", "Exempt 30 days"]
    press_and_confirm(page, "Approve")
    follow(bot, page, "FIXED")
    assert shown(page, ".thread summary") == ["1 reply"]
    assert titles(page) == ["Undo"], "of the reply"
    assert "approver (Slack U0APPROVER)" in shown(page, ".slack .post")[0]
    assert (case_of(bot, GROW).state, writes(bot)) == (State.FIXED, 1)
    assert page.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_somebody_takes_it_back(browser: Browser, bot: Bot) -> None:
    page = opened(browser, bot.chat)
    press_and_confirm(page, "Approve")
    follow(bot, page, "FIXED")
    press_and_confirm(page, "Undo")
    follow(bot, page, "APPROVAL NEEDED")
    press_and_confirm(page, "Approve")
    follow(bot, page, "TAKEN BACK")
    assert case_of(bot, GROW).state is State.UNDONE
    assert titles(page) == []


def test_somebody_exempts_it(browser: Browser, bot: Bot) -> None:
    page = opened(browser, bot.chat)
    press(page, "Exempt 30 days")
    page.wait_until("document.querySelector('dialog[open]')")
    assert "accepted for 30 days" in shown(page, "dialog p")[0]
    page.evaluate("document.querySelector('dialog .primary').click()")
    follow(bot, page, "EXEMPT")
    assert (case_of(bot, GROW).state, writes(bot), titles(page)) == (State.EXEMPT, 0, [])


def test_somebody_snoozes_it(browser: Browser, bot: Bot) -> None:
    page = opened(browser, bot.chat)
    press(page, "Snooze 3 days")
    follow(bot, page, "SNOOZED")
    assert case_of(bot, GROW).snoozed is not None
    assert titles(page) == []


def test_what_has_changed_since_is_not_approved(browser: Browser, bot: Bot) -> None:
    ask(bot, GEO)
    page = opened(browser, bot.chat)
    change(bot, GEO)
    press_and_confirm(page, "Approve")
    page.wait_until(SENT)
    bot.work()
    page.wait_until("document.querySelector('.thread')?.innerText.includes('has changed since')")
    assert (case_of(bot, GEO).state, writes(bot)) == (State.ASKED, 0)


def test_two_clicks_at_once_are_one_approval(browser: Browser, bot: Bot) -> None:
    pages = [opened(browser, bot.chat), opened(browser, bot.chat)]
    for page in pages:
        page.send("Page.bringToFront")
        press_and_confirm(page, "Approve")
        page.wait_until(SENT)
    bot.work()
    pages[1].wait_until("document.querySelector('.slack .post').innerText.includes('FIXED ·')")
    assert (bot.done(GROW.resource.id).count("approved"), writes(bot)) == (1, 1)
    assert shown(pages[1], ".thread summary") == ["1 reply"]


def test_an_old_button_decides_nothing(browser: Browser, bot: Bot) -> None:
    """A message from before the link expired."""
    then = bot.clock() - LIFE - timedelta(minutes=1)
    token = Tokens(KEY, lambda: then).link(pinned(case_of(bot, GROW)))
    client = WebClient(slack_api.TOKEN, base_url=bot.chat.slack_api, timeout=5, retry_handlers=[])
    row = {"type": "actions", "elements": [button("Old", action_id="approve", value=token)]}
    client.api_call("chat.postMessage", json={"channel": slack_api.CHANNEL, "text": "old", "blocks": [row]})
    page = opened(browser, bot.chat)
    page.wait_until("document.body.innerText.includes('Old')")
    press(page, "Old")
    page.wait_until(SENT)
    bot.work()
    page.wait_until("document.querySelector('.thread')?.innerText.includes('has expired')")
    assert (case_of(bot, GROW).state, writes(bot)) == (State.ASKED, 0)


def test_the_demo_waits_for_a_decision(browser: Browser, bot: Bot) -> None:
    page = opened(browser, bot.chat)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(decided, bot.services.store, GROW.resource.id)
        press(page, "Snooze 3 days")
        follow(bot, page, "SNOOZED")
        assert waiting.result(timeout=10) == "snoozed"


def test_the_demo_goes_on_by_itself_when_enter_is_pressed(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, screen = os.openpty()
    with os.fdopen(terminal, "wb", 0) as keys, os.fdopen(screen) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        keys.write(b"\n")
        assert decided(bot.services.store, GROW.resource.id) == ""


def test_the_demo_goes_on_by_itself_where_nobody_is(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "PATIENCE_SECONDS", 0)
    with Path(os.devnull).open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert decided(bot.services.store, GROW.resource.id) == ""


def test_who_is_not_on_the_list_decides_nothing(browser: Browser, bot: Bot) -> None:
    page = opened(browser, bot.chat)
    choose(page, COLLEAGUE)
    press(page, "Snooze 3 days")
    page.wait_until("document.querySelector('.said.warns')")
    assert shown(page, ".said") == ["⚠ Refused: colleague is not one of those who may decide (403)."]
    bot.work()
    assert case_of(bot, GROW).snoozed is None
    assert len(titles(page)) == 3
