"""What every message says, and the words that several share."""

import json
from dataclasses import asdict, replace
from urllib.parse import unquote, urlsplit

import pytest

from remediation import cards
from remediation.cards import Card, Tone, changed_by, portal_url, used_by
from remediation.cases import Cause
from rules.model import Resource, Role, Use
from tests.builders import CAUSE, REGISTRY_ID, WORKSPACE_ID, finding
from tests.remediation.card_kinds import HOSTILE
from tests.remediation.reading_cards import CASE, KINDS, PLAN, PREMIUM, UPGRADE, fact

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
    "to be reviewed": (Tone.WARNING, "APPROVAL NEEDED · HIGH · storage/zone-redundant"),
    "decided": (Tone.WARNING, "APPROVAL NEEDED · HIGH · storage/zone-redundant"),
    "settled": (Tone.BAD, "FIX FAILED · HIGH · container-registry/premium-sku"),
    "shown as approved": (Tone.INFO, "APPROVED · container-registry/premium-sku"),
    "shown as snoozed": (Tone.INFO, "SNOOZED · container-registry/premium-sku"),
    "shown as exempt": (Tone.INFO, "EXEMPT · container-registry/premium-sku"),
    "keeps undone, to be reviewed": (Tone.WARNING, "KEEPS BEING UNDONE · HIGH · container-registry/premium-sku"),
    "to be undone": (Tone.GOOD, "FIXED AUTOMATICALLY · HIGH · container-registry/premium-sku"),
    "to be tried again": (Tone.BAD, "FIX FAILED · HIGH · container-registry/premium-sku"),
    "still waiting": (Tone.WARNING, "STILL TO BE APPROVED · container-registry/premium-sku"),
    "not decided": (Tone.INFO, "NOT DONE · container-registry/premium-sku"),
    "not decided, without a plan": (Tone.INFO, "NOT DONE · container-registry/premium-sku"),
    "digest": (Tone.WARNING, "DAILY DIGEST"),
    "exemption ends": (Tone.INFO, "EXEMPTION ENDS · container-registry/premium-sku"),
    "limit reached": (Tone.WARNING, "LIMIT REACHED"),
    "guidance": (Tone.INFO, "GUIDANCE · HIGH · databricks/disaster-recovery"),
    "failure": (Tone.BAD, "FIX FAILED · HIGH · container-registry/premium-sku"),
    "closed": (Tone.INFO, "CLOSED · storage/zone-redundant"),
    "closed without a plan": (Tone.INFO, "CLOSED · container-registry/premium-sku"),
    "scan over the limit": (Tone.WARNING, "LIMIT REACHED"),
    "scan failed": (Tone.BAD, "NOT SCANNED"),
    "unreadable": (Tone.BAD, "NOT PROTECTED"),
    "poison": (Tone.BAD, "NOT PROCESSED"),
    "dead letters": (Tone.WARNING, "EVENTS NOT DELIVERED"),
    "unreadable letter": (Tone.BAD, "NOT PROCESSED"),
    "silent": (Tone.BAD, "NO EVENTS"),
    "events again": (Tone.GOOD, "EVENTS AGAIN"),
    "stuck": (Tone.BAD, "NOT PROCESSED"),
    "moves again": (Tone.GOOD, "PROCESSED AGAIN"),
    "undelivered": (Tone.BAD, "NOT DELIVERED"),
}


def test_every_kind_has_its_colour_and_label() -> None:
    assert {name: (card.tone, card.label) for name, card in KINDS.items()} == LABELS


@pytest.mark.parametrize("card", KINDS.values(), ids=KINDS)
def test_a_card_is_stored_whole(card: Card) -> None:
    assert Card.of(json.loads(json.dumps(asdict(card)))) == card


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


TO_DO = ("To approve", "To prolong it here", "To read what happened")


@pytest.mark.parametrize("card", KINDS.values(), ids=KINDS)
def test_what_is_for_machines_is_code_and_folded(card: Card) -> None:
    """Not what code has to change, where code undoes the fix again and again."""
    by_code = card.label.startswith("KEEPS BEING UNDONE")
    machines = {"By hand", "Code change", "To look", "What was sent", *TO_DO}
    for section in card.sections:
        assert (section.code, section.folded) == (
            section.title in machines | {"The message", "What waits"},
            section.title in machines - ({"Code change"} if by_code else set()),
        )


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
