"""What holds the bot back: the policy, exemptions, loops and limits. One row for each situation."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.cases import Approval, Case, Repair, State
from remediation.decide import (
    EXEMPTED,
    RETRY_FAILED,
    RETRY_FORBIDDEN,
    RULED,
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
    decide,
)
from remediation.guards import Guard
from remediation.plan import Cost
from remediation.policy import Effect, Exemption, Limits, LoopBreaker, Ruling
from tests.builders import NOON
from tests.remediation.situations import (
    ADVICE,
    ADVISED_FINDING,
    APPROVED,
    AUDIT,
    ENFORCE,
    FAILS,
    NOT_JUDGED,
    PASSES,
    RISKY,
    RISKY_FINDING,
    SAFE,
    SECOND,
    SENT,
    SUCCEEDED,
    TOLD,
    TWO_WRITES,
    UNDONE,
    WAITING,
    case,
    of_two,
    seen,
)

HALF_DONE = replace(of_two(1), state=State.FAILED)
DAY = timedelta(days=1)
LINE = "policy.yaml line 14"


def ruled(effect: Effect) -> Guard:
    """Where the policy has a word."""
    return Guard(Ruling(effect, LINE))


def accepted(until: timedelta = DAY) -> Guard:
    """Where somebody accepts it."""
    return Guard(Ruling(Effect.FIX, LINE), Exemption(NOON + until, "moved next week", "Ann", LINE))


EXEMPTION = Exemption(NOON + DAY, "moved next week", "Ann", LINE)
EXEMPT = case(State.EXEMPT, until=NOON + DAY)
UNTIL_THEN = Skip(f"accepted until {NOON + DAY:%Y-%m-%d} by {LINE}")
ASKED_SAFE = case(State.ASKED, plan=SAFE, told=TOLD)
YES = replace(ASKED_SAFE, state=State.APPROVED, approval=Approval(SAFE.digest, "somebody", NOON))
ASK_BY_POLICY = Ask(SAFE, f"a person has to decide: {LINE}")
TELL_BY_POLICY = Tell(SAFE, f"the bot may only tell of it: {LINE}")

RULINGS: dict[str, tuple[Situation, Decision]] = {
    "a safe plan that the policy asks about": (seen(guard=ruled(Effect.ASK)), ASK_BY_POLICY),
    "asked by the policy, people were asked": (
        seen(before=ASKED_SAFE, guard=ruled(Effect.ASK)), Skip("people were asked")),
    "asked by the policy, and approved": (seen(before=YES, guard=ruled(Effect.ASK)), Fix(SAFE)),
    "asked by the policy, in audit mode": (seen(guard=ruled(Effect.ASK), policy=AUDIT), ASK_BY_POLICY),
    "a safe plan that the policy only tells of": (seen(guard=ruled(Effect.TELL)), TELL_BY_POLICY),
    "told by the policy, people were told": (
        seen(before=case(State.TOLD, plan=SAFE, told=TOLD), guard=ruled(Effect.TELL)), Skip("people were told")),
    "told by the policy, although approved": (seen(before=YES, guard=ruled(Effect.TELL)), TELL_BY_POLICY),
    "a plan to approve that the policy only tells of": (
        seen(RISKY_FINDING, RISKY, guard=ruled(Effect.TELL)),
        Tell(RISKY, f"the bot may only tell of it: {LINE}")),
    "off by the policy": (seen(guard=ruled(Effect.OFF)), Skip(f"off by {LINE}")),
    "off by the policy, people were asked": (
        seen(before=ASKED_SAFE, guard=ruled(Effect.OFF)), Close(ASKED_SAFE, fixed=False)),
    "off by the policy, approved": (seen(before=YES, guard=ruled(Effect.OFF)), Close(YES, fixed=False)),
    "off by the policy, put right before": (
        seen(before=case(State.FIXED, plan=SAFE), guard=ruled(Effect.OFF)), Skip(f"off by {LINE}")),
    "off by the policy, failed in the middle": (
        seen(before=HALF_DONE, guard=ruled(Effect.OFF)), Skip(f"off by {LINE}")),
    "off by the policy, while it is being fixed": (
        seen(before=SENT, now=WAITING, guard=ruled(Effect.OFF)), Wait("the fix may not show yet")),
}  # fmt: skip
EXEMPTIONS: dict[str, tuple[Situation, Decision]] = {
    "accepted": (seen(guard=accepted()), Accept(EXEMPTION)),
    "accepted, and known as such": (seen(before=EXEMPT, guard=accepted()), UNTIL_THEN),
    "accepted for longer by now": (
        seen(before=EXEMPT, guard=accepted(2 * DAY)), Accept(replace(EXEMPTION, until=NOON + 2 * DAY))),
    "accepted after people were asked": (seen(before=ASKED_SAFE, guard=accepted()), Accept(EXEMPTION)),
    "accepted after somebody approved": (seen(before=YES, guard=accepted()), Accept(EXEMPTION)),
    "accepted in audit mode": (seen(guard=accepted(), policy=AUDIT), Accept(EXEMPTION)),
    "accepted guidance": (seen(ADVISED_FINDING, ADVICE, guard=accepted()), Accept(EXEMPTION)),
    "accepted, taken back before": (seen(before=UNDONE, guard=accepted()), UNTIL_THEN),
    "accepted, failed in the middle": (seen(before=HALF_DONE, guard=accepted()), UNTIL_THEN),
    "accepted while it is being fixed": (
        seen(before=SENT, now=WAITING, guard=accepted()), Wait("the fix may not show yet")),
    "accepted, and it is over": (seen(before=EXEMPT), Fix(SAFE)),
    "accepted, and healed": (seen(PASSES, None, EXEMPT), Close(EXEMPT, fixed=False)),
    "accepted, and no longer judged": (seen(NOT_JUDGED, None, EXEMPT), Close(EXEMPT, fixed=False)),
}  # fmt: skip


def repaired(*ago: timedelta, state: State = State.FIXED, **more: object) -> Case:
    """A case whose fix was confirmed so long ago, each time."""
    return case(state, plan=SAFE, repairs=tuple(Repair(NOON - each, "pipeline") for each in ago), **more)


HOURS = tuple(timedelta(hours=hours) for hours in (20, 9, 2))
THRICE = repaired(*HOURS)
KEEPS = Ask(SAFE, "somebody keeps undoing the fix: the bot has made it 3 times", THRICE.repairs)

LOOPS: dict[str, tuple[Situation, Decision]] = {
    "undone twice": (seen(before=repaired(*HOURS[1:])), Fix(SAFE)),
    "undone three times": (seen(before=THRICE), KEEPS),
    "undone three times, the first almost a day ago": (
        seen(before=repaired(DAY - SECOND, *HOURS[1:])),
        replace(KEEPS, undone=repaired(DAY - SECOND, *HOURS[1:]).repairs)),
    "undone three times, the first a day ago": (seen(before=repaired(DAY, *HOURS[1:])), Fix(SAFE)),
    "undone three times, people were asked": (
        seen(before=repaired(*HOURS, state=State.ASKED, told=TOLD)), Skip("people were asked")),
    "undone three times, and somebody approved": (
        seen(before=repaired(*HOURS, state=State.APPROVED, approval=YES.approval)), Fix(SAFE)),
    "undone three times, and that is long ago": (
        seen(before=repaired(*HOURS, state=State.ASKED, told=TOLD), now=NOON + DAY), Fix(SAFE)),
    "undone as often as the policy bears": (
        seen(before=repaired(*HOURS[2:]), policy=replace(ENFORCE, loop=LoopBreaker(1, DAY))),
        Ask(SAFE, "somebody keeps undoing the fix: the bot has made it once", THRICE.repairs[2:])),
    "undone three times, a plan to approve": (seen(RISKY_FINDING, RISKY, THRICE), Ask(RISKY)),
}  # fmt: skip
FULL, SHARED = Limit("that is enough for today"), Limit("that is enough for all", shared=True)
SCAN = Limit("the scan found too much", shared=True, scan="20261123T120000000000-1")
HELD = case(State.ASKED, plan=SAFE, reason=SCAN.text, scan=SCAN.scan, told=TOLD)
DEAR = replace(SAFE, cost=Cost("about US$101 (estimate)", 101))
TOO_DEAR = "it may cost more than the US$100 a month that the policy allows"
LIMITS: dict[str, tuple[Situation, Decision]] = {
    "a limit of the resource": (seen(limit=FULL), Ask(SAFE, FULL.text)),
    "a limit of the resource, and approved": (seen(before=YES, limit=FULL), Fix(SAFE)),
    "a limit of the subscription": (seen(limit=SHARED), Ask(SAFE, SHARED.text, limit=SHARED)),
    "a limit, in audit mode": (seen(limit=FULL, policy=AUDIT), Ask(SAFE, FULL.text)),
    "a scan over its limits": (seen(limit=SCAN), Ask(SAFE, SCAN.text, limit=SCAN)),
    "a scan over its limits, and a plan to approve": (seen(RISKY_FINDING, RISKY, limit=SCAN), Ask(RISKY, limit=SCAN)),
    "a scan over its limits, and guidance": (seen(ADVISED_FINDING, ADVICE, limit=SCAN), Tell(ADVICE, limit=SCAN)),
    "a scan over its limits, in audit mode": (
        seen(RISKY_FINDING, RISKY, limit=SCAN, policy=AUDIT), Ask(RISKY, limit=SCAN)),
    "a scan over its limits, only to be told of": (
        seen(limit=SCAN, guard=ruled(Effect.TELL)), Tell(SAFE, f"the bot may only tell of it: {LINE}", SCAN)),
    "a scan over its limits, and approved": (seen(before=YES, limit=SCAN), Fix(SAFE)),
    "after a scan over its limits": (seen(before=HELD), Skip("people were asked")),
    "after it, and a crash came before the message": (
        seen(before=replace(HELD, told=())), Ask(SAFE, SCAN.text)),
    "after it, and the plan is another one": (seen(remedy=TWO_WRITES, before=HELD), Fix(TWO_WRITES)),
    "dearer than the policy allows": (seen(remedy=DEAR), Ask(DEAR, TOO_DEAR)),
    "as dear as the policy allows": (
        seen(remedy=DEAR, policy=replace(ENFORCE, limits=Limits(monthly_usd_per_change=101))), Fix(DEAR)),
    "nobody knows how dear": (
        seen(remedy=replace(SAFE, cost=Cost("depends"))), Ask(replace(SAFE, cost=Cost("depends")), TOO_DEAR)),
}  # fmt: skip


def forbidden(code: str) -> Case:
    """A case whose fix Azure refused."""
    return case(State.FAILED, plan=SAFE, reason=f"{code}: no")


WAIT = Skip("its fix failed a short while ago")
FORBIDDEN: dict[str, tuple[Situation, Decision]] = {
    "refused otherwise, an hour later": (seen(before=forbidden("BadRequest"), now=NOON + RETRY_FAILED), Fix(SAFE)),
    **{
        f"{code}, an hour later": (seen(before=forbidden(code), now=NOON + RETRY_FAILED), WAIT)
        for code in ("ScopeLocked", "RequestDisallowedByPolicy", "AuthorizationFailed", "LinkedAuthorizationFailed")
    },
    "locked, almost a day later": (seen(before=forbidden("ScopeLocked"), now=NOON + RETRY_FORBIDDEN - SECOND), WAIT),
    "locked, a day later": (seen(before=forbidden("ScopeLocked"), now=NOON + RETRY_FORBIDDEN), Fix(SAFE)),
    "locked, and a lock has just been changed": (seen(before=forbidden("ScopeLocked"), unblocked=True), Fix(SAFE)),
    "refused otherwise, and a lock has just been changed": (
        seen(before=forbidden("BadRequest"), unblocked=True),
        WAIT,
    ),
}
BEGUN = of_two(0, NOON)
GO_ON = replace(HALF_DONE, state=State.APPROVED, approval=Approval(TWO_WRITES.digest, "somebody", NOON))
IN_BETWEEN: dict[str, tuple[Situation, Decision]] = {
    "accepted between two writes": (
        seen(PASSES, None, BEGUN, operation=SUCCEEDED, guard=accepted()),
        GiveUp(BEGUN, TWO_WRITES, EXEMPTED),
    ),
    "only to be told of, between two writes": (
        seen(NOT_JUDGED, None, BEGUN, operation=SUCCEEDED, guard=ruled(Effect.TELL)),
        GiveUp(BEGUN, TWO_WRITES, RULED),
    ),
    "off between two writes": (
        seen(before=BEGUN, operation=SUCCEEDED, guard=ruled(Effect.OFF)),
        GiveUp(BEGUN, TWO_WRITES, RULED),
    ),
    "asked by the policy, and begun by approval": (
        seen(PASSES, None, BEGUN, operation=SUCCEEDED, guard=ruled(Effect.ASK)),
        Fix(TWO_WRITES, 1),
    ),
    "half done, approved again, and accepted": (
        seen(NOT_JUDGED, None, GO_ON, guard=accepted()),
        GiveUp(GO_ON, TWO_WRITES, EXEMPTED),
    ),
}
TABLE = IN_BETWEEN | RULINGS | EXEMPTIONS | LOOPS | LIMITS | FORBIDDEN


@pytest.mark.parametrize(("situation", "decision"), TABLE.values(), ids=TABLE.keys())
def test_decision(situation: Situation, decision: Decision) -> None:
    assert decide(situation) == decision


GUARDS = st.builds(
    Guard,
    st.builds(Ruling, st.sampled_from(Effect), st.just(LINE)),
    st.sampled_from([None, EXEMPTION]),
)
CASES = st.sampled_from([None, *(situation.case for situation, _ in TABLE.values()), APPROVED])


@given(GUARDS, CASES, st.sampled_from([None, FULL, SHARED]), st.booleans())
def test_nothing_is_begun_against_the_guard(
    guard: Guard, before: Case | None, limit: Limit | None, risky: bool
) -> None:
    found, plan = (RISKY_FINDING, RISKY) if risky else (FAILS, SAFE)
    decision = decide(seen(found, plan, before, guard=guard, limit=limit))
    if isinstance(decision, Fix) and not (before and before.is_begun):
        approved = before is not None and before.approved(plan) is not None
        assert guard.exemption is None
        assert guard.ruling.effect in (Effect.FIX, *([Effect.ASK] if approved else []))
        assert approved or (limit is None and not risky)
