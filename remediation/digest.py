"""Once a day: what still waits for people, so that nothing waits for ever unseen."""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nsmallest
from typing import Final

from remediation import cards, outbox
from remediation.cards import Waiting
from remediation.cases import Case, State
from remediation.ports import Services

SHOWN: Final = 8
"""Cases of one kind that a digest names, the oldest first, so that a section fits a channel; all are counted."""


@dataclass(slots=True)
class _Counted:
    """Counts what passes through: a query's rows are not kept."""

    count: int = 0

    def each(self, cases: Iterable[Case]) -> Iterable[Case]:
        for case in cases:
            self.count += 1
            yield case


def send(services: Services) -> None:
    """Owe the digest of today to every channel, if anything waits. Sent twice it is one message."""
    waiting = {state: _waiting(services, state) for state in (State.ASKED, State.FAILED, State.TOLD)}
    if any(each.count for each in waiting.values()):
        now = services.clock()
        card = cards.digest(waiting[State.ASKED], waiting[State.FAILED], waiting[State.TOLD], now)
        outbox.announce(services, card, "digest", now.date().isoformat())


def _waiting(services: Services, state: State) -> Waiting:
    counted = _Counted()
    oldest = nsmallest(SHOWN, counted.each(services.store.cases_in(state)), key=lambda case: case.changed)
    return Waiting(counted.count, tuple(oldest))
