"""Notices: one id for one message, and stored whole."""

import json
from dataclasses import replace

import pytest

from remediation.cards import Button, Card, Fact, Link, Section, Tone
from remediation.notices import Delivery, Kind, Notice, notice_id
from rules.model import Severity
from tests.builders import NOON

CARD = Card(
    Tone.GOOD,
    "FIXED",
    "Registry crml",
    "Ünïcode → \u05d0 🟢.",
    facts=(Fact("Resource", "crml", "https://portal.azure.com/"), Fact("Cost", "none")),
    sections=(Section("What was sent", ("PATCH", "{}"), code=True, folded=True), Section("Why", ("so",))),
    links=(Link("Open", "https://portal.azure.com/"),),
    buttons=(Button("Approve", "approve", "token", "Sure?", "It costs."), Button("Snooze", "snooze", "token")),
)
NOTICES = {
    "new": Notice("id-1", "Teams", CARD),
    "bare": Notice("id-1", "Teams", Card(Tone.BAD, "", "", "")),
    "being sent": Notice("id-1", "Slack", CARD, Severity.LOW, Delivery.SENDING, "delivery-1", NOON),
    "in a thread": Notice(
        "id-1", "Slack", CARD, thread="thread-1", kind=Kind.SHOWN, owed=NOON.isoformat(), reference="C1 1.2"
    ),
}


@pytest.mark.parametrize("notice", NOTICES.values(), ids=NOTICES)
def test_a_notice_is_stored_whole(notice: Notice) -> None:
    stored = replace(notice, etag="old").to_json()
    assert "etag" not in stored
    assert Notice.from_json(stored, "new") == replace(notice, etag="new")


def test_a_notice_that_was_stored_before_there_were_threads_and_buttons_is_read() -> None:
    data = json.loads(NOTICES["new"].to_json())
    for name in ("thread", "kind", "owed", "reference"):
        del data[name]
    del data["card"]["buttons"]
    assert Notice.from_json(json.dumps(data), "") == replace(NOTICES["new"], card=replace(CARD, buttons=()))


def test_a_notice_is_stored_as_readable_text() -> None:
    assert "Ünïcode" in NOTICES["new"].to_json()


def test_what_is_owed_once_has_one_id() -> None:
    assert notice_id("Teams", "ASKED", "rule") == notice_id("Teams", "ASKED", "rule")


OTHERS = [("Slack", "ASKED", "rule"), ("Teams", "TOLD", "rule"), ("Teams", "ASKED"), ("Teams", "ASKEDrule", "")]


@pytest.mark.parametrize("what", OTHERS)
def test_what_is_owed_besides_has_another_id(what: tuple[str, ...]) -> None:
    assert notice_id(*what) != notice_id("Teams", "ASKED", "rule")
