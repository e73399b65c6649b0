"""SQL databases and elastic pools: what makes them zone-redundant, and what people are told."""

import pytest

from remediation.plan import Safety, Write
from tests.builders import Json
from tests.remediation.fixes.sql_database_plans import VERSION, assert_a_replica_takes_over, made, told
from tests.rules.examples.sql_database import (
    BASIC,
    BUSINESS_CRITICAL,
    CONFIDENTIAL,
    DATABASE_ID,
    HYPERSCALE,
    OWN_WINDOW,
    POOL_ID,
    PREMIUM,
    SERVERLESS,
    STANDARD,
    Sku,
    database,
    pool,
)

PREMIUM_POOL: Sku = {"name": "PremiumPool", "tier": "Premium", "capacity": 125}


def zones(resource_id: str, on: bool) -> tuple[Write, ...]:
    return (Write("PATCH", resource_id, VERSION, {"properties": {"zoneRedundant": on}}),)


SPREAD = {
    "Business Critical": ("business-critical-zones", database(BUSINESS_CRITICAL), DATABASE_ID, 0),
    "Premium": ("business-critical-zones", database(PREMIUM), DATABASE_ID, 0),
    "General Purpose": ("general-purpose-zones", database(), DATABASE_ID, None),
    "serverless": ("general-purpose-zones", database(SERVERLESS), DATABASE_ID, None),
    "hardware by name": ("general-purpose-zones", database({"name": "GP_Gen5_2"}), DATABASE_ID, None),
    "free, and costing past that": (
        "general-purpose-zones",
        database(SERVERLESS, useFreeLimit=True, freeLimitExhaustionBehavior="BillOverUsage"),
        DATABASE_ID,
        None,
    ),
    "pool": ("elastic-pool-zones", pool(), POOL_ID, None),
    "Business Critical pool": ("elastic-pool-zones", pool(BUSINESS_CRITICAL), POOL_ID, 0),
    "Premium pool": ("elastic-pool-zones", pool(PREMIUM_POOL), POOL_ID, 0),
}


@pytest.mark.parametrize(("rule", "body", "resource_id", "usd"), SPREAD.values(), ids=SPREAD)
def test_zone_redundancy_is_switched_on_after_approval(
    rule: str, body: Json, resource_id: str, usd: float | None
) -> None:
    found = made(rule, body)
    assert found.safety is Safety.APPROVE
    assert found.writes == zones(resource_id, on=True)
    assert found.undo == zones(resource_id, on=False)
    path = "properties.zoneRedundant"
    assert (found.before, found.after, found.touches) == ({path: False}, {path: True}, (path,))
    assert found.cost.monthly_usd == usd
    assert "short disconnect" in found.downtime
    assert found.to_confirm == ("what connects to it tries again when a connection drops",)


def test_general_purpose_says_what_zones_cost() -> None:
    assert "50 to 60 %" in made("general-purpose-zones", database()).cost.text
    assert "50 to 60 %" in made("elastic-pool-zones", pool()).cost.text
    assert made("business-critical-zones", database(PREMIUM)).cost.text == "none"


def test_a_plan_names_what_it_changes() -> None:
    assert made("general-purpose-zones", database()).title == "Make SQL database features zone-redundant"
    of_pool = made("elastic-pool-zones", pool())
    assert of_pool.title == "Make SQL elastic pool pool zone-redundant"
    assert "each database" in of_pool.downtime
    assert "each database" not in made("general-purpose-zones", database()).downtime


def test_code_of_a_pool_that_says_nothing_switches_it_off() -> None:
    assert "code that is not changed" in made("elastic-pool-zones", pool()).code.warning
    assert "says zone_redundant = false" in made("general-purpose-zones", database()).code.warning


def test_hardware_was_seen_where_it_matters() -> None:
    seen = [
        {
            condition.text
            for condition in made("business-critical-zones", database(sku)).preconditions
            if condition.checked
        }
        for sku in (BUSINESS_CRITICAL, PREMIUM)
    ]
    assert seen == [{"it is online", "it runs on standard-series (Gen5) hardware"}, {"it is online"}]


WINDOWS = {"its own": (OWN_WINDOW, 2), "in upper case": (OWN_WINDOW.upper(), 2), "none": (None, 1), "a number": (5, 1)}


@pytest.mark.parametrize(("window", "count"), WINDOWS.values(), ids=WINDOWS)
def test_a_maintenance_window_has_to_be_offered_with_zones(window: object, count: int) -> None:
    found = made("business-critical-zones", database(PREMIUM, maintenanceConfigurationId=window))
    assert len(found.to_confirm) == count


OBSTACLES = {
    "paused": ("general-purpose-zones", database(SERVERLESS, status="Paused"), "not online"),
    "status not said": ("business-critical-zones", database(PREMIUM, status=None), "not online"),
    "pool not ready": ("elastic-pool-zones", pool(state="Disabled"), "not online"),
    "other hardware": ("general-purpose-zones", database(CONFIDENTIAL), "(Gen5) hardware only"),
    "other hardware of a pool": ("elastic-pool-zones", pool(CONFIDENTIAL), "(Gen5) hardware only"),
    "other hardware, by name": ("general-purpose-zones", database({"name": "GP_Fsv2_8"}), "(Gen5) hardware only"),
    "hardware not said": ("general-purpose-zones", database({"tier": "GeneralPurpose"}), "(Gen5) hardware only"),
    "M-series": (
        "business-critical-zones",
        database({"name": "BC_M", "tier": "BusinessCritical", "family": "M"}),
        "(Gen5) hardware only",
    ),
    "pinned": ("business-critical-zones", database(PREMIUM, availabilityZone="2"), "pinned to one"),
    "pool pinned": ("elastic-pool-zones", pool(availabilityZone="1"), "pinned to one"),
    "free": ("general-purpose-zones", database(SERVERLESS, useFreeLimit=True), "free monthly offer"),
}


@pytest.mark.parametrize(("rule", "body", "reason"), OBSTACLES.values(), ids=OBSTACLES)
def test_what_azure_may_refuse_is_for_people(rule: str, body: Json, reason: str) -> None:
    advice = told(rule, body)
    assert reason in advice.why_no_plan
    assert "--zone-redundant true." in advice.steps[-1]
    assert ("az sql elastic-pool update" in advice.steps[-1]) == (rule == "elastic-pool-zones")


MOVED = "az sql db update --resource-group rg-ml --server sqlml --name DATABASE --elastic-pool NEW_POOL"
REPLICATED = "--server sqlml --name DATABASE --partner-server NEW_SERVER --elastic-pool NEW_POOL --zone-redundant true"
NEW_POOLS = {
    "Basic": ({"name": "BasicPool", "tier": "Basic"}, "--server sqlml --name NEW_POOL --edition General", MOVED),
    "Standard": (
        {"name": "StandardPool", "tier": "Standard"},
        "--server sqlml --name NEW_POOL --edition General",
        MOVED,
    ),
    "Hyperscale": (HYPERSCALE, "--server NEW_SERVER --name NEW_POOL --edition Hyperscale --ha-replicas 1", REPLICATED),
}


@pytest.mark.parametrize(("sku", "command", "move"), NEW_POOLS.values(), ids=NEW_POOLS)
def test_a_pool_that_cannot_change_is_replaced_by_people(sku: Sku, command: str, move: str) -> None:
    advice = told("elastic-pool-zones", pool(sku))
    assert f"A {sku['tier']} pool" in advice.why_no_plan
    assert command in advice.steps[0]
    assert move in advice.steps[1]


def test_a_hyperscale_database_is_replaced_by_people() -> None:
    advice = told("hyperscale-zones", database(HYPERSCALE))
    assert "only when it creates one" in advice.why_no_plan
    assert_a_replica_takes_over(advice, "--zone-redundant true")


@pytest.mark.parametrize("sku", [BASIC, STANDARD], ids=["Basic", "Standard"])
def test_people_choose_a_tier_with_zones(sku: Sku) -> None:
    advice = told("zonal-tier", database(sku))
    assert "az sql db update --resource-group rg-ml --server sqlml --name features --edition" in advice.steps[1]
    assert "estimate" in advice.cost
