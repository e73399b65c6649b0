"""Notices: one id for one message, and stored whole."""

from dataclasses import replace

import pytest

from remediation.cards import Card, Fact, Link, Section, Tone
from remediation.notices import Delivery, Notice, notice_id
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
)
NOTICES = {
    "new": Notice("id-1", "Teams", CARD),
    "bare": Notice("id-1", "Teams", Card(Tone.BAD, "", "", "")),
    "being sent": Notice("id-1", "Slack", CARD, Severity.LOW, Delivery.SENDING, "delivery-1", NOON),
}


@pytest.mark.parametrize("notice", NOTICES.values(), ids=NOTICES)
def test_a_notice_is_stored_whole(notice: Notice) -> None:
    stored = replace(notice, etag="old").to_json()
    assert "etag" not in stored
    assert Notice.from_json(stored, "new") == replace(notice, etag="new")


def test_a_notice_is_stored_as_readable_text() -> None:
    assert "Ünïcode" in NOTICES["new"].to_json()


def test_what_is_owed_once_has_one_id() -> None:
    assert notice_id("Teams", "ASKED", "rule") == notice_id("Teams", "ASKED", "rule")


OTHERS = [("Slack", "ASKED", "rule"), ("Teams", "TOLD", "rule"), ("Teams", "ASKED"), ("Teams", "ASKEDrule", "")]


@pytest.mark.parametrize("what", OTHERS)
def test_what_is_owed_besides_has_another_id(what: tuple[str, ...]) -> None:
    assert notice_id(*what) != notice_id("Teams", "ASKED", "rule")
