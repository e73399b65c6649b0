"""What holds of every decision, whatever the situation."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from remediation.cases import Approval, State
from remediation.decide import Close, Fix, Situation, decide
from remediation.plan import Safety
from remediation.policy import Mode
from rules.model import Status
from rules.scope import changing
from tests.builders import NOON
from tests.remediation.situations import (
    ADVICE,
    AUDIT,
    BROKEN,
    BUSY,
    ENFORCE,
    FAILS,
    MINE,
    NOT_JUDGED,
    OPERATION_FAILED,
    OTHERS,
    PASSES,
    RISKY,
    RISKY_FINDING,
    RUNNING,
    SAFE,
    SILENT,
    STANDARD,
    SUCCEEDED,
    TOLD,
    TWO_WRITES,
    UNCLEAR,
    case,
)

findings = st.sampled_from([FAILS, PASSES, UNCLEAR, NOT_JUDGED, STANDARD, RISKY_FINDING, BUSY, BROKEN])
cases = st.builds(
    case,
    st.sampled_from(State),
    plan=st.sampled_from([None, SAFE, RISKY, TWO_WRITES]),
    approval=st.sampled_from([None, Approval(SAFE.digest, "a", NOON), Approval(RISKY.digest, "a", NOON)]),
    step=st.sampled_from([0, 1]),
    owner=st.sampled_from(["", MINE, OTHERS]),
    sent=st.sampled_from([None, NOON]),
    told=st.sampled_from([(), TOLD]),
)
situations = st.builds(
    Situation,
    findings,
    st.sampled_from([None, SAFE, RISKY, ADVICE, replace(SAFE, safety=Safety.GUIDE)]),
    st.none() | cases,
    st.sampled_from([ENFORCE, AUDIT]),
    st.timedeltas(timedelta(), timedelta(hours=2)).map(NOON.__add__),
    st.sampled_from([MINE, OTHERS]),
    st.sampled_from([None, RUNNING, SUCCEEDED, OPERATION_FAILED, SILENT]),
    st.booleans(),
)


@given(situations)
def test_nothing_is_sent_in_audit_mode_or_while_azure_changes_it(situation: Situation) -> None:
    if isinstance(decide(situation), Fix):
        assert situation.policy.mode is Mode.ENFORCE
        assert not changing(situation.finding.resource)


@given(situations)
def test_only_a_failure_with_a_plan_that_is_safe_or_approved_is_begun(situation: Situation) -> None:
    decision, before = decide(situation), situation.case
    begun = before and before.state in (State.FIXING, State.APPROVED) and before.plan == TWO_WRITES
    if isinstance(decision, Fix) and not begun:
        assert situation.finding.verdict.status is Status.FAIL
        assert decision.plan is situation.remedy
        assert decision.step == 0
        approval = before.approval if before and before.state in (State.APPROVED, State.FIXING) else None
        approved = approval is not None and approval.digest == decision.plan.digest
        assert decision.plan.safety is Safety.SAFE or approved


@given(situations)
def test_a_plan_that_is_begun_goes_on_in_its_order(situation: Situation) -> None:
    decision, before = decide(situation), situation.case
    begun = before and before.state is State.FIXING and before.plan and before.step < len(before.plan.writes)
    if isinstance(decision, Fix) and before and begun and decision.plan == before.plan:
        assert decision.step in (before.step, before.step + 1)
        assert decision.step < len(decision.plan.writes)


@given(situations)
def test_only_what_a_read_confirms_counts_as_fixed(situation: Situation) -> None:
    decision = decide(situation)
    if isinstance(decision, Close) and decision.fixed:
        assert situation.finding.verdict.status is Status.PASS
        assert decision.case.state is State.FIXING
