"""SQL databases: how people set a copy in another region up, and where backups are kept."""

import pytest

from remediation.plan import Safety, Write
from tests.builders import Json
from tests.remediation.applying import seeded
from tests.remediation.fixes.sql_database_plans import VERSION, assert_a_replica_takes_over, made, told
from tests.rules.examples.sql_database import (
    BASIC,
    BUSINESS_CRITICAL,
    DATABASE_ID,
    GENERAL_PURPOSE,
    HYPERSCALE,
    IN_POOL,
    LOCAL,
    POOL_ID,
    PREMIUM,
    SERVERLESS,
    STANDARD,
    Sku,
    database,
    used,
)

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


@pytest.mark.parametrize("body", [database(HYPERSCALE, **LOCAL), database({**IN_POOL, "tier": "Hyperscale"}, **LOCAL)])
def test_a_hyperscale_database_is_replaced_for_other_backup_storage(body: Json) -> None:
    advice = told("backup-redundancy", body)
    assert "when it is created" in advice.why_no_plan
    assert_a_replica_takes_over(advice, "--backup-storage-redundancy Zone")
    assert "az sql db update" not in " ".join(advice.steps), "Azure would refuse it"


def test_azure_says_itself_where_backups_are() -> None:
    azure, before = seeded(used(database(STANDARD, **LOCAL)))
    azure.request("PATCH", before.id, {"properties": {"currentBackupStorageRedundancy": "Zone"}}, VERSION)
    assert azure.body(before.id) == before.body
