"""What fails while a storm lasts: of the Resource Manager and of the chat, a share of all requests, by chance."""

import re
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

from local.azure.faults import Effect, Fault
from local.azure.messages import GRAPH_PATH, WRITES, Request
from local.chaos.host import READ_SECONDS
from local.chat.inbox import ChannelKind, Failure

ANYTHING: Final = re.compile("")
TOO_SLOW: Final = READ_SECONDS + 0.5


def _fault(
    status: int | None = None, retry_after: int | None = None, effect: Effect = "refuse", latency: float = 0.0
) -> Fault:
    return Fault(None, ANYTHING, status, None, None, retry_after, latency, effect)


FAULTS: Final[Mapping[str, Fault]] = {
    "429 with Retry-After": _fault(429, 1),
    "429": _fault(429),
    "500": _fault(500),
    "503 with Retry-After": _fault(503, 2),
    "503": _fault(503),
    "timeout": _fault(latency=TOO_SLOW),
    "connection dropped": _fault(effect="drop"),
    "answer lost": _fault(effect="lost_answer"),
}
"""What any request may meet. One that times out is carried out nevertheless, too late for its client."""
BUSY: Final = "409 busy"
OF_WRITES: Final = {**FAULTS, BUSY: _fault(409)}

FAILURES: Final[Mapping[str, Failure]] = {
    "429 with Retry-After": Failure(429, 1),
    "429": Failure(429),
    "500": Failure(500),
    "accepted and lost": Failure(lost=True),
    "taken, answer lost": Failure(hangs_up=True),
    "lost, and its answer": Failure(lost=True, hangs_up=True),
}


class Storm:
    """Chooses faults for a share of the requests until it is over, and counts. Safe to use from several threads."""

    def __init__(self, random: Random, share: float) -> None:
        self._random, self._share, self._lock = random, share, threading.Lock()
        self.azure: Counter[str] = Counter()
        self.chat: Counter[str] = Counter()
        self.requests = 0
        self.posts = 0

    def over(self) -> None:
        """From now on nothing fails."""
        self._share = 0.0

    def of_azure(self, request: Request) -> Fault | None:
        """The fault that a request to the Resource Manager or the Resource Graph meets."""
        if not (request.path.startswith("/subscriptions/") or request.path.lower() == GRAPH_PATH):
            return None
        is_write = request.method in WRITES and request.path.lower() != GRAPH_PATH
        choice = OF_WRITES if is_write else FAULTS
        with self._lock:
            self.requests += bool(self._share)
            name = self._choose(list(choice), self.azure)
        return choice[name] if name else None

    def of_chat(self, _: ChannelKind) -> Failure | None:
        """How a post fails."""
        with self._lock:
            self.posts += bool(self._share)
            name = self._choose(list(FAILURES), self.chat)
        return FAILURES[name] if name else None

    def _choose(self, names: Sequence[str], counts: Counter[str]) -> str:
        if self._random.random() >= self._share:
            return ""
        name = self._random.choice(names)
        counts[name] += 1
        return name
