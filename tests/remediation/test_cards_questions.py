"""What the messages say that ask people or tell them what to do."""

import shlex
from dataclasses import replace

import pytest

from remediation import cards, undo
from rules.model import Resource
from tests.builders import CAUSE, REGISTRY_ID, STORAGE_ID, SUBSCRIPTION, finding, guidance, plan, registry
from tests.remediation.card_kinds import HOSTILE, REVIEW
from tests.remediation.reading_cards import ADVICE, CASE, CONVERSION, KINDS, PLAN, UPGRADE, fact, part


def test_what_is_proposed_says_that_premium_changes_neither_zones_nor_sla() -> None:
    (why,) = part(cards.told(UPGRADE, PLAN, CAUSE), "Why it matters")
    assert "Premium does not change zone redundancy" in why


def test_an_approval_says_that_nothing_was_changed_and_what_would_be() -> None:
    card = cards.approval(CONVERSION, plan(CONVERSION), CAUSE)
    assert card.title == "Convert storage account stml from Standard_LRS to Standard_ZRS"
    assert card.summary.startswith("Nothing has been changed yet")
    assert fact(card, "Change") == "Standard_LRS → Standard_ZRS"
    assert fact(card, "Used by") == "mlw as default storage"
    assert "no blobs in the archive tier; no NFS 4.1 file shares" in fact(card, "Make sure")
    assert fact(card, "Time") == "up to 72 hours to start; Azure promises no end"
    assert "copies in one datacenter" in part(card, "Why it matters")[0]
    assert "Terraform replaces the account" in part(card, "Before you approve")[0]


def test_what_needs_no_care_asks_for_none() -> None:
    card = cards.told(UPGRADE, PLAN, CAUSE)
    assert card.summary.startswith("Nothing was changed")
    assert "Make sure" not in [fact.label for fact in card.facts]
    assert "Before you approve" not in [section.title for section in card.sections]


def test_a_plan_can_be_carried_out_by_hand() -> None:
    (line,) = part(cards.approval(CONVERSION, plan(CONVERSION), CAUSE), "By hand")
    url = f"{STORAGE_ID}/startAccountMigration?api-version=2026-04-01"
    body = '{"properties": {"targetSkuName": "Standard_ZRS"}}'
    assert shlex.split(line) == ["az", "rest", "--method", "post", "--url", url, "--body", body]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_line_to_copy_into_a_shell_runs_nothing_else(text: str) -> None:
    name = f"x'; rm -rf ~ $(id) {text}"
    resource = Resource.of(registry(id=f"{REGISTRY_ID}{name}"))
    (line,) = part(cards.told(UPGRADE, plan(UPGRADE._replace(resource=resource)), CAUSE), "By hand")
    assert shlex.split(line)[5] == f"{REGISTRY_ID}{name}?api-version=2025-11-01"


def test_guidance_with_commands_says_in_which_subscription() -> None:
    """A registry and a group of the same names may stand in another one."""
    zonal = finding("container-registry/zonal-region", Resource.of(registry("Basic", location="westus")))
    first, second, *_ = part(cards.guidance(zonal, guidance(zonal), CAUSE), "What to do")
    assert first == f"Commands are for this subscription: az account set --subscription {SUBSCRIPTION}."
    assert second.startswith("1. ")
    unread = zonal._replace(resource=Resource.of(registry("Basic", location="westus", id="crml")))
    assert part(cards.guidance(unread, guidance(zonal), CAUSE), "What to do")[0].startswith("1. ")


def test_guidance_numbers_its_steps() -> None:
    card = cards.guidance(ADVICE, guidance(ADVICE), CAUSE)
    assert card.title == "Databricks workspace dbml: no disaster-recovery workspace is named for it"
    assert [line[:3] for line in part(card, "What to do")] == ["1. ", "2. ", "3. ", "4. ", "5. "]
    assert fact(card, "Effort") == "two to six weeks"
    assert part(card, "Why it matters")


def test_who_is_asked_sees_which_plan_and_why_again() -> None:
    conversion = plan(CONVERSION)
    card = cards.approval(CONVERSION, conversion, CAUSE, "Ann approved another plan")
    assert fact(card, "Why asked") == "Ann approved another plan"
    (command,) = part(card, "To approve")
    wanted = ["approve", conversion.resource_id, conversion.rule, conversion.digest, "--by", "NAME"]
    assert shlex.split(command) == ["python", "-m", "local", *wanted]
    assert "Why asked" not in [fact.label for fact in cards.approval(CONVERSION, conversion, CAUSE).facts]


def test_who_wants_a_fix_back_is_not_who_changed_it() -> None:
    card = KINDS["undo asked"]
    assert card.title == "Take back: Upgrade container registry crml from Basic to Premium"
    assert (fact(card, "Asked by"), fact(card, "Change")) == ("crml", "Premium → Basic")
    assert fact(card, "Cost") == "what the fix added ends: about +US$45 a month (estimate, list price)"
    assert "Premium does not change zone redundancy" in part(card, "Why it matters")[0]
    assert "the bot leaves it so" in part(card, "What would be done")[0]
    assert "Changed by" not in [fact.label for fact in card.facts]


def test_a_rule_without_a_page_leaves_out_why_it_matters() -> None:
    (found,) = undo.findings({"gone/rule/undo": replace(PLAN, rule="gone/rule/undo")}, UPGRADE.resource)
    card = cards.approval(found, PLAN, CAUSE)
    assert card.label == "APPROVAL NEEDED · MEDIUM · gone/rule/undo"
    assert "Why it matters" not in [section.title for section in card.sections]


TO_REVIEW = {
    "to be reviewed": "Review and approve",
    "keeps undone, to be reviewed": "Review and approve",
    "to be undone": "Undo",
    "to be tried again": "Review and try again",
    "still waiting": "Review and approve",
    "not decided": "Review",
}


@pytest.mark.parametrize(("kind", "title"), TO_REVIEW.items())
def test_where_a_person_decides_comes_first_and_needs_no_command(kind: str, title: str) -> None:
    card = KINDS[kind]
    assert (card.links[0].title, card.links[0].url) == (title, REVIEW)
    assert "To approve" not in [section.title for section in card.sections]


def test_what_cannot_be_taken_back_has_no_link_for_it() -> None:
    no_way = replace(PLAN, undo=())
    assert [link.title for link in cards.fixed(UPGRADE, no_way, CASE, REVIEW).links] == [
        "Open in the portal",
        "Read more",
    ]
