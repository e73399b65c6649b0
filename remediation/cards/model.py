"""What a message is made of, free of any channel: adapters render a Card as an Adaptive Card or as Block Kit.

All texts are plain: resource names, tags and Azure's errors are hostile until a renderer has escaped them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Tone(StrEnum):
    """The colour of a message."""

    GOOD = "GOOD"
    WARNING = "WARNING"
    INFO = "INFO"
    BAD = "BAD"


@dataclass(frozen=True, slots=True)
class Fact:
    """A short label with its value, which is a link where `url` is set."""

    label: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part: lines of text, or of code when `code`. `folded` parts open on demand where the channel can."""

    title: str
    lines: tuple[str, ...]
    code: bool = False
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Something to open."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Button:
    """Something to decide by a click, where the channel takes clicks: what it does, and the token of the decision's
    link. `question` has to be answered before; `note` stands behind it where there is room."""

    title: str
    action: str
    token: str
    question: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One message. `label` is the small line above the title, `summary` one sentence that stands alone."""

    tone: Tone
    label: str
    title: str
    summary: str
    facts: tuple[Fact, ...] = ()
    sections: tuple[Section, ...] = ()
    links: tuple[Link, ...] = ()
    buttons: tuple[Button, ...] = ()

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Card":
        """The card of its `dataclasses.asdict` form."""
        return cls(
            Tone(data["tone"]),
            data["label"],
            data["title"],
            data["summary"],
            tuple(Fact(**fact) for fact in data["facts"]),
            tuple(Section(**{**section, "lines": tuple(section["lines"])}) for section in data["sections"]),
            tuple(Link(**link) for link in data["links"]),
            tuple(Button(**button) for button in data.get("buttons", ())),
        )
