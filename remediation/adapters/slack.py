"""Slack: a Card as Block Kit, and the incoming webhook that takes it.

A webhook message cannot be updated and its buttons cannot be acknowledged, so links are text.
Source: https://docs.slack.dev/reference/block-kit/blocks
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, override

import requests

from remediation.adapters.webhook import Webhook, post, reason
from remediation.cards import Card, Fact, Link, Section, Tone
from remediation.ports import ChatRefused

HOSTS: Final = ("hooks.slack.com", "hooks.slack-gov.com")
SIGNS: Final = {Tone.GOOD: "🟢", Tone.WARNING: "🟠", Tone.INFO: "🔵", Tone.BAD: "🔴"}
LONGEST_HEADER: Final = 150
LONGEST_TEXT: Final = 1000
LONGEST_FIELD: Final = 120
MOST_FIELDS: Final = 10
MOST_BLOCKS: Final = 50
MOST_TEXT: Final = 9_000
"""Of all sections: Slack takes 12,000 characters, with those of fields."""

type Json = dict[str, Any]


class SlackWebhook(Webhook):
    """The port `Chat` for one incoming webhook."""

    def __init__(self, session: requests.Session, url: str) -> None:
        self._session, self._url = session, url

    @override
    def post(self, card: Card, thread: str = "") -> str:
        """Post one message. Slack answers `ok`, or 200 with another word when it did not take it."""
        answer = post(self._session, self._url, render(card)).strip()
        if answer != "ok":
            raise ChatRefused(f"Slack answered {reason(answer)}")
        return ""


def render(card: Card, actions: Sequence[Json] = ()) -> Json:
    """The message: every text is escaped and within Slack's limits, with as much of the card as Slack takes; title,
    facts and links always. `actions` are blocks that stand before the links."""
    shown = tuple(part for part in card.sections if not part.folded)
    smaller = (card, replace(card, sections=shown))
    fitting = (blocks for each in smaller if _fits(blocks := _blocks(each, actions)))
    return {
        "text": _plain(f"{card.title}. {card.summary}"),
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": next(fitting, _blocks(replace(card, sections=()), actions)),
    }


def _blocks(card: Card, actions: Sequence[Json]) -> list[Json]:
    return [
        _header(card),
        {"type": "context", "elements": [_mrkdwn(_plain(card.label))]},
        _section(_plain(card.summary)),
        *_facts(card.facts),
        *(block for section in card.sections for block in _part(section)),
        *actions,
        *_links(card.links),
    ]


def _fits(blocks: Sequence[Json]) -> bool:
    """Whether Slack takes so many blocks with so much text."""
    texts = (block["text"]["text"] for block in blocks if "text" in block)
    return len(blocks) <= MOST_BLOCKS and sum(map(len, texts)) <= MOST_TEXT


def _header(card: Card) -> Json:
    text = f"{SIGNS[card.tone]} {card.title}"
    text = text if len(text) <= LONGEST_HEADER else f"{text[: LONGEST_HEADER - 2]} …"
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": True}}


def _facts(facts: Sequence[Fact]) -> list[Json]:
    """Short facts stand two in a row, in fields; a long one gets the whole width."""
    short = [fact for fact in facts if len(fact.text) <= LONGEST_FIELD]
    rows = [short[start : start + MOST_FIELDS] for start in range(0, len(short), MOST_FIELDS)]
    fields: list[Json] = [{"type": "section", "fields": [_mrkdwn(_fact(fact)) for fact in row]} for row in rows]
    return fields + [_section(_fact(fact)) for fact in facts if len(fact.text) > LONGEST_FIELD]


def _fact(fact: Fact) -> str:
    text = _link(Link(fact.text, fact.url)) if fact.url else _plain(fact.text)
    return f"*{escape(fact.label)}*\n{text}"


def _part(section: Section) -> list[Json]:
    """As many blocks as its lines need: of steps to take, none may be cut away."""
    bodies = [f"```{_code(text)}```" if section.code else _plain(text) for text in _together(section.lines)]
    return [_section(body) for body in (f"*{escape(section.title)}*\n{bodies[0]}", *bodies[1:])]


def _together(lines: Sequence[str]) -> list[str]:
    """The lines, joined as long as they stay within what one block shows."""
    texts = [*lines[:1]] or [""]
    for line in lines[1:]:
        longer = f"{texts[-1]}\n{line}"
        if len(escape(longer)) <= LONGEST_TEXT:
            texts[-1] = longer
        else:
            texts.append(line)
    return texts


def _links(links: Sequence[Link]) -> list[Json]:
    return [_section("   ·   ".join(_link(link) for link in links))] if links else []


def _link(link: Link) -> str:
    title = " ".join(link.title.split()).replace("|", "¦")  # a line break would end the link, a bar its title
    return f"<{escape(link.url)}|{_plain(title)}>"


def _section(text: str) -> Json:
    return {"type": "section", "text": _mrkdwn(text)}


def _mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _code(text: str) -> str:
    return _plain(text.replace("```", "'''"))


def escape(text: str) -> str:
    """Plain text for mrkdwn: the three characters Slack names, which also disarms mentions and links."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str) -> str:
    """Escaped, and cut where it has grown too long for Slack: never within an escaped character."""
    escaped = escape(text)
    if len(escaped) <= LONGEST_TEXT:
        return escaped
    return re.sub(r"&[a-z]*$", "", escaped[: LONGEST_TEXT - 2]) + " …"
