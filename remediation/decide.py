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
from rules.model import Finding, Status
from rules.scope import broken, changing

SETTLE: Final = timedelta(seconds=20)
"""How long a change that Azure accepted may take to show in a read when no operation tells of its progress."""
RETRY_FAILED: Final = timedelta(hours=1)
"""How long a failed fix is left alone."""
LONGEST_FIX: Final = timedelta(days=14)
"""How long Azure may work on a fix (conversions of storage have no promised end) before people hear that it hangs."""

NO_REASON: Final = "Azure's operation ended without success, and without a reason"


@dataclass(frozen=True, slots=True)
class Fix:
    """Send the plan, or go on with its write number `step` (from 0)."""

    plan: Plan
    step: int = 0


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
    claimed is our own. `operation` is the case's long-running operation as it stands. `other_fix`: a plan of another
    rule is being carried out on the resource.
    """

    finding: Finding
    remedy: Remedy | None
    case: Case | None
    policy: Policy
    now: datetime
    delivery: str
    operation: Operation | None = None
    other_fix: bool = False


def decide(situation: Situation) -> Decision:
    """The decision on one finding."""
    case, verdict = situation.case, situation.finding.verdict
    if changing(situation.finding.resource):
        return Wait("Azure is still changing it")
    if case is not None and case.state is State.FIXING:
        return _fixing(situation, case)
    if verdict.status is Status.FAIL:
        return Wait("another fix of it is under way") if situation.other_fix else _failing(situation)
    if verdict.status is Status.UNKNOWN and case is not None and case.state is State.APPROVED and case.plan is not None:
        return GiveUp(case, case.plan, f"it cannot be judged any more: {verdict.because}")
    if verdict.status is Status.UNKNOWN or case is None or not case.state.is_open:
        return Skip(verdict.because)
    return Close(case, fixed=False)


def _fixing(situation: Situation, case: Case) -> Decision:
    """A plan is about to be sent, or one of its writes was sent."""
    if case.sent is None and not case.claimed_by(situation.delivery, situation.now):
        return Wait("another worker is about to fix it")
    return _held_up(situation, case) or _rest(situation, case) or _outcome(situation, case)


def _outcome(situation: Situation, case: Case) -> Decision:
    """What the rule says, now that nothing is left to send."""
    match situation.finding.verdict.status:
        case Status.PASS:
            # Claimed, and not known to be sent: a crash came after the write if this is the claim's own delivery.
            return Close(case, fixed=case.sent is not None or case.owner == situation.delivery)
        case Status.NOT_APPLICABLE:
            return _not_judged(situation, case)
        case Status.UNKNOWN:
            return Wait("it cannot be judged whether the fix worked")
        case Status.FAIL:  # pragma: no branch
            if case.sent is None or case.plan is None:
                return _failing(situation)
            return _sent(situation, case, case.plan, case.sent)


def _not_judged(situation: Situation, case: Case) -> Decision:
    """A rule may hold its peace while Azure works on what was sent (a conversion of storage takes days)."""
    operation = situation.operation
    ended = operation is not None and operation.progress is Progress.SUCCEEDED
    if case.sent is None or (ended and situation.now - case.sent >= SETTLE):
        return Close(case, fixed=False)
    return Wait("the rule does not judge it while Azure may be working on the fix")


def _held_up(situation: Situation, case: Case) -> Decision | None:
    """What the operation of the write that was sent says, where that decides alone."""
    if case.sent is None or case.plan is None:
        return None
    done = case.step + 1 == len(case.plan.writes) and situation.finding.verdict.status is Status.PASS
    if situation.now - case.sent > LONGEST_FIX:
        return None if done else GiveUp(case, case.plan, f"Azure has not finished it within {LONGEST_FIX.days} days")
    if situation.operation is not None and situation.operation.progress is Progress.RUNNING:
        return Wait("Azure is still working on the fix")
    if situation.operation is not None and situation.operation.progress is Progress.FAILED and not done:
        return GiveUp(case, case.plan, situation.operation.error or NO_REASON)
    return None


def _rest(situation: Situation, case: Case) -> Decision | None:
    """The write that comes next in a plan of several, whatever the rule says of the state in between."""
    plan = case.plan
    if plan is None or len(plan.writes) < 2:
        return None
    next_step = case.step if case.sent is None else case.step + 1
    begun = next_step > 0 or situation.finding.verdict.status is not Status.FAIL
    if not begun or next_step == len(plan.writes):
        return None
    if situation.policy.mode is Mode.AUDIT:
        return GiveUp(case, plan, "audit mode was set before it was finished")
    return Fix(plan, next_step)


def _sent(situation: Situation, case: Case, plan: Plan, sent: datetime) -> Decision:
    """The plan was sent to its end, and a fresh read still fails."""
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
    case, audit = situation.case, situation.policy.mode is Mode.AUDIT
    if case is not None and case.state is State.UNDONE and _is_about(case, plan):
        return Skip("a person took this fix back")
    if not audit and _is_approved(case, plan):
        return Fix(plan)
    if plan.safety is not Safety.SAFE or plan.to_confirm or broken(situation.finding.resource):
        return Skip("people were asked") if _was_told(situation, State.ASKED, plan.digest) else Ask(plan)
    if audit:
        return Skip("people were told") if _was_told(situation, State.TOLD, plan.digest) else Tell(plan)
    if case is not None and case.state is State.FAILED and situation.now - case.changed < RETRY_FAILED:
        return Skip("its fix failed a short while ago")
    return Fix(plan)


def _is_approved(case: Case | None, plan: Plan) -> bool:
    """Whether a person approved exactly this: the plan as it is made now, on what was read now. Claimed and not sent,
    as Azure throttled it or did not answer, it is approved as before."""
    return case is not None and case.state in (State.APPROVED, State.FIXING) and case.approved(plan) is not None


def _is_about(case: Case, plan: Plan) -> bool:
    return case.plan is not None and case.plan.digest == plan.digest


def _was_told(situation: Situation, state: State, digest: str) -> bool:
    """Whether the case stands there already, for this plan, with its message safely in the outbox."""
    case = situation.case
    if case is None or case.state is not state or not case.told:
        return False
    return digest == (case.plan.digest if case.plan else "")
