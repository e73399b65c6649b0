"""What would be done about a finding: the ARM calls as data, with their undo, price and risks.

The same Plan is shown in chat, hashed for approval, sent, journaled and undone. Pure: no SDK, network or clock.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from rules.model import Finding, Resource, Rule


class Safety(StrEnum):
    """Who may start a remediation. Anything not proven SAFE is not SAFE."""

    SAFE = "SAFE"
    """Runs by itself: changes only what it touches, keeps the service running, can be undone, costs little."""
    APPROVE = "APPROVE"
    """Runs after one person approved this very plan."""
    GUIDE = "GUIDE"
    """Only a person can do it."""


@dataclass(frozen=True, slots=True)
class Write:
    """One ARM call. `resource_id` may end in an action (`…/startAccountMigration`) when `verb` is POST."""

    verb: str
    resource_id: str
    api_version: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Code:
    """The lines that keep infrastructure code in step. `warning` says where code left as it is does harm."""

    bicep: str
    terraform: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """The writes that put one finding right.

    `title` is what they do, in the imperative. `before` holds the values of `touches` as they are now. `undo` is empty
    where the change cannot be taken back by a write; `undo_note` says what taking it back means. `cost` and
    `duration` are estimates for people, with their source.
    """

    rule: str
    resource_id: str
    safety: Safety
    title: str
    writes: tuple[Write, ...]
    undo: tuple[Write, ...]
    undo_note: str
    touches: tuple[str, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    effect: str
    cost: str
    downtime: str
    duration: str
    code: Code
    preconditions: tuple[str, ...] = field(default=())

    @property
    def digest(self) -> str:
        """Identifies this plan for this state of the resource: another state or another write, another digest."""
        writes = [asdict(write) | {"resource_id": write.resource_id.lower()} for write in self.writes]
        identity = [self.rule, self.resource_id.lower(), self.before, writes]
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:32]

    def to_json(self) -> str:
        """The plan as stored in its case and in the journal."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        """The plan that `to_json` wrote."""
        data = json.loads(text)
        return cls(
            **data
            | {
                "safety": Safety(data["safety"]),
                "writes": tuple(Write(**write) for write in data["writes"]),
                "undo": tuple(Write(**write) for write in data["undo"]),
                "touches": tuple(data["touches"]),
                "code": Code(**data["code"]),
                "preconditions": tuple(data["preconditions"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Guidance:
    """What a person has to do, where no plan can do it. `steps` are sentences in their order."""

    why_no_plan: str
    steps: tuple[str, ...]
    cost: str
    effort: str


type Remedy = Plan | Guidance


@dataclass(frozen=True, slots=True)
class Remediation:
    """How a rule's failure is put right.

    `touches` are the paths its plans may change, `needs` the RBAC actions they require; GUIDE has neither.
    """

    rule: Rule
    safety: Safety
    planner: Callable[[Resource], Remedy]
    touches: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    def remedy(self, finding: Finding) -> Remedy:
        """The plan or guidance for one failed finding."""
        return self.planner(finding.resource)


def remediates(
    rule: Rule, *, safety: Safety = Safety.GUIDE, touches: tuple[str, ...] = (), needs: tuple[str, ...] = ()
) -> Callable[[Callable[[Resource], Remedy]], Remediation]:
    """Make a pure planner the Remediation of `rule`."""

    def make(planner: Callable[[Resource], Remedy]) -> Remediation:
        return Remediation(rule, safety, planner, touches, needs)

    return make
