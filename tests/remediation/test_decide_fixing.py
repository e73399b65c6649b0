"""What is decided while a fix is under way: claimed, sent, accepted, confirmed or not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from remediation.cases import CLAIM
from remediation.decide import (
    LONGEST_FIX,
    NO_ANSWER,
    NO_REASON,
    NOT_FINISHED,
    SETTLE_UNFOLLOWED,
    UNANSWERED,
    Close,
    Decision,
    Fix,
    GiveUp,
    Situation,
    Tell,
    Wait,
    decide,
)
from remediation.ports import Operation, Progress
from tests.builders import NOON, default_storage, finding, storage_account
from tests.remediation.situations import (
    AUDIT,
    BROKEN,
    GONE_BY,
    NOT_JUDGED,
    OPERATION_FAILED,
    OTHERS,
    PASSES,
    RUNNING,
    SAFE,
    SECOND,
    SENT,
    SILENT,
    SUCCEEDED,
    UNCLEAR,
    WAITING,
    fixing,
    seen,
)

SILENCE = "the rule does not judge it while Azure may be working on the fix"
SENT_202 = replace(SENT, status=202)
CONVERTING = finding(
    "storage/zone-redundant", default_storage(storage_account() | {"properties": {"accountMigrationInProgress": True}})
)

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


@pytest.mark.parametrize(("situation", "expected"), FIXING.values(), ids=FIXING)
def test_decision(situation: Situation, expected: Decision) -> None:
    assert decide(situation) == expected
