"""What Slack sends when somebody presses a button: believed only with its signature, and put on the queue `decisions`.

Slack wants its answer within three seconds, so nothing is read and nothing decided here.
Source: https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qs

from remediation.decisions import ACTIONS
from remediation.ports import Conflict, Memo, Services
from remediation.texts import sound
from remediation.tokens import LONGEST

log = logging.getLogger(__name__)

WINDOW: Final = timedelta(minutes=5)
"""How old a request may be."""
LONGEST_BODY: Final = 64 * 1024
TIMESTAMP: Final = "x-slack-request-timestamp"
SIGNATURE: Final = "x-slack-signature"


class NotAccepted(Exception):
    """Not from Slack, or from nobody who may decide. `status` answers it; the message is for the log."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Click:
    """A button that somebody pressed: what it decides, the token of the link it stands for, and who pressed it."""

    action: str
    token: str
    user: str
    name: str


def accept(services: Services, headers: Mapping[str, str], body: bytes) -> int:
    """Take a request in, and return the status to answer with. Header names are in lower case."""
    try:
        verify(services.access.slack_secret, headers, body, services.clock().timestamp())
        click = parse(body)
        if click.user not in services.access.slack_approvers:
            raise NotAccepted(403, f"the Slack user {click.user} is not one of those who may decide")
        _remember(services, headers[SIGNATURE])
    except NotAccepted as refused:
        log.warning("a request to the Slack end point was refused: %s", refused)
        return refused.status
    person = {"name": click.name, "id": f"Slack {click.user}"}
    services.queue.put("decisions", {"what": click.action, "token": click.token, "person": person})
    return 200


def _remember(services: Services, signature: str) -> None:
    """Raises NotAccepted where the same request came before."""
    try:
        services.store.put_memo(Memo(f"slack request {signature}", {"at": services.clock().isoformat()}))
    except Conflict:
        raise NotAccepted(401, "it has been sent before") from None


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> None:
    """Raises NotAccepted unless Slack has signed this body, at most WINDOW ago. `now` is in seconds since 1970."""
    if not secret:
        raise NotAccepted(503, "no signing secret is set")
    if len(body) > LONGEST_BODY:
        raise NotAccepted(400, "its body is too large")
    sent = headers.get(TIMESTAMP, "")
    if not (sent.isascii() and sent.isdecimal() and len(sent) <= 12) or abs(now - int(sent)) > WINDOW.total_seconds():
        raise NotAccepted(401, "it is too old, or does not say when it was sent")
    wanted = hmac.new(secret.encode(), b"v0:%s:%s" % (sent.encode(), body), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(f"v0={wanted}".encode(), headers.get(SIGNATURE, "").encode()):
        raise NotAccepted(401, "its signature is wrong")


def parse(body: bytes) -> Click:
    """The button in a form with one field `payload`, which is JSON. Raises NotAccepted."""
    try:
        payload: Any = json.loads(parse_qs(body.decode())["payload"][0])
        action, user = payload["actions"][0], payload["user"]
        what, token, user_id = action["action_id"], action["value"], user["id"]
        name = user.get("username") or user.get("name") or user_id
    except (ValueError, RecursionError, KeyError, IndexError, TypeError, AttributeError):
        raise NotAccepted(400, "it is no button that was pressed") from None
    if not all(isinstance(text, str) for text in (what, token, user_id, name)) or what not in ACTIONS:
        raise NotAccepted(400, "it is no button of ours")
    return Click(what, sound(token, LONGEST), sound(user_id), sound(name))
