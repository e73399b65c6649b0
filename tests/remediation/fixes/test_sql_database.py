"""SQL databases and elastic pools: what exactly would be sent, and what people are told."""

from typing import Any

import pytest

from remediation.fixes import REMEDIATIONS
from remediation.plan import Guidance, Plan, Safety, Write
from rules.model import Resource, Status
from tests.builders import Json, finding, guidance, plan
from tests.remediation.applying import seeded
from tests.rules.examples.sql_database import (
    BASIC,
    BUSINESS_CRITICAL,
    CONFIDENTIAL,
    DATABASE_ID,
    DATASTORE,
    GENERAL_PURPOSE,
    HYPERSCALE,
    IN_POOL,
    LOCAL,
    OWN_WINDOW,
    POOL_ID,
    PREMIUM,
    SERVERLESS,
    STANDARD,
    Sku,
    database,
    pool,
    used,
)

VERSION = "2025-01-01"
PREMIUM_POOL: Sku = {"name": "PremiumPool", "tier": "Premium", "capacity": 125}
NOWHERE = "not/an/id"
"""An id of no form that is known: nothing may raise for one."""


def made(rule: str, body: Json) -> Plan:
    return plan(finding(f"sql-database/{rule}", used(body)))


def told(rule: str, body: Json) -> Guidance:
    return guidance(finding(f"sql-database/{rule}", used(body)))


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


def assert_a_replica_takes_over(advice: Guidance, option: str) -> None:
    create, wait, switch, *_ = advice.steps
    assert "--resource-group rg-ml --server sqlml --name features --partner-server NEW_SERVER" in create
    assert option in create
    assert "CATCH_UP" in wait
    assert "set-primary --resource-group GROUP --server NEW_SERVER --name features." in switch


@pytest.mark.parametrize("body", [database(HYPERSCALE, **LOCAL), database({**IN_POOL, "tier": "Hyperscale"}, **LOCAL)])
def test_a_hyperscale_database_is_replaced_for_other_backup_storage(body: Json) -> None:
    advice = told("backup-redundancy", body)
    assert "when it is created" in advice.why_no_plan
    assert_a_replica_takes_over(advice, "--backup-storage-redundancy Zone")
    assert "az sql db update" not in " ".join(advice.steps), "Azure would refuse it"


@pytest.mark.parametrize("sku", [BASIC, STANDARD], ids=["Basic", "Standard"])
def test_people_choose_a_tier_with_zones(sku: Sku) -> None:
    advice = told("zonal-tier", database(sku))
    assert "az sql db update --resource-group rg-ml --server sqlml --name features --edition" in advice.steps[1]
    assert "estimate" in advice.cost


WHERE = {"westeurope": "northeurope", "polandcentral": "another region", "atlantis": "another region"}


@pytest.mark.parametrize(("location", "where"), WHERE.items())
def test_a_copy_in_another_region_is_for_people(location: str, where: str) -> None:
    """In the paired region where there is one; no pair is ever made up."""
    advice = told("failover-group", database(location=location))
    assert f"Create a server in {where}," in advice.steps[0]
    assert "--resource-group rg-ml --server sqlml" in advice.steps[1]
    assert "--add-db features --failover-policy Manual." in advice.steps[1]
    assert len(advice.steps) == 4


def test_a_free_database_is_left_behind_first() -> None:
    advice = told("failover-group", database(SERVERLESS, useFreeLimit=True))
    assert "paid database" in advice.steps[0]
    assert len(advice.steps) == 5


def test_a_database_of_a_pool_needs_a_pool_of_that_name_there() -> None:
    advice = told("failover-group", database(IN_POOL, elasticPoolId=POOL_ID))
    assert "elastic pool there with the name of this database's pool" in advice.steps[1]
    assert "--add-db features" in advice.steps[2]
    assert "price of a pool" in advice.cost
    assert len(advice.steps) == 5


def backups(target: str) -> tuple[Write, ...]:
    return (Write("PATCH", DATABASE_ID, VERSION, {"properties": {"requestedBackupStorageRedundancy": target}}),)


PATHS = ("properties.requestedBackupStorageRedundancy", "properties.currentBackupStorageRedundancy")
TARGETS = {
    "zones": ("westeurope", "Zone", "a quarter more", ()),
    "zones, no pair": ("polandcentral", "Zone", "a quarter more", ()),
    "a pair, no zones": (
        "westus",
        "Geo",
        "twice as much",
        (
            "its data may be copied to eastus (data residency)",
            "no Azure Policy in force forbids geo-redundant backups",
        ),
    ),
}


@pytest.mark.parametrize(("location", "target", "cost", "to_confirm"), TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("sku", [STANDARD, PREMIUM, GENERAL_PURPOSE, BUSINESS_CRITICAL], ids=lambda sku: sku["tier"])
def test_backups_move_to_other_storage_after_approval(
    sku: Sku, location: str, target: str, cost: str, to_confirm: tuple[str, ...]
) -> None:
    found = made("backup-redundancy", database(sku, location, **LOCAL))
    assert found.safety is Safety.APPROVE
    assert found.writes == backups(target)
    assert found.undo == backups("Local")
    assert found.before == dict.fromkeys(PATHS, "Local")
    assert found.after == dict.fromkeys(PATHS, target)
    assert found.touches == PATHS
    assert cost in found.cost.text
    assert found.to_confirm == to_confirm
    assert found.downtime == "none"
    assert "48 hours" in found.duration
    assert target in found.code.bicep
    assert f'"{target}"' in found.code.terraform
    assert "delete it and its data" in found.code.warning
    assert found.title == f"Keep backups of SQL database features in {target.lower()}-redundant storage"


KEPT = {
    "Basic": (database(BASIC, **LOCAL), "of a Basic database"),
    "in a pool": (database(IN_POOL, elasticPoolId=POOL_ID, **LOCAL), "in an elastic pool"),
    "in a Basic pool": (database({**IN_POOL, "tier": "Basic"}, elasticPoolId=POOL_ID, **LOCAL), "in an elastic pool"),
    "tier not said": (database(None, **LOCAL), "which tier"),
    "a tier of tomorrow": (database({"tier": "Extreme"}, **LOCAL), "which tier"),
    "request not said": (
        database(currentBackupStorageRedundancy="Local", requestedBackupStorageRedundancy=None),
        "asked",
    ),
    "free": (database(SERVERLESS, useFreeLimit=True, freeLimitExhaustionBehavior="AutoPause", **LOCAL), "free monthly"),
    "paused": (database(SERVERLESS, status="Paused", **LOCAL), "not online"),
    "an unknown region": (database(location="atlantis", **LOCAL), "not known that its region"),
    "no region": (database(location=None, **LOCAL), "not known that its region"),
}


@pytest.mark.parametrize(("body", "reason"), KEPT.values(), ids=KEPT)
def test_backups_that_azure_may_not_move_are_for_people(body: Json, reason: str) -> None:
    advice = told("backup-redundancy", body)
    assert reason in advice.why_no_plan
    assert "az sql db update --resource-group rg-ml --server sqlml --name features" in advice.steps[1]


@pytest.mark.parametrize("body", [database(HYPERSCALE), database(STANDARD), pool(HYPERSCALE)])
def test_an_id_that_cannot_be_read_leaves_gaps_in_commands(body: Json) -> None:
    resource = Resource.of(body | {"id": NOWHERE}, {"replicationLinks": []}, DATASTORE)
    names = [name for name, remedy in REMEDIATIONS.items() if remedy.rule.applies_to.lower() == resource.type]
    advice = [found for name in names if isinstance(found := _remedy(name, resource), Guidance)]
    assert advice
    assert all("--resource-group GROUP --server SERVER" in " ".join(found.steps) for found in advice)


def _remedy(name: str, resource: Resource) -> Any:
    found = finding(name, resource)
    return REMEDIATIONS[name].remedy(found) if found.verdict.status is Status.FAIL else None


def test_names_are_quoted_in_commands() -> None:
    """A command that somebody pastes runs nothing else."""
    body = database(STANDARD)
    advice = told("zonal-tier", body | {"id": body["id"].replace("features", "my features")})
    assert "--name 'my features' --edition" in advice.steps[1]


REFUSED = {
    "zones of Standard": (database(STANDARD), {"zoneRedundant": True}),
    "zones of other hardware": (database(CONFIDENTIAL), {"zoneRedundant": True}),
    "zones of Hyperscale": (database(HYPERSCALE), {"zoneRedundant": True}),
    "zones of a Basic pool": (pool({"name": "BasicPool", "tier": "Basic"}), {"zoneRedundant": True}),
    "backups of Basic": (database(BASIC, **LOCAL), {"requestedBackupStorageRedundancy": "Zone"}),
    "backups of Hyperscale": (database(HYPERSCALE, **LOCAL), {"requestedBackupStorageRedundancy": "Zone"}),
}


@pytest.mark.parametrize(("body", "properties"), REFUSED.values(), ids=REFUSED)
def test_what_people_have_to_do_is_what_azure_refuses(body: Json, properties: Json) -> None:
    azure, before = seeded(used(body))
    assert azure.request("PATCH", before.id, {"properties": properties}, VERSION).status == 400
    assert azure.body(before.id) == before.body


def test_azure_says_itself_where_backups_are() -> None:
    azure, before = seeded(used(database(STANDARD, **LOCAL)))
    azure.request("PATCH", before.id, {"properties": {"currentBackupStorageRedundancy": "Zone"}}, VERSION)
    assert azure.body(before.id) == before.body
