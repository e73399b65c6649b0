"""One POST to a chat. A webhook's URL is a secret, as a token is: neither reaches a log, an exception or a message."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, override
from urllib.parse import urlsplit

import requests

from remediation.adapters.waiting import retry_after
from remediation.cards import Card
from remediation.ports import Chat, ChatRefused, ChatUnavailable

TIMEOUT: Final = (5, 20)
PLAIN_WORD: Final = re.compile(r"[a-z_]{1,40}")
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})


class Webhook(Chat):
    """What the channels behind webhooks have in common: no threads, and no updates."""

    threads = False

    @override
    def update(self, reference: str, card: Card) -> None:
        raise ChatRefused("a message of a webhook cannot be updated")


def check_url(url: str, allowed: tuple[str, ...]) -> str:
    """Why a webhook URL is not acceptable, empty when it is. `allowed` are hosts, or suffixes beginning with a dot."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "it is not a URL of the form https://host/path"
    host = (parts.hostname or "").lower()
    if parts.username or not host:
        return "it is not a URL of the form https://host/path"
    if not any(host == entry or (entry.startswith(".") and host.endswith(entry)) for entry in allowed):
        return f"the host {host} is not one of {', '.join(allowed)}"
    if parts.scheme != "https" and host not in LOOPBACK:
        return "it does not begin with https://"
    return ""


def post(session: requests.Session, url: str, payload: Mapping[str, Any]) -> str:
    """POST compact UTF-8 JSON and return the answer's text. Redirects are refused: they would lose the message.

    Raises ChatUnavailable where trying again makes sense, ChatRefused where it does not.
    """
    data = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    return send(session, url, data, {"Content-Type": "application/json"})


def send(session: requests.Session, url: str, data: bytes, headers: Mapping[str, str]) -> str:
    """POST as it is, else as `post`."""
    try:
        response = session.post(url, data=data, headers=headers, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        raise ChatUnavailable(f"no answer ({type(error).__name__})") from None  # the error's text holds the URL
    if response.status_code == 429 or response.status_code == 408 or response.status_code >= 500:
        raise ChatUnavailable(f"the channel answered {response.status_code}", retry_after(response.headers))
    if not 200 <= response.status_code < 300:
        raise ChatRefused(f"the channel answered {response.status_code}: {reason(response.text)}")
    return response.text


def reason(text: str) -> str:
    """An answer's error word, such as Slack's invalid_blocks. Anything else may repeat the URL and is not shown."""
    return text.strip() if PLAIN_WORD.fullmatch(text.strip()) else "(no plain reason)"
