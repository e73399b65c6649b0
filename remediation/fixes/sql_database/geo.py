"""Another region: failover groups, which people set up, and backup storage, which is changed in place."""

import shlex
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
    own_name,
    patch,
    server_of,
)
from remediation.plan import Code, Cost, Guidance, Plan, Precondition, Remedy, Safety, remediates
from rules.model import Resource
from rules.regions import region
from rules.sql_database.database import BASIC, HYPERSCALE, TIERS, is_pooled, tier_of
from rules.sql_database.geo import LOCAL, backup_redundancy, failover_group

BACKUPS: Final = ("properties.requestedBackupStorageRedundancy", "properties.currentBackupStorageRedundancy")
BACKUPS_SHOW: Final = timedelta(hours=49)
"""How long the redundancy of backups may take to show: up to 48 hours (Learn, automated-backups-change-settings)."""

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
            f"{server_of(database)} --partner-server NEW_SERVER --add-db {shlex.quote(own_name(database))} "
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
    if is_free(database):
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
        writes=(patch(database, {"requestedBackupStorageRedundancy": target}),),
        undo=(patch(database, {"requestedBackupStorageRedundancy": asked}),),
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
        steps=by_a_replica(
            database, "a geo-replica with other backup storage", "--ha-replicas 1 --backup-storage-redundancy Zone"
        ),
        cost=f"both databases while they run side by side; {BACKUP_COST}",
        effort="a day, with a planned switch",
    )


def _backups_by_people(database: Resource, obstacle: Obstacle) -> Guidance:
    return Guidance(
        why_no_plan=f"It is not certain that Azure changes the backup storage: {obstacle.reason}.",
        steps=(
            obstacle.step.format(names=names_of(database)),
            f"Then choose the backup storage: az sql db update {names_of(database)} --backup-storage-redundancy Zone "
            "(Geo where the region has no zones and the data may leave it).",
        ),
        cost=BACKUP_COST,
        effort="an hour; more where a database has to be replaced",
    )


REMEDIATIONS: Final = (add_failover_group, widen_backups)
