"""Container registries: what exactly would be sent."""

import pytest

from remediation.plan import Plan, Safety, Write
from rules.model import Resource
from tests.builders import REGISTRY_ID, finding, guidance, plan, registry
from tests.rules.examples.container_registry import PRIVATE, replica, replicated


def upgrade(sku: str) -> Plan:
    return plan(finding("container-registry/premium-sku", Resource.of(registry(sku))))


def set_sku(name: str) -> Write:
    return Write("PATCH", REGISTRY_ID, "2025-11-01", {"sku": {"name": name}})


UPGRADES = {"Basic": "about +US$45", "Standard": "about +US$30", "basic": "about +US$45", "Classic": "list price"}


@pytest.mark.parametrize(("tier", "cost"), UPGRADES.items())
def test_a_registry_is_upgraded_to_premium(tier: str, cost: str) -> None:
    made = upgrade(tier)
    assert made.safety is Safety.SAFE
    assert made.writes == (set_sku("Premium"),)
    assert made.undo == (set_sku(tier),)
    assert (made.before, made.after) == ({"sku.name": tier}, {"sku.name": "Premium"})
    assert made.title == f"Upgrade container registry crml from {tier} to Premium"
    assert cost in made.cost.text


def test_the_case_of_ids_changes_no_digest() -> None:
    """A read and a list may write one id in two ways: that is no other plan, and asks for no other approval."""
    shouted = registry() | {"id": REGISTRY_ID.upper()}
    assert plan(finding("container-registry/premium-sku", Resource.of(shouted))).digest == upgrade("Basic").digest


def test_an_upgrade_promises_neither_zones_nor_a_better_sla() -> None:
    text = upgrade("Basic").to_json()
    assert "zone" not in text.lower()
    assert "SLA" not in text


PAIRS = {"westeurope": "northeurope", "westus": "eastus", "westus3": "eastus", "uksouth": "ukwest"}


@pytest.mark.parametrize(("home", "target"), PAIRS.items())
def test_a_replica_is_added_in_the_paired_region(home: str, target: str) -> None:
    made = plan(finding("container-registry/geo-replica", replicated(location=home)))
    body = {"location": target, "properties": {"regionEndpointEnabled": True}}
    assert made.safety is Safety.APPROVE
    assert made.writes == (Write("PUT", f"{REGISTRY_ID}/replications/{target}", "2025-11-01", body),)
    assert made.undo == ()
    assert f"az acr replication delete --registry crml --name {target}" in made.undo_note
    path = f"replications[{target}]:location"
    assert (made.before, made.after) == ({path: None}, {path: target})
    assert ("availability zones" in made.effect) is (target != "ukwest")
    assert f"name: '{target}'" in made.code.bicep
    assert f'"{target}"\n  regional_endpoint_enabled = true' in made.code.terraform


def test_a_person_confirms_only_what_the_registry_does_not_show() -> None:
    made = plan(finding("container-registry/geo-replica", replicated()))
    seen = [precondition.text for precondition in made.preconditions if precondition.checked]
    assert seen == ["the registry is Premium", "the registry has no private endpoints"]
    assert [word in text for word, text in zip(("soft-delete", "northeurope"), made.to_confirm, strict=True)] == [
        True
    ] * 2


def test_what_the_registry_does_not_say_is_left_to_the_person_who_approves() -> None:
    """Whether it has private endpoints, and whether the vault of its own key survives the loss of a region."""
    silent = plan(finding("container-registry/geo-replica", replicated(privateEndpointConnections=None)))
    assert "the registry has no private endpoints" in silent.to_confirm
    encrypted = plan(finding("container-registry/geo-replica", replicated(encryption={"status": "Enabled"})))
    assert "the vault of the registry's key can be reached when a region is lost" in encrypted.to_confirm
    assert (
        len(encrypted.to_confirm) == len(plan(finding("container-registry/geo-replica", replicated())).to_confirm) + 1
    )


BY_PEOPLE = {
    "no pair": (replicated(location="polandcentral"), "No region is known to be paired"),
    "a pair that is not known": (replicated(location="swedencentral"), "No region is known to be paired"),
    "an unknown region": (replicated(location="atlantis"), "No region is known to be paired"),
    "private endpoints": (replicated(**PRIVATE), "privateLinkServiceProxies/write"),
    "a replica that Azure could not make": (replicated(replica("northeurope", state="Failed")), "is in the way"),
    "a failed replica elsewhere": (replicated(replica("uksouth", state="Failed")), "is in the way"),
    "another with the name": (replicated(replica("NorthEurope", "westeurope")), "is in the way"),
}


@pytest.mark.parametrize(("resource", "why"), BY_PEOPLE.values(), ids=BY_PEOPLE)
def test_a_replica_that_the_bot_cannot_add_is_for_people(resource: Resource, why: str) -> None:
    advice = guidance(finding("container-registry/geo-replica", resource))
    assert why in advice.why_no_plan
    assert "az acr replication create --registry crml --location <region>." in advice.steps[-1]


def test_a_region_without_zones_is_for_people() -> None:
    advice = guidance(finding("container-registry/zonal-region", Resource.of(registry("Basic", location="westus"))))
    assert "cannot move" in advice.why_no_plan
    assert "This finding closes" in advice.steps[1]


def route(name: str, on: bool) -> Write:
    body = {"properties": {"regionEndpointEnabled": on}}
    return Write("PATCH", f"{REGISTRY_ID}/replications/{name}", "2025-11-01", body)


def test_excluded_replicas_get_traffic_again() -> None:
    """Each in a write of its own, by its name, which need not be that of its region; the others are left alone."""
    off = replica("northeurope", routed=False), replica("crmluk", "uksouth", routed=False)
    made = plan(finding("container-registry/replica-routing", replicated(*off, replica("francecentral"))))
    assert made.safety is Safety.APPROVE
    assert made.writes == (route("northeurope", on=True), route("crmluk", on=True))
    assert made.undo == (route("northeurope", on=False), route("crmluk", on=False))
    paths = [f"replications[{name}]:properties.regionEndpointEnabled" for name in ("northeurope", "crmluk")]
    assert (made.before, made.after) == (dict.fromkeys(paths, False), dict.fromkeys(paths, True))
    assert made.title == "Route traffic of container registry crml to northeurope, crmluk again"
    assert made.cost.monthly_usd == 0
    assert "on purpose" in made.to_confirm[0]


@pytest.mark.parametrize("name", ["a/b", "a b", "", None, 1, "..", "münchen"])
def test_a_replica_whose_name_azure_would_not_allow_is_for_people(name: object) -> None:
    odd = replica("northeurope", routed=False) | {"name": name}
    advice = guidance(finding("container-registry/replica-routing", replicated(odd)))
    assert "--global-endpoint-routing true" in advice.steps[-1]
