"""What is decided in the middle of a plan of several writes."""

from dataclasses import replace

import pytest

from remediation.cases import Approval, State
from remediation.decide import LONGEST_FIX, RETRY_FAILED, Close, Decision, Fix, GiveUp, Situation, Skip, Wait, decide
from rules.model import Resource
from tests.builders import NOON, finding, registry
from tests.remediation.situations import (
    AUDIT,
    GONE_BY,
    NOT_JUDGED,
    OPERATION_FAILED,
    OTHERS,
    PASSES,
    RUNNING,
    SAFE,
    SECOND,
    SILENT,
    SUCCEEDED,
    TWO_WRITES,
    UNCLEAR,
    WAITING,
    fixing,
    of_two,
    seen,
)

HALF = "its plan stands half done: a person has to finish it or take it back"
HALF_DONE = replace(of_two(1), state=State.FAILED)
GO_ON = replace(of_two(1), state=State.APPROVED, approval=Approval(TWO_WRITES.digest, "somebody", NOON))
MANAGED = finding("container-registry/premium-sku", Resource.of(registry("Basic", managedBy="/subscriptions/x")))

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


@pytest.mark.parametrize(("situation", "expected"), SEVERAL_WRITES.values(), ids=SEVERAL_WRITES)
def test_decision(situation: Situation, expected: Decision) -> None:
    assert decide(situation) == expected
