"""What Teams' Workflows webhook, Slack's incoming webhook and Slack's Web API accept, and how they refuse the rest.

Only the parts of Block Kit that our messages need are known here; Slack itself knows more block types.
"""

from collections.abc import Iterator
from typing import Any, Literal

type Json = dict[str, Any]
type SlackFault = Literal["invalid_payload", "no_text", "invalid_blocks"]

ADAPTIVE_CARD = "application/vnd.microsoft.card.adaptive"
TEAMS_LIMIT_BYTES = 28 * 1024

# Slack's published limits, in characters or elements.
MAX_BLOCKS = 50
SECTION_TEXT = 3000
FIELD_TEXT = 2000
MAX_FIELDS = 10
HEADER_TEXT = 150
CONTEXT_ELEMENTS = 10
ACTION_ELEMENTS = 25
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
BUTTON_URL = 3000
MARKDOWN_TEXT = 12_000
ID = 255
CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30
ALL_TEXT = 13_200
"""Of all blocks of a message: a limit that Slack's Web API has and does not document."""


def teams_fault(payload: object) -> str | None:
    """Why the Workflows webhook would refuse this envelope, or None when it is accepted."""
    if not isinstance(payload, dict) or payload.get("type") != "message":
        return 'the body must be an object with "type": "message"'
    attachments = payload.get("attachments")
    if not isinstance(attachments, list) or not attachments:
        return "the message has no attachments"
    if not all(_is_adaptive_card(attachment) for attachment in attachments):
        return f"every attachment must be {ADAPTIVE_CARD} with an AdaptiveCard as content"
    return None


def slack_fault(payload: object) -> SlackFault | None:
    """The error word with which the incoming webhook would refuse this message, or None when it is accepted."""
    if not isinstance(payload, dict):
        return "invalid_payload"
    text, blocks = payload.get("text"), payload.get("blocks")
    if not text and not blocks:
        return "no_text"
    if text is not None and not isinstance(text, str):
        return "invalid_payload"
    return None if blocks is None or _blocks_are_valid(blocks) else "invalid_blocks"


def api_fault(call: Json) -> str | None:
    """The error word with which chat.postMessage and chat.update would refuse a message, or None."""
    fault = slack_fault(call)
    if fault is None and sum(_lengths(call.get("blocks"))) > ALL_TEXT:
        return "msg_blocks_too_long"
    return "no_text" if fault == "invalid_payload" else fault


def elements_of(block: Json) -> list[Any]:
    """The elements of a valid context or actions block, or the accessory of a section."""
    match block:
        case {"type": "context" | "actions", "elements": list(elements)}:
            return elements
        case {"type": "section", "accessory": accessory}:
            return [accessory]
        case _:
            return []


def _is_adaptive_card(attachment: object) -> bool:
    if not isinstance(attachment, dict) or attachment.get("contentType") != ADAPTIVE_CARD:
        return False
    content = attachment.get("content")
    return isinstance(content, dict) and content.get("type") == "AdaptiveCard"


def _blocks_are_valid(blocks: object) -> bool:
    if not isinstance(blocks, list) or len(blocks) > MAX_BLOCKS:
        return False
    return all(_block_is_valid(block) for block in blocks) and not _ids_repeat(blocks)


def _block_is_valid(block: Any) -> bool:
    match block:
        case {"type": "header", "text": {"type": "plain_text", "text": text}}:
            return _fits(text, HEADER_TEXT)
        case {"type": "section"}:
            return _section_is_valid(block)
        case {"type": "context", "elements": [_, *_] as elements}:
            return len(elements) <= CONTEXT_ELEMENTS and all(_is_text(each, SECTION_TEXT) for each in elements)
        case {"type": "actions", "elements": [_, *_] as elements}:
            return len(elements) <= ACTION_ELEMENTS and all(_element_is_valid(each) for each in elements)
        case {"type": "markdown", "text": text}:
            return _fits(text, MARKDOWN_TEXT)
        case {"type": "divider"}:
            return True
        case _:
            return False


def _section_is_valid(block: Json) -> bool:
    return (
        ("text" in block or "fields" in block)
        and ("text" not in block or _is_text(block["text"], SECTION_TEXT))
        and ("fields" not in block or _fields_are_valid(block["fields"]))
        and ("accessory" not in block or _element_is_valid(block["accessory"]))
    )


def _fields_are_valid(fields: object) -> bool:
    if not isinstance(fields, list) or not 0 < len(fields) <= MAX_FIELDS:
        return False
    return all(_is_text(field, FIELD_TEXT) for field in fields)


def _element_is_valid(element: Any) -> bool:
    match element:
        case {"type": "button", "text": {"type": "plain_text", "text": text}}:
            return (
                _fits(text, BUTTON_TEXT)
                and _fits(element.get("value", "-"), BUTTON_VALUE)
                and _is_web_address(element.get("url", "https://-"))
                and _fits(element.get("action_id", "-"), ID)
                and element.get("style") in (None, "primary", "danger")
                and ("confirm" not in element or _confirm_is_valid(element["confirm"]))
            )
        case {"type": "static_select", "options": [_, *_]}:
            return True
        case _:
            return False


def _confirm_is_valid(dialog: Any) -> bool:
    match dialog:
        case {
            "title": {"type": "plain_text", "text": title},
            "text": text,
            "confirm": {"type": "plain_text", "text": confirm},
            "deny": {"type": "plain_text", "text": deny},
        }:
            return (
                _fits(title, CONFIRM_TITLE)
                and _is_text(text, CONFIRM_TEXT)
                and _fits(confirm, CONFIRM_BUTTON)
                and _fits(deny, CONFIRM_BUTTON)
                and dialog.get("style") in (None, "primary", "danger")
            )
        case _:
            return False


def _is_text(text: object, limit: int) -> bool:
    match text:
        case {"type": "mrkdwn" | "plain_text", "text": value}:
            return _fits(value, limit)
        case _:
            return False


def _fits(text: object, limit: int) -> bool:
    return isinstance(text, str) and 0 < len(text) <= limit


def _lengths(node: object) -> Iterator[int]:
    """The lengths of the texts in valid blocks."""
    if isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield len(node["text"])
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from _lengths(child)


def _is_web_address(url: object) -> bool:
    return isinstance(url, str) and url.startswith(("https://", "http://")) and len(url) <= BUTTON_URL


def _ids_repeat(blocks: list[Json]) -> bool:
    block_ids = [block["block_id"] for block in blocks if "block_id" in block]
    return _repeats(block_ids) or any(_repeats(list(_action_ids(block))) for block in blocks)


def _action_ids(block: Json) -> Iterator[object]:
    return (element["action_id"] for element in elements_of(block) if "action_id" in element)


def _repeats(ids: list[object]) -> bool:
    return len({str(each) for each in ids}) < len(ids)
