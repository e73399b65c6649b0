"""The words of a message without its markup: for summaries in a terminal and for tests.

Reading order, one line per text block, fact, field or row of buttons. Hidden parts are included; buttons stand in [ ].
"""

import html
import re
from collections.abc import Iterator
from typing import Any

from local.chat.envelopes import Json, elements_of

MARKDOWN_LINK = re.compile(r"\[((?:\\.|[^\]\\])+)\]\((\S+?)\)")
SLACK_LINK = re.compile(r"<(https?://[^|>]+)\|([^>]+)>")


def teams_text(payload: Json) -> str:
    """The words of every card in a Workflows envelope."""
    cards = (attachment["content"] for attachment in payload["attachments"])
    return "\n".join(line for card in cards for line in _card_lines(card))


def slack_text(payload: Json) -> str:
    """The words of a Slack message's blocks, or its top-level text when it has no blocks."""
    if blocks := payload.get("blocks"):
        return "\n".join(line for block in blocks for line in _block_lines(block))
    return _plain_mrkdwn(payload["text"])


def links(payload: object) -> dict[str, str]:
    """Where the message's buttons and text links lead: label → URL. The first of two equal labels wins."""
    found: dict[str, str] = {}
    for label, url in _labelled_urls(payload):
        found.setdefault(label, url)
    return found


def _card_lines(node: Any) -> Iterator[str]:
    """Teams accepts a card before it looks inside, so nothing about the parts of `node` is certain."""
    match node:
        case {"type": "TextBlock", "text": text}:
            yield _plain_markdown(text)
        case {"type": "FactSet", "facts": list(facts)}:
            yield from (_fact_line(fact) for fact in facts if isinstance(fact, dict))
        case {"items": list(children)} | {"columns": list(children)} | {"body": list(children)}:
            for child in children:
                yield from _card_lines(child)
        case _:
            pass
    match node:
        case {"actions": [_, *_] as actions}:
            yield " ".join(f"[{action.get('title')}]" for action in actions if isinstance(action, dict))
        case _:
            pass


def _fact_line(fact: Json) -> str:
    return f"{_plain_markdown(fact.get('title'))}: {_plain_markdown(fact.get('value'))}"


def _block_lines(block: Json) -> Iterator[str]:
    match block:
        case {"type": "markdown", "text": text}:
            yield _plain_markdown(text)
        case {"type": "header" | "section", "text": text}:
            yield _text_object(text)
        case _:
            pass
    for field in block.get("fields", []) if block["type"] == "section" else []:
        yield ": ".join(_text_object(field).split("\n", 1))
    if elements := elements_of(block):
        yield " ".join(_element_text(element) for element in elements)


def _element_text(element: Json) -> str:
    match element:
        case {"type": "mrkdwn" | "plain_text"}:
            return _text_object(element)
        case {"text": {"text": label}} | {"placeholder": {"text": label}}:
            return f"[{label}]"
        case _:
            return f"[{element['type']}]"


def _text_object(text: Json) -> str:
    return _plain_mrkdwn(text["text"]) if text["type"] == "mrkdwn" else str(text["text"])


def _plain_markdown(value: object) -> str:
    text = value if isinstance(value, str) else ""
    text = re.sub(r"\{\{DATE\((\d{4}-\d\d-\d\d)T[^}]*\)\}\}", r"\1", text)
    text = re.sub(r"\{\{TIME\([^T}]*T(\d\d:\d\d)[^}]*\)\}\}", r"\1 UTC", text)
    text = re.sub(r"<at>(.*?)</at>", r"@\1", text)
    text = MARKDOWN_LINK.sub(r"\1", text)
    text = re.sub(r"(?<!\\)\*\*(.+?)(?<!\\)\*\*", r"\1", text)
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)


def _plain_mrkdwn(text: str) -> str:
    text = re.sub(r"<!date\^[^|>]*\|([^>]*)>", r"\1", text)
    text = re.sub(r"<!(?:subteam\^)?([^|>]+)(?:\|[^>]*)?>", r"@\1", text)
    text = re.sub(r"<@([^|>]+)(?:\|[^>]*)?>", r"@\1", text)
    text = SLACK_LINK.sub(r"\2", text)
    text = re.sub(r"<(https?://[^>]+)>", r"\1", text)
    text = re.sub(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])", r"\1", text)
    return html.unescape(text.replace("```", "").replace("`", ""))


def _labelled_urls(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield from ((_plain_markdown(label), url) for label, url in MARKDOWN_LINK.findall(node))
        yield from ((_plain_mrkdwn(label), html.unescape(url)) for url, label in SLACK_LINK.findall(node))
        return
    if isinstance(node, dict) and isinstance(node.get("url"), str):
        yield _button_label(node), node["url"]
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from _labelled_urls(child)


def _button_label(button: Json) -> str:
    match button:
        case {"text": {"text": label}} | {"title": label}:
            return str(label)
        case _:
            return ""
