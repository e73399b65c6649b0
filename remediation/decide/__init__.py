"""What to do about one finding. Pure: everything it weighs is an argument, and doubt ends with a person.

The tables in tests/remediation/test_decide*.py are this function's specification.
"""

from remediation.cases import Case, State
from remediation.decide.failing import LAST_CHANGE_FAILED, RETRY_FAILED, RETRY_FORBIDDEN, failing
from remediation.decide.fixing import (
    ACCEPTED,
    EXEMPTED,
    LONGEST_FIX,
    NO_ANSWER,
    NO_REASON,
    NOT_FINISHED,
    RULED,
    SETTLE,
    SETTLE_UNFOLLOWED,
    UNANSWERED,
    fixing,
    half_done,
    is_finished,
    is_overdue,
)
from remediation.decide.situation import (
    Accept,
    Ask,
    Close,
    Decision,
    Fix,
    GiveUp,
    Limit,
    Situation,
    Skip,
    Tell,
    Wait,
)
from rules.model import Status
from rules.scope import changing

__all__ = [
    "ACCEPTED",
    "EXEMPTED",
    "LAST_CHANGE_FAILED",
    "LONGEST_FIX",
    "NOT_FINISHED",
    "NO_ANSWER",
    "NO_REASON",
    "RETRY_FAILED",
    "RETRY_FORBIDDEN",
    "RULED",
    "SETTLE",
    "SETTLE_UNFOLLOWED",
    "UNANSWERED",
    "Accept",
    "Ask",
    "Close",
    "Decision",
    "Fix",
    "GiveUp",
    "Limit",
    "Situation",
    "Skip",
    "Tell",
    "Wait",
    "decide",
]


def decide(situation: Situation) -> Decision:
    """The decision on one finding."""
    case, busy = situation.case, changing(situation.finding.resource)
    if case is not None and case.state is State.FIXING and busy and is_overdue(situation, case) and case.plan:
        return GiveUp(case, case.plan, NOT_FINISHED)
    if busy:
        return Wait("Azure is still changing it")
    if case is not None and case.state is State.FIXING:
        return fixing(situation, case)
    if situation.finding.verdict.status is Status.FAIL:
        return Wait("another fix of it is under way") if situation.other_fix else failing(situation)
    return _not_failing(situation, case)


def _not_failing(situation: Situation, case: Case | None) -> Decision:
    """The rule has no fault to tell of, and nothing was sent lately."""
    verdict = situation.finding.verdict
    if verdict.status is Status.UNKNOWN and case is not None and case.state is State.APPROVED and case.plan is not None:
        return GiveUp(case, case.plan, f"it cannot be judged any more: {verdict.because}")
    if case is not None and case.plan is not None and case.is_half_done and not is_finished(situation, case.plan):
        return half_done(situation, case, case.plan)
    is_over = case is None or not (case.state.is_open or case.state is State.EXEMPT)
    if verdict.status is Status.UNKNOWN or case is None or is_over:
        return Skip(verdict.because)
    return Close(case, fixed=False)
