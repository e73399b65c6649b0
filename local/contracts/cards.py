"""Checks Teams messages: the official Adaptive Card schemas, and what Teams webhooks need beyond them."""

import json
import re
from functools import cache
from typing import Any, Final, Literal

from jsonschema_rs import Draft202012Validator, Validator, validator_for

from local.contracts import SPECS, TEXT, closed, objects_in, repeated, schema_problems

type CardVersion = Literal["1.2", "1.5"]

MAX_BYTES: Final = 20 * 1024  # Teams refuses 28 KB of its own, longer rendering of the message
_SCHEMAS: Final = {"1.2": "schema-1.2.1.json", "1.5": "schema-1.5.0.json"}
_ACTIONS: Final = frozenset({"Action.OpenUrl", "Action.ToggleVisibility"})  # webhook cards support no others
_LINKS: Final = ("https://", "http://127.0.0.1:")  # or an app on this machine
_MARKDOWN_LINK: Final = re.compile(r"\]\(([^)]*)\)")
_MENTION: Final = closed(
    "type",
    "text",
    "mentioned",
    type={"const": "mention"},
    text={"type": "string", "pattern": "^<at>[^<>]+</at>$"},
    mentioned=closed("id", "name", id=TEXT, name=TEXT),
)
_MSTEAMS: Final = Draft202012Validator(
    closed(width={"const": "Full"}, entities={"type": "array", "items": _MENTION}),
)
_ATTACHMENT: Final = closed(
    "contentType",
    "content",
    contentType={"const": "application/vnd.microsoft.card.adaptive"},
    contentUrl={"type": "null"},
    content={"type": "object"},
)
_ENVELOPE: Final = Draft202012Validator(
    closed(
        "type",
        "attachments",
        type={"const": "message"},
        attachments={"type": "array", "minItems": 1, "maxItems": 1, "items": _ATTACHMENT},
    )
)


def envelope_problems(message: dict[str, Any], version: CardVersion = "1.2") -> list[str]:
    """What is wrong with the body posted to a Teams Workflows webhook, its card included.

    Raises FileNotFoundError where the published schemas are absent.
    """
    if problems := [str(problem) for problem in schema_problems(_ENVELOPE, message, "message")]:
        return problems
    return card_problems(message["attachments"][0]["content"], version)


def card_problems(card: dict[str, Any], version: CardVersion = "1.2") -> list[str]:
    """What is wrong with a card, by the official schema of `version` and by `teams_problems`.

    Raises FileNotFoundError where the published schemas are absent.
    """
    bare = {name: value for name, value in card.items() if name != "msteams"}  # the official schemas refuse the key
    found = [str(problem) for problem in schema_problems(_official(version), bare, "card")]
    if not "1.0" <= str(card.get("version", "")) <= version:
        found.append(f"card/version: is not 1.0 to {version}")
    return found + teams_problems(card)


def teams_problems(card: dict[str, Any]) -> list[str]:
    """What Teams would refuse or show badly though the official schema allows it. Needs no published schema."""
    return [
        *_size_problems(card),
        *(problem for item in objects_in(card) for problem in _item_problems(item)),
        *_link_problems(card),
        *_visibility_problems(card),
        *_msteams_problems(card),
        *([] if card.get("fallbackText") else ["card/fallbackText: is missing"]),
    ]


@cache
def _official(version: CardVersion) -> Validator:
    file = SPECS / "adaptive-cards" / _SCHEMAS[version]
    return validator_for(json.loads(file.read_text(encoding="utf-8")))


def _size_problems(card: dict[str, Any]) -> list[str]:
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    message = {"type": "message", "attachments": [attachment]}
    size = len(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode())
    return [f"card: the message has {size} bytes, more than {MAX_BYTES}"] if size > MAX_BYTES else []


def _item_problems(item: dict[str, Any]) -> list[str]:
    kind = str(item.get("type", ""))
    if kind.startswith("Action.") and kind not in _ACTIONS:
        return [f"card: {kind} does not work in a webhook card"]
    if kind == "TextBlock" and item.get("wrap") is not True:
        return [f"card: a TextBlock does not wrap: {item.get('text')!r}"]
    return []


def _link_problems(card: dict[str, Any]) -> list[str]:
    urls = [str(item["url"]) for item in objects_in(card) if "url" in item]
    links = [link for text in _texts(card) for link in _MARKDOWN_LINK.findall(text)]
    return [f"card: not an https link: {link}" for link in (*urls, *links) if not link.startswith(_LINKS)]


def _visibility_problems(card: dict[str, Any]) -> list[str]:
    ids = [str(item["id"]) for item in objects_in(card.get("body")) if "id" in item]
    targets = [target for item in objects_in(card) for target in item.get("targetElements", ())]
    wanted = [target["elementId"] if isinstance(target, dict) else target for target in targets]
    return [
        *(f"card: id {name!r} occurs more than once" for name in repeated(ids)),
        *(f"card: no element has the id {name!r} that an action toggles" for name in wanted if name not in ids),
    ]


def _msteams_problems(card: dict[str, Any]) -> list[str]:
    msteams = card.get("msteams", {})
    if problems := [str(problem) for problem in schema_problems(_MSTEAMS, msteams, "card/msteams")]:
        return problems
    shown = "\n".join(_texts(card.get("body")))
    mentions = [entity["text"] for entity in msteams.get("entities", ())]
    unmentioned = set(re.findall(r"<at>.*?</at>", shown)) - set(mentions)
    return [
        *(f"card/msteams: {mention} is not in the body" for mention in mentions if mention not in shown),
        *(f"card: {mention} has no entity in msteams" for mention in sorted(unmentioned)),
    ]


def _texts(card: Any) -> list[str]:
    """Every string a reader sees: texts, and the titles and values of facts and actions."""
    return [str(item[name]) for item in objects_in(card) for name in ("text", "title", "value") if name in item]
