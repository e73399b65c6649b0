"""What the chaos run promises, held against records that break it: each promise notices what it is about."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from local.azure.callers import BOT, PORTAL_USER, Caller
from local.azure.messages import NO_ANSWER, Exchange
from local.chaos.promises import promises
from local.chaos.records import Records
from local.chat.inbox import Failure, Message
from remediation import cards
from remediation.adapters import teams
from remediation.cases import Case, Entry, State
from remediation.notices import Delivery, Notice
from remediation.poison import RULE as UNPROCESSED
from rules.model import Resource
from tests.builders import CAUSE, NOON, REGISTRY_ID, VAULT_ID, finding, plan, registry

RULE = "container-registry/premium-sku"
FAULT = finding(RULE, Resource.of(registry("Basic")))
WELL = finding(RULE, Resource.of(registry("Premium")))
PLAN = plan(FAULT)
CASE = Case(RULE, REGISTRY_ID, State.FIXED, NOON, NOON, CAUSE, plan=PLAN, told=("one",))
CARD = cards.fixed(WELL, PLAN, CASE)
NOTICE = Notice("one", "Teams", CARD, state=Delivery.SENT)
BODY = {"sku": {"name": "Premium"}}
SECOND = timedelta(seconds=1)


def write(body: Any = BODY, caller: Caller = BOT, done: int = 200, status: int = 200) -> Exchange:
    started = (NOON + SECOND).timestamp()
    return Exchange("PATCH", REGISTRY_ID, {}, "", status, body, None, caller, started, 0.0, 1, done)


def message(seconds: float = 0) -> Message:
    at = NOON + timedelta(seconds=seconds)
    return Message("m1", "teams", "chaos", at, teams.render(CARD), "FIXED AUTOMATICALLY")


STARTED = Entry(REGISTRY_ID, RULE, NOON, "started", {"plan": PLAN.to_json()})
FIXED = Entry(REGISTRY_ID, RULE, NOON, "fixed", {})
POISON = Entry(VAULT_ID, UNPROCESSED, NOON, "unprocessed", {})
RECORDS = Records(
    findings=[WELL],
    exchanges=[write()],
    bot=BOT.oid,
    cases=[CASE],
    journal=[STARTED, FIXED],
    notices={"one": NOTICE},
    messages=[message()],
    met=[],
    waiting={},
    in_hand=[],
    given_up=0,
)
KEPT = {
    "all is well": RECORDS,
    "somebody is asked": replace(RECORDS, findings=[FAULT], cases=[replace(CASE, state=State.ASKED)]),
    "somebody else undid it, so it was made again": replace(
        RECORDS, exchanges=[write(), write({"sku": {"name": "Basic"}}, PORTAL_USER), write()]
    ),
    "sent again, because the first never arrived": replace(
        RECORDS, exchanges=[write(done=NO_ANSWER, status=NO_ANSWER), write()]
    ),
    "posted again, because the answer was lost": replace(
        RECORDS, messages=[message(), message(5)], met=[(Failure(hangs_up=True), teams.render(CARD))]
    ),
    "posted again, because the host was killed before it was noted": replace(
        RECORDS, messages=[message(), message(5)], in_hand=["one"]
    ),
    "accepted by the channel, and lost": replace(RECORDS, messages=[], met=[(Failure(lost=True), teams.render(CARD))]),
    "a poison message with its case": replace(
        RECORDS,
        journal=[*RECORDS.journal, POISON],
        cases=[CASE, Case(UNPROCESSED, VAULT_ID, State.TOLD, NOON, NOON)],
    ),
}
BROKEN = {
    "an event was given up": (replace(RECORDS, given_up=1), "Every event reaches the app"),
    "a fault without a case": (replace(RECORDS, findings=[FAULT], cases=[]), "What fails is fixed, or has"),
    "a fault whose case is closed": (replace(RECORDS, findings=[FAULT]), "What fails is fixed, or has"),
    "a fault that nobody heard of": (
        replace(RECORDS, findings=[FAULT], cases=[replace(CASE, state=State.ASKED, told=())]),
        "What fails is fixed, or has",
    ),
    "an open case of what is well": (
        replace(RECORDS, cases=[replace(CASE, state=State.ASKED)]),
        "No case stands open for what is well",
    ),
    "a case that is fixed for ever": (
        replace(RECORDS, findings=[], cases=[replace(CASE, state=State.FIXING)]),
        "No case is under way for ever",
    ),
    "a write that no plan holds": (replace(RECORDS, exchanges=[write({"sku": {"name": "Basic"}})]), "No write but"),
    "a write before its plan": (
        replace(RECORDS, journal=[replace(STARTED, at=NOON + timedelta(minutes=1)), FIXED]),
        "No write but",
    ),
    "a write that comes twice": (replace(RECORDS, exchanges=[write(), write()]), "No plan is applied twice"),
    "a write whose first answer was lost, and that comes again": (
        replace(RECORDS, exchanges=[write(status=NO_ANSWER), write()]),
        "No plan is applied twice",
    ),
    "a message that comes twice": (replace(RECORDS, messages=[message(), message(5)]), "No message is posted twice"),
    "a message that comes twice, and another was in hand when the host was killed": (
        replace(RECORDS, messages=[message(), message(5)], in_hand=["two"]),
        "No message is posted twice",
    ),
    "a message that comes three times, and was in hand once": (
        replace(RECORDS, messages=[message(), message(5), message(6)], in_hand=["one"]),
        "No message is posted twice",
    ),
    "a message that nobody owed": (
        replace(RECORDS, notices={}, journal=[], exchanges=[]),
        "No message is posted twice",
    ),
    "a message that never came": (replace(RECORDS, messages=[]), "No message is missing"),
    "a message that is still to be posted": (
        replace(RECORDS, notices={"one": replace(NOTICE, state=Delivery.PENDING)}),
        "No message is missing",
    ),
    "a fix that was not told": (
        replace(RECORDS, journal=[STARTED, FIXED, FIXED]),
        "No message is missing",
    ),
    "a queue that is not empty": (replace(RECORDS, waiting={"checks": 1}), "Every queue is empty"),
    "a poison message without a case": (
        replace(RECORDS, journal=[*RECORDS.journal, POISON]),
        "Every queue is empty",
    ),
}


def broken(records: Records) -> list[str]:
    return [promise.text for promise in promises(records) if not promise.kept]


@pytest.mark.parametrize("records", KEPT.values(), ids=KEPT)
def test_what_is_as_promised_breaks_nothing(records: Records) -> None:
    assert broken(records) == []


@pytest.mark.parametrize(("records", "promise"), BROKEN.values(), ids=BROKEN)
def test_what_is_not_as_promised_is_noticed(records: Records, promise: str) -> None:
    (text,) = broken(records)
    assert text.startswith(promise)
