"""What is decided about one finding. The table is the specification of `decide`: one row for each situation."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.cases import CLAIM, Approval, Case, State
from remediation.decide import (
    LAST_CHANGE_FAILED,
    LONGEST_FIX,
    NO_ANSWER,
    NO_REASON,
    NOT_FINISHED,
    RETRY_FAILED,
    SETTLE,
    SETTLE_UNFOLLOWED,
    UNANSWERED,
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
from remediation.plan import Precondition, Remedy, Safety
from remediation.policy import Mode, Policy
from remediation.ports import Operation, Progress
from rules.model import Resource, Status, Verdict
from rules.scope import changing
from tests.builders import (
    NOON,
    REGISTRY_ID,
    SUBSCRIPTION,
    databricks,
    default_storage,
    finding,
    guidance,
    plan,
    registry,
    storage_account,
)

FAILS = finding("container-registry/premium-sku", Resource.of(registry("Basic")))
PASSES = finding("container-registry/premium-sku", Resource.of(registry("Premium")))
UNCLEAR = finding("container-registry/premium-sku", Resource.of(registry(None)))
NOT_JUDGED = FAILS._replace(verdict=Verdict(Status.NOT_APPLICABLE, "not judged"))
STANDARD = finding("container-registry/premium-sku", Resource.of(registry("Standard")))
SAFE = plan(FAILS)
RISKY_FINDING = finding("storage/zone-redundant", default_storage(storage_account()))
RISKY = plan(RISKY_FINDING)
ADVISED_FINDING = finding("databricks/disaster-recovery", Resource.of(databricks()))
ADVICE = guidance(ADVISED_FINDING)

BUSY = finding("container-registry/premium-sku", Resource.of(registry(properties={"provisioningState": "Updating"})))
BROKEN = finding("container-registry/premium-sku", Resource.of(registry(properties={"provisioningState": "Failed"})))
CANCELED = finding(
    "container-registry/premium-sku", Resource.of(registry(properties={"provisioningState": "canceled"}))
)

HALF_DELETED = finding(
    "container-registry/premium-sku", Resource.of(registry(properties={"provisioningState": "DeletionFailed"}))
)
UNKNOWN_STATE = finding(
    "container-registry/premium-sku", Resource.of(registry(properties={"provisioningState": "Unknown"}))
)

ENFORCE = Policy(frozenset({SUBSCRIPTION}), Mode.ENFORCE)
AUDIT = Policy(frozenset({SUBSCRIPTION}))
MINE, OTHERS = "delivery-1", "delivery-2"
SECOND = timedelta(seconds=1)
TOLD = ("notice-1",)


def case(state: State, **more: Any) -> Case:
    """A case of the registry, last changed now."""
    return replace(Case("container-registry/premium-sku", REGISTRY_ID, state, opened=NOON, changed=NOON), **more)


def fixing(sent: datetime | None = None, owner: str = MINE, **more: Any) -> Case:
    return case(State.FIXING, **{"plan": SAFE, "owner": owner, "sent": sent, **more})


def seen(found: Any = FAILS, remedy: Remedy | None = SAFE, before: Case | None = None, **more: Any) -> Situation:
    """A situation in enforce mode, at noon."""
    return replace(Situation(found, remedy, before, ENFORCE, NOON, MINE), **more)


ASKED = case(State.ASKED, plan=RISKY, told=TOLD)
TOLD_ADVICE = case(State.TOLD, told=TOLD)
AUDITED = case(State.TOLD, plan=SAFE, told=TOLD)
FAILED = case(State.FAILED, plan=SAFE)
RUNNING, SUCCEEDED = Operation(Progress.RUNNING), Operation(Progress.SUCCEEDED)
OPERATION_FAILED, SILENT = Operation(Progress.FAILED, "Conflict: busy"), Operation(Progress.UNKNOWN)
SENT = fixing(sent=NOON)
WAITING, GONE_BY = NOON + SETTLE - SECOND, NOON + SETTLE
SILENCE = "the rule does not judge it while Azure may be working on the fix"
TWO_WRITES = replace(SAFE, writes=SAFE.writes * 2)
APPROVED = case(State.APPROVED, plan=RISKY, approval=Approval(RISKY.digest, "somebody", NOON))
SENT_202 = replace(SENT, status=202)
CONVERTING = finding(
    "storage/zone-redundant", default_storage(storage_account() | {"properties": {"accountMigrationInProgress": True}})
)
UNDONE = case(State.UNDONE, plan=SAFE)


def of_two(step: int, sent: datetime | None = None, owner: str = MINE) -> Case:
    """In the middle of a plan of two writes."""
    return fixing(sent, owner, plan=TWO_WRITES, step=step)


HALF = "its plan stands half done: a person has to finish it or take it back"
HALF_DONE = replace(of_two(1), state=State.FAILED)
GO_ON = replace(of_two(1), state=State.APPROVED, approval=Approval(TWO_WRITES.digest, "somebody", NOON))
MANAGED = finding("container-registry/premium-sku", Resource.of(registry("Basic", managedBy="/subscriptions/x")))

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
SEVERAL_WRITES: dict[str, tuple[Situation, Decision]] = {
    "the first was sent, and Azure is at it": (
        seen(before=of_two(0, NOON), operation=RUNNING), Wait("Azure is still working on the fix")),
    "the first was done: the second": (seen(before=of_two(0, NOON), operation=SUCCEEDED), Fix(TWO_WRITES, 1)),
    "the first was done, Azure does not tell: the second": (
        seen(before=of_two(0, NOON), operation=SILENT), Fix(TWO_WRITES, 1)),
    "the first was done, and the rule is content in between": (
        seen(PASSES, None, of_two(0, NOON), operation=SUCCEEDED), Fix(TWO_WRITES, 1)),
    "the first was done, and the rule says nothing in between": (
        seen(NOT_JUDGED, None, of_two(0, NOON), operation=SUCCEEDED), Fix(TWO_WRITES, 1)),
    "the first was done, and nothing can be judged": (
        seen(UNCLEAR, None, of_two(0, NOON), operation=SUCCEEDED), Fix(TWO_WRITES, 1)),
    "the first failed": (
        seen(before=of_two(0, NOON), operation=OPERATION_FAILED),
        GiveUp(of_two(0, NOON), TWO_WRITES, "Conflict: busy")),
    "the first failed, and the rule is content in between": (
        seen(PASSES, None, of_two(0, NOON), operation=OPERATION_FAILED),
        GiveUp(of_two(0, NOON), TWO_WRITES, "Conflict: busy")),
    "a crash before or after the first was sent, to be judged as before": (
        seen(before=of_two(0), remedy=TWO_WRITES), Fix(TWO_WRITES)),
    "a crash after the first was sent: it is sent again": (
        seen(NOT_JUDGED, None, of_two(0)), Fix(TWO_WRITES, 0)),
    "a crash before or after the second was sent: it is sent again": (
        seen(NOT_JUDGED, None, of_two(1)), Fix(TWO_WRITES, 1)),
    "the second is in another worker's hands": (
        seen(NOT_JUDGED, None, of_two(1, owner=OTHERS)), Wait("another worker is about to fix it")),
    "audit mode since the first was sent": (
        seen(before=of_two(0, NOON), operation=SUCCEEDED, policy=AUDIT),
        GiveUp(of_two(0, NOON), TWO_WRITES, "audit mode was set before it was finished")),
    "the first was accepted without an operation, just now": (
        seen(before=replace(of_two(0, NOON), status=202), now=WAITING),
        Wait("Azure may still be working on what comes before")),
    "the first was accepted without an operation, and had its time": (
        seen(before=replace(of_two(0, NOON), status=202), now=GONE_BY), Fix(TWO_WRITES, 1)),
    "failed in the middle, and the rule says nothing": (seen(NOT_JUDGED, None, HALF_DONE), Skip(HALF)),
    "failed in the middle, and the rule is content in between": (
        seen(PASSES, None, replace(HALF_DONE, plan=replace(TWO_WRITES, after={"sku.name": "Other"}))), Skip(HALF)),
    "failed in the middle, and somebody did the rest": (
        seen(PASSES, None, HALF_DONE), Close(HALF_DONE, fixed=False)),
    "failed in the middle, and the rule still fails": (
        seen(before=HALF_DONE, now=NOON + RETRY_FAILED), Fix(SAFE)),
    "failed in the middle, approved again, and the rule says nothing": (
        seen(NOT_JUDGED, None, GO_ON), Fix(TWO_WRITES, 1)),
    "failed in the middle, and another plan was approved": (
        seen(NOT_JUDGED, None, replace(GO_ON, approval=Approval("x", "somebody", NOON))), Skip(HALF)),
    "failed in the middle, approved again, and it cannot be judged": (
        seen(UNCLEAR, None, GO_ON),
        GiveUp(GO_ON, TWO_WRITES, f"it cannot be judged any more: {UNCLEAR.verdict.because}")),
    "failed in the middle, approved again, audit mode since": (
        seen(NOT_JUDGED, None, GO_ON, policy=AUDIT),
        GiveUp(GO_ON, TWO_WRITES, "audit mode was set before it was finished")),
    "failed in the middle, approved again, while another fix is under way": (
        seen(NOT_JUDGED, None, GO_ON, other_fix=True), Wait("another fix of it is under way")),
    "failed in the middle, approved again, and Azure manages it by now": (
        seen(MANAGED, None, GO_ON), Skip(HALF)),
    "both were sent, and all is well": (
        seen(PASSES, None, of_two(1, NOON)), Close(of_two(1, NOON), fixed=True)),
    "both were sent, in vain": (
        seen(before=of_two(1, NOON), now=GONE_BY),
        GiveUp(of_two(1, NOON), TWO_WRITES, "Azure accepted the change but did not apply it")),
    "one write, sent, before any plan was kept": (
        seen(before=fixing(NOON, plan=None), now=NOON + LONGEST_FIX + SECOND), Fix(SAFE)),
}  # fmt: skip
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
FIXING: dict[str, tuple[Situation, Decision]] = {
    "another worker is about to fix it": (
        seen(before=fixing(owner=OTHERS)),
        Wait("another worker is about to fix it"),
    ),
    "another worker's claim is almost over": (
        seen(before=fixing(owner=OTHERS), now=NOON + CLAIM - SECOND),
        Wait("another worker is about to fix it"),
    ),
    "another worker's claim is over": (seen(before=fixing(owner=OTHERS), now=NOON + CLAIM), Fix(SAFE)),
    "another worker's claim is over, and a read passes: who knows whether it was sent": (
        seen(PASSES, None, fixing(owner=OTHERS), now=NOON + CLAIM),
        Close(fixing(owner=OTHERS), fixed=False),
    ),
    "our own claim": (seen(before=fixing()), Fix(SAFE)),
    "nobody's claim": (seen(before=fixing(owner="")), Fix(SAFE)),
    "our own claim, audit mode since": (seen(before=fixing(), policy=AUDIT), Tell(SAFE)),
    "another worker claimed it, all is well": (
        seen(PASSES, None, fixing(owner=OTHERS)),
        Wait("another worker is about to fix it"),
    ),
    "our own claim, and a read passes: it was sent before a crash": (
        seen(PASSES, None, fixing()),
        Close(fixing(), fixed=True),
    ),
    "nobody's claim, and a read passes: throttled, then mended by a person": (
        seen(PASSES, None, fixing(owner="")),
        Close(fixing(owner=""), fixed=False),
    ),
    "sent, and a read passes": (seen(PASSES, None, SENT), Close(SENT, fixed=True)),
    "sent by another worker, and a read passes": (
        seen(PASSES, None, replace(SENT, owner=OTHERS)),
        Close(replace(SENT, owner=OTHERS), fixed=True),
    ),
    "sent, a read passes, and Azure is at it: it may yet fail": (
        seen(PASSES, None, SENT, operation=RUNNING),
        Wait("Azure is still working on the fix"),
    ),
    "sent, and a read passes after the operation failed": (
        seen(PASSES, None, SENT, operation=OPERATION_FAILED),
        Close(SENT, fixed=True),
    ),
    "sent, and a read passes after Azure never ended": (
        seen(PASSES, None, SENT, operation=RUNNING, now=NOON + LONGEST_FIX + SECOND),
        Close(SENT, fixed=True),
    ),
    "sent, the rule says nothing while Azure may be at it": (seen(NOT_JUDGED, None, SENT), Wait(SILENCE)),
    "sent, the rule says nothing, and Azure has just finished": (
        seen(NOT_JUDGED, None, SENT, operation=SUCCEEDED, now=WAITING),
        Wait(SILENCE),
    ),
    "sent, Azure has finished, and the rule is no longer about it": (
        seen(NOT_JUDGED, None, SENT, operation=SUCCEEDED, now=GONE_BY),
        Close(SENT, fixed=False),
    ),
    "sent, the rule says nothing, and Azure is at it": (
        seen(NOT_JUDGED, None, SENT, operation=RUNNING, now=NOON + LONGEST_FIX),
        Wait("Azure is still working on the fix"),
    ),
    "claimed, the rule is no longer about it: it may have been sent, and its answer lost": (
        seen(NOT_JUDGED, None, fixing(), now=NOON + UNANSWERED),
        Wait("it is not known whether the fix was sent"),
    ),
    "claimed, and the rule says nothing for long": (
        seen(NOT_JUDGED, None, fixing(), now=NOON + UNANSWERED + SECOND),
        GiveUp(fixing(), SAFE, NO_ANSWER),
    ),
    "claimed, and the rule says nothing because Azure converts it": (
        seen(CONVERTING, None, fixing(), now=NOON + LONGEST_FIX),
        Wait("it is not known whether the fix was sent"),
    ),
    "claimed, and Azure converts it for ever": (
        seen(CONVERTING, None, fixing(), now=NOON + LONGEST_FIX + SECOND),
        GiveUp(fixing(), SAFE, NO_ANSWER),
    ),
    "throttled, so not sent, and the rule is no longer about it": (
        seen(NOT_JUDGED, None, fixing(owner="")),
        Close(fixing(owner=""), fixed=False),
    ),
    "sent, its operation ended, and Azure goes on converting it": (
        seen(CONVERTING, None, SENT, operation=SUCCEEDED, now=NOON + LONGEST_FIX),
        Wait(SILENCE),
    ),
    "sent, its operation ended, and Azure converts it for ever": (
        seen(CONVERTING, None, SENT, operation=SUCCEEDED, now=NOON + LONGEST_FIX + SECOND),
        GiveUp(SENT, SAFE, NOT_FINISHED),
    ),
    "accepted without an operation, not shown for almost an hour": (
        seen(before=SENT_202, now=NOON + SETTLE_UNFOLLOWED - SECOND),
        Wait("the fix may not show yet"),
    ),
    "accepted without an operation, not shown for an hour": (
        seen(before=SENT_202, now=NOON + SETTLE_UNFOLLOWED),
        GiveUp(SENT_202, SAFE, "Azure accepted the change but did not apply it"),
    ),
    "accepted, and the operation is not told of": (
        seen(before=SENT_202, now=GONE_BY, operation=SILENT),
        Wait("the fix may not show yet"),
    ),
    "accepted, the operation succeeded": (
        seen(before=SENT_202, now=GONE_BY, operation=SUCCEEDED),
        GiveUp(SENT_202, SAFE, "Azure accepted the change but did not apply it"),
    ),
    "accepted without an operation, the rule says nothing for days": (
        seen(NOT_JUDGED, None, SENT_202, now=NOON + LONGEST_FIX),
        Wait(SILENCE),
    ),
    "sent, and Azure never ends": (
        seen(before=SENT, operation=RUNNING, now=NOON + LONGEST_FIX + SECOND),
        GiveUp(SENT, SAFE, "Azure has not finished it within 45 days"),
    ),
    "sent, it cannot be judged": (
        seen(UNCLEAR, None, SENT, now=NOON + UNANSWERED),
        Wait("it cannot be judged whether the fix worked"),
    ),
    "sent, it cannot be judged for long": (
        seen(UNCLEAR, None, SENT, now=NOON + UNANSWERED + SECOND),
        GiveUp(SENT, SAFE, f"it cannot be judged whether it worked: {UNCLEAR.verdict.because}"),
    ),
    "sent, it cannot be judged, and Azure is at it": (
        seen(UNCLEAR, None, SENT, now=NOON + LONGEST_FIX, operation=RUNNING),
        Wait("Azure is still working on the fix"),
    ),
    "claimed, it cannot be judged for long": (
        seen(UNCLEAR, None, fixing(), now=NOON + UNANSWERED + SECOND),
        GiveUp(fixing(), SAFE, NO_ANSWER),
    ),
    "throttled, so not sent, it cannot be judged for long": (
        seen(UNCLEAR, None, fixing(owner=""), now=NOON + LONGEST_FIX),
        Wait("it cannot be judged whether the fix worked"),
    ),
    "just sent": (seen(before=SENT, now=WAITING), Wait("the fix may not show yet")),
    "sent, and it had its time": (
        seen(before=SENT, now=GONE_BY),
        GiveUp(SENT, SAFE, "Azure accepted the change but did not apply it"),
    ),
    "sent, the operation is running": (
        seen(before=SENT, now=NOON + timedelta(days=3), operation=RUNNING),
        Wait("Azure is still working on the fix"),
    ),
    "sent, the operation failed": (seen(before=SENT, operation=OPERATION_FAILED), GiveUp(SENT, SAFE, "Conflict: busy")),
    "sent, the operation was canceled": (
        seen(before=SENT, operation=Operation(Progress.FAILED)),
        GiveUp(SENT, SAFE, NO_REASON),
    ),
    "sent, the operation succeeded just now": (
        seen(before=SENT, now=WAITING, operation=SUCCEEDED),
        Wait("the fix may not show yet"),
    ),
    "sent, the operation succeeded": (
        seen(before=SENT, now=GONE_BY, operation=SUCCEEDED),
        GiveUp(SENT, SAFE, "Azure accepted the change but did not apply it"),
    ),
    "sent, the operation is not told of": (
        seen(before=SENT, now=GONE_BY, operation=SILENT),
        GiveUp(SENT, SAFE, "Azure accepted the change but did not apply it"),
    ),
    "sent, but its plan is not known": (seen(before=replace(SENT, plan=None)), Fix(SAFE)),
    "sent, then Azure's own change failed": (
        seen(BROKEN, before=SENT, now=GONE_BY),
        GiveUp(SENT, SAFE, "Azure accepted the change but did not apply it"),
    ),
}
TABLE = (
    NOT_FAILING
    | BUSY_RESOURCE
    | SAFE_PLAN
    | PEOPLE
    | FIXING
    | SEVERAL_WRITES
    | APPROVALS
    | ONE_AT_A_TIME
    | NOT_CONFIRMED
)


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
