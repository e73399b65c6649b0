"""What a decision weighs, and the decisions that there are. Pure data."""

from dataclasses import dataclass
from datetime import datetime

from remediation.cases import Case, Repair
from remediation.guards import UNGUARDED, Guard
from remediation.plan import Plan, Remedy
from remediation.policy import Exemption, Policy
from remediation.ports import Operation
from rules.model import Finding


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that is reached, as a sentence about it. `shared`: by more than this finding, and told of once. `scan`:
    the one that found so much: all of that waits for people, for as long as they take."""

    text: str
    shared: bool = False
    scan: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """Send the plan, or go on with its write number `step` (from 0)."""

    plan: Plan
    step: int = 0


@dataclass(frozen=True, slots=True)
class Ask:
    """Put the plan to a person. `because` is why it does not run by itself, where the plan does not say so.

    `undone`: the fixes that somebody keeps undoing. `limit`: one message about that limit tells of this as well.
    """

    plan: Plan
    because: str = ""
    undone: tuple[Repair, ...] = ()
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell people what only they can do, or what would have been done. `because` is why the bot may do no more. `limit`
    as for Ask."""

    remedy: Remedy
    because: str = ""
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class Accept:
    """Somebody accepts it for a time: nothing is done, and nothing said."""

    exemption: Exemption


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again later."""

    reason: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The plan was sent and did not put it right: the fix failed."""

    case: Case
    plan: Plan
    reason: str


@dataclass(frozen=True, slots=True)
class Close:
    """The case is over: `fixed` by us, or healed without us."""

    case: Case
    fixed: bool


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing to do, or nothing new."""

    reason: str


type Decision = Fix | Ask | Tell | Accept | Wait | GiveUp | Close | Skip


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a decision weighs.

    `remedy` is the plan or guidance for a FAIL, `guard` how far the bot may go with it. `delivery` names the queue
    message in hand: a FIXING case that it claimed is our own. `operation` is the case's long-running operation as it
    stands. `other_fix`: a plan of another rule is being carried out on the resource. `limit`: no more is done by itself
    for now. `unblocked`: a lock or a permission has just been changed.
    """

    finding: Finding
    remedy: Remedy | None
    case: Case | None
    policy: Policy
    now: datetime
    delivery: str
    operation: Operation | None = None
    other_fix: bool = False
    guard: Guard = UNGUARDED
    limit: Limit | None = None
    unblocked: bool = False
