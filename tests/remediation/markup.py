"""What a channel would make of the texts of a message: links, mentions, markdown."""

import html
import re
from collections.abc import Iterator
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from local.contracts import objects_in
from remediation.adapters import slack, teams
from remediation.cards import Card

SLACK_LINK = re.compile(r"<([^<>|]+)\|[^<>]*>")
MARKDOWN = MarkdownIt("commonmark").enable("strikethrough").disable("code")
"""Indented lines are code to CommonMark, and not to Adaptive Cards."""
PLAIN_TOKENS = {"paragraph_open", "paragraph_close", "inline", "text", "text_special", "softbreak", "hardbreak"}
LINK_TOKENS = {"link_open", "link_close"}


def slack_texts(card: Card) -> list[str]:
    """Every text of the rendered card that Slack reads as mrkdwn."""
    message = slack.render(card)
    marked = (item["text"] for item in objects_in(message["blocks"]) if item.get("type") == "mrkdwn")
    return [message["text"], *marked]


def alive_in_slack(card: Card) -> list[str]:
    """What Slack would take for a link or a mention, and is no link of the card's own."""
    own = {fact.url for fact in card.facts} | {link.url for link in card.links}
    texts = slack_texts(card)
    links = [html.unescape(url) for text in texts for url in SLACK_LINK.findall(text)]
    return [url for url in links if url not in own] + [
        text for text in texts if re.search("[<>]", SLACK_LINK.sub("", text))
    ]


def teams_content(card: Card) -> dict[str, Any]:
    """The Adaptive Card in the envelope."""
    content: dict[str, Any] = teams.render(card)["attachments"][0]["content"]
    return content


def teams_texts(card: Card) -> list[str]:
    """Every text of the rendered card that Teams reads as markdown."""
    found = list(objects_in(teams_content(card)["body"]))
    return [item["text"] for item in found if "text" in item] + [item["value"] for item in found if "value" in item]


def tokens(text: str) -> Iterator[Token]:
    """What markdown makes of a text."""
    for token in MARKDOWN.parse(text):
        yield from (token, *(token.children or ()))


def alive_in_teams(card: Card) -> list[str]:
    """What Teams would take for markup, and is no link of the card's own."""
    own, found = {fact.url for fact in card.facts}, [token for text in teams_texts(card) for token in tokens(text)]
    links = [str(token.attrs["href"]) for token in found if token.type == "link_open"]
    marks = [f"{token.type}: {token.content}" for token in found if token.type not in PLAIN_TOKENS | LINK_TOKENS]
    return [url for url in links if url not in own] + marks
