"""What the messages say."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from urllib.parse import unquote, urlsplit

import pytest

from remediation import cards, undo
from remediation.cards import EXCERPT, Card, Tone, changed_by, excerpt, portal_url, used_by
from remediation.cases import Approval, Case, Cause, State
from remediation.plan import Precondition, Safety
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
    "asked again": (Tone.WARNING, "APPROVAL NEEDED · HIGH · storage/zone-redundant"),
    "started": (Tone.INFO, "FIX STARTED · HIGH · storage/zone-redundant"),
    "approved": (Tone.GOOD, "FIXED · HIGH · storage/zone-redundant"),
    "undo asked": (Tone.WARNING, "APPROVAL NEEDED · HIGH · container-registry/premium-sku/undo"),
    "taken back": (Tone.GOOD, "TAKEN BACK · HIGH · container-registry/premium-sku/undo"),
    "audit": (Tone.WARNING, "AUDIT MODE · HIGH · container-registry/premium-sku"),
    "not changed": (Tone.WARNING, "NOT CHANGED · HIGH · container-registry/premium-sku"),
    "keeps undone": (Tone.WARNING, "KEEPS BEING UNDONE · HIGH · container-registry/premium-sku"),
    "exemption ends": (Tone.INFO, "EXEMPTION ENDS · container-registry/premium-sku"),
    "limit reached": (Tone.WARNING, "LIMIT REACHED"),
    "guidance": (Tone.INFO, "GUIDANCE · HIGH · databricks/disaster-recovery"),
    "guidance with a note": (Tone.INFO, "GUIDANCE · HIGH · databricks/disaster-recovery"),
    "failure": (Tone.BAD, "FIX FAILED · HIGH · container-registry/premium-sku"),
    "closed": (Tone.INFO, "CLOSED · storage/zone-redundant"),
    "closed without a plan": (Tone.INFO, "CLOSED · container-registry/premium-sku"),
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


SOFT_DELETE = "blobServices/default:properties.deleteRetentionPolicy"
NORTH = "replications[northeurope]:properties.regionEndpointEnabled"
WEST = "replications[westus]:properties.regionEndpointEnabled"
CHANGES: dict[str, tuple[dict[str, object], dict[str, object], str]] = {
    "one value": ({"sku.name": "Basic"}, {"sku.name": "Premium"}, "Basic → Premium"),
    "one that was not set": ({}, {"properties.enablePurgeProtection": True}, "not set → on"),
    "one that is taken away": ({"properties.a": True}, {"properties.a": None}, "on → not set"),
    "several": (
        {f"{SOFT_DELETE}.enabled": None, f"{SOFT_DELETE}.days": None},
        {f"{SOFT_DELETE}.enabled": True, f"{SOFT_DELETE}.days": 7},
        "deleteRetentionPolicy.enabled: not set → on, deleteRetentionPolicy.days: not set → 7",
    ),
    "several, one of which stays": (
        {f"{SOFT_DELETE}.enabled": True, f"{SOFT_DELETE}.days": 3},
        {f"{SOFT_DELETE}.enabled": True, f"{SOFT_DELETE}.days": 7},
        "deleteRetentionPolicy.days: 3 → 7",
    ),
    "several, none of which differs": ({"a": 1, "b": False}, {"a": 1, "b": False}, "a: 1 → 1, b: off → off"),
    "items of a list": (
        {"properties.agentPoolProfiles[cpu].count": 1, "properties.agentPoolProfiles[gpu].count": 1},
        {"properties.agentPoolProfiles[cpu].count": 2, "properties.agentPoolProfiles[gpu].count": 2},
        "agentPoolProfiles[cpu].count: 1 → 2, agentPoolProfiles[gpu].count: 1 → 2",
    ),
    "items of a collection": (
        {NORTH: False, WEST: False},
        {NORTH: True, WEST: True},
        "replications[northeurope].regionEndpointEnabled: off → on, replications[westus].regionEndpointEnabled: "
        "off → on",
    ),
}


@pytest.mark.parametrize(("before", "after", "text"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_told_in_words(before: dict[str, object], after: dict[str, object], text: str) -> None:
    changed = replace(PLAN, before=before, after=after)
    assert fact(cards.told(UPGRADE, changed, CAUSE), "Change") == text
    assert cards.fixed(PREMIUM, changed, CASE).title == f"Container registry crml: {text}"


def test_a_sentence_ends_once() -> None:
    ended = PREMIUM._replace(verdict=PREMIUM.verdict._replace(because="it is so."))
    assert cards.fixed(ended, PLAN, CASE).summary == "It is so."


def test_what_was_sent_is_shown_as_it_was() -> None:
    write = replace(PLAN.writes[0], body={"tags": {"a": "\u00e9"}})
    card = cards.fixed(PREMIUM, replace(PLAN, writes=(write,)), CASE)
    assert part(card, "What was sent")[1] == '{"tags": {"a": "\u00e9"}}'


@pytest.mark.parametrize("card", KINDS.values(), ids=KINDS)
def test_what_is_for_machines_is_code_and_folded(card: Card) -> None:
    machines = {"Code change", "To approve", "To prolong it here", "What was sent", "By hand"}
    for section in card.sections:
        assert (section.code, section.folded) == (
            section.title in machines | {"The message", "What waits", "Change the code"},
            section.title in machines,
        )


def test_a_fix_whose_sending_was_not_recorded_says_no_duration() -> None:
    assert fact(cards.fixed(PREMIUM, PLAN, CASE), "Confirmed") == "by a fresh read, 23 Nov 2026 12:00 UTC"


def test_the_message_of_an_upgrade_promises_neither_zones_nor_a_better_sla() -> None:
    text = str(asdict(cards.fixed(PREMIUM, PLAN, CASE)))
    assert "zone" not in text.lower()
    assert "SLA" not in text


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
    assert (fact(card, "Reason"), fact(card, "Tries")) == (reason, "2")
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


def test_a_resource_without_region_or_group_is_named_all_the_same() -> None:
    resource = Resource.of({"type": "Microsoft.ContainerRegistry/registries", "name": "crml", "sku": {"name": "Basic"}})
    card = cards.told(finding("container-registry/premium-sku", resource), PLAN, CAUSE)
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
