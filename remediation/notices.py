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


@dataclass(frozen=True, slots=True)
class Notice:
    """One message owed to one channel. `owner` is the delivery that posts it, `etag` the stored version."""

    id: str
    chat: str
    card: Card
    severity: Severity = Severity.HIGH
    state: Delivery = Delivery.PENDING
    owner: str = ""
    changed: datetime | None = None
    etag: str = ""

    def to_json(self) -> str:
        """Everything but the etag, as stored."""
        data = asdict(self) | {"changed": self.changed.isoformat() if self.changed else None}
        del data["etag"]
        return json.dumps(data, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str, etag: str) -> "Notice":
        """The notice that `to_json` wrote."""
        data = json.loads(text)
        changed = datetime.fromisoformat(data["changed"]) if data["changed"] else None
        card, state = Card.of(data["card"]), Delivery(data["state"])
        severity = Severity(data["severity"])
        return cls(data["id"], data["chat"], card, severity, state, data["owner"], changed, etag)


def notice_id(chat: str, *what: str) -> str:
    """The id of the one message that tells `what` to `chat`."""
    return hashlib.sha256("\n".join((chat, *what)).encode()).hexdigest()[:32]
