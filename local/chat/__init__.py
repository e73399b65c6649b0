"""A page that shows the posted Teams cards and Slack messages as those products would, and the webhooks behind it."""

from local.chat.build import build_page, card_problems
from local.chat.inbox import ChannelKind, Message, StoryLine
from local.chat.server import ChatServer

__all__ = ["ChannelKind", "ChatServer", "Message", "StoryLine", "build_page", "card_problems"]
