"""The page draws what was posted, live, and hostile text stays text: looked at in a real headless Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.chat import ChatServer, StoryLine, build_page, card_problems
from local.chat.browser import Browser, Page
from tests.local.chat_messages import (
    HOSTILE,
    SAMPLES,
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


@pytest.fixture(scope="module")
def built() -> Path:
    return build_page(lambda _: None)


@pytest.fixture
def chat(built: Path) -> Iterator[ChatServer]:
    with ChatServer(page=built) as server:
        yield server


def opened(browser: Browser, chat: ChatServer, posts: int, width: int = 1400) -> Page:
    """The page, once it is connected and shows this many messages."""
    page = browser.open(f"{chat.url}/", width=width)
    page.wait_until("document.querySelector('.state.live')")
    page.wait_until(f"document.querySelectorAll('.post').length === {posts}")
    return page


def text_of(page: Page, selector: str) -> str:
    return str(page.evaluate(f"document.querySelector({selector!r}).innerText"))


def test_a_build_is_done_once(built: Path) -> None:
    said: list[str] = []
    assert build_page(said.append) == built
    assert said == []


def test_an_empty_page_says_what_will_appear(browser: Browser, chat: ChatServer) -> None:
    page = opened(browser, chat, posts=0)
    assert "Nothing posted to Microsoft Teams yet" in text_of(page, ".teams")
    assert "Nothing posted to Slack yet" in text_of(page, ".slack")


def test_a_message_appears_without_a_reload(browser: Browser, chat: ChatServer) -> None:
    page = opened(browser, chat, posts=0)
    post_slack(chat, {"text": "hello *there*"})
    page.wait_until("document.querySelector('.slack .post')?.innerText.includes('hello there')")


def test_the_story_appears_when_there_is_one(browser: Browser, chat: ChatServer) -> None:
    page = opened(browser, chat, posts=0)
    assert page.evaluate("document.querySelector('.story')") is None
    chat.timeline([StoryLine("09:12", "a registry is created")])
    page.wait_until("document.querySelector('.story li')?.innerText.includes('a registry is created')")


def test_a_card_opens_links_in_a_new_tab_and_shows_hidden_parts(browser: Browser, chat: ChatServer) -> None:
    content = card(
        text_block("**bold** [guide](https://example.invalid/guide)"),
        {"type": "Container", "id": "more", "isVisible": False, "items": [text_block("hidden part")]},
        actions=[
            {"type": "Action.OpenUrl", "title": "Decide", "url": "https://example.invalid/decide"},
            {"type": "Action.ToggleVisibility", "title": "More", "targetElements": ["more"]},
        ],
    )
    post_teams(chat, envelope(content))
    page = opened(browser, chat, posts=1)
    assert text_of(page, ".teams-card strong") == "bold"
    assert page.evaluate("document.querySelector('.teams-card a').target") == "_blank"
    page.evaluate("window.open = (...all) => { window.opened = all }")
    page.evaluate("document.querySelectorAll('.ac-pushButton').forEach((each) => each.click())")
    assert page.evaluate("window.opened.slice(0, 2)") == ["https://example.invalid/decide", "_blank"]
    assert "hidden part" in text_of(page, ".teams-card")


def test_a_mention_is_shown_and_an_unknown_one_is_reported(browser: Browser, chat: ChatServer) -> None:
    entity = {"type": "mention", "text": "<at>On call</at>", "mentioned": {"id": "user@example.com"}}
    body = text_block("<at>On call</at> and <at>Nobody</at>")
    post_teams(chat, envelope(card(body, msteams={"entities": [entity]})))
    page = opened(browser, chat, posts=1)
    page.wait_until("document.querySelector('.problem')")
    assert text_of(page, ".mention") == "On call"
    assert text_of(page, ".problem") == "no entity for the mention <at>Nobody</at>"


def test_what_the_renderer_does_not_know_is_shown_in_red(browser: Browser, chat: ChatServer) -> None:
    post_teams(chat, envelope(card({"type": "Hologram"})))
    page = opened(browser, chat, posts=1)
    page.wait_until("document.querySelector('.problem')?.innerText.includes('Hologram')")


def test_the_json_of_a_message_can_be_shown(browser: Browser, chat: ChatServer) -> None:
    post_slack(chat, {"text": "hello"})
    page = opened(browser, chat, posts=1)
    page.evaluate("document.querySelector('.raw-toggle').click()")
    page.wait_until("document.querySelector('.raw')?.innerText.includes('\"text\": \"hello\"')")


def test_hostile_text_stays_text(browser: Browser, chat: ChatServer) -> None:
    script = {"type": "Action.OpenUrl", "title": HOSTILE, "url": "javascript:window.hit=1"}
    mention = {"type": "mention", "text": f"<at>{HOSTILE}</at>", "mentioned": {}}
    facts = {"type": "FactSet", "facts": [{"title": HOSTILE, "value": HOSTILE}]}
    content = card(
        text_block(f"<at>{HOSTILE}</at> {HOSTILE}"), facts, actions=[script], msteams={"entities": [mention]}
    )
    post_teams(chat, envelope(content), channel=HOSTILE)
    header = {"type": "header", "text": {"type": "plain_text", "text": HOSTILE}}
    post_slack(
        chat, {"text": "t", "blocks": [header, section(HOSTILE), {"type": "actions", "elements": [button("b")]}]}
    )
    page = opened(browser, chat, posts=2)
    page.wait_until("document.querySelector('.teams-card').innerText.includes('<script>')")
    page.evaluate("document.querySelectorAll('.post a, .post button').forEach((each) => each.click())")
    assert page.evaluate("document.querySelectorAll('main img, main script, main a').length") == 0
    assert page.evaluate("window.hit") is None


def test_escaped_slack_text_is_no_mention(browser: Browser, chat: ChatServer) -> None:
    """The library alone would take it for one; Slack does not."""
    escaped = "&lt;!channel&gt; [x](https://example.invalid) R&amp;D"
    header = {"type": "header", "text": {"type": "plain_text", "text": "<!channel> a_b_c `d`"}}
    post_slack(chat, {"text": "t", "blocks": [header, section(escaped), section("<!channel>")]})
    page = opened(browser, chat, posts=1)
    shown = " ".join(text_of(page, ".slack .post").replace("\u2060", "").split())
    assert "<!channel> a_b_c `d`" in shown
    assert "<!channel> [x](https://example.invalid)" in shown
    assert shown.count("@channel") == 1


@needs_samples
@pytest.mark.parametrize("width", [1400, 420])
def test_every_design_sample_is_drawn_without_a_complaint(browser: Browser, chat: ChatServer, width: int) -> None:
    post_samples(chat)
    page = opened(browser, chat, posts=len(SAMPLES), width=width)
    page.wait_until(f"document.querySelectorAll('.ac-adaptiveCard, .slack .content').length === {len(SAMPLES)}")
    assert page.evaluate("[...document.querySelectorAll('.problem')].map((each) => each.innerText)") == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.complaints == []
    assert {url.removeprefix(chat.url) for url in page.requested} == {"/", "/page.css", "/page.js", "/events"}


def test_a_good_card_has_no_problems() -> None:
    assert card_problems(card(text_block("hello"))) == []


def test_a_bad_card_has_its_problems_named() -> None:
    problems = card_problems(card({"type": "Hologram"}, {"type": "TextBlock", "text": "x", "size": "Huge"}))
    assert len(problems) == 2
    assert "Hologram" in problems[0]
    assert "Huge" in problems[1]
