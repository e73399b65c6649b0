"""Container registries: what exactly would be sent."""

import pytest

from remediation.plan import Plan, Safety, Write
from rules.model import Resource
from tests.builders import REGISTRY_ID, finding, plan, registry


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
