"""Slack's Web API, as far as a bot's messages need it: chat.postMessage and chat.update, with how they refuse.

One bot is known here by its token, and the channels that it was invited to by their ids. What a webhook has posted is
somebody else's.
Source: https://docs.slack.dev/reference/methods/chat.postMessage and chat.update
"""

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from local.chat.envelopes import Json, api_fault
from local.chat.inbox import Failure, Inbox, Message

TOKEN: Final = "-".join(("xoxb", "local", "bot"))
CHANNEL: Final = "C0LOCALBOT1"
CHANNELS: Final[Mapping[str, str]] = {CHANNEL: "ml-platform", "C0LOCALBOT2": "ml-platform-test"}
"""Their names, by id."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Slack answers. `hangs_up`: it does not, and closes the connection."""

    body: Json
    status: int = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs_up: bool = False


class Refusal(Exception):
    """Slack answers with this error word."""


def answer(inbox: Inbox, method: str, authorization: str, body: bytes) -> Answer:
    """Do what a request asks for, unless the inbox is told to let it fail."""
    failure = inbox.next_failure("slack")
    if failure is not None and not (failure.lost or failure.hangs_up):
        return _failed(failure)
    try:
        act, call = _understood(method, authorization, body)
        if failure is not None:
            inbox.meet(failure, call)
        if failure is not None and failure.lost:
            done: Json = {"channel": call["channel"], "ts": "0.000000", "message": {}}
        else:
            done = act(inbox, call)
    except Refusal as refusal:
        return Answer({"ok": False, "error": str(refusal)})
    return Answer({"ok": True, **done}, hangs_up=failure is not None and failure.hangs_up)


def _failed(failure: Failure) -> Answer:
    if failure.error:
        return Answer({"ok": False, "error": failure.error})
    limited = failure.status == HTTPStatus.TOO_MANY_REQUESTS
    retry_after = {} if failure.retry_after is None else {"Retry-After": str(failure.retry_after)}
    return Answer({"ok": False, "error": "ratelimited" if limited else "fatal_error"}, failure.status, retry_after)


def _understood(method: str, authorization: str, body: bytes) -> tuple[Callable[[Inbox, Json], Json], Json]:
    """What to do, and with what. Raises Refusal."""
    act = METHODS.get(method)
    if act is None:
        raise Refusal("unknown_method")
    if not authorization:
        raise Refusal("not_authed")
    if not hmac.compare_digest(authorization.encode(), f"Bearer {TOKEN}".encode()):
        raise Refusal("invalid_auth")
    try:
        call = json.loads(body)
    except ValueError:
        raise Refusal("invalid_json") from None
    if not isinstance(call, dict):
        raise Refusal("json_not_object")
    if call.get("channel") not in CHANNELS:
        raise Refusal("channel_not_found")
    if fault := api_fault(call):
        raise Refusal(fault)
    return act, call


def _post(inbox: Inbox, call: Json) -> Json:
    """A reply to a message that is not there any more stands in the channel: Slack does not refuse it."""
    above = _found(inbox, call, "thread_ts")
    thread = (above.thread_ts or above.ts) if above else ""
    message = inbox.add("slack", call["channel"], call, thread_ts=thread, by_bot=True)
    shown = {"text": call.get("text", ""), "ts": message.ts} | ({"thread_ts": thread} if thread else {})
    return {"channel": message.channel, "ts": message.ts, "message": shown}


def _update(inbox: Inbox, call: Json) -> Json:
    message = _found(inbox, call, "ts")
    if message is None:
        raise Refusal("message_not_found")
    if not message.by_bot:
        raise Refusal("cant_update_message")
    edited = inbox.edit(message, call)
    return {"channel": edited.channel, "ts": edited.ts, "text": call.get("text", "")}


def _found(inbox: Inbox, call: Json, name: str) -> Message | None:
    where = (call["channel"], call.get(name, ""))
    return next((message for message in inbox.messages if (message.channel, message.ts) == where), None)


METHODS: Final[Mapping[str, Callable[[Inbox, Json], Json]]] = {"chat.postMessage": _post, "chat.update": _update}
