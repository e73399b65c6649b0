"""What can be pressed below a message, and how a message looks once something has followed it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from remediation import cards, undo
from remediation.cards import Card, Tone
from remediation.cards.buttons import to_undo
from remediation.cases import Approval
from remediation.decisions import ACTIONS, APPROVES
from remediation.plan import Plan
from tests.builders import CAUSE, NOON, plan
from tests.remediation.card_kinds import REVIEW, kinds
from tests.remediation.carrying_out import CATALOGUE, Example
from tests.remediation.reading_cards import CASE, CONVERSION, PLAN, UPGRADE, fact

KINDS = kinds()
TOKEN = REVIEW.rpartition("/")[2]
BACK = undo.plan_of(PLAN)
ASKING = cards.approval(CONVERSION, plan(CONVERSION), CAUSE, "", REVIEW)
FAILED = cards.failure(UPGRADE, PLAN, replace(CASE, reason="ScopeLocked: no"), REVIEW)


def actions(card: Card) -> list[str]:
    return [button.action for button in card.buttons]


WITH_BUTTONS = {
    "to be reviewed": ["approve_confirmed", "snooze", "exempt"],
    "keeps undone, to be reviewed": ["approve", "snooze", "exempt"],
    "still waiting": ["approve_confirmed", "snooze", "exempt"],
    "to be undone": ["undo"],
    "to be tried again": ["approve"],
}


@pytest.mark.parametrize("kind", KINDS)
def test_messages_with_a_link_to_decide_have_its_buttons(kind: str) -> None:
    assert actions(KINDS[kind]) == WITH_BUTTONS.get(kind, [])


@pytest.mark.parametrize("kind", WITH_BUTTONS)
def test_a_button_does_something_by_the_token_of_the_link_beside_it(kind: str) -> None:
    assert {button.token for button in KINDS[kind].buttons} == {TOKEN}
    assert all(button.action in ACTIONS for button in KINDS[kind].buttons)
    assert REVIEW in [link.url for link in KINDS[kind].links]


def test_what_takes_a_fix_back_cannot_be_exempted_or_undone() -> None:
    assert BACK is not None
    (finding,) = undo.findings({BACK.rule: BACK}, UPGRADE.resource)
    assert actions(cards.approval(finding, BACK, CAUSE, "", REVIEW)) == ["approve", "snooze"]
    assert to_undo(BACK, REVIEW) == ()


@pytest.mark.parametrize("unable", [replace(PLAN, undo=()), PLAN])
def test_only_what_can_be_undone_has_a_button_for_it(unable: Plan) -> None:
    assert [button.title for button in to_undo(unable, REVIEW)] == ["Undo"] * bool(unable.undo)
    assert to_undo(unable, "") == ()


@pytest.mark.parametrize("example", CATALOGUE.values(), ids=CATALOGUE)
def test_who_approves_is_asked_for_all_that_only_a_person_can_know_and_sees_cost_and_downtime(example: Example) -> None:
    card = cards.approval(UPGRADE, example.plan, CAUSE, "", REVIEW)
    approve = card.buttons[0]
    assert approve.action in APPROVES
    assert (approve.action == "approve_confirmed") is bool(example.plan.to_confirm)
    assert all(text.lower() in approve.question.lower() for text in example.plan.to_confirm)
    assert example.plan.cost.text[1:] in approve.note
    assert "Downtime: " in approve.note


def test_what_has_followed_shows_in_its_colour_with_its_words_and_without_the_decision() -> None:
    card = cards.settled(ASKING, FAILED)
    assert (card.tone, card.label, card.title) == (Tone.BAD, FAILED.label, ASKING.title)
    assert card.summary.startswith(FAILED.title)
    assert card.summary.endswith(" Decide on the newest message in its thread.")
    assert (card.buttons, card.sections) == ((), ())
    assert [link.title for link in card.links] == ["Open in the portal", "Read more"]
    assert [each.label for each in card.facts] == ["Resource", "Used by", "Changed by", "Reason"]
    assert (fact(card, "Resource"), fact(card, "Reason")) == (fact(ASKING, "Resource"), "ScopeLocked: no")


def test_a_fix_that_can_be_undone_leaves_nothing_to_decide() -> None:
    card = cards.settled(ASKING, cards.fixed(UPGRADE, PLAN, CASE, REVIEW))
    assert "Decide" not in card.summary
    assert fact(card, "Confirmed").startswith("by a fresh read")


def test_what_cannot_be_decided_any_more_has_neither_button_nor_link() -> None:
    assert cards.decided(ASKING) == replace(ASKING, buttons=(), links=ASKING.links[1:])
    assert cards.decided(replace(ASKING, buttons=())) == replace(ASKING, buttons=()), "only a button's link is known"


PLANNED = replace(CASE, plan=PLAN)
SHOWN: dict[str, tuple[Card, str, str]] = {
    "approved": (
        cards.approved(replace(PLANNED, approval=Approval(PLAN.digest, "Ann", NOON))),
        "APPROVED · container-registry/premium-sku",
        "Approved by Ann, ",
    ),
    "approved by nobody": (cards.approved(PLANNED), "APPROVED · container-registry/premium-sku", "Approved. The next"),
    "snoozed": (
        cards.snoozed(PLANNED, NOON + timedelta(days=3), "Ann"),
        "SNOOZED · container-registry/premium-sku",
        f"Put off by Ann: people are asked again on {NOON + timedelta(days=3):%d %b %Y}.",
    ),
    "exempt": (
        cards.exempt(replace(PLANNED, until=NOON, reason="old (tag)")),
        "EXEMPT · container-registry/premium-sku",
        f"It is accepted until {NOON:%d %b %Y %H:%M} UTC: old (tag).",
    ),
    "exempt for ever": (
        cards.exempt(replace(PLANNED, until=None, reason="old")),
        "EXEMPT · container-registry/premium-sku",
        "It is accepted: old.",
    ),
}


@pytest.mark.parametrize(("card", "label", "summary"), SHOWN.values(), ids=SHOWN)
def test_what_nobody_is_told_of_is_shown(card: Card, label: str, summary: str) -> None:
    assert (card.label, card.title, card.tone) == (label, PLAN.title, Tone.INFO)
    assert card.summary.startswith(summary)


def test_without_a_plan_the_rule_and_the_resource_are_named() -> None:
    assert cards.exempt(replace(CASE, plan=None)).title == "container-registry/premium-sku of crml"
