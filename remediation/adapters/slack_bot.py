"""Slack by a bot token: messages with buttons, in threads, and updated as what they are about goes on.

slack_sdk is imported at the first message: where Slack is not set up this way, a cold start does not pay for it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import requests

from remediation.adapters.slack import Json, render
from remediation.cards import Button, Card, Tone
from remediation.ports import ChatGone
from remediation.tokens import LONGEST

if TYPE_CHECKING:
    from remediation.adapters.slack_client import SlackClient

API: Final = "https://slack.com/api/"
HOSTS: Final = ("slack.com", "slack-gov.com")
LONGEST_TITLE: Final = 75
LONGEST_QUESTION: Final = 300
BROADCAST: Final = (Tone.WARNING, Tone.BAD)
"""Of what follows in a thread, what the whole channel sees: somebody has something to do."""


class SlackBot:
    """The port `Chat` for one channel, by its id. `buttons`: clicks on them are taken."""

    threads = True

    def __init__(self, session: requests.Session, api: str, token: str, channel: str, buttons: bool) -> None:
        self._session, self._api, self._token = session, api, token
        self._channel, self._buttons = channel, buttons
        self._client: SlackClient | None = None

    def post(self, card: Card, thread: str = "") -> str:
        """Post one message. Where its thread is not there any more, it stands in the channel."""
        channel, _, ts = thread.partition(" ")
        message = {"channel": self._channel, **self._rendered(card)}
        if channel != self._channel:
            return self._posted(message)
        try:
            return self._posted(message | {"thread_ts": ts, "reply_broadcast": card.tone in BROADCAST})
        except ChatGone:
            return self._posted(message)

    def update(self, reference: str, card: Card) -> None:
        """Replace all that a message shows."""
        channel, _, ts = reference.partition(" ")
        message = self._rendered(card)
        shown = {"text": message["text"], "blocks": message["blocks"]}
        self._connected().call("chat.update", {"channel": channel, "ts": ts, **shown})

    def _posted(self, message: Json) -> str:
        answer = self._connected().call("chat.postMessage", message)
        return f"{answer.get('channel', '')} {answer.get('ts', '')}".strip()

    def _rendered(self, card: Card) -> Json:
        return render(card, actions_of(card.buttons) if self._buttons else ())

    def _connected(self) -> "SlackClient":
        from remediation.adapters.slack_client import SlackClient

        self._client = self._client or SlackClient(self._session, self._api, self._token)
        return self._client


def actions_of(buttons: Sequence[Button]) -> list[Json]:
    """A row of buttons, without those that Slack would refuse: what they do can be done by the card's link."""
    elements = [_element(button) for button in buttons if _fits(button)]
    return [{"type": "actions", "elements": elements}] if elements else []


def _fits(button: Button) -> bool:
    """A question is never cut: it holds what has to be confirmed."""
    return (
        len(button.title) <= LONGEST_TITLE and len(button.token) <= LONGEST and len(button.question) <= LONGEST_QUESTION
    )


def _element(button: Button) -> Json:
    element: Json = {
        "type": "button",
        "text": _plain(button.title),
        "action_id": button.action,
        "value": button.token,
    }
    if button.action.startswith("approve"):
        element["style"] = "primary"
    if text := _question(button):
        element["confirm"] = {
            "title": _plain(button.title),
            "text": _plain(text),
            "confirm": _plain(button.title),
            "deny": _plain("Cancel"),
        }
    return element


def _question(button: Button) -> str:
    """What is asked before, and as much of the note as there is room for."""
    text = f"{button.question} {button.note}".strip()
    if len(text) <= LONGEST_QUESTION:
        return text
    return button.question or f"{text[: LONGEST_QUESTION - 2]} …"


def _plain(text: str) -> Json:
    """Nothing in it is markup."""
    return {"type": "plain_text", "text": text}
