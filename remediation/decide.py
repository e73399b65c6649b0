"""What to do about one finding. Pure: everything it weighs is an argument, and doubt ends with a person.

The table in tests/remediation/test_decide.py is this function's specification.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from remediation.cases import Case, State
from remediation.plan import Guidance, Plan, Remedy, Safety
from remediation.policy import Mode, Policy
from remediation.ports import Operation, Progress
from rules.model import Finding, Resource, Status
from rules.scope import changing

SETTLE: Final = timedelta(seconds=20)
"""How long a change that Azure accepted may take to show in a read when no operation tells of its progress."""
RETRY_FAILED: Final = timedelta(hours=1)
"""How long a failed fix is left alone."""


@dataclass(frozen=True, slots=True)
class Fix:
    """Send the plan."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Ask:
    """Put the plan to a person."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell people what only they can do, or what would have been done."""

    remedy: Remedy


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


type Decision = Fix | Ask | Tell | Wait | GiveUp | Close | Skip


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a decision weighs.

    `remedy` is the plan or guidance for a FAIL. `delivery` names the queue message in hand: a FIXING case that it
    claimed is our own. `operation` is the case's long-running operation as it stands.
    """

    finding: Finding
    remedy: Remedy | None
    case: Case | None
    policy: Policy
    now: datetime
    delivery: str
    operation: Operation | None = None


def decide(situation: Situation) -> Decision:
    """The decision on one finding."""
    case, verdict = situation.case, situation.finding.verdict
    if changing(situation.finding.resource):
        return Wait("Azure is still changing it")
    if case is not None and case.state is State.FIXING:
        return _fixing(situation, case)
    if verdict.status is Status.FAIL:
        return _failing(situation)
    if verdict.status is Status.UNKNOWN or case is None or not case.state.is_open:
        return Skip(verdict.because)
    return Close(case, fixed=False)


def _fixing(situation: Situation, case: Case) -> Decision:
    """A plan is about to be sent or was sent."""
    if case.sent is None and not case.claimed_by(situation.delivery, situation.now):
        return Wait("another worker is about to fix it")
    match situation.finding.verdict.status:
        case Status.PASS:
            # Claimed, and not known to be sent: a crash came after the write if this is the claim's own delivery.
            return Close(case, fixed=case.sent is not None or case.owner == situation.delivery)
        case Status.NOT_APPLICABLE:
            return Close(case, fixed=False)
        case Status.UNKNOWN:
            return Wait("it cannot be judged whether the fix worked")
        case Status.FAIL:  # pragma: no branch
            if case.sent is None or case.plan is None:
                return _failing(situation)
            return _sent(situation, case, case.plan, case.sent)


def _sent(situation: Situation, case: Case, plan: Plan, sent: datetime) -> Decision:
    """The plan was sent, and a fresh read still fails."""
    operation = situation.operation
    if operation is not None and operation.progress is Progress.RUNNING:
        return Wait("Azure is still working on the fix")
    if operation is not None and operation.progress is Progress.FAILED:
        return GiveUp(case, plan, operation.error)
    if situation.now - sent < SETTLE:
        return Wait("the fix may not show yet")
    return GiveUp(case, plan, "Azure accepted the change but did not apply it")


def _failing(situation: Situation) -> Decision:
    match situation.remedy:
        case None:
            return Skip("nothing answers this rule")
        case Guidance() as advice:
            return Skip("people were told") if _was_told(situation, State.TOLD, "") else Tell(advice)
        case Plan() as plan:  # pragma: no branch
            return _planned(situation, plan)


def _planned(situation: Situation, plan: Plan) -> Decision:
    if plan.safety is not Safety.SAFE or plan.to_confirm or _is_broken(situation.finding.resource):
        return Skip("people were asked") if _was_told(situation, State.ASKED, plan.digest) else Ask(plan)
    if situation.policy.mode is Mode.AUDIT:
        return Skip("people were told") if _was_told(situation, State.TOLD, plan.digest) else Tell(plan)
    case = situation.case
    if case is not None and case.state is State.FAILED and situation.now - case.changed < RETRY_FAILED:
        return Skip("its fix failed a short while ago")
    return Fix(plan)


def _was_told(situation: Situation, state: State, digest: str) -> bool:
    """Whether the case stands there already, for this plan, with its message safely in the outbox."""
    case = situation.case
    if case is None or case.state is not state or not case.told:
        return False
    return digest == (case.plan.digest if case.plan else "")


def _is_broken(resource: Resource) -> bool:
    """Azure's own last change of the resource went wrong: a person looks first."""
    state = resource.get("properties.provisioningState")
    return isinstance(state, str) and state.lower() in ("failed", "canceled")
