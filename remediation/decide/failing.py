"""What to do about a fault of which nothing is under way: leave it, tell, ask, or fix it. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from remediation.cases import Case, Repair, State
from remediation.decide.situation import Accept, Ask, Close, Decision, Fix, Limit, Situation, Skip, Tell
from remediation.plan import Guidance, Plan, Safety
from remediation.policy import Effect, Exemption, Mode
from rules.scope import broken

RETRY_FAILED: Final = timedelta(hours=1)
"""How long a failed fix is left alone."""
RETRY_FORBIDDEN: Final = timedelta(days=1)
"""The same where a lock, an Azure Policy or a missing permission forbids it, until a person acts."""
FORBIDDEN: Final = frozenset(
    {"ScopeLocked", "RequestDisallowedByPolicy", "RequestDisallowedByAzure"}
    | {"AuthorizationFailed", "LinkedAuthorizationFailed", "DenyAssignmentAuthorizationFailed"}
)
LAST_CHANGE_FAILED: Final = "Azure's own last change of the resource did not succeed"


def failing(situation: Situation) -> Decision:
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
