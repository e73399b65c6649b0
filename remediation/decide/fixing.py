"""What becomes of a plan that is begun: a write of it is about to be sent, was sent, or stands half done. Pure."""

from datetime import datetime, timedelta
from typing import Final

from remediation.alike import alike
from remediation.cases import Case, State
from remediation.decide.failing import failing
from remediation.decide.situation import Close, Decision, Fix, GiveUp, Situation, Skip, Wait
from remediation.fixes import REMEDIATIONS
from remediation.plan import Plan, value_of
from remediation.policy import Effect, Mode
from remediation.ports import Progress
from rules.model import Status
from rules.scope import left_alone
from rules.storage import is_changing

SETTLE: Final = timedelta(seconds=20)
"""How long a change that Azure accepted may take to show in a read when no operation tells of its progress."""
SETTLE_UNFOLLOWED: Final = timedelta(hours=1)
"""The same, where Azure said that it goes on working (202) and named nothing that tells of the progress."""
UNANSWERED: Final = timedelta(hours=1)
"""How long a rule may hold its peace after a write whose answer was lost, or not be able to tell after any, before
people hear of it."""
LONGEST_FIX: Final = timedelta(days=45)
"""How long Azure may work on a fix before people hear that it hangs. A conversion of storage typically takes days, and
may take several weeks (`az storage account migration start` says so)."""

ACCEPTED: Final = 202
"""The answer to a write that Azure has not finished."""
NO_REASON: Final = "Azure's operation ended without success, and without a reason"
NO_ANSWER: Final = "the answer to what was sent was lost, and the rule says nothing: nobody knows whether it was done"
AUDIT: Final = "audit mode was set before it was finished"
EXEMPTED: Final = "somebody accepted the finding before it was finished"
RULED: Final = "the policy or a tag allowed it no more before it was finished"
NOT_FINISHED: Final = f"Azure has not finished it within {LONGEST_FIX.days} days"


def half_done(situation: Situation, case: Case, plan: Plan) -> Decision:
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


def is_finished(situation: Situation, plan: Plan) -> bool:
    """Whether what a plan wants is there, whoever did it."""
    finding = situation.finding
    if finding.verdict.status is not Status.PASS:
        return False
    return all(alike(value_of(finding.resource, path), value) for path, value in plan.after.items())


def is_overdue(situation: Situation, case: Case) -> bool:
    """Whether Azure has had all the time that a write may take."""
    return case.sent is not None and situation.now - case.sent > LONGEST_FIX


def fixing(situation: Situation, case: Case) -> Decision:
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
                return failing(situation)
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
    if is_overdue(situation, case):
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
