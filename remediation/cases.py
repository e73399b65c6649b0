"""What is remembered of one (rule, resource), and the journal of what was done. Pure data; adapters store it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from remediation import telemetry
from remediation.plan import Plan
from rules.model import Finding

CLAIM: Final = timedelta(minutes=10)
"""How long a worker's claim holds others off. The redelivery of the worker's own message may take it over at once."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a resource is looked at: who changed it, as far as the event told. Empty strings where it did not."""

    event_id: str = ""
    operation: str = ""
    caller: str = ""
    caller_id: str = ""
    app_id: str = ""
    correlation_id: str = ""
    at: str = ""

    @property
    def correlation(self) -> str:
        """What leads from the change to all that came of it: Azure's correlation id, else the event's id."""
        return telemetry.safe(self.correlation_id or self.event_id)

    @classmethod
    def of(cls, data: object) -> "Cause":
        """The cause stored in a message; unknown or malformed fields are left out."""
        known = cls.__dataclass_fields__
        fields = data if isinstance(data, dict) else {}
        return cls(**{key: value for key, value in fields.items() if key in known and isinstance(value, str)})


class State(StrEnum):
    """Where a case stands."""

    FIXING = "FIXING"
    """A worker claimed it; its plan is about to be sent, or was sent and is not yet confirmed."""
    ASKED = "ASKED"
    """A person was asked to approve the plan."""
    APPROVED = "APPROVED"
    """A person approved the plan; the next check applies it."""
    TOLD = "TOLD"
    """People were told what only they can do."""
    FAILED = "FAILED"
    """The fix did not work, and people were told why."""
    FIXED = "FIXED"
    """Closed: our fix was confirmed by a fresh read."""
    EXEMPT = "EXEMPT"
    """Somebody accepts it until a date."""
    UNDONE = "UNDONE"
    """A person took our fix back; it is left as it is until the plan is another one."""
    CLOSED = "CLOSED"
    """Closed: it healed, vanished or stopped applying without us."""

    @property
    def is_open(self) -> bool:
        """Whether somebody still has something to do."""
        return self not in (State.FIXED, State.EXEMPT, State.UNDONE, State.CLOSED)


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's yes to the plan with this digest, and to no other."""

    digest: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Repair:
    """A fix of ours that was confirmed, and who had made the fault."""

    at: datetime
    caused_by: str = ""


MOST_REPAIRS: Final = 20
"""Repairs that a case remembers, of all its incidents."""


@dataclass(frozen=True, slots=True)
class Case:
    """One (rule, resource) that failed. `etag` is the stored version, empty for one not stored yet.

    `opened` starts an incident: a fault that comes back after a close is a new one. `told` are the ids of the notices
    that are safely in the outbox. `repairs` are the fixes of all its incidents, `until` is when its exemption
    ends, `snoozed` when people want to be asked again. `scan` is the one whose one message asked about all that it
    found, because that was more than the limits. `step` is the write of the plan in hand: claimed while `sent` is
    None, then sent, with the status and the request id of Azure's answer; `ended` is when its operation was first seen
    to have ended well.
    """

    rule: str
    resource_id: str
    state: State
    opened: datetime
    changed: datetime
    cause: Cause = Cause()
    plan: Plan | None = None
    approval: Approval | None = None
    attempts: int = 0
    step: int = 0
    owner: str = ""
    sent: datetime | None = None
    ended: datetime | None = None
    operation: str = ""
    status: int = 0
    request_id: str = ""
    reason: str = ""
    told: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()
    until: datetime | None = None
    snoozed: datetime | None = None
    scan: str = ""
    etag: str = ""

    def approved(self, plan: Plan) -> Approval | None:
        """The approval of exactly this plan."""
        return self.approval if self.approval is not None and self.approval.digest == plan.digest else None

    @property
    def is_begun(self) -> bool:
        """Whether any write of the plan was sent and accepted."""
        return self.plan is not None and (self.step > 0 or self.sent is not None)

    @property
    def is_half_done(self) -> bool:
        """Whether a plan of several writes failed in the middle: in the state in between it was left, or somebody has
        approved that it goes on."""
        if self.plan is None or self.state not in (State.FAILED, State.APPROVED):
            return False
        return 0 < self.step < len(self.plan.writes)

    def claimed_by(self, delivery: str, now: datetime) -> bool:
        """Whether this delivery may go on with a FIXING case: it is its own claim, or an expired one."""
        return self.owner in ("", delivery) or now - self.changed >= CLAIM

    def to_json(self) -> str:
        """Everything but the etag, as stored."""
        data = asdict(self) | {
            "opened": self.opened.isoformat(),
            "changed": self.changed.isoformat(),
            "sent": self.sent.isoformat() if self.sent else None,
            "ended": self.ended.isoformat() if self.ended else None,
            "plan": self.plan.to_json() if self.plan else None,
            "repairs": [(repair.at.isoformat(), repair.caused_by) for repair in self.repairs],
            "until": self.until.isoformat() if self.until else None,
            "snoozed": self.snoozed.isoformat() if self.snoozed else None,
        }
        if self.approval:
            data["approval"]["at"] = self.approval.at.isoformat()
        del data["etag"]
        return json.dumps(data, sort_keys=True)

    @classmethod
    def from_json(cls, text: str, etag: str) -> "Case":
        """The case that `to_json` wrote."""
        read = json.loads(text)
        data = {name: value for name, value in read.items() if name in cls.__dataclass_fields__}  # of a later version
        return cls(
            **data
            | {
                "state": State(data["state"]),
                "opened": datetime.fromisoformat(data["opened"]),
                "changed": datetime.fromisoformat(data["changed"]),
                "sent": datetime.fromisoformat(data["sent"]) if data["sent"] else None,
                "ended": datetime.fromisoformat(data["ended"]) if data["ended"] else None,
                "cause": Cause.of(data["cause"]),
                "plan": Plan.from_json(data["plan"]) if data["plan"] else None,
                "approval": _approval(data["approval"]),
                "told": tuple(data["told"]),
                "repairs": tuple(Repair(datetime.fromisoformat(at), by) for at, by in data["repairs"]),
                "until": datetime.fromisoformat(data["until"]) if data["until"] else None,
                "snoozed": datetime.fromisoformat(data["snoozed"]) if data.get("snoozed") else None,
                "etag": etag,
            }
        )


def _approval(data: Mapping[str, str] | None) -> Approval | None:
    return Approval(data["digest"], data["by"], datetime.fromisoformat(data["at"])) if data else None


def opened(finding: Finding, state: State, cause: Cause, now: datetime, before: Case | None) -> Case:
    """A case for a failure seen now: the open one in its new state, or a new incident (over a closed one)."""
    if before is not None and before.state.is_open:
        return replace(before, state=state, changed=now)
    new = Case(finding.rule.name, finding.resource.id, state, opened=now, changed=now, cause=cause)
    return replace(new, repairs=before.repairs, etag=before.etag) if before else new


def unsent(case: Case) -> Case:
    """The case before anything of its plan is sent."""
    return replace(case, step=0, owner="", sent=None, ended=None, operation="", status=0, request_id="")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal. `what` is a short word (`started`, `fixed`); `detail` is JSON data about it.

    `key` tells the same line again: what a crash has recorded twice stands there once. Empty: it is told once anyway.
    """

    resource_id: str
    rule: str
    at: datetime
    what: str
    detail: Mapping[str, Any]
    key: str = ""


def same(case: Case, *what: object) -> str:
    """The key of a line about a case: of its rule, resource and incident, and what else tells it apart."""
    identity = [case.resource_id.lower(), case.rule, case.opened.isoformat(), *map(str, what)]
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:32]
