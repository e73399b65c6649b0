"""Azure SQL Database and elastic pools. A PATCH answers 200, or 202 with a Location (azure-mgmt-sql 4.0.0)."""

import shlex
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

from remediation.api_versions import api_version
from remediation.plan import (
    Code,
    Cost,
    Guidance,
    Plan,
    Precondition,
    Remediation,
    Remedy,
    Safety,
    Write,
    remediates,
)
from rules.model import Resource
from rules.regions import region
from rules.resource_id import ResourceId
from rules.sql_database import (
    BASIC,
    GENERAL_PURPOSE,
    HYPERSCALE,
    LOCAL,
    PREMIUM,
    STANDARD,
    TIERS,
    backup_redundancy,
    business_critical_zones,
    elastic_pool_zones,
    failover_group,
    general_purpose_zones,
    hyperscale_zones,
    is_pooled,
    tier_of,
    zonal_tier,
)

ZONES: Final = ("properties.zoneRedundant",)
BACKUPS: Final = ("properties.requestedBackupStorageRedundancy", "properties.currentBackupStorageRedundancy")
DATABASE_ACTIONS: Final = ("Microsoft.Sql/servers/databases/read", "Microsoft.Sql/servers/databases/write")
POOL_ACTIONS: Final = ("Microsoft.Sql/servers/elasticPools/read", "Microsoft.Sql/servers/elasticPools/write")

NO_COST: Final = Cost("none", 0)
GENERAL_PURPOSE_COST: Final = Cost(
    "about 50 to 60 % of the compute price again, and twice the storage price (estimate from the retail prices of "
    "East US)"
)
RETRIES: Final = Precondition("what connects to it tries again when a connection drops")


class Obstacle(NamedTuple):
    """Why Azure would refuse a change, or may; and the step that comes first."""

    reason: str
    step: str


OFFLINE: Final = Obstacle(
    "it is not online now",
    "Bring it online; a paused serverless database wakes when somebody logs in.",
)
OTHER_HARDWARE: Final = Obstacle(
    "zone redundancy is certain on standard-series (Gen5) hardware only, which Azure does not say that it runs on",
    "Compare price and performance of standard-series (Gen5), and move to it in the portal under Settings, Compute + "
    "storage: an online operation with one short disconnect.",
)
FREE: Final = Obstacle(
    "it uses the free monthly offer, which has limits of its own",
    "Decide whether it may cost money: in the portal, under Compute + storage, let it continue for additional charges. "
    "That cannot be taken back.",
)
PINNED: Final = Obstacle(
    "it is pinned to one availability zone",
    "Find out who wanted it in that zone, and take the pin away (availabilityZone: NoPreference).",
)


SHOWS: Final = timedelta(hours=1)
"""How long a change of zones may take to show when its operation has ended."""
BACKUPS_SHOW: Final = timedelta(hours=49)
"""The same of the redundancy of backups: up to 48 hours (Learn, automated-backups-change-settings)."""


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
        steps=_by_a_replica(
            database,
            "a zone-redundant geo-replica",
            "--ha-replicas 1 --zone-redundant true --backup-storage-redundancy Zone",
        ),
        cost="both databases while they run side by side; then at least one high-availability replica (estimate: the "
        "price of its compute)",
        effort="a day, with a planned switch",
    )


def _by_a_replica(database: Resource, what: str, options: str) -> tuple[str, ...]:
    """How a replica takes the place of a database that cannot be changed."""
    return (
        f"Create {what}, in the same region on another server: az sql db replica create {_names(database)} "
        f"--partner-server NEW_SERVER {options}.",
        "Wait until replication_state_desc of sys.dm_geo_replication_link_status, asked in the old database, says "
        "CATCH_UP.",
        "At a quiet time, let the replica take over without losing data: az sql db replica set-primary "
        f"--resource-group GROUP --server NEW_SERVER --name {shlex.quote(_own_name(database))}. Connections drop, and "
        "the old server takes no more writes.",
        "Point the workspace's connection, and whatever else uses the database, to the new server at once.",
        "Delete the old database when nothing reads it any more.",
    )


@remediates(zonal_tier)
def choose_zonal_tier(database: Resource) -> Guidance:
    """Another service tier has another price and another performance: people choose it."""
    return Guidance(
        why_no_plan="Another service tier changes price and performance, which somebody has to choose.",
        steps=(
            "Choose General Purpose (zone-redundant at an extra charge) or Premium (zone-redundant for nothing), and "
            "compare the performance under Settings, Compute + storage in the portal.",
            f"Move it, for example: az sql db update {_names(database)} --edition GeneralPurpose --family Gen5 "
            "--capacity 2. It is an online operation with one short disconnect.",
            "Zone redundancy is then proposed by the rule of the new tier.",
        ),
        cost="General Purpose with 2 vCores from about US$370 a month, Premium from about US$465 (estimate, list "
        "prices)",
        effort="an hour, and a look at the performance afterwards",
    )


FREE_STAYS_ALONE: Final = "Move the data to a paid database first: one of the free offer cannot join a failover group."
SECOND_POOL: Final = (
    "Create an elastic pool there with the name of this database's pool and room for the database: Azure puts the copy "
    "into that one."
)


@remediates(failover_group)
def add_failover_group(database: Resource) -> Guidance:
    """A copy in another region needs a server there with the same logins, network and identities: people set it up."""
    place = region(database.location)
    where = place.pair if place is not None and place.pair else "another region"
    first = (FREE_STAYS_ALONE,) if database.flag("properties.useFreeLimit") else ()
    return Guidance(
        why_no_plan="A copy in another region needs a second server with the same logins, network and identities.",
        steps=(
            *first,
            f"Create a server in {where}, with the logins, firewall, private endpoints and identities of this one.",
            *((SECOND_POOL,) if is_pooled(database) else ()),
            "Add the database to a failover group between the two: az sql failover-group create --name NEW_GROUP "
            f"{_server(database)} --partner-server NEW_SERVER --add-db {shlex.quote(_own_name(database))} "
            "--failover-policy Manual.",
            "Let the workspace's connection use the group's host name (NEW_GROUP.database.windows.net).",
            "Rehearse the switch, and write down who decides it.",
        ),
        cost="the price of a pool for its copies (estimate)"
        if is_pooled(database)
        else "the price of the database once more (estimate); less as a standby replica that nobody reads",
        effort="one to three days",
    )


@remediates(
    backup_redundancy, safety=Safety.APPROVE, touches=BACKUPS, needs=DATABASE_ACTIONS, shows_within=BACKUPS_SHOW
)
def widen_backups(database: Resource) -> Remedy:
    """Keep new backups in several availability zones; in another region, too, where the region has no zones.

    What is sent
        PATCH of the database with `properties.requestedBackupStorageRedundancy: Zone`, or `Geo` in a region that has
        no zones but a pair.

    Cost
        Backup storage beyond what is included: about a quarter more for zone-redundant, twice as much for
        geo-redundant (estimate).

    Downtime
        None. Azure takes up to 48 hours to apply it, and applies it to new backups.

    Undo
        PATCH with the previous value, which holds for the backups that follow.
    """
    if tier_of(database) == HYPERSCALE:
        return _new_hyperscale(database)
    obstacle = _backup_obstacle(database)
    if obstacle:
        return _backups_by_people(database, obstacle)
    place = region(database.location)
    if place is None or not (place.zones or place.pair):
        return _backups_by_people(database, NO_PLACE)
    return _backups(database, "Zone" if place.zones else "Geo", place.pair or "")


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
        writes=(_patch(resource, {"zoneRedundant": True}),),
        undo=(_patch(resource, {"zoneRedundant": False}),),
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
    if _is_free(resource):
        return FREE
    if resource.text(path) != online:
        return OFFLINE
    if resource.text("properties.availabilityZone") not in (None, "nopreference"):
        return PINNED
    return None if tier_of(resource) == PREMIUM or _is_gen5(resource) else OTHER_HARDWARE


def _is_free(database: Resource) -> bool:
    """Whether it stops at the limits of the free offer, instead of costing money past them."""
    goes_on = database.text("properties.freeLimitExhaustionBehavior") == "billoverusage"
    return database.flag("properties.useFreeLimit") is True and not goes_on


def _is_gen5(resource: Resource) -> bool:
    family = resource.text("sku.family")
    return family == "gen5" if family is not None else "gen5" in (resource.text("sku.name") or "").split("_")


def _to_people(resource: Resource, command: str, obstacle: Obstacle) -> Guidance:
    return Guidance(
        why_no_plan=f"It is not certain that Azure makes it zone-redundant as it is: {obstacle.reason}.",
        steps=(
            obstacle.step,
            "Then approve the plan that the next check proposes, or switch zone redundancy on yourself: "
            f"{command} {_names(resource)} --zone-redundant true.",
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
    server = _server(pool)
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


NO_PLACE: Final = Obstacle(
    "it is not known that its region has availability zones or a paired region",
    "Find out which backup storage its region offers: in the portal, under Compute + storage.",
)
BASIC_TIER: Final = Obstacle(
    "Azure does not change the backup storage of a Basic database",
    "Move it to Standard first: az sql db update {names} --service-objective S0.",
)
IN_A_POOL: Final = Obstacle(
    "it is in an elastic pool, for which that is not documented",
    "Look at the service tier of its pool: in a Basic pool, another pool has to take the database over first.",
)
NOT_SURE: Final = Obstacle(
    "Azure did not say which tier it has and which backup storage was asked for",
    "Look at it in the portal, under Compute + storage.",
)


def _backup_obstacle(database: Resource) -> Obstacle | None:
    """What speaks against other backup storage, as far as the database itself shows."""
    tier = tier_of(database)
    if is_pooled(database):
        return IN_A_POOL
    if tier == BASIC:
        return BASIC_TIER
    if tier not in TIERS or database.text("properties.requestedBackupStorageRedundancy") != LOCAL:
        return NOT_SURE
    if _is_free(database):
        return FREE
    return None if database.text("properties.status") == "online" else OFFLINE


def _backups(database: Resource, target: str, pair: str) -> Plan:
    asked, current = (database.get(path) for path in BACKUPS)
    geo = target == "Geo"
    return Plan(
        rule=backup_redundancy.name,
        resource_id=database.id,
        safety=Safety.APPROVE,
        title=f"Keep backups of SQL database {database.name} in {target.lower()}-redundant storage",
        writes=(_patch(database, {"requestedBackupStorageRedundancy": target}),),
        undo=(_patch(database, {"requestedBackupStorageRedundancy": asked}),),
        undo_note="can be set back to locally redundant, for the backups that follow",
        touches=BACKUPS,
        before=dict(zip(BACKUPS, (asked, current), strict=True)),
        after=dict.fromkeys(BACKUPS, target),
        effect="New backups are copied to "
        + ("the paired region; restoring there becomes possible." if geo else "three availability zones."),
        cost=Cost(
            "backup storage beyond what is included costs about "
            + ("twice as much" if geo else "a quarter more")
            + " (estimate, list prices)"
        ),
        downtime="none",
        duration="up to 48 hours until new backups are kept so",
        code=Code(
            bicep=f"properties: {{ requestedBackupStorageRedundancy: '{target}' }}",
            terraform=f'storage_account_type = "{target}"',
            warning="Terraform changes it in place from azurerm 3.1 on; older versions replace the database (delete it "
            "and its data). Code that says Local sets it back.",
        ),
        preconditions=(
            Precondition("it is online", checked=True),
            Precondition("its tier allows another backup storage", checked=True),
            *(_residency(pair) if geo else ()),
        ),
    )


def _residency(pair: str) -> tuple[Precondition, ...]:
    return (
        Precondition(f"its data may be copied to {pair} (data residency)"),
        Precondition("no Azure Policy in force forbids geo-redundant backups"),
    )


BACKUP_COST: Final = (
    "backup storage beyond what is included costs a quarter more (Zone) or twice as much (Geo) (estimate)"
)


def _new_hyperscale(database: Resource) -> Guidance:
    """Zone-redundant data may stay where a person wants it: geo-redundant storage is for them to choose."""
    return Guidance(
        why_no_plan="A Hyperscale database gets its backup storage when it is created, for its data as well.",
        steps=_by_a_replica(
            database, "a geo-replica with other backup storage", "--ha-replicas 1 --backup-storage-redundancy Zone"
        ),
        cost=f"both databases while they run side by side; {BACKUP_COST}",
        effort="a day, with a planned switch",
    )


def _backups_by_people(database: Resource, obstacle: Obstacle) -> Guidance:
    return Guidance(
        why_no_plan=f"It is not certain that Azure changes the backup storage: {obstacle.reason}.",
        steps=(
            obstacle.step.format(names=_names(database)),
            f"Then choose the backup storage: az sql db update {_names(database)} --backup-storage-redundancy Zone "
            "(Geo where the region has no zones and the data may leave it).",
        ),
        cost=BACKUP_COST,
        effort="an hour; more where a database has to be replaced",
    )


def _patch(resource: Resource, properties: dict[str, Any]) -> Write:
    return Write("PATCH", resource.id, api_version(resource.type), {"properties": properties})


def _names(resource: Resource) -> str:
    """The arguments of the Azure CLI that name a database or pool."""
    return f"{_server(resource)} --name {shlex.quote(_own_name(resource))}"


def _server(resource: Resource) -> str:
    parsed = ResourceId.parse(resource.id)
    if parsed is None:
        return "--resource-group GROUP --server SERVER"
    return f"--resource-group {shlex.quote(parsed.group)} --server {shlex.quote(parsed.segments[0][1])}"


def _own_name(resource: Resource) -> str:
    parsed = ResourceId.parse(resource.id)
    return "NAME" if parsed is None else parsed.name


REMEDIATIONS: Final = (
    spread_replicas,
    spread_general_purpose,
    replace_hyperscale,
    choose_zonal_tier,
    spread_pool,
    add_failover_group,
    widen_backups,
)
