"""Messages owed to people: each has a deterministic id, so it is sent once however often it is asked for. Pure data."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from remediation.cards import Card
from rules.model import Severity


class Delivery(StrEnum):
    """Where a notice stands."""

    PENDING = "PENDING"
    SENDING = "SENDING"
    SENT = "SENT"
    REFUSED = "REFUSED"


class Kind(StrEnum):
    """What a notice does in a channel with threads, whose first message of an incident shows how that stands."""

    STEP = "STEP"
    """It is posted, and shows there."""
    ASIDE = "ASIDE"
    """It is posted, and changes nothing."""
    SHOWN = "SHOWN"
    """It only shows there: nobody is told."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message owed to one channel. `owner` is the delivery that posts it, `etag` the stored version.

    `thread` names its incident in this channel, empty where it stands alone, and `owed` is since when, as ISO 8601.
    `reference` is where it was posted, in a channel that can update it.
    """

    id: str
    chat: str
    card: Card
    severity: Severity = Severity.HIGH
    state: Delivery = Delivery.PENDING
    owner: str = ""
    changed: datetime | None = None
    thread: str = ""
    kind: Kind = Kind.STEP
    owed: str = ""
    reference: str = ""
    etag: str = ""

    @property
    def is_missing(self) -> bool:
        """Whether there is a message that its channel does not have yet."""
        return self.kind is not Kind.SHOWN and not self.reference

    def to_json(self) -> str:
        """Everything but the etag, as stored."""
        data = asdict(self) | {"changed": self.changed.isoformat() if self.changed else None}
        del data["etag"]
        return json.dumps(data, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str, etag: str) -> "Notice":
        """The notice that `to_json` wrote."""
        data = json.loads(text)
        return cls(
            id=data["id"],
            chat=data["chat"],
            card=Card.of(data["card"]),
            severity=Severity(data["severity"]),
            state=Delivery(data["state"]),
            owner=data["owner"],
            changed=datetime.fromisoformat(data["changed"]) if data["changed"] else None,
            thread=data.get("thread", ""),
            kind=Kind(data.get("kind", Kind.STEP)),
            owed=data.get("owed", ""),
            reference=data.get("reference", ""),
            etag=etag,
        )


def notice_id(chat: str, *what: str) -> str:
    """The id of the one message that tells `what` to `chat`."""
    return hashlib.sha256("\n".join((chat, *what)).encode()).hexdigest()[:32]
