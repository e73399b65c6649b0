"""Dead letters: events that Event Grid could not deliver and wrote to a blob container. They are taken in after all.

Each blob holds a JSON array of events as they were, with why and when their delivery ended. Blobs are deleted last: a
crash at any point takes the same events in again, which does no harm.
Source: https://learn.microsoft.com/azure/event-grid/manage-event-delivery
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from remediation import cards, intake, outbox, poison
from remediation.ports import Blob, Services

log = logging.getLogger(__name__)

MOST_BLOBS: Final = 500
MOST_TIME: Final = timedelta(minutes=2)
"""For one run, which the next takes up."""
LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Undelivered:
    """What one event says of its delivery, as text; empty where it does not."""

    at: str
    error: str

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "Undelivered":
        """Of an event in either schema: CloudEvents spells the same names in lower case."""
        fields = {name.lower(): value for name, value in event.items()}
        words = [_text(fields.get(name)) for name in ("lastdeliveryoutcome", "lasthttpstatuscode", "deadletterreason")]
        return cls(_text(fields.get("eventtime") or fields.get("time")), ", ".join(filter(None, words)))


def replay(services: Services) -> None:
    """Take in what waits in the container, as far as one run gets, and say that there was something."""
    began = services.clock()
    read: list[Blob] = []
    events: list[Undelivered] = []
    for name in services.dead_letters.names(MOST_BLOBS):
        if services.clock() - began >= MOST_TIME:
            log.warning("dead letters: %d blobs are read, the rest has to wait for the next run", len(read))
            break
        blob = services.dead_letters.read(name)
        if blob is None:
            continue
        if _accept(services, blob):
            read.append(blob)
            events += _events(blob)
    if events:
        _tell(services, events)
    for blob in read:
        services.dead_letters.delete(blob)


def _accept(services: Services, blob: Blob) -> bool:
    """Take in the events of a blob. One with anything else in it is set aside, once people are told."""
    outcomes = intake.take_in(blob.content, services)
    if not any(isinstance(outcome, intake.Malformed) for outcome in outcomes):
        return True
    poison.unreadable(services, blob.name)
    services.dead_letters.set_aside(blob)
    return False


def _events(blob: Blob) -> Sequence[Undelivered]:
    data = json.loads(blob.content)
    return [Undelivered.of(event) for event in (data if isinstance(data, list) else [data])]


def _tell(services: Services, events: Sequence[Undelivered]) -> None:
    """Once a day for each error, not for each run."""
    since, last = min((event.at for event in events if event.at), default=""), events[-1].error
    log.error("%d events had not been delivered, the first of %s: %s", len(events), since, last)
    card = cards.dead_letters(len(events), since, last)
    outbox.announce(services, card, "dead letters", last, services.clock().date().isoformat())


def _text(value: object) -> str:
    return str(value)[:LONGEST] if isinstance(value, (str, int)) else ""
