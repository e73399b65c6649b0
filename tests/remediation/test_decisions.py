"""Buttons in Slack: what they do, and that people hear when it cannot be done."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from remediation import access_settings, cards, decisions, poison
from remediation.access import Access
from remediation.cases import State
from remediation.policy import Effect, Mode, Override
from remediation.ports import Unavailable
from remediation.tokens import LIFE
from rules.model import Status
from tests.remediation.approving import (
    GEO,
    GROW,
    SETTINGS,
    SLACK_USER,
    Start,
    Visitor,
    asked,
    case_of,
    change,
    link_of,
    press,
)
from tests.remediation.harness import Bot

CONFIRMED = "approve_confirmed"
WHO = f"ann (Slack {SLACK_USER})"


def test_a_button_approves(start: Start) -> None:
    bot = asked(start)
    assert press(bot, CONFIRMED, link_of(bot)) == 200
    bot.work()
    assert GEO.verdict(bot).status is Status.PASS
    assert (case_of(bot).state, bot.headlines()) == (State.FIXED, ["APPROVAL NEEDED", "FIXED"])
    assert bot.journal(GEO.resource.id)[1].detail["by_id"] == f"Slack {SLACK_USER}"
    assert WHO in bot.told()[-1]


def test_a_button_snoozes_for_some_days(start: Start) -> None:
    bot = asked(start)
    press(bot, "snooze", link_of(bot))
    bot.work()
    snoozed = case_of(bot).snoozed
    assert snoozed is not None
    assert (snoozed.date() - bot.clock().date(), snoozed.hour) == (decisions.SNOOZE, 0)
    assert (case_of(bot).state, bot.done(GEO.resource.id)) == (State.ASKED, ["asked", "snoozed"])


def test_a_button_exempts_for_some_days_in_the_name_of_who_pressed_it(start: Start) -> None:
    bot = asked(start)
    press(bot, "exempt", link_of(bot))
    bot.work()
    case = case_of(bot)
    assert case.state is State.EXEMPT
    assert case.until is not None
    assert case.until.date() - bot.clock().date() == cards.EXEMPT
    assert case.reason == f"{decisions.EXEMPTED} (a person's decision, {WHO})"
    assert bot.journal(GEO.resource.id)[1].detail["by_id"] == f"Slack {SLACK_USER}"


def test_a_button_has_people_asked_to_take_a_fix_back(start: Start) -> None:
    bot = asked(start)
    press(bot, CONFIRMED, link_of(bot))
    bot.work()
    for _ in range(2):  # pressed twice
        press(bot, "undo", link_of(bot, "Undo"))
        bot.clock.move(timedelta(seconds=2))
    bot.work()
    assert bot.headlines() == ["APPROVAL NEEDED", "FIXED", "APPROVAL NEEDED"]
    assert bot.case(GEO.resource.id, f"{GEO.rule}/undo").cause.caller == WHO


def test_undo_pressed_by_another_one_is_told_that_it_is_under_way(start: Start) -> None:
    bot = asked(start, settings=SETTINGS | {access_settings.SLACK_APPROVERS: f"{SLACK_USER},U0SECOND"})
    press(bot, CONFIRMED, link_of(bot))
    bot.work()
    for user in (SLACK_USER, "U0SECOND"):
        press(bot, "undo", link_of(bot, "Undo"), user)
        bot.work()
    assert bot.headlines()[-1] == "NOT DONE"
    assert "It is being taken back already" in bot.told()[-1]


def test_who_approved_may_try_again_after_a_failure(start: Start) -> None:
    """The link of the failure was made after the approval: to press its button is no second press of the first."""
    bot = asked(start, GROW)
    bot.azure.fault(method="PATCH", status=409, code="ScopeLocked")
    press(bot, "approve", link_of(bot))
    bot.work()
    press(bot, "approve", link_of(bot, "Review and try again"))
    bot.work()
    assert bot.headlines() == ["APPROVAL NEEDED", "FIX FAILED", "FIXED"]


def test_who_presses_twice_has_decided_once_and_hears_of_it_once(start: Start) -> None:
    bot = asked(start)
    for _ in range(2):
        assert press(bot, CONFIRMED, link_of(bot)) == 200
        bot.clock.move(timedelta(seconds=2))
    bot.work()
    assert (len(bot.azure.writes()), bot.headlines()) == (1, ["APPROVAL NEEDED", "FIXED"])
    assert bot.done(GEO.resource.id).count("approved") == 1


def expired(bot: Bot) -> None:
    bot.clock.move(LIFE + timedelta(days=1))


def approved_by_another(bot: Bot) -> None:
    ben = Visitor(bot, "Ben")
    assert ben.approve(ben.get(link_of(bot))).status == 200


def in_audit_mode(bot: Bot) -> None:
    bot.services = replace(bot.services, policy=replace(bot.services.policy, mode=Mode.AUDIT))


def only_to_be_told(bot: Bot) -> None:
    overrides = (Override(Effect.TELL, "policy.yaml line 3"),)
    bot.services = replace(bot.services, policy=replace(bot.services.policy, overrides=overrides))


def deleted(bot: Bot) -> None:
    bot.azure.fault(method="GET", status=404, times=None)


def unreadable(bot: Bot) -> None:
    bot.azure.fault(method="GET", status=403)


NOT_DONE: Mapping[str, tuple[Callable[[Bot], None], str]] = {
    "the link has expired": (expired, "This link has expired"),
    "the resource has changed": (change, "The resource has changed since it was asked about"),
    "somebody else was faster": (approved_by_another, "This link has been used: Ben (object-1) approved it"),
    "it is held back": (in_audit_mode, "The bot is in audit mode"),
    "the policy holds it back": (only_to_be_told, "The bot may not change it: policy.yaml line 3."),
    "it is deleted": (deleted, "The resource was deleted."),
    "it cannot be read": (unreadable, "Azure does not show the resource: AuthorizationFailed"),
}


@pytest.mark.parametrize(("happens", "says"), NOT_DONE.values(), ids=NOT_DONE)
def test_people_hear_why_a_button_did_nothing(start: Start, happens: Callable[[Bot], None], says: str) -> None:
    bot = asked(start)
    token = link_of(bot)
    happens(bot)
    press(bot, CONFIRMED, token)
    bot.drain("decisions")
    bot.drain("notices")
    assert bot.headlines()[-1] == "NOT DONE"
    assert (says in bot.told()[-1], f"approve_confirmed, by {WHO}" in bot.told()[-1]) == (True, True)
    assert bot.azure.writes() == []


def test_each_decision_that_was_not_taken_is_told(start: Start) -> None:
    bot = asked(start)
    for _ in range(2):
        press(bot, "approve", link_of(bot))
        bot.clock.move(timedelta(seconds=2))
        bot.work()
    assert bot.headlines() == ["APPROVAL NEEDED", "NOT DONE", "NOT DONE"]


def test_what_a_person_has_to_confirm_takes_the_page_or_a_dialog(start: Start) -> None:
    bot = asked(start)
    press(bot, "approve", link_of(bot))
    bot.work()
    assert (case_of(bot).state, bot.headlines()[-1]) == (State.ASKED, "NOT DONE")
    assert "confirm that on the page" in bot.told()[-1]
    press(bot, CONFIRMED, link_of(bot, "Review"))
    bot.work()
    assert bot.headlines()[-1] == "FIXED"


def test_a_plan_without_anything_to_confirm_takes_one_click(start: Start) -> None:
    bot = asked(start, GROW)
    press(bot, "approve", link_of(bot))
    bot.drain("decisions")
    assert case_of(bot, GROW).state is State.APPROVED


def test_what_azure_does_not_answer_is_tried_again(start: Start) -> None:
    bot = asked(start)
    bot.azure.fault(method="GET", status=503)
    press(bot, CONFIRMED, link_of(bot))
    with pytest.raises(Unavailable):
        bot.work()
    bot.work()
    assert bot.headlines() == ["APPROVAL NEEDED", "FIXED"]


def test_a_decision_delivered_twice_tells_once(start: Start) -> None:
    bot = asked(start)
    press(bot, "approve", link_of(bot))
    (message,) = bot.received("decisions")
    for _ in range(2):
        bot.handle("decisions", message)
    bot.work()
    assert bot.headlines() == ["APPROVAL NEEDED", "NOT DONE"]


def test_what_nothing_is_remembered_of_is_logged(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    bot = asked(start)
    case = replace(case_of(bot), resource_id=f"{GEO.resource.id}2")
    token = bot.services.access.link(case).rpartition("/")[2]
    press(bot, CONFIRMED, token)
    bot.work()
    assert (bot.headlines(), "nothing is remembered of it" in caplog.text) == (["APPROVAL NEEDED"], True)


def test_a_decision_that_this_app_has_not_signed_is_none(start: Start) -> None:
    bot = asked(start)
    elsewhere = start(settings={access_settings.SIGNING_KEY: "another key of the tests, long enough"})
    press(bot, CONFIRMED, link_of(bot))
    (message,) = bot.received("decisions")
    for services, says in ((elsewhere.services, "signature"), (replace(bot.services, access=Access()), "no key")):
        with pytest.raises(ValueError, match=says):
            decisions.decide(services, json.loads(message.content), "")


SOMEBODY = {"name": "ann", "id": "U0"}
NONE: Mapping[str, tuple[object, str]] = {
    "no object": ([], "holds no decision"),
    "nothing": ({}, "holds no decision"),
    "nobody": ({"what": "approve", "token": "x", "person": {"name": "ann"}}, "holds no decision"),
    "a token that is no text": ({"what": "approve", "token": 7, "person": SOMEBODY}, "holds no decision"),
    "a button that is none": ({"what": "delete", "token": "x", "person": SOMEBODY}, "names no button"),
}


@pytest.mark.parametrize(("message", "says"), NONE.values(), ids=NONE)
def test_a_message_that_holds_no_decision_is_none(start: Start, message: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        decisions.decide(asked(start).services, message, "")


def test_a_decision_that_cannot_be_processed_is_told_without_its_token(start: Start) -> None:
    bot = asked(start)
    token = link_of(bot)
    press(bot, CONFIRMED, token)
    (message,) = bot.received("decisions")
    poison.unprocessed(bot.services, "decisions", message.content)
    bot.work()
    assert bot.headlines()[-1] == "NOT PROCESSED"
    assert (SLACK_USER in bot.told()[-1], token in bot.told()[-1]) == (True, False)
