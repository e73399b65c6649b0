"""What is decided about one finding. The tables are the specification of `decide`: one row for each situation."""

from dataclasses import replace

import pytest

from remediation.cases import Approval, State
from remediation.decide import (
    LAST_CHANGE_FAILED,
    LONGEST_FIX,
    NOT_FINISHED,
    RETRY_FAILED,
    Ask,
    Close,
    Decision,
    Fix,
    GiveUp,
    Situation,
    Skip,
    Tell,
    Wait,
    decide,
)
from remediation.plan import Precondition
from rules.model import Resource
from rules.scope import changing
from tests.builders import NOON, finding, plan, registry
from tests.remediation.situations import (
    ADVICE,
    ADVISED_FINDING,
    APPROVED,
    ASKED,
    AUDIT,
    AUDITED,
    BROKEN,
    BUSY,
    FAILED,
    NOT_JUDGED,
    PASSES,
    RISKY,
    RISKY_FINDING,
    SAFE,
    SECOND,
    SENT,
    STANDARD,
    TOLD,
    TOLD_ADVICE,
    UNCLEAR,
    UNDONE,
    WAITING,
    case,
    fixing,
    seen,
)

CANCELED = finding(
    "container-registry/premium-sku", Resource.of(registry(properties={"provisioningState": "canceled"}))
)

HALF_DELETED = finding(
    "container-registry/premium-sku", Resource.of(registry(properties={"provisioningState": "DeletionFailed"}))
)
UNKNOWN_STATE = finding(
    "container-registry/premium-sku", Resource.of(registry(properties={"provisioningState": "Unknown"}))
)


NOT_FAILING: dict[str, tuple[Situation, Decision]] = {
    "all is well": (seen(PASSES, None), Skip(PASSES.verdict.because)),
    "all is well, and was put right before": (
        seen(PASSES, None, case(State.FIXED)),
        Skip(PASSES.verdict.because),
    ),
    "all is well, and the case was closed": (seen(PASSES, None, case(State.CLOSED)), Skip(PASSES.verdict.because)),
    "it cannot be judged": (seen(UNCLEAR, None), Skip(UNCLEAR.verdict.because)),
    "it cannot be judged, people were asked": (seen(UNCLEAR, None, ASKED), Skip(UNCLEAR.verdict.because)),
    "the rule is not about it": (seen(NOT_JUDGED, None), Skip("not judged")),
    "it healed after people were asked": (seen(PASSES, None, ASKED), Close(ASKED, fixed=False)),
    "it healed after people were told": (seen(PASSES, None, TOLD_ADVICE), Close(TOLD_ADVICE, fixed=False)),
    "it healed after our fix failed": (seen(PASSES, None, FAILED), Close(FAILED, fixed=False)),
    "the rule is no longer about it": (seen(NOT_JUDGED, None, ASKED), Close(ASKED, fixed=False)),
}
BUSY_RESOURCE: dict[str, tuple[Situation, Decision]] = {
    "Azure is changing it": (seen(BUSY), Wait("Azure is still changing it")),
    "Azure is changing it, our fix was sent": (seen(BUSY, SAFE, SENT), Wait("Azure is still changing it")),
    "Azure changes it for ever, our fix was sent": (
        seen(BUSY, SAFE, SENT, now=NOON + LONGEST_FIX + SECOND), GiveUp(SENT, SAFE, NOT_FINISHED)),
    "Azure changes it for ever, without our doing": (
        seen(BUSY, SAFE, fixing(), now=NOON + LONGEST_FIX + SECOND), Wait("Azure is still changing it")),
    "Azure is changing it, all is well": (seen(PASSES._replace(resource=BUSY.resource), None, SENT),
                                          Wait("Azure is still changing it")),
}  # fmt: skip
SAFE_PLAN: dict[str, tuple[Situation, Decision]] = {
    "a safe plan": (seen(), Fix(SAFE)),
    "a safe plan, it was put right before": (seen(before=case(State.FIXED, plan=SAFE)), Fix(SAFE)),
    "a safe plan, the case was closed": (seen(before=case(State.CLOSED)), Fix(SAFE)),
    "a safe plan, told in audit mode before": (seen(before=AUDITED), Fix(SAFE)),
    "a safe plan, asked while it was broken": (seen(before=case(State.ASKED, plan=SAFE, told=TOLD)), Fix(SAFE)),
    "the fix failed just now": (seen(before=FAILED), Skip("its fix failed a short while ago")),
    "the fix failed almost an hour ago": (
        seen(before=FAILED, now=NOON + RETRY_FAILED - SECOND),
        Skip("its fix failed a short while ago"),
    ),
    "the fix failed an hour ago": (seen(before=FAILED, now=NOON + RETRY_FAILED), Fix(SAFE)),
    "Azure's own change of it failed": (seen(BROKEN), Ask(SAFE, LAST_CHANGE_FAILED)),
    "Azure's own change of it was canceled": (seen(CANCELED), Ask(SAFE, LAST_CHANGE_FAILED)),
    "a change of another kind failed": (seen(HALF_DELETED), Ask(SAFE, LAST_CHANGE_FAILED)),
    "its state is not known to Azure": (seen(UNKNOWN_STATE), Fix(SAFE)),
    "Azure's own change failed, people were asked": (
        seen(BROKEN, before=case(State.ASKED, plan=SAFE, told=TOLD)),
        Skip("people were asked"),
    ),
    "Azure's own change failed, in audit mode": (seen(BROKEN, policy=AUDIT), Ask(SAFE, LAST_CHANGE_FAILED)),
    "in audit mode": (seen(policy=AUDIT), Tell(SAFE)),
    "in audit mode, told": (seen(before=AUDITED, policy=AUDIT), Skip("people were told")),
    "in audit mode, told of another plan": (
        seen(STANDARD, plan(STANDARD), AUDITED, policy=AUDIT),
        Tell(plan(STANDARD)),
    ),
    "in audit mode, the message was not put out": (seen(before=replace(AUDITED, told=()), policy=AUDIT), Tell(SAFE)),
    "in audit mode, the fix failed before": (seen(before=FAILED, policy=AUDIT), Tell(SAFE)),
}
PEOPLE: dict[str, tuple[Situation, Decision]] = {
    "a plan to approve": (seen(RISKY_FINDING, RISKY), Ask(RISKY)),
    "a plan to approve, in audit mode": (seen(RISKY_FINDING, RISKY, policy=AUDIT), Ask(RISKY)),
    "a plan to approve, asked": (seen(RISKY_FINDING, RISKY, ASKED), Skip("people were asked")),
    "a plan to approve, the message was not put out": (
        seen(RISKY_FINDING, RISKY, replace(ASKED, told=())),
        Ask(RISKY),
    ),
    "a plan to approve, asked about another": (seen(RISKY_FINDING, RISKY, replace(ASKED, plan=SAFE)), Ask(RISKY)),
    "a plan to approve, asked about none": (seen(RISKY_FINDING, RISKY, replace(ASKED, plan=None)), Ask(RISKY)),
    "a plan to approve, told": (seen(RISKY_FINDING, RISKY, replace(ASKED, state=State.TOLD)), Ask(RISKY)),
    "a plan to approve, closed since": (seen(RISKY_FINDING, RISKY, replace(ASKED, state=State.CLOSED)), Ask(RISKY)),
    "guidance": (seen(ADVISED_FINDING, ADVICE), Tell(ADVICE)),
    "guidance in audit mode": (seen(ADVISED_FINDING, ADVICE, policy=AUDIT), Tell(ADVICE)),
    "guidance, told": (seen(ADVISED_FINDING, ADVICE, TOLD_ADVICE), Skip("people were told")),
    "guidance, the message was not put out": (
        seen(ADVISED_FINDING, ADVICE, replace(TOLD_ADVICE, told=())),
        Tell(ADVICE),
    ),
    "guidance, where a plan was told": (seen(ADVISED_FINDING, ADVICE, AUDITED), Tell(ADVICE)),
    "guidance, where a plan was asked": (seen(ADVISED_FINDING, ADVICE, ASKED), Tell(ADVICE)),
    "nothing answers the rule": (seen(remedy=None), Skip("nothing answers this rule")),
}
APPROVALS: dict[str, tuple[Situation, Decision]] = {
    "approved": (seen(RISKY_FINDING, RISKY, APPROVED), Fix(RISKY)),
    "approved, audit mode since": (seen(RISKY_FINDING, RISKY, APPROVED, policy=AUDIT), Ask(RISKY)),
    "approved, and the plan is another one now": (
        seen(RISKY_FINDING, replace(RISKY, before={}), APPROVED), Ask(replace(RISKY, before={}))),
    "approved and claimed, but Azure was busy": (
        seen(RISKY_FINDING, RISKY, replace(APPROVED, state=State.FIXING)), Fix(RISKY)),
    "approved and claimed, but Azure was busy, and the plan is another one now": (
        seen(RISKY_FINDING, replace(RISKY, before={}), replace(APPROVED, state=State.FIXING)),
        Ask(replace(RISKY, before={}))),
    "claimed, and the approval was of another plan": (
        seen(RISKY_FINDING, RISKY, replace(APPROVED, state=State.FIXING, approval=Approval("x", "somebody", NOON))),
        Ask(RISKY)),
    "approved, without an approval": (seen(RISKY_FINDING, RISKY, replace(APPROVED, approval=None)), Ask(RISKY)),
    "approved, healed since": (seen(PASSES, None, APPROVED), Close(APPROVED, fixed=False)),
    "approved, no longer to be judged": (
        seen(UNCLEAR, None, APPROVED),
        GiveUp(APPROVED, RISKY, f"it cannot be judged any more: {UNCLEAR.verdict.because}")),
    "approved without a plan, no longer to be judged": (
        seen(UNCLEAR, None, replace(APPROVED, plan=None)), Skip(UNCLEAR.verdict.because)),
    "approved, and Azure's last change of it failed": (
        seen(BROKEN, SAFE, replace(APPROVED, approval=Approval(SAFE.digest, "somebody", NOON))), Fix(SAFE)),
    "a person took the fix back": (seen(before=UNDONE), Skip("a person took this fix back")),
    "a person took another fix back": (seen(STANDARD, plan(STANDARD), UNDONE), Fix(plan(STANDARD))),
    "taken back, without a plan": (seen(before=replace(UNDONE, plan=None)), Fix(SAFE)),
    "taken back, and healed": (seen(PASSES, None, UNDONE), Skip(PASSES.verdict.because)),
}  # fmt: skip
ONE_AT_A_TIME: dict[str, tuple[Situation, Decision]] = {
    "another fix is under way": (seen(other_fix=True), Wait("another fix of it is under way")),
    "another fix is under way, people would be asked": (
        seen(RISKY_FINDING, RISKY, other_fix=True), Wait("another fix of it is under way")),
    "another fix is under way, all is well": (seen(PASSES, None, other_fix=True), Skip(PASSES.verdict.because)),
    "another fix is under way, and so is this": (
        seen(before=SENT, now=WAITING, other_fix=True), Wait("the fix may not show yet")),
}  # fmt: skip
NOT_CONFIRMED: dict[str, tuple[Situation, Decision]] = {
    "a safe plan with something that only a person knows": (
        seen(remedy=replace(SAFE, preconditions=(Precondition("no archive"),))),
        Ask(replace(SAFE, preconditions=(Precondition("no archive"),)))),
    "a safe plan whose preconditions were checked": (
        seen(remedy=replace(SAFE, preconditions=(Precondition("no archive", checked=True),))),
        Fix(replace(SAFE, preconditions=(Precondition("no archive", checked=True),)))),
}  # fmt: skip

TABLE = NOT_FAILING | BUSY_RESOURCE | SAFE_PLAN | PEOPLE | APPROVALS | ONE_AT_A_TIME | NOT_CONFIRMED


@pytest.mark.parametrize(("situation", "expected"), TABLE.values(), ids=TABLE)
def test_decision(situation: Situation, expected: Decision) -> None:
    assert decide(situation) == expected


PROVISIONING = {
    "Succeeded": False,
    "succeeded": False,
    "Failed": False,
    "Canceled": False,
    "Ready": False,
    "Created": False,
    "DeletionFailed": False,
    "Unknown": False,
    "Creating": True,
    "Updating": True,
    "Deleting": True,
    "ResolvingDNS": True,
    None: False,
    7: False,
}


@pytest.mark.parametrize(("state", "busy"), PROVISIONING.items())
def test_a_resource_is_busy_until_its_state_is_final(state: object, busy: bool) -> None:
    assert (changing(Resource.of(registry(properties={"provisioningState": state}))) is not None) is busy
