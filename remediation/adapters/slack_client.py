"""Calls of Slack's Web API by slack_sdk, over the connections of our own session.

Slack answers 200 with `ok: false` and a word for what it refuses.
Source: https://docs.slack.dev/reference/methods/chat.postMessage and chat.update
"""

import json
import logging
from collections.abc import Mapping
from typing import Any, Final
from urllib.request import Request

import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from remediation.adapters.webhook import reason, send
from remediation.ports import ChatGone, ChatRefused, ChatUnavailable

AGAIN: Final = frozenset(
    {"fatal_error", "internal_error", "rate_limited", "ratelimited", "request_timeout", "service_unavailable"}
)
"""What is no fault of the call. Slack mostly says so by its status, which `send` knows."""
GONE: Final = frozenset({"cannot_reply_to_message", "message_not_found", "thread_not_found"})
FIXES: Final = {
    "account_inactive": "install the Slack app again, and set its new token",
    "channel_not_found": "set the id of a channel that the Slack app was invited to",
    "invalid_auth": "copy the bot token of the Slack app again",
    "is_archived": "set the id of a channel that is not archived",
    "missing_scope": "give the Slack app the scope chat:write, and install it again",
    "not_in_channel": "invite the Slack app to the channel",
    "token_revoked": "install the Slack app again, and set its new token",
}

SILENT: Final = logging.getLogger(f"{__name__}.silent")
SILENT.setLevel(logging.CRITICAL)
"""The SDK logs whole calls, with the tokens of decisions in them; what fails is logged by who called."""


class SlackClient(WebClient):
    """One bot. The SDK's own transport would follow redirects with the token, and open a connection for each call."""

    def __init__(self, session: requests.Session, api: str, token: str) -> None:
        super().__init__(token, api, logger=SILENT, retry_handlers=[])
        self._session = session

    def call(self, method: str, payload: Mapping[str, Any]) -> SlackResponse:
        """The answer to one call. Raises ChatUnavailable, ChatRefused, and ChatGone where a message is not there any
        more; none holds anything of the call."""
        try:
            return self.api_call(method, json=dict(payload))
        except SlackApiError as error:
            raise _refusal(reason(str(error.response["error"]))) from None

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        body = req.data if isinstance(req.data, bytes) else b""
        text = send(self._session, url, body, dict(req.header_items()))
        return {"status": 200, "headers": {}, "body": text if _is_answer(text) else '{"error": "no answer"}'}


def _is_answer(text: str) -> bool:
    """Whether the SDK can read it: it trusts that Slack sends an object, with a word where it refuses."""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(answer, dict) and (answer.get("ok") is True or isinstance(answer.get("error"), str))


def _refusal(word: str) -> ChatRefused | ChatUnavailable:
    if word in AGAIN:
        return ChatUnavailable(f"Slack answered {word}")
    said = f"Slack answered {word}: {FIXES[word]}" if word in FIXES else f"Slack answered {word}"
    return ChatGone(said) if word in GONE else ChatRefused(said)
