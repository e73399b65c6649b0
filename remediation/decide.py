"""What to do about one finding. Pure: everything it weighs is an argument, and doubt ends with a person.

The tables in tests/remediation/test_decide*.py are this function's specification.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from remediation.alike import alike
from remediation.cases import Case, Repair, State
from remediation.fixes import REMEDIATIONS
from remediation.guards import UNGUARDED, Guard
from remediation.plan import Guidance, Plan, Remedy, Safety, value_of
from remediation.policy import Effect, Exemption, Mode, Policy
from remediation.ports import Operation, Progress
from rules.model import Finding, Status
from rules.scope import broken, changing, left_alone
from rules.storage import is_changing

SETTLE: Final = timedelta(seconds=20)
"""How long a change that Azure accepted may take to show in a read when no operation tells of its progress."""
SETTLE_UNFOLLOWED: Final = timedelta(hours=1)
"""The same, where Azure said that it goes on working (202) and named nothing that tells of the progress."""
UNANSWERED: Final = timedelta(hours=1)
"""How long a rule may hold its peace after a write whose answer was lost, or not be able to tell after any, before
people hear of it."""
RETRY_FAILED: Final = timedelta(hours=1)
"""How long a failed fix is left alone."""
RETRY_FORBIDDEN: Final = timedelta(days=1)
"""The same where a lock, an Azure Policy or a missing permission forbids it, until a person acts."""
FORBIDDEN: Final = frozenset(
    {"ScopeLocked", "RequestDisallowedByPolicy", "RequestDisallowedByAzure"}
    | {"AuthorizationFailed", "LinkedAuthorizationFailed", "DenyAssignmentAuthorizationFailed"}
)
LONGEST_FIX: Final = timedelta(days=45)
"""How long Azure may work on a fix before people hear that it hangs. A conversion of storage typically takes days, and
may take several weeks (`az storage account migration start` says so)."""

ACCEPTED: Final = 202
"""The answer to a write that Azure has not finished."""
NO_REASON: Final = "Azure's operation ended without success, and without a reason"
NO_ANSWER: Final = "the answer to what was sent was lost, and the rule says nothing: nobody knows whether it was done"
LAST_CHANGE_FAILED: Final = "Azure's own last change of the resource did not succeed"
AUDIT: Final = "audit mode was set before it was finished"
EXEMPTED: Final = "somebody accepted the finding before it was finished"
RULED: Final = "the policy or a tag allowed it no more before it was finished"
NOT_FINISHED: Final = f"Azure has not finished it within {LONGEST_FIX.days} days"


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
    limit: "Limit | None" = None


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell people what only they can do, or what would have been done. `because` is why the bot may do no more. `limit`
    as for Ask."""

    remedy: Remedy
    because: str = ""
    limit: "Limit | None" = None


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
class Limit:
    """A limit that is reached, as a sentence about it. `shared`: by more than this finding, and told of once. `scan`:
    the one that found so much: all of that waits for people, for as long as they take."""

    text: str
    shared: bool = False
    scan: str = ""


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


def decide(situation: Situation) -> Decision:
    """The decision on one finding."""
    case, busy = situation.case, changing(situation.finding.resource)
    if case is not None and case.state is State.FIXING and busy and _is_overdue(situation, case) and case.plan:
        return GiveUp(case, case.plan, NOT_FINISHED)
    if busy:
        return Wait("Azure is still changing it")
    if case is not None and case.state is State.FIXING:
        return _fixing(situation, case)
    if situation.finding.verdict.status is Status.FAIL:
        return Wait("another fix of it is under way") if situation.other_fix else _failing(situation)
    return _not_failing(situation, case)


def _not_failing(situation: Situation, case: Case | None) -> Decision:
    """The rule has no fault to tell of, and nothing was sent lately."""
    verdict = situation.finding.verdict
    if verdict.status is Status.UNKNOWN and case is not None and case.state is State.APPROVED and case.plan is not None:
        return GiveUp(case, case.plan, f"it cannot be judged any more: {verdict.because}")
    if case is not None and case.plan is not None and case.is_half_done and not _is_finished(situation, case.plan):
        return _half_done(situation, case, case.plan)
    is_over = case is None or not (case.state.is_open or case.state is State.EXEMPT)
    if verdict.status is Status.UNKNOWN or case is None or is_over:
        return Skip(verdict.because)
    return Close(case, fixed=False)


def _half_done(situation: Situation, case: Case, plan: Plan) -> Decision:
    """A plan of several writes failed in the middle, and the rule does not ask for the rest: only a person can."""
    if case.state is State.FAILED or case.approved(plan) is None or left_alone(situation.finding.resource):
        return Skip("its plan stands half done: a person has to finish it or take it back")
    if stopped := _stopped(situation):
        return GiveUp(case, plan, stopped)
    return Wait("another fix of it is under way") if situation.other_fix else Fix(plan, case.step)


def _stopped(situation: Situation) -> str:
    """Why a plan that is begun must not go on: what it has done stays, and may be taken back."""
    if situation.policy.mode is Mode.AUDIT:
        return AUDIT
    if situation.guard.exemption is not None:
        return EXEMPTED
    return RULED if situation.guard.ruling.effect in (Effect.TELL, Effect.OFF) else ""


def _is_finished(situation: Situation, plan: Plan) -> bool:
    """Whether what a plan wants is there, whoever did it."""
    finding = situation.finding
    if finding.verdict.status is not Status.PASS:
        return False
    return all(alike(value_of(finding.resource, path), value) for path, value in plan.after.items())


def _is_overdue(situation: Situation, case: Case) -> bool:
    """Whether Azure has had all the time that a write may take."""
    return case.sent is not None and situation.now - case.sent > LONGEST_FIX


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
            return _unclear(situation, case)
        case Status.FAIL:  # pragma: no branch
            if case.sent is None or case.plan is None:
                return _failing(situation)
            return _sent(situation, case, case.plan, case.sent)


def _unclear(situation: Situation, case: Case) -> Decision:
    """Nothing is under way, and the rule cannot tell."""
    since = case.ended or case.sent or case.changed
    longest = max(UNANSWERED, _shows_within(case.plan)) if case.plan else UNANSWERED
    if case.plan is None or (case.sent is None and not case.owner) or situation.now - since <= longest:
        return Wait("it cannot be judged whether the fix worked")
    unclear = f"it cannot be judged whether it worked: {situation.finding.verdict.because}"
    return GiveUp(case, case.plan, unclear if case.sent else NO_ANSWER)


def _not_judged(situation: Situation, case: Case) -> Decision:
    """A rule may hold its peace while Azure works on what was sent (a conversion of storage takes days)."""
    if case.sent is None:
        return _unanswered(situation, case)
    operation = situation.operation
    ended = operation is not None and operation.progress is Progress.SUCCEEDED
    if ended and situation.now - (case.ended or case.sent) >= SETTLE and not is_changing(situation.finding.resource):
        return Close(case, fixed=False)
    return Wait("the rule does not judge it while Azure may be working on the fix")


def _unanswered(situation: Situation, case: Case) -> Decision:
    """Claimed, and not known to be sent: its answer may have been lost, and Azure may be working on it."""
    if not case.owner or case.plan is None:
        return Close(case, fixed=False)  # Azure had put it off: nothing was sent
    longest = LONGEST_FIX if is_changing(situation.finding.resource) else UNANSWERED
    if situation.now - case.changed > longest:
        return GiveUp(case, case.plan, NO_ANSWER)
    return Wait("it is not known whether the fix was sent")


def _held_up(situation: Situation, case: Case) -> Decision | None:
    """What the operation of the write that was sent says, where that decides alone."""
    if case.sent is None or case.plan is None:
        return None
    done = case.step + 1 == len(case.plan.writes) and situation.finding.verdict.status is Status.PASS
    if _is_overdue(situation, case):
        return None if done else GiveUp(case, case.plan, NOT_FINISHED)
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
    if stopped := _stopped(situation):
        return GiveUp(case, plan, stopped)
    if case.sent is not None and _is_unfollowed(situation, case) and situation.now - case.sent < SETTLE:
        return Wait("Azure may still be working on what comes before")
    return Fix(plan, next_step)


def _sent(situation: Situation, case: Case, plan: Plan, sent: datetime) -> Decision:
    """The plan was sent to its end, and a fresh read still fails."""
    settle = SETTLE_UNFOLLOWED if _is_unfollowed(situation, case) else SETTLE
    if situation.now - (case.ended or sent) < max(settle, _shows_within(plan)):
        return Wait("the fix may not show yet")
    return GiveUp(case, plan, "Azure accepted the change but did not apply it")


def _shows_within(plan: Plan) -> timedelta:
    """How long a plan's change may take to show when Azure has said that it is done; as long when it is taken back."""
    remediation = REMEDIATIONS.get(plan.takes_back or plan.rule)
    return remediation.shows_within if remediation else timedelta()


def _is_unfollowed(situation: Situation, case: Case) -> bool:
    """Whether Azure said that it goes on working, and nothing tells how far it is."""
    told = situation.operation is not None and situation.operation.progress is not Progress.UNKNOWN
    return case.status == ACCEPTED and not told


def _failing(situation: Situation) -> Decision:
    if situation.guard.exemption is not None:
        return _accepted(situation, situation.guard.exemption)
    if situation.guard.ruling.effect is Effect.OFF:
        return _switched_off(situation, situation.case)
    match situation.remedy:
        case None:
            return Skip("nothing answers this rule")
        case Guidance() as advice:
            told = _was_told(situation, State.TOLD, "")
            return Skip("people were told") if told else Tell(advice, limit=_of_scan(situation))
        case Plan() as plan:  # pragma: no branch
            return _planned(situation, plan)


def _switched_off(situation: Situation, case: Case | None) -> Decision:
    """The policy wants nothing of it here. What failed in the middle may be taken back yet."""
    if case is None or not case.state.is_open or (case.state is State.FAILED and case.is_begun):
        return Skip(f"off by {situation.guard.ruling.why}")
    return Close(case, fixed=False)


def _accepted(situation: Situation, exemption: Exemption) -> Decision:
    """What a person took back, and what stands half done, stays remembered as such."""
    case, accepted = situation.case, f"accepted until {exemption.until:%Y-%m-%d} by {exemption.source}"
    if case is not None and (case.state is State.UNDONE or case.is_half_done):
        return Skip(accepted)
    if case is not None and (case.state, case.until) == (State.EXEMPT, exemption.until):
        return Skip(accepted)
    return Accept(exemption)


def _planned(situation: Situation, plan: Plan) -> Decision:
    case, audit = situation.case, situation.policy.mode is Mode.AUDIT
    if case is not None and case.state is State.UNDONE and _is_about(case, plan):
        return Skip("a person took this fix back")
    if situation.guard.ruling.effect is Effect.TELL:
        return _tell(situation, plan, f"the bot may only tell of it: {situation.guard.ruling.why}")
    if not audit and _is_approved(case, plan):
        return Fix(plan)
    asked = _asked(situation, plan)
    if asked is not None:
        limit = _of_scan(situation) or asked.limit
        told = _was_told(situation, State.ASKED, plan.digest)
        return Skip("people were asked") if told else replace(asked, limit=limit)
    if audit:
        return _tell(situation, plan)
    if case is not None and case.state is State.FAILED and situation.now < _next_try(situation, case):
        return Skip("its fix failed a short while ago")
    return Fix(plan)


def _tell(situation: Situation, plan: Plan, because: str = "") -> Decision:
    return (
        Skip("people were told")
        if _was_told(situation, State.TOLD, plan.digest)
        else Tell(plan, because, _of_scan(situation))
    )


def _of_scan(situation: Situation) -> Limit | None:
    return situation.limit if situation.limit is not None and situation.limit.scan else None


def _waits(case: Case | None, plan: Plan) -> bool:
    """Whether a scan found too much, and people have not decided about this plan since."""
    if case is None or case.plan is None or case.state is not State.ASKED:
        return False
    return case.scan != "" and case.plan.digest == plan.digest


def _asked(situation: Situation, plan: Plan) -> Ask | None:
    """Why a person has to decide, None where the plan may run by itself."""
    ruling, limits, undone = situation.guard.ruling, situation.policy.limits, _undone(situation)
    if plan.safety is not Safety.SAFE or plan.to_confirm:
        return Ask(plan)
    if ruling.effect is not Effect.FIX:
        return Ask(plan, f"a person has to decide: {ruling.why}")
    if broken(situation.finding.resource):
        return Ask(plan, LAST_CHANGE_FAILED)
    if len(undone) >= situation.policy.loop.times:
        times = "once" if len(undone) == 1 else f"{len(undone)} times"
        return Ask(plan, f"somebody keeps undoing the fix: the bot has made it {times}", undone)
    if not limits.affords(plan.cost.monthly_usd):
        return Ask(
            plan, f"it may cost more than the US${limits.monthly_usd_per_change:g} a month that the policy allows"
        )
    if situation.limit is not None:
        return Ask(plan, situation.limit.text, limit=situation.limit if situation.limit.shared else None)
    if situation.case is not None and _waits(situation.case, plan):
        return Ask(plan, situation.case.reason)
    return None


def _undone(situation: Situation) -> tuple[Repair, ...]:
    """The fixes of late, all of which somebody has undone, or the rule would not fail."""
    repairs = situation.case.repairs if situation.case is not None else ()
    return tuple(each for each in repairs if situation.now - each.at < situation.policy.loop.within)


def _next_try(situation: Situation, case: Case) -> datetime:
    """When a failed fix may be tried again by itself: not soon where Azure forbids it, unless that has just changed."""
    if case.reason.partition(":")[0] not in FORBIDDEN:
        return case.changed + RETRY_FAILED
    return case.changed if situation.unblocked else case.changed + RETRY_FORBIDDEN


def _is_approved(case: Case | None, plan: Plan) -> bool:
    """Whether a person approved exactly this: the plan as it is made now, on what was read now. Claimed and not sent,
    as Azure throttled it or did not answer, it is approved as before."""
    return case is not None and case.state in (State.APPROVED, State.FIXING) and case.approved(plan) is not None


def _is_about(case: Case, plan: Plan) -> bool:
    return case.plan is not None and case.plan.makes_the_same(plan)


def _was_told(situation: Situation, state: State, digest: str) -> bool:
    """Whether the case stands there already, for this plan, with its message safely in the outbox."""
    case = situation.case
    if case is None or case.state is not state or not case.told:
        return False
    return digest == (case.plan.digest if case.plan else "")
