"""Small messages and the design samples, shared by the tests of the chat."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from local.chat import ChatServer

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = sorted((ROOT.parent / "shared" / "examples" / "chat").glob("*.json"))
needs_samples = pytest.mark.skipif(not SAMPLES, reason="the design samples (../shared/examples/chat) are not here")
HOSTILE = "<img src=x onerror='window.hit=1'><script>window.hit=1</script>[x](javascript:window.hit=1)"


def card(*body: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "AdaptiveCard", "version": "1.2", "body": list(body), **more}


def text_block(text: str) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, "wrap": True}


def envelope(content: dict[str, Any]) -> dict[str, Any]:
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [attachment]}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": text}, **more}


def post_teams(chat: ChatServer, payload: object, channel: str = "ml-platform") -> requests.Response:
    return requests.post(chat.teams_webhook(channel), json=payload, timeout=5)


def post_slack(chat: ChatServer, payload: object, channel: str = "ml-platform") -> requests.Response:
    return requests.post(chat.slack_webhook(channel), json=payload, timeout=5)


def post_samples(chat: ChatServer) -> None:
    """Post every design sample to the webhook it was made for."""
    for file in SAMPLES:
        post = post_teams if file.name.endswith(".teams.json") else post_slack
        post(chat, json.loads(file.read_text())).raise_for_status()
