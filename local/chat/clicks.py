"""Buttons in the messages of Slack, pressed: Slack signs a payload and posts it to the app, which has three seconds.

Source: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload and
https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

import requests

from local.chat.envelopes import Json, elements_of
from local.chat.inbox import Inbox, Message
from local.chat.slack_api import CHANNELS

APPROVER: Final = "U0APPROVER"
PEOPLE: Final[Mapping[str, str]] = {APPROVER: "approver", "U0COLLEAGUE": "colleague"}
"""The workspace's users, by id. Who of them may decide is for the app to know."""
TEAM: Final = "T0LOCAL"
SECONDS: Final = 3.0
"""After that Slack shows a warning, and does not send it again."""


@dataclass(frozen=True, slots=True)
class App:
    """A Slack app: the URL that takes its interactions, and the secret that signs them."""

    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the app answered, in how many seconds; status 0 where it did not. Slack warns of all but 200."""

    status: int
    seconds: float

    def as_json(self) -> Json:
        """For the page."""
        return {"status": self.status, "seconds": round(self.seconds, 3), "ok": self.status == HTTPStatus.OK}


class NoButton(LookupError):
    """The message, as it is now, has no such button."""


def pressed(app: App | None, inbox: Inbox, body: bytes) -> tuple[int, Json]:
    """The answer to what the page sends for a click: `{"message": id, "action": action_id, "user": id}`."""
    if app is None:
        return HTTPStatus.CONFLICT, {"error": "no app takes clicks here"}
    try:
        asked = json.loads(body)
        message = next(each for each in inbox.messages if each.id == asked["message"])
        answer = press(app, message, asked["action"], asked["user"])
    except NoButton:
        return HTTPStatus.CONFLICT, {"error": "the message has no such button any more"}
    except (ValueError, TypeError, LookupError, StopIteration):
        return HTTPStatus.BAD_REQUEST, {"error": "that is no click"}
    return HTTPStatus.OK, answer.as_json()


def press(app: App, message: Message, action_id: str, user: str) -> Answer:
    """One of PEOPLE presses a button of a message. Raises NoButton."""
    now = time.time()
    body = urlencode({"payload": json.dumps(_payload(message, action_id, user, now))}).encode()
    begun = time.monotonic()
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded", **signature(app.secret, body, now)}
        answer = requests.post(app.url, body, headers=headers, timeout=SECONDS, allow_redirects=False)
    except requests.RequestException:
        return Answer(0, time.monotonic() - begun)
    return Answer(answer.status_code, time.monotonic() - begun)


def signature(secret: str, body: bytes, now: float) -> Mapping[str, str]:
    """The headers that prove a body to be from Slack; `now` is in seconds since 1970."""
    stamp = str(int(now))
    digest = hmac.new(secret.encode(), b"v0:%s:%s" % (stamp.encode(), body), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def _payload(message: Message, action_id: str, user: str, now: float) -> Json:
    found = (action for action in _actions(message, now) if action["action_id"] == action_id)
    action = next(found, None)
    if action is None:
        raise NoButton(action_id)
    name = PEOPLE[user]
    thread = {"thread_ts": message.thread_ts} if message.thread_ts else {}
    place = {"message_ts": message.ts, "channel_id": message.channel, "is_ephemeral": False}
    return {
        "type": "block_actions",
        "user": {"id": user, "username": name, "name": name, "team_id": TEAM},
        "api_app_id": "A0LOCAL",
        "container": {"type": "message", **place, **thread},
        "trigger_id": f"{now:.6f}",
        "team": {"id": TEAM, "domain": "local"},
        "channel": {"id": message.channel, "name": CHANNELS.get(message.channel, message.channel)},
        "message": {"type": "message", "ts": message.ts, "blocks": message.payload.get("blocks", []), **thread},
        "actions": [action],
    }


def _actions(message: Message, now: float) -> Iterator[Json]:
    """Each button, as the payload tells of it; Slack makes up the ids of blocks that have none."""
    for number, block in enumerate(message.payload.get("blocks") or []):
        for element in elements_of(block):
            if element["type"] == "button" and "action_id" in element:
                yield {**element, "block_id": block.get("block_id", f"block-{number}"), "action_ts": f"{now:.6f}"}
