"""What the messages say."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import pytest

from remediation import cards
from remediation.cards import EXCERPT, Card, Tone, changed_by, excerpt, portal_url, used_by
from remediation.cases import Case, Cause, State
from rules.model import Resource, Role, Use
from tests.builders import (
    CAUSE,
    NOON,
    REGISTRY_ID,
    STORAGE_ID,
    SUBSCRIPTION,
    WORKSPACE_ID,
    databricks,
    default_storage,
    finding,
    guidance,
    plan,
    registry,
    storage_account,
)
from tests.remediation.card_kinds import HOSTILE, kinds

UPGRADE = finding("container-registry/premium-sku", Resource.of(registry()))
PREMIUM = finding("container-registry/premium-sku", Resource.of(registry("Premium")))
CONVERSION = finding("storage/zone-redundant", default_storage(storage_account()))
ADVICE = finding("databricks/disaster-recovery", Resource.of(databricks()))
CASE = Case(UPGRADE.rule.name, REGISTRY_ID, State.FIXED, NOON, NOON, CAUSE, attempts=2)
PLAN = plan(UPGRADE)
KINDS = kinds()


def fact(card: Card, label: str) -> str:
    """The one fact of this label."""
    (text,) = (fact.text for fact in card.facts if fact.label == label)
    return text


def part(card: Card, title: str) -> Sequence[str]:
    """The lines of the one part of this title."""
    (lines,) = (section.lines for section in card.sections if section.title == title)
    return lines


LABELS = {
    "fixed": (Tone.GOOD, "FIXED AUTOMATICALLY · HIGH · container-registry/premium-sku"),
    "approval": (Tone.WARNING, "APPROVAL NEEDED · HIGH · storage/zone-redundant"),
    "audit": (Tone.WARNING, "AUDIT MODE · HIGH · container-registry/premium-sku"),
    "guidance": (Tone.INFO, "GUIDANCE · HIGH · databricks/disaster-recovery"),
    "failure": (Tone.BAD, "FIX FAILED · HIGH · container-registry/premium-sku"),
    "unreadable": (Tone.BAD, "NOT PROTECTED"),
    "poison": (Tone.BAD, "NOT PROCESSED"),
    "undelivered": (Tone.BAD, "NOT DELIVERED"),
}


def test_every_kind_has_its_colour_and_label() -> None:
    assert {name: (card.tone, card.label) for name, card in KINDS.items()} == LABELS


@pytest.mark.parametrize("card", KINDS.values(), ids=KINDS)
def test_a_card_is_stored_whole(card: Card) -> None:
    assert Card.of(json.loads(json.dumps(asdict(card)))) == card


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


@pytest.mark.parametrize("card", KINDS.values(), ids=KINDS)
def test_what_is_for_machines_is_code_and_folded(card: Card) -> None:
    machines = {"Code change", "What was sent", "By hand"}
    for section in card.sections:
        assert (section.code, section.folded) == (
            section.title in machines | {"The message"},
            section.title in machines,
        )


def test_a_fix_whose_sending_was_not_recorded_says_no_duration() -> None:
    assert fact(cards.fixed(PREMIUM, PLAN, CASE), "Confirmed") == "by a fresh read, 23 Nov 2026 12:00 UTC"


def test_the_message_of_an_upgrade_promises_neither_zones_nor_a_better_sla() -> None:
    text = str(asdict(cards.fixed(PREMIUM, PLAN, CASE)))
    assert "zone" not in text.lower()
    assert "SLA" not in text


def test_what_is_proposed_says_that_premium_changes_neither_zones_nor_sla() -> None:
    (why,) = part(cards.audit(UPGRADE, PLAN, CAUSE), "Why it matters")
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
    card = cards.audit(UPGRADE, PLAN, CAUSE)
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
    (line,) = part(cards.audit(UPGRADE, plan(UPGRADE._replace(resource=resource)), CAUSE), "By hand")
    assert shlex.split(line)[5] == f"{REGISTRY_ID}{name}?api-version=2025-11-01"


def test_guidance_numbers_its_steps() -> None:
    card = cards.guidance(ADVICE, guidance(ADVICE), CAUSE)
    assert card.title == "Databricks workspace dbml: no disaster-recovery workspace is named for it"
    assert [line[:3] for line in part(card, "What to do")] == ["1. ", "2. ", "3. ", "4. ", "5. "]
    assert fact(card, "Effort") == "two to six weeks"
    assert part(card, "Why it matters")


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
    assert (fact(card, "Azure said"), fact(card, "Tries")) == (reason, "2")
    assert part(card, "What to do")[0].startswith(advice)


def test_a_failure_for_a_reason_of_its_own_gives_no_advice() -> None:
    card = cards.failure(UPGRADE, PLAN, replace(CASE, reason="Azure accepted the change but did not apply it"))
    assert [section.title for section in card.sections] == ["What was sent"]


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


USES = {
    "nobody": ([], "no Azure Machine Learning workspace known so far"),
    "one": ([Use(Role.DEFAULT_STORAGE, WORKSPACE_ID)], "mlw as default storage"),
    "two": (
        [Use(Role.WORKSPACE_REGISTRY, WORKSPACE_ID), Use(Role.ADDITIONAL_DATASTORE, f"{WORKSPACE_ID}2")],
        "mlw as container registry; mlw2 as a datastore",
    ),
    "an unnamed one": ([Use(Role.WORKSPACE_VAULT)], "a workspace as key vault"),
    "a rarer role": ([Use(Role.HDINSIGHT_STORAGE, WORKSPACE_ID)], "mlw as storage of attached HDInsight"),
}


@pytest.mark.parametrize(("uses", "text"), USES.values(), ids=USES)
def test_it_is_said_who_uses_a_resource(uses: list[Use], text: str) -> None:
    assert used_by(uses) == text


CALLERS = {
    "a person": (CAUSE, "user@example.com"),
    "an application": (Cause(app_id="app", caller_id="object"), "application app"),
    "an object": (Cause(caller_id="object"), "object"),
    "nobody": (Cause(), "not told by the event"),
}


@pytest.mark.parametrize(("cause", "text"), CALLERS.values(), ids=CALLERS)
def test_it_is_said_who_made_a_change(cause: Cause, text: str) -> None:
    assert changed_by(cause) == text


def test_a_resource_without_region_or_group_is_named_all_the_same() -> None:
    resource = Resource.of({"type": "Microsoft.ContainerRegistry/registries", "name": "crml", "sku": {"name": "Basic"}})
    card = cards.audit(finding("container-registry/premium-sku", resource), PLAN, CAUSE)
    assert fact(card, "Resource") == "crml (no region)"


def test_a_type_without_a_noun_is_named_by_its_type() -> None:
    card = cards.fixed(PREMIUM._replace(resource=Resource.of({"type": "Microsoft.X/ys", "name": "a"})), PLAN, CASE)
    assert card.title == "microsoft.x/ys a: Basic → Premium"


def test_links_lead_to_the_portal_and_to_learn() -> None:
    portal, more = KINDS["fixed"].links
    assert portal.url == f"https://portal.azure.com/#resource{REGISTRY_ID}/overview"
    assert more.url == UPGRADE.rule.references.learn[0]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_resource_id_leads_nowhere_but_to_the_portal(text: str) -> None:
    parts = urlsplit(portal_url(f"{REGISTRY_ID}{text}"))
    assert (parts.scheme, parts.netloc, parts.path, parts.query) == ("https", "portal.azure.com", "/", "")
    assert unquote(parts.fragment) == f"resource{REGISTRY_ID}{text}/overview"
    assert not set(portal_url(text)) & set("()[]<>|` \n")
