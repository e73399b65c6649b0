"""What the chat received, and the failures it was told to answer with. Safe to use from several threads."""

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from local.chat.envelopes import Json
from local.chat.plain_text import links, slack_text, teams_text

type ChannelKind = Literal["teams", "slack"]


@dataclass(frozen=True, slots=True)
class Message:
    """One accepted message, as it was last updated. `text` holds all its words in reading order, without markup.

    In Slack, `ts` names it within its channel, and `thread_ts` is of the message whose thread it stands in, if any.
    """

    id: str
    channel_kind: ChannelKind
    channel: str
    received_at: datetime
    payload: Json
    text: str
    ts: str = ""
    thread_ts: str = ""
    by_bot: bool = False
    updates: int = 0

    @property
    def links(self) -> dict[str, str]:
        """Where its buttons and links lead: label → URL."""
        return links(self.payload)

    def as_json(self) -> Json:
        """The message as the page and GET /messages get it; the time is ISO 8601 in UTC."""
        return {**asdict(self), "received_at": self.received_at.isoformat()}


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One line of the story shown beside the messages, such as ("09:12", "alex creates a storage account"). `turn`: it
    is the reader's."""

    time: str
    text: str
    turn: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """How to answer one post. A lost message is answered as accepted and then not shown; where it `hangs_up`, a message
    is taken, or lost, and the connection closed without an answer. `error` is the word with which Slack's Web API
    refuses, by an answer of 200."""

    status: int = 500
    retry_after: int | None = None
    lost: bool = False
    hangs_up: bool = False
    error: str = ""


type Weather = Callable[[ChannelKind], Failure | None]
"""Chooses how a post fails, None where it does not."""


def fair(_: ChannelKind) -> Failure | None:
    """The weather without failures."""
    return None


class Inbox:
    """Messages in the order they came, the story, and the failures still to be played."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._messages: list[Message] = []
        self._story: tuple[StoryLine, ...] = ()
        self._met: list[tuple[Failure, Json]] = []
        self._weather: Weather = fair
        self._failures: defaultdict[ChannelKind, deque[Failure]] = defaultdict(deque)
        self._version = 0
        self._closed = False

    @property
    def messages(self) -> list[Message]:
        """A copy, oldest first."""
        with self._changed:
            return list(self._messages)

    @property
    def story(self) -> tuple[StoryLine, ...]:
        with self._changed:
            return self._story

    @property
    def closed(self) -> bool:
        return self._closed

    def add(
        self, kind: ChannelKind, channel: str, payload: Json, *, thread_ts: str = "", by_bot: bool = False
    ) -> Message:
        """Keep an accepted message and wake everybody who waits for one."""
        text = teams_text(payload) if kind == "teams" else slack_text(payload)
        with self._changed:
            number, now = len(self._messages) + 1, datetime.now(UTC)
            ts = f"{now.timestamp():.0f}.{number:06}" if kind == "slack" else ""
            message = Message(f"m{number}", kind, channel, now, payload, text, ts, thread_ts, by_bot)
            self._messages.append(message)
            self._wake()
        return message

    def edit(self, message: Message, payload: Json) -> Message:
        """Replace what a message of Slack shows, in its place."""
        with self._changed:
            number = int(message.id[1:]) - 1
            before = self._messages[number]
            edited = replace(before, payload=payload, text=slack_text(payload), updates=before.updates + 1)
            self._messages[number] = edited
            self._wake()
        return edited

    def meet(self, failure: Failure, payload: Json) -> None:
        """Remember what was read, and then lost or not answered."""
        with self._changed:
            self._met.append((failure, payload))

    @property
    def met(self) -> list[tuple[Failure, Json]]:
        """What `meet` was told of, oldest first."""
        with self._changed:
            return list(self._met)

    def weather(self, weather: Weather) -> None:
        """Let `weather` choose the failure of every post that none of those told is for."""
        with self._changed:
            self._weather = weather

    def tell_story(self, lines: Sequence[StoryLine]) -> None:
        """Replace the story."""
        with self._changed:
            self._story = tuple(lines)
            self._wake()

    def fail_next(self, kind: ChannelKind, failure: Failure, times: int) -> None:
        with self._changed:
            self._failures[kind].extend([failure] * times)

    def next_failure(self, kind: ChannelKind) -> Failure | None:
        """The failure this post has to be answered with; each is played once."""
        with self._changed:
            return self._failures[kind].popleft() if self._failures[kind] else self._weather(kind)

    def wait_for(self, count: int, timeout: float) -> list[Message]:
        """All messages as soon as there are `count` of them. Raises TimeoutError after `timeout` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._messages) >= count, timeout):
                raise TimeoutError(f"{len(self._messages)} of {count} messages came within {timeout} s")
            return list(self._messages)

    def wait_for_change(self, seen: int, timeout: float) -> int:
        """The version after the next change; the same number when nothing changed within `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._version != seen, timeout)
            return self._version

    def close(self) -> None:
        """Let everybody go who waits for a change."""
        with self._changed:
            self._closed = True
            self._wake()

    def _wake(self) -> None:
        self._version += 1
        self._changed.notify_all()
