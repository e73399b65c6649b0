"""What the messages about the bot's own troubles say."""

import pytest

from remediation import cards
from remediation.cards import EXCERPT, excerpt, portal_url
from tests.builders import REGISTRY_ID, SUBSCRIPTION
from tests.remediation.reading_cards import KINDS, fact, part


def test_what_cannot_be_read_is_said_with_an_example() -> None:
    card = cards.unreadable(SUBSCRIPTION, "AuthorizationFailed", "AuthorizationFailed: no", REGISTRY_ID)
    assert (fact(card, "Subscription"), fact(card, "For example")) == (SUBSCRIPTION, REGISTRY_ID)
    assert fact(card, "Azure said") == "AuthorizationFailed: no"


def test_what_cannot_be_read_for_a_reason_of_its_own_gives_no_advice() -> None:
    assert cards.unreadable(SUBSCRIPTION, "InvalidSubscription", "InvalidSubscription: no", REGISTRY_ID).sections == ()


def test_a_message_that_was_not_processed_leads_to_its_resource() -> None:
    (about, _) = cards.poison("checks", "{}", REGISTRY_ID).facts
    assert (about.text, about.url) == (REGISTRY_ID, portal_url(REGISTRY_ID))


def test_a_message_that_was_not_processed_is_shown_in_short() -> None:
    card = cards.poison("checks", "x" * 1000)
    assert part(card, "The message") == (f"{'x' * EXCERPT} …",)
    assert fact(card, "Queue") == "checks"


def test_a_message_that_was_not_delivered_is_repeated_in_short() -> None:
    card = cards.undelivered("Teams", KINDS["fixed"], "the channel answered 410")
    assert card.title == f"Teams did not take a message: {KINDS['fixed'].title}"
    assert card.summary == KINDS["fixed"].summary
    assert fact(card, "Message") == f"{KINDS['fixed'].label}: {KINDS['fixed'].title}"
    assert fact(card, "Reason") == "the channel answered 410"
    assert [fact.label for fact in card.facts[2:]] == ["Resource", "Used by", "Changed by"]
    assert card.links == KINDS["fixed"].links


EXCERPTS = {"": "", "x" * EXCERPT: "x" * EXCERPT, "x" * EXCERPT + "y": "x" * EXCERPT + " …"}


@pytest.mark.parametrize(("text", "short"), EXCERPTS.items(), ids=["empty", "whole", "cut"])
def test_an_excerpt_is_the_beginning_of_a_text(text: str, short: str) -> None:
    assert excerpt(text) == short
