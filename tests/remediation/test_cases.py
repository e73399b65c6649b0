"""Cases: stored whole, claimed by one worker at a time, opened once for an incident."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from remediation.cases import CLAIM, Case, Cause, State, opened
from rules.model import Resource
from tests.builders import CAUSE, NOON, REGISTRY_ID, finding, plan, registry

FAILS = finding("container-registry/premium-sku", Resource.of(registry()))
LATER = NOON + timedelta(hours=1)
BARE = Case(FAILS.rule.name, REGISTRY_ID, State.ASKED, opened=NOON, changed=NOON)
FULL = replace(
    BARE,
    state=State.FIXING,
    changed=LATER,
    cause=CAUSE,
    plan=plan(FAILS),
    attempts=3,
    owner="delivery-1",
    sent=LATER,
    operation="https://management.azure.com/operations/1",
    reason="Conflict: ünïcode",
    told=("notice-1", "notice-2"),
)


@pytest.mark.parametrize("case", [BARE, FULL], ids=["bare", "full"])
def test_a_case_is_stored_whole(case: Case) -> None:
    assert Case.from_json(case.to_json(), "") == case


def test_the_version_is_that_of_the_row_and_not_stored() -> None:
    stored = replace(FULL, etag="old").to_json()
    assert "etag" not in json.loads(stored)
    assert '"old"' not in stored
    assert Case.from_json(stored, "new") == replace(FULL, etag="new")


OPEN = {
    State.FIXING: True,
    State.ASKED: True,
    State.APPROVED: True,
    State.TOLD: True,
    State.FAILED: True,
    State.FIXED: False,
    State.UNDONE: False,
    State.CLOSED: False,
}


@pytest.mark.parametrize(("state", "is_open"), OPEN.items())
def test_a_case_is_open_until_nobody_has_anything_to_do(state: State, is_open: bool) -> None:
    assert state.is_open is is_open


CLAIMS = {
    "its own": ("delivery-1", "delivery-1", timedelta(), True),
    "another's": ("delivery-2", "delivery-1", timedelta(), False),
    "another's, almost over": ("delivery-2", "delivery-1", CLAIM - timedelta(seconds=1), False),
    "another's, over": ("delivery-2", "delivery-1", CLAIM, True),
    "nobody's": ("", "delivery-1", timedelta(), True),
}


@pytest.mark.parametrize(("owner", "delivery", "age", "claimed"), CLAIMS.values(), ids=CLAIMS)
def test_a_claim_holds_others_off_for_a_while(owner: str, delivery: str, age: timedelta, claimed: bool) -> None:
    assert replace(BARE, owner=owner).claimed_by(delivery, NOON + age) is claimed


def test_a_first_failure_opens_a_case() -> None:
    assert opened(FAILS, State.ASKED, CAUSE, NOON, None) == replace(BARE, cause=CAUSE)


@pytest.mark.parametrize("state", [state for state in State if state.is_open])
def test_an_open_case_goes_on(state: State) -> None:
    before = replace(FULL, state=state, opened=NOON, etag="1")
    assert opened(FAILS, State.TOLD, Cause(), LATER, before) == replace(before, state=State.TOLD, changed=LATER)


@pytest.mark.parametrize("state", [State.FIXED, State.CLOSED])
def test_a_fault_that_comes_back_is_a_new_incident_in_the_same_row(state: State) -> None:
    before = replace(FULL, state=state, etag="1")
    new = Case(FAILS.rule.name, REGISTRY_ID, State.ASKED, opened=LATER, changed=LATER, cause=CAUSE, etag="1")
    assert opened(FAILS, State.ASKED, CAUSE, LATER, before) == new
