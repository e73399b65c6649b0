"""The plain text of a message holds all its words, in reading order, without markup."""

import json
import re
from typing import Any

import pytest

from local.chat.plain_text import links, slack_text, teams_text
from tests.local.chat_messages import SAMPLES, button, card, envelope, needs_samples, section, text_block

MARKDOWN = {
    "bold": ("about **+US$45 / month** more", "about +US$45 / month more"),
    "link": ("[st\\_ml](https://example.com/x) is small", "st_ml is small"),
    "escaped": ("Standard\\_LRS costs \\~60 \\*", "Standard_LRS costs ~60 *"),
    "mention": ("<at>On call</at> please decide", "@On call please decide"),
    "time": (
        "until {{DATE(2026-11-30T11:30:00Z, SHORT)}} {{TIME(2026-11-30T11:30:00Z)}}.",
        "until 2026-11-30 11:30 UTC.",
    ),
}
MRKDWN = {
    "bold": ("*High* · 2*3*4 `a_b`", "High · 2*3*4 a_b"),
    "link": ("<https://example.com/?a=1&amp;b=2|*open* it> or <https://example.com>", "open it or https://example.com"),
    "escaped": ("R&amp;D &lt;!channel&gt;", "R&D <!channel>"),
    "mention": ("<!subteam^S1> <!subteam^S2|oncall> <@U1> <!here>", "@S1 @S2 @U1 @here"),
    "time": ("by <!date^1796038200^{date} {time}|2026-11-30 11:30 UTC>", "by 2026-11-30 11:30 UTC"),
    "code": ("```-  a = 1\n+  a = 2```", "-  a = 1\n+  a = 2"),
}


@pytest.mark.parametrize(("markdown", "plain"), MARKDOWN.values(), ids=MARKDOWN.keys())
def test_card_text_loses_its_markup(markdown: str, plain: str) -> None:
    assert teams_text(envelope(card(text_block(markdown)))) == plain


@pytest.mark.parametrize(("mrkdwn", "plain"), MRKDWN.values(), ids=MRKDWN.keys())
def test_slack_text_loses_its_markup(mrkdwn: str, plain: str) -> None:
    assert slack_text({"blocks": [section(mrkdwn)]}) == plain
    assert slack_text({"text": mrkdwn}) == plain


def test_a_card_is_read_from_top_to_bottom() -> None:
    column = {"type": "Column", "items": [text_block("in a column")]}
    content = card(
        {"type": "Container", "items": [text_block("title")], "isVisible": False},
        {"type": "ColumnSet", "columns": [column]},
        {"type": "FactSet", "facts": [{"title": "Cost", "value": "none"}]},
        actions=[{"type": "Action.OpenUrl", "title": "Open", "url": "https://example.com"}],
    )
    assert teams_text(envelope(content)).splitlines() == ["title", "in a column", "Cost: none", "[Open]"]


def test_blocks_are_read_from_top_to_bottom() -> None:
    select = {"type": "static_select", "placeholder": {"type": "plain_text", "text": "Snooze"}, "options": [{}]}
    message = [
        {"type": "header", "text": {"type": "plain_text", "text": "*title*"}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Cost*\nnone"}], "accessory": button("Why")},
        {"type": "divider"},
        {"type": "actions", "elements": [button("Open"), select]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "_small_"}]},
    ]
    assert slack_text({"blocks": message}).splitlines() == [
        "*title*",
        "Cost: none",
        "[Why]",
        "[Open] [Snooze]",
        "_small_",
    ]


ODD_CARDS: dict[str, Any] = {
    "body is text": {"body": "hello"},
    "text is a number": {"body": [{"type": "TextBlock", "text": 5}]},
    "facts are text": {"body": [{"type": "FactSet", "facts": ["a"]}, 7, None]},
    "actions are text": {"actions": ["go"]},
}


@pytest.mark.parametrize("odd", ODD_CARDS.values(), ids=ODD_CARDS.keys())
def test_an_odd_card_has_no_words_but_does_no_harm(odd: dict[str, Any]) -> None:
    """Teams accepts such a card, so the chat has to live with it."""
    assert teams_text(envelope({"type": "AdaptiveCard", **odd})).strip() == ""


def test_links_are_found_in_buttons_and_text() -> None:
    teams = card(
        text_block("see [the \\_guide\\_](https://example.com/g)"),
        actions=[{"type": "Action.OpenUrl", "title": "Decide", "url": "https://example.com/d"}],
    )
    slack = {"blocks": [section("<https://example.com/g?a=1&amp;b=2|*guide*>"), {"elements": [button("Go", url="u")]}]}
    assert links(envelope(teams)) == {"the _guide_": "https://example.com/g", "Decide": "https://example.com/d"}
    assert links(slack) == {"guide": "https://example.com/g?a=1&b=2", "Go": "u"}


@needs_samples
@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.name)
def test_a_design_sample_reads_as_plain_text(file: Any) -> None:
    payload = json.loads(file.read_text())
    text = teams_text(payload) if file.name.endswith(".teams.json") else slack_text(payload)
    assert len(text.splitlines()) > 5
    assert not re.search(r"\*\*|</?at>|<!|\]\(|\{\{|https?://|&amp;|\\", text)
