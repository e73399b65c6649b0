"""What the messages about a fix say: begun, confirmed, failed."""

from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from remediation import cards
from remediation.cases import Approval
from remediation.plan import Precondition, Safety
from tests.builders import NOON, REGISTRY_ID, plan
from tests.remediation.reading_cards import CASE, CONVERSION, PLAN, PREMIUM, UPGRADE, fact, part


def test_a_fix_tells_what_changed_who_changed_it_and_when_it_was_confirmed() -> None:
    card = cards.fixed(PREMIUM, PLAN, replace(CASE, sent=NOON - timedelta(seconds=2.1)))
    assert card.title == "Container registry crml: Basic → Premium"
    assert card.summary == "The registry is Premium."
    assert fact(card, "Resource") == "crml (westeurope, resource group rg-ml)"
    assert fact(card, "Changed by") == "user@example.com"
    assert fact(card, "Confirmed") == "by a fresh read, 23 Nov 2026 12:00 UTC, within 3 s of the change"
    assert (fact(card, "Cost"), fact(card, "Undo")) == (PLAN.cost.text, PLAN.undo_note)
    assert fact(card, "Downtime") == "none"
    assert part(card, "What was sent") == (
        f"PATCH {REGISTRY_ID}?api-version=2025-11-01",
        '{"sku": {"name": "Premium"}}',
    )
    assert part(card, "Code change") == ("Bicep:     sku: { name: 'Premium' }", 'Terraform: sku = "Premium"')


def test_a_sentence_ends_once() -> None:
    ended = PREMIUM._replace(verdict=PREMIUM.verdict._replace(because="it is so."))
    assert cards.fixed(ended, PLAN, CASE).summary == "It is so."


def test_what_was_sent_is_shown_as_it_was() -> None:
    write = replace(PLAN.writes[0], body={"tags": {"a": "\u00e9"}})
    card = cards.fixed(PREMIUM, replace(PLAN, writes=(write,)), CASE)
    assert part(card, "What was sent")[1] == '{"tags": {"a": "\u00e9"}}'


def test_a_fix_whose_sending_was_not_recorded_says_no_duration() -> None:
    assert fact(cards.fixed(PREMIUM, PLAN, CASE), "Confirmed") == "by a fresh read, 23 Nov 2026 12:00 UTC"


def test_the_message_of_an_upgrade_promises_neither_zones_nor_a_better_sla() -> None:
    text = str(asdict(cards.fixed(PREMIUM, PLAN, CASE)))
    assert "zone" not in text.lower()
    assert "SLA" not in text


REASONS = {
    "ScopeLocked: the scope is locked": "Remove the read-only lock",
    "RequestDisallowedByPolicy: denied": "An Azure Policy assignment denies",
    "AuthorizationFailed: no": "Grant the bot's identity",
}


@pytest.mark.parametrize(("reason", "advice"), REASONS.items())
def test_a_failure_says_what_azure_said_and_what_to_do(reason: str, advice: str) -> None:
    card = cards.failure(UPGRADE, PLAN, replace(CASE, reason=reason))
    assert card.title == "Could not upgrade container registry crml from Basic to Premium"
    assert card.summary.startswith("The registry is Basic: it cannot be geo-replicated")
    assert card.summary.endswith("stops image pulls. It is still so as of 23 Nov 2026 12:00 UTC.")
    assert (fact(card, "Reason"), fact(card, "Tries")) == (reason, "2")
    assert part(card, "What to do")[0].startswith(advice)


def test_a_failure_for_a_reason_of_its_own_gives_no_advice() -> None:
    card = cards.failure(UPGRADE, PLAN, replace(CASE, reason="Azure accepted the change but did not apply it"))
    assert [section.title for section in card.sections] == ["What was sent"]


def test_a_fix_that_has_begun_names_its_approval_and_what_was_sent_so_far() -> None:
    two = replace(plan(CONVERSION), writes=plan(CONVERSION).writes * 2)
    case = replace(CASE, approval=Approval(two.digest, "Ann (object-1)", NOON))
    card = cards.started(CONVERSION, two, case)
    assert card.title == "Convert storage account stml from Standard_LRS to Standard_ZRS"
    assert fact(card, "Approved by") == "Ann (object-1), 23 Nov 2026 12:00 UTC"
    assert (fact(card, "Time"), fact(card, "Downtime")) == (two.duration, two.downtime)
    assert len(part(card, "What was sent")) == 2


def test_an_approval_of_another_plan_is_not_named() -> None:
    case = replace(CASE, approval=Approval("another", "Ann", NOON))
    card = cards.fixed(PREMIUM, PLAN, case)
    assert card.label.startswith("FIXED AUTOMATICALLY")
    assert "Approved by" not in [fact.label for fact in card.facts]


def test_a_plan_of_several_writes_that_stopped_says_how_far_it_came() -> None:
    two = replace(PLAN, writes=PLAN.writes * 2)
    card = cards.failure(UPGRADE, two, replace(CASE, step=1, reason="Conflict: busy"))
    assert fact(card, "Already done").startswith("1 of 2 writes;")
    no_way_back = cards.failure(UPGRADE, replace(two, undo=()), replace(CASE, step=1, reason="Conflict: busy"))
    assert fact(no_way_back, "Already done") == "1 of 2 writes; the rest is for a person to finish"
    first = cards.failure(UPGRADE, two, replace(CASE, reason="Conflict: busy"))
    assert "Already done" not in [fact.label for fact in first.facts]
    assert (len(part(card, "What was sent")), len(part(first, "What was sent"))) == (4, 2)


def test_a_failure_says_who_tries_next() -> None:
    failed = replace(CASE, reason="ScopeLocked: no")
    assert fact(cards.failure(UPGRADE, PLAN, failed), "Next try").startswith("with the next change")
    asked = replace(PLAN, safety=Safety.APPROVE), replace(PLAN, preconditions=(Precondition("nobody pulls"),))
    for each in asked:
        assert fact(cards.failure(UPGRADE, each, failed), "Next try").startswith("when somebody approves")


def test_what_failed_before_anything_was_sent_shows_nothing_as_sent() -> None:
    card = cards.failure(UPGRADE, PLAN, replace(CASE, attempts=0, reason="it cannot be judged any more"))
    assert card.sections == ()
