"""A bot with a token of Slack, and people who press the buttons of its messages."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from local.chat import ChatServer, slack_api
from local.chat.inbox import Message
from remediation.adapters import channels
from tests.remediation import approving
from tests.remediation.approving import SLACK_USER
from tests.remediation.harness import Bot


def settings(chat: ChatServer) -> Mapping[str, str]:
    """Of a bot that posts to Slack by its token, and takes clicks."""
    return {
        **approving.SETTINGS,
        channels.SLACK: "",
        channels.SLACK_TOKEN: slack_api.TOKEN,
        channels.SLACK_CHANNEL: slack_api.CHANNEL,
        channels.SLACK_API: chat.slack_api,
    }


def posts(bot: Bot) -> Sequence[Message]:
    """The messages in Slack as they look by now, oldest first."""
    return [message for message in bot.chat.messages if message.channel_kind == "slack"]


def outline(bot: Bot) -> list[str]:
    """What each message in Slack says by now, `>` before what stands in a thread, and its buttons behind."""
    return [
        f"{'> ' if message.thread_ts else ''}{label(message)}{''.join(f' [{name}]' for name in buttons(message))}"
        for message in posts(bot)
    ]


def label(message: Message) -> str:
    """Such as FIX FAILED."""
    return message.text.split("\n")[1].split(" · ")[0]


def elements(message: Message) -> Sequence[Mapping[str, Any]]:
    """The buttons of a message as Slack gets them."""
    rows = [block["elements"] for block in message.payload["blocks"] if block["type"] == "actions"]
    return [element for row in rows for element in row]


def buttons(message: Message) -> Mapping[str, str]:
    """The tokens of its buttons by what they do."""
    return {element["action_id"]: element["value"] for element in elements(message)}


def press(bot: Bot, action: str, number: int = 0, user: str = SLACK_USER) -> None:
    """Somebody presses a button of a message, and what follows is worked on."""
    assert approving.press(bot, action, buttons(posts(bot)[number])[action], user) == 200
    bot.clock.move(timedelta(seconds=2))
    bot.work()
