"""Cosmos DB accounts: what exactly would be sent, and what people are told."""

from typing import Any

import pytest

from remediation.plan import Plan, Safety, Write
from rules.model import Resource
from tests.builders import GROUP, Json, finding, guidance, plan
from tests.rules.examples.cosmos_db import HOME, NEXT, PERIODIC, account, place

ACCOUNT_ID = f"{GROUP}/providers/Microsoft.DocumentDB/databaseAccounts/cosmosml"


def patch(**properties: Any) -> Write:
    return Write("PATCH", ACCOUNT_ID, "2026-03-15", {"properties": properties})


def planned(rule: str, body: Json) -> Plan:
    return plan(finding(f"cosmos-db/{rule}", Resource.of(body)))


def advised(rule: str, body: Json) -> str:
    return guidance(finding(f"cosmos-db/{rule}", Resource.of(body))).why_no_plan


def test_service_managed_failover_is_switched_on_by_itself() -> None:
    made = planned("automatic-failover", account(HOME, NEXT))
    assert made.safety is Safety.SAFE
    assert made.writes == (patch(enableAutomaticFailover=True),)
    assert made.undo == (patch(enableAutomaticFailover=False),)
    assert (made.cost.text, made.cost.monthly_usd, made.downtime) == ("none", 0, "none")
    assert (made.to_confirm, len(made.preconditions)) == ((), 1)
    assert made.title == "Turn on service-managed failover of Cosmos DB account cosmosml"


@pytest.mark.parametrize("priority", [0, 2, None, "1"])
def test_a_failover_without_an_order_is_for_people(priority: object) -> None:
    assert "in which order" in advised("automatic-failover", account(HOME, place("North Europe", priority)))


REGIONS = {
    "a pair with zones": ("West Europe", "northeurope", True),
    "a pair without zones": ("East US", "westus", False),
    "a pair that is paired with another": ("West US 3", "eastus", True),
}


@pytest.mark.parametrize(("home", "target", "zones"), REGIONS.values(), ids=REGIONS)
def test_the_paired_region_is_added_after_approval(home: str, target: str, zones: bool) -> None:
    """Azure removes a region that is left out, refuses one that is changed, and makes some members itself."""
    shown = place(home, zones=True)
    made_by_azure = {"id": "cosmosml-1", "documentEndpoint": "https://x/", "provisioningState": "Succeeded"}
    made = planned("second-region", account(shown | made_by_azure))
    assert made.safety is Safety.APPROVE
    assert made.writes == (patch(locations=[shown, place(target, 1, zones)]),)
    assert made.undo == (patch(locations=[shown]),)
    assert made.after == {f"properties.locations[{target}].locationName": target}
    assert ("several zones" in made.effect) is zones
    assert made.cost.monthly_usd is None
    assert len(made.to_confirm) == 2
    assert f"the data may be kept in {target}" in made.to_confirm


def test_a_second_region_needs_room_where_the_account_has_limits() -> None:
    limited = account(privateEndpointConnections=[{"id": "x"}], capacity={"totalThroughputLimit": 4000})
    confirm = planned("second-region", limited).to_confirm
    assert any("private endpoints" in text for text in confirm)
    assert any("throughput limit" in text for text in confirm)
    unlimited = account(privateEndpointConnections=[], capacity={"totalThroughputLimit": -1})
    assert len(planned("second-region", unlimited).to_confirm) == 2


def bounded(writes: object, seconds: object) -> Json:
    policy = {"defaultConsistencyLevel": "BoundedStaleness"}
    return account(consistencyPolicy=policy | {"maxStalenessPrefix": writes, "maxIntervalInSeconds": seconds})


def test_bounded_staleness_that_is_loose_enough_allows_a_second_region() -> None:
    assert planned("second-region", bounded(100_000, 300)).writes


NOT_ADDED = {
    "strong consistency": (account(consistency="Strong"), "needs three regions"),
    "two regions with strong consistency": (account(HOME, NEXT, consistency="Strong"), "needs three regions"),
    "a region without a pair": (account(place("Italy North")), "has no pair"),
    "a pair that is not known": (account(place("Sweden Central")), "has no pair"),
    "an unknown region": (account(place("Atlantis")), "has no pair"),
    "no priority": (account(place("West Europe", None)), "has to be sent back"),
    "no zones said": (account(place("West Europe", zones=None)), "has to be sent back"),
    "it would take writes": (account(enableMultipleWriteLocations=True), "take writes at once"),
    "writes not said": (account(enableMultipleWriteLocations=None), "take writes at once"),
    "too few writes": (bounded(99_999, 300), "100,000 writes and 300 seconds"),
    "too few seconds": (bounded(100_000, 299), "100,000 writes and 300 seconds"),
    "bounds not said": (bounded(None, None), "100,000 writes and 300 seconds"),
    "consistency not said": (account(consistencyPolicy=None), "how consistent"),
    "another consistency": (account(consistency="Monotonic"), "how consistent"),
}


@pytest.mark.parametrize(("body", "reason"), NOT_ADDED.values(), ids=NOT_ADDED)
def test_a_region_that_azure_might_refuse_is_for_people(body: Json, reason: str) -> None:
    assert reason in advised("second-region", body)


def test_zones_are_for_people_and_name_the_account() -> None:
    advice = guidance(finding("cosmos-db/zone-redundant", Resource.of(account())))
    commands = [step.partition(": ")[2] for step in advice.steps[1:6]]
    assert [each for each in commands if " --resource-group rg-ml --name cosmosml --" not in each] == []
    assert "estimate" in advice.cost


def kept(hours: object) -> Json:
    settings = {"backupIntervalInMinutes": 1440, "backupRetentionIntervalInHours": hours}
    return account(HOME, NEXT, backupPolicy={"type": "Periodic", "periodicModeProperties": settings})


TIERS = {
    "a day": (kept(24), "Continuous7Days", 0),
    "a week": (kept(168), "Continuous7Days", 0),
    "longer than a week": (kept(169), "Continuous30Days", None),
    "not said": (kept(None), "Continuous7Days", 0),
}


@pytest.mark.parametrize(("body", "tier", "cost"), TIERS.values(), ids=TIERS)
def test_backup_becomes_continuous_and_is_kept_no_shorter(body: Json, tier: str, cost: float | None) -> None:
    made = planned("continuous-backup", body)
    assert made.safety is Safety.APPROVE
    assert made.writes == (patch(backupPolicy={"type": "Continuous", "continuousModeProperties": {"tier": tier}}),)
    assert made.undo == ()
    assert "cannot" in made.undo_note
    assert made.before == {"properties.backupPolicy.type": "Periodic"}
    assert made.cost.monthly_usd == cost
    assert "deletes it and its data" in made.code.warning


def test_what_an_account_loses_with_periodic_backup_is_asked() -> None:
    assert planned("continuous-backup", account(HOME, NEXT)).to_confirm == (
        "Synapse Link was never switched off for a container",
    )
    alone = planned("continuous-backup", account() | {"kind": "MongoDB"}).to_confirm
    assert any("no backup leaves the region" in text for text in alone)
    assert any("unique index" in text for text in alone)


KEY = {"keyVaultKeyUri": "https://kvml.vault.azure.net/keys/cmk"}
NOT_MOVED = {
    "analytical storage": (account(enableAnalyticalStorage=True), "Synapse Link"),
    "analytical storage not said": (account(enableAnalyticalStorage=None), "Synapse Link"),
    "a key without an identity": (account(**KEY), "managed identity"),
    "a key and Microsoft's identity": (account(**KEY, defaultIdentity="FirstPartyIdentity"), "managed identity"),
}


@pytest.mark.parametrize(("body", "reason"), NOT_MOVED.values(), ids=NOT_MOVED)
def test_an_account_that_azure_might_not_move_is_for_people(body: Json, reason: str) -> None:
    assert reason in advised("continuous-backup", body)


def test_a_key_that_the_accounts_own_identity_opens_is_no_obstacle() -> None:
    keyed = account(backupPolicy=PERIODIC, **KEY, defaultIdentity="SystemAssignedIdentity")
    assert planned("continuous-backup", keyed).writes


def test_several_write_regions_are_for_people() -> None:
    advice = guidance(finding("cosmos-db/multi-region-writes", Resource.of(account(HOME, NEXT))))
    assert "exemption" in advice.steps[-1]
