"""Checks Slack messages: the checks of slack_sdk's block models, and what they miss."""

import re
from collections.abc import Collection
from typing import Any, Final, Literal

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from local.contracts import objects_in, repeated

type SlackMode = Literal["bot", "webhook"]

MAX_BLOCKS: Final = 50
MAX_FIELD: Final = 2_000
MAX_TEXT: Final = 12_000  # Slack refuses messages near 13,200 characters and documents no limit
_ENTITY: Final = re.compile(r"<([^<>]*)>")
_UNESCAPED: Final = re.compile(r"<|(?<!^)>|&(?!(?:amp|lt|gt);)", re.MULTILINE)  # a line may start with > to quote
_INTERACTIVE: Final = re.compile(
    r"actions|input|button|workflow_button|overflow|checkboxes|radio_buttons|.*_select|.*picker|.*_input"
)


def message_problems(payload: dict[str, Any], mode: SlackMode = "bot", *, mentions: Collection[str] = ()) -> list[str]:
    """What is wrong with a message for chat.postMessage (`bot`) or for an incoming webhook (`webhook`).

    `mentions` are the only people, groups and broadcasts that the message may call, as Slack writes them:
    `@U0EXAMPLE`, `!subteam^S0EXAMPLE`.
    """
    blocks = payload.get("blocks", [])
    return [
        *([] if str(payload.get("text", "")).strip() else ["text: is missing, so notifications show nothing"]),
        *(problem for block in blocks for problem in _model_problems(block) or _missed_problems(block)),
        *_total_problems(blocks),
        *_escaping_problems(payload, mentions),
        *(_interactive_problems(blocks) if mode == "webhook" else []),
    ]


def _model_problems(block: dict[str, Any]) -> list[str]:
    """What slack_sdk refuses, and what it silently drops: unknown types become None, unknown keys disappear."""
    try:
        parsed = Block.parse(block)
        understood = None if parsed is None else parsed.to_dict()
    except (SlackObjectFormationError, TypeError, KeyError) as error:
        return [f"blocks: {block.get('type')}: {error}"]
    return [] if understood == block else [f"blocks: {block.get('type')}: not a block that Slack knows: {block}"]


def _missed_problems(block: dict[str, Any]) -> list[str]:
    texts = _text_objects(block)
    fields = [field["text"] for field in block.get("fields", ()) if len(field["text"]) > MAX_FIELD]
    links = [str(item[name]) for item in objects_in(block) for name in ("url", "image_url") if name in item]
    actions = [str(item["action_id"]) for item in objects_in(block) if "action_id" in item]
    plain = [item["text"] for item in objects_in(block) if item.get("type") in ("header", "button")]
    return [
        *("text: is empty" for text in texts if not text["text"].strip()),
        *("text: headers and buttons take plain_text only" for text in plain if text["type"] != "plain_text"),
        *(f"fields: a field has {len(field)} characters, more than {MAX_FIELD}" for field in fields),
        *(f"url: not https: {link}" for link in links if not link.startswith("https://")),
        *(f"action_id: {name!r} occurs more than once in a block" for name in repeated(actions)),
    ]


def _total_problems(blocks: list[dict[str, Any]]) -> list[str]:
    length = sum(len(str(item.get("text"))) for item in _text_objects(blocks))
    ids = repeated([str(block["block_id"]) for block in blocks if "block_id" in block])
    return [
        *([f"blocks: {len(blocks)}, more than {MAX_BLOCKS}"] if len(blocks) > MAX_BLOCKS else []),
        *([f"blocks: {length} characters of text, more than {MAX_TEXT}"] if length > MAX_TEXT else []),
        *(f"block_id: {name!r} occurs more than once" for name in ids),
    ]


def _escaping_problems(payload: dict[str, Any], mentions: Collection[str]) -> list[str]:
    texts = [str(payload.get("text", ""))]
    texts += [str(item.get("text")) for item in objects_in(payload.get("blocks")) if item.get("type") == "mrkdwn"]
    entities = [entity for text in texts for entity in _ENTITY.findall(text)]
    return [
        *(f"text: <{entity}> is not allowed" for entity in entities if not _is_allowed(entity, mentions)),
        *(f"text: & < > must be escaped: {text!r}" for text in texts if _UNESCAPED.search(_ENTITY.sub("", text))),
    ]


def _is_allowed(entity: str, mentions: Collection[str]) -> bool:
    """Links lead to https, or to an app on this machine."""
    target = entity.partition("|")[0]
    return target.startswith(("https://", "http://127.0.0.1:", "!date^")) or target in mentions


def _interactive_problems(blocks: list[dict[str, Any]]) -> list[str]:
    kinds = [str(item.get("type")) for item in objects_in(blocks)]
    return [f"blocks: {kind} needs an app; a webhook has none" for kind in kinds if _INTERACTIVE.fullmatch(kind)]


def _text_objects(blocks: Any) -> list[dict[str, Any]]:
    return [item for item in objects_in(blocks) if item.get("type") in ("mrkdwn", "plain_text")]
