"""Whether a channel takes messages: remembered, so that somebody can be told who hears of nothing any more."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from remediation.ports import Conflict, Services


def refuses(services: Services, chat: str) -> None:
    """The channel has just refused a message for good."""
    _remember(services, chat, services.clock().isoformat())


def works(services: Services, chat: str) -> None:
    """The channel has just taken a message."""
    if services.store.memo(_name(chat)).data.get("since"):
        _remember(services, chat, "")


def refusing(services: Services) -> Sequence[str]:
    """The channels, in alphabetical order, whose last message was refused."""
    return [chat for chat in sorted(services.chats) if services.store.memo(_name(chat)).data.get("since")]


def _remember(services: Services, chat: str, since: str) -> None:
    memo = services.store.memo(_name(chat))
    with suppress(Conflict):  # another worker has just remembered how its message fared
        services.store.put_memo(replace(memo, data={"since": since}))


def _name(chat: str) -> str:
    return f"channel {chat}"
