"""Microsoft Teams: a Card as an Adaptive Card in the envelope of a Workflows webhook.

Built to version 1.2, which Teams on a phone still is; nothing but OpenUrl and ToggleVisibility acts on webhook cards.
Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, override

import requests

from remediation.adapters.webhook import Webhook, post
from remediation.cards import Card, Fact, Section, Tone

HOSTS: Final = (".environment.api.powerplatform.com",)
MOST_BYTES: Final = 20_000
"""Teams refuses 28 KB of its own, larger serialisation, and says so only in the flow's run history."""
LONGEST_TEXT: Final = 1000
STYLES: Final = {Tone.GOOD: "good", Tone.WARNING: "warning", Tone.INFO: "accent", Tone.BAD: "attention"}
MARKDOWN: Final = re.compile(r"([\\`*_~\[\]<>#|])")
LINE_END: Final = re.compile(r"\r\n?")
"""What ends a line to markdown as well."""
LINE_MARK: Final = re.compile(r"^(\s*\d*)([-+=.)])(?=[\s=-]|$)", re.MULTILINE)
"""What makes a line an item of a list, a rule or the line under a heading."""

type Json = dict[str, Any]


class Teams(Webhook):
    """The port `Chat` for one Workflows webhook. A 2xx means that the flow took the message, no more."""

    def __init__(self, session: requests.Session, url: str) -> None:
        self._session, self._url = session, url

    @override
    def post(self, card: Card, thread: str = "") -> str:
        """Post one message."""
        post(self._session, self._url, render(card))
        return ""


def render(card: Card) -> Json:
    """The message for a Workflows webhook, with as much of the card as Teams takes; title and links always."""
    shown = tuple(part for part in card.sections if not part.folded)
    smaller = (card, replace(card, sections=shown), replace(card, sections=()))
    fitting = (envelope for each in smaller if _size(envelope := _envelope(each)) <= MOST_BYTES)
    return next(fitting, _envelope(replace(card, sections=(), facts=())))


def _size(envelope: Json) -> int:
    return len(json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode())


def _envelope(card: Card) -> Json:
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "fallbackText": _clip(f"{card.title}. {card.summary}"),
        "msteams": {"width": "Full"},
        "body": [_title(card), _text(card.summary), *_facts(card.facts), *_sections(card.sections)],
        "actions": _actions(card),
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": content,
    }
    return {"type": "message", "attachments": [attachment]}


def _title(card: Card) -> Json:
    label = _text(card.label, size="Small", weight="Bolder", isSubtle=True, spacing="None")
    title = _text(card.title, size="Large", weight="Bolder", spacing="Small")
    return {"type": "Container", "style": STYLES[card.tone], "bleed": True, "items": [label, title]}


def _facts(facts: Sequence[Fact]) -> list[Json]:
    if not facts:
        return []
    return [{"type": "FactSet", "facts": [{"title": fact.label, "value": _value(fact)} for fact in facts]}]


def _value(fact: Fact) -> str:
    return f"[{escape(_clip(fact.text))}]({fact.url})" if fact.url else escape(_clip(fact.text))


def _sections(sections: Sequence[Section]) -> list[Json]:
    return [
        block
        for number, section in enumerate(sections)
        for block in (_folded(section, number) if section.folded else _open(section))
    ]


def _open(section: Section) -> list[Json]:
    return [_text(section.title, weight="Bolder", spacing="Medium"), *_lines(section)]


def _folded(section: Section, number: int) -> list[Json]:
    items = [_text(section.title, weight="Bolder"), *_lines(section)]
    return [
        {"type": "Container", "id": f"part{number}", "isVisible": False, "style": "emphasis", "items": items},
    ]


def _lines(section: Section) -> list[Json]:
    look = {"fontType": "Monospace", "size": "Small"} if section.code else {}
    return [_text(line, spacing="Small", **look) for line in section.lines]


def _actions(card: Card) -> list[Json]:
    opens = [{"type": "Action.OpenUrl", "title": link.title, "url": link.url} for link in card.links]
    toggles = [
        {"type": "Action.ToggleVisibility", "title": section.title, "targetElements": [f"part{number}"]}
        for number, section in enumerate(card.sections)
        if section.folded
    ]
    return [*opens, *toggles]


def _text(text: str, **look: Any) -> Json:
    return {"type": "TextBlock", "text": escape(_clip(text)), "wrap": True, **look}


def escape(text: str) -> str:
    """Plain text for an Adaptive Card: nothing in it is markdown."""
    return LINE_MARK.sub(r"\1\\\2", MARKDOWN.sub(r"\\\1", LINE_END.sub("\n", text)))


def _clip(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]} …"
