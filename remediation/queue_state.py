"""What waits in one of the bot's own queues. Pure data."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class QueueState:
    """About how many messages a queue holds, and when the first visible one was put there, None where there is none."""

    name: str
    messages: int
    oldest: datetime | None
