"""How `journal` shows entries to people; the command itself is tested with the app, in tests/end_to_end."""

from typing import Any

import pytest

from local.journal import LONGEST, shown
from remediation import journal
from remediation.cases import Entry
from remediation.plan import Plan
from rules.model import Resource
from tests.builders import CAUSE, NOON, REGISTRY_ID, finding, plan, registry
from tests.remediation.card_kinds import HOSTILE

PREMIUM = "container-registry/premium-sku"
UPGRADE: Plan = plan(finding(PREMIUM, Resource.of(registry())))


def lines(what: str, rule: str = PREMIUM, **detail: Any) -> list[str]:
    """An entry as people read it, without what all entries begin and end with."""
    first, resource, *rest, last = shown(journal.data(Entry(REGISTRY_ID, rule, NOON, what, detail))).split("\n")
    assert first == f"2026-11-23 12:00:00 UTC  {what}  {rule}"
    assert resource == f"    resource      {REGISTRY_ID}"
    assert last == ""
    return [line.removeprefix("    ") for line in rest]


def test_an_entry_reads_as_a_story() -> None:
    cause = {"caller": "user@example.com", "operation": CAUSE.operation, "at": CAUSE.at, "event_id": "event-1"}
    found = lines(
        "started",
        approved_by="Ann (somebody)",
        cause=cause,
        digest=UPGRADE.digest,
        found="the registry is Basic",
        plan=UPGRADE.to_json(),
    )
    assert found == [
        f"changed by    user@example.com · {CAUSE.operation} · {CAUSE.at}",
        "found         the registry is Basic",
        "plan          Upgrade container registry crml from Basic to Premium",
        'value         sku.name: "Basic" → "Premium"',
        f"write         PATCH {REGISTRY_ID}?api-version=2025-11-01",
        '              {"sku": {"name": "Premium"}}',
        f"digest        {UPGRADE.digest}",
        "approved by   Ann (somebody)",
    ]


def test_who_wants_a_fix_back_did_not_change_anything() -> None:
    assert lines("asked", f"{PREMIUM}/undo", cause={"caller": "Ben"}) == ["asked by      Ben"]


def test_what_is_empty_is_left_out_and_numbers_are_shown() -> None:
    assert lines("sent", request_id="1-2-3", step=0, status=200, approved_by="", error=None) == [
        "request id    1-2-3",
        "write         no. 1 of the plan",
        "status        200",
    ]


def test_a_cause_that_tells_nothing_says_so() -> None:
    assert lines("told", cause={}) == ["changed by    not told by the event"]


def test_a_long_text_is_cut() -> None:
    assert lines("failed", reason="x" * (LONGEST + 1)) == [f"reason        {'x' * LONGEST} …"]


@pytest.mark.parametrize("text", [*HOSTILE.values(), "\x1b[2J\x1b]0;title\x07", "a\rb", "a\nb", "\x9b31m"])
def test_nothing_in_an_entry_speaks_to_the_terminal(text: str) -> None:
    cause = {"caller": text}
    for line in lines("failed", reason=text, cause=cause, found=text, plan=UPGRADE.to_json()):
        assert line.isprintable()
