"""Availability zones: databases and pools that change in place, and those that others take the place of."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from remediation.fixes.sql_database.database import (
    DATABASE_ACTIONS,
    FREE,
    OFFLINE,
    Obstacle,
    by_a_replica,
    is_free,
    names_of,
    patch,
    server_of,
)
from remediation.plan import Code, Cost, Guidance, Plan, Precondition, Remediation, Remedy, Safety, remediates
from rules.model import Resource
from rules.sql_database.database import BASIC, GENERAL_PURPOSE, HYPERSCALE, PREMIUM, STANDARD, tier_of
from rules.sql_database.zones import (
    business_critical_zones,
    elastic_pool_zones,
    general_purpose_zones,
    hyperscale_zones,
    zonal_tier,
)

ZONES: Final = ("properties.zoneRedundant",)
POOL_ACTIONS: Final = ("Microsoft.Sql/servers/elasticPools/read", "Microsoft.Sql/servers/elasticPools/write")
SHOWS: Final = timedelta(hours=1)
"""How long a change of zones may take to show when its operation has ended."""

NO_COST: Final = Cost("none", 0)
GENERAL_PURPOSE_COST: Final = Cost(
    "about 50 to 60 % of the compute price again, and twice the storage price (estimate from the retail prices of "
    "East US)"
)
RETRIES: Final = Precondition("what connects to it tries again when a connection drops")

OTHER_HARDWARE: Final = Obstacle(
    "zone redundancy is certain on standard-series (Gen5) hardware only, which Azure does not say that it runs on",
    "Compare price and performance of standard-series (Gen5), and move to it in the portal under Settings, Compute + "
    "storage: an online operation with one short disconnect.",
)
PINNED: Final = Obstacle(
    "it is pinned to one availability zone",
    "Find out who wanted it in that zone, and take the pin away (availabilityZone: NoPreference).",
)


@remediates(business_critical_zones, safety=Safety.APPROVE, touches=ZONES, needs=DATABASE_ACTIONS, shows_within=SHOWS)
def spread_replicas(database: Resource) -> Remedy:
    """Let Azure place the replicas that the database has in several availability zones.

    What is sent
        PATCH of the database with `properties.zoneRedundant: true`.

    Cost
        None: the number of replicas stays the same.

    Downtime
        The change is online; connections drop once, shortly, at its end.

    Undo
        PATCH with `zoneRedundant: false`, with one more short disconnect.
    """
    obstacle = _obstacle(database, "properties.status", "online")
    return (
        _to_people(database, "az sql db update", obstacle) if obstacle else _zones(database, spread_replicas, NO_COST)
    )


@remediates(general_purpose_zones, safety=Safety.APPROVE, touches=ZONES, needs=DATABASE_ACTIONS, shows_within=SHOWS)
def spread_general_purpose(database: Resource) -> Remedy:
    """Keep the database's files in several availability zones, and let its compute start in any of them.

    What is sent
        PATCH of the database with `properties.zoneRedundant: true`.

    Cost
        About 50 to 60 % of the compute price again and twice the storage price (estimate).

    Downtime
        The change is online; connections drop once, shortly, at its end.

    Undo
        PATCH with `zoneRedundant: false`, with one more short disconnect.
    """
    obstacle = _obstacle(database, "properties.status", "online")
    if obstacle:
        return _to_people(database, "az sql db update", obstacle)
    return _zones(database, spread_general_purpose, GENERAL_PURPOSE_COST)


@remediates(elastic_pool_zones, safety=Safety.APPROVE, touches=ZONES, needs=POOL_ACTIONS, shows_within=SHOWS)
def spread_pool(pool: Resource) -> Remedy:
    """Make the pool, and so every database in it, zone-redundant.

    What is sent
        PATCH of the pool with `properties.zoneRedundant: true`.

    Cost
        None in Premium and Business Critical; in General Purpose about 50 to 60 % of the compute price again and
        twice the storage price (estimate).

    Downtime
        The change is online; the connections to each database drop once, shortly, at its end.

    Undo
        PATCH with `zoneRedundant: false`, with one more short disconnect of each database.
    """
    tier = tier_of(pool)
    if tier in NEW_POOLS:
        return _new_pool(pool, *NEW_POOLS[tier])
    obstacle = _obstacle(pool, "properties.state", "ready")
    if obstacle:
        return _to_people(pool, "az sql elastic-pool update", obstacle)
    return _zones(pool, spread_pool, GENERAL_PURPOSE_COST if tier == GENERAL_PURPOSE else NO_COST)


@remediates(hyperscale_zones)
def replace_hyperscale(database: Resource) -> Guidance:
    """Hyperscale takes zone redundancy only when a database is created: another one has to take over."""
    return Guidance(
        why_no_plan="Azure sets zone redundancy of a Hyperscale database only when it creates one.",
        steps=by_a_replica(
            database,
            "a zone-redundant geo-replica",
            "--ha-replicas 1 --zone-redundant true --backup-storage-redundancy Zone",
        ),
        cost="both databases while they run side by side; then at least one high-availability replica (estimate: the "
        "price of its compute)",
        effort="a day, with a planned switch",
    )


@remediates(zonal_tier)
def choose_zonal_tier(database: Resource) -> Guidance:
    """Another service tier has another price and another performance: people choose it."""
    return Guidance(
        why_no_plan="Another service tier changes price and performance, which somebody has to choose.",
        steps=(
            "Choose General Purpose (zone-redundant at an extra charge) or Premium (zone-redundant for nothing), and "
            "compare the performance under Settings, Compute + storage in the portal.",
            f"Move it, for example: az sql db update {names_of(database)} --edition GeneralPurpose --family Gen5 "
            "--capacity 2. It is an online operation with one short disconnect.",
            "Zone redundancy is then proposed by the rule of the new tier.",
        ),
        cost="General Purpose with 2 vCores from about US$370 a month, Premium from about US$465 (estimate, list "
        "prices)",
        effort="an hour, and a look at the performance afterwards",
    )


def _zones(resource: Resource, remediation: Remediation, cost: Cost) -> Plan:
    """The plan that switches zone redundancy on, whatever the resource is."""
    is_pool = remediation.rule is elastic_pool_zones
    noun = "elastic pool" if is_pool else "database"
    drops = "one short disconnect at the end" + (", of each database in the pool" if is_pool else "")
    return Plan(
        rule=remediation.rule.name,
        resource_id=resource.id,
        safety=remediation.safety,
        title=f"Make SQL {noun} {resource.name} zone-redundant",
        writes=(patch(resource, {"zoneRedundant": True}),),
        undo=(patch(resource, {"zoneRedundant": False}),),
        undo_note="can be switched off again in the same way, with one more short disconnect",
        touches=remediation.touches,
        before={"properties.zoneRedundant": False},
        after={"properties.zoneRedundant": True},
        effect=f"The {noun} keeps running when a zone fails; commits may take slightly longer.",
        cost=cost,
        downtime=drops,
        duration="minutes to hours; it grows with the data (estimate)",
        code=Code(
            bicep="properties: { zoneRedundant: true }",
            terraform="zone_redundant = true",
            warning="Terraform changes it in place; code that is not changed switches it off again at the next apply."
            if is_pool
            else "Terraform changes it in place; code that says zone_redundant = false switches it off again.",
        ),
        preconditions=(*_seen(resource), RETRIES, *_window(resource)),
    )


def _seen(resource: Resource) -> tuple[Precondition, ...]:
    online = Precondition("it is online", checked=True)
    if tier_of(resource) == PREMIUM:
        return (online,)
    return (online, Precondition("it runs on standard-series (Gen5) hardware", checked=True))


def _window(resource: Resource) -> tuple[Precondition, ...]:
    window = resource.text("properties.maintenanceConfigurationId")
    if window is None or window.endswith("/sql_default"):
        return ()
    return (Precondition("its maintenance window is offered for zone-redundant databases in its region"),)


def _obstacle(resource: Resource, path: str, online: str) -> Obstacle | None:
    """What speaks against zone redundancy, as far as the resource itself shows."""
    if is_free(resource):
        return FREE
    if resource.text(path) != online:
        return OFFLINE
    if resource.text("properties.availabilityZone") not in (None, "nopreference"):
        return PINNED
    return None if tier_of(resource) == PREMIUM or _is_gen5(resource) else OTHER_HARDWARE


def _is_gen5(resource: Resource) -> bool:
    family = resource.text("sku.family")
    return family == "gen5" if family is not None else "gen5" in (resource.text("sku.name") or "").split("_")


def _to_people(resource: Resource, command: str, obstacle: Obstacle) -> Guidance:
    return Guidance(
        why_no_plan=f"It is not certain that Azure makes it zone-redundant as it is: {obstacle.reason}.",
        steps=(
            obstacle.step,
            "Then approve the plan that the next check proposes, or switch zone redundancy on yourself: "
            f"{command} {names_of(resource)} --zone-redundant true.",
        ),
        cost="nothing in Premium and Business Critical; in General Purpose half of the compute price again and twice "
        "the storage price (estimate)",
        effort="an hour, with one short disconnect for each change",
    )


MOVE: Final = (
    "Move the databases to it one after the other: az sql db update {server} --name DATABASE --elastic-pool NEW_POOL."
)
REPLICATE: Final = (
    "For each database, make a geo-replica there: az sql db replica create {server} --name DATABASE --partner-server "
    "NEW_SERVER --elastic-pool NEW_POOL --zone-redundant true. At a quiet time, let it take over: az sql db replica "
    "set-primary --resource-group GROUP --server NEW_SERVER --name DATABASE. Point whatever uses it to the new server."
)
NEW_POOLS: Final[Mapping[str | None, tuple[str, str, str]]] = {
    BASIC: ("A Basic pool cannot be zone-redundant.", "{server} --name NEW_POOL --edition GeneralPurpose", MOVE),
    STANDARD: ("A Standard pool cannot be zone-redundant.", "{server} --name NEW_POOL --edition GeneralPurpose", MOVE),
    HYPERSCALE: (
        "A Hyperscale pool is zone-redundant from its creation on, or never.",
        "--resource-group GROUP --server NEW_SERVER --name NEW_POOL --edition Hyperscale --ha-replicas 1",
        REPLICATE,
    ),
}
"""By tier: why the pool has to be replaced, which one is made, and how databases get there: a geo-replica only to
another server."""


def _new_pool(pool: Resource, why: str, which: str, move: str) -> Guidance:
    server = server_of(pool)
    return Guidance(
        why_no_plan=why,
        steps=(
            f"Create a zone-redundant pool, as large as the old one: az sql elastic-pool create "
            f"{which.format(server=server)} --family Gen5 --capacity 4 --zone-redundant true.",
            move.format(server=server),
            "Each database drops its connections once, shortly, when it moves.",
            "Delete the old pool when it is empty.",
        ),
        cost="the price of the new pool instead of the old one, and both for as long as databases move (estimate)",
        effort="a day, longer for many databases",
    )


REMEDIATIONS: Final = (spread_replicas, spread_general_purpose, replace_hyperscale, choose_zonal_tier, spread_pool)
