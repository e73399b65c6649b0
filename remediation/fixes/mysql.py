"""Azure Database for MySQL. PATCH of a flexible server answers 200, or 202 with Azure-AsyncOperation and Location
(azure-mgmt-mysqlflexibleservers 1.0.0, begin_update); storageRedundancy is "used for server creation" only."""

import shlex
from typing import Final

from remediation.azure_cli import in_group, names
from remediation.fixes.flexible_server import (
    HIGH_AVAILABILITY,
    STANDBY_SHOWS,
    is_ready,
    new_standby,
    patch,
    set_auto_grow,
)
from remediation.plan import (
    Code,
    Cost,
    Guidance,
    Plan,
    Precondition,
    Remediation,
    Remedy,
    Requirement,
    Safety,
    preconditions,
    remediates,
    unmet,
)
from rules.flexible_server import AUTO_GROW, GEO_BACKUP, MODE
from rules.model import Resource
from rules.mysql import (
    SERVER,
    geo_backup,
    same_zone_standby,
    single_server_retired,
    storage_auto_grow,
    tier_with_standby,
    zone_redundant_standby,
)
from rules.regions import region
from rules.values import text_at

GTID_MODE: Final = "configurations/gtid_mode"
GTID_CONSISTENCY: Final = "configurations/enforce_gtid_consistency"
REDUNDANCY: Final = "properties.storage.storageRedundancy"
ENCRYPTION: Final = "properties.dataEncryption.type"

NEEDS: Final = (f"{SERVER}/read", f"{SERVER}/write")


@remediates(zone_redundant_standby)
def migrate_to_zones(server: Resource) -> Guidance:
    """Azure decides at creation whether a server's storage spans zones: most servers have to be replaced."""
    if server.text(REDUNDANCY) == "zoneredundancy":
        return _switch_to_zones(server)
    return Guidance(
        why_no_plan="The server's storage lies in one zone, and Azure lets a server span zones only from its creation. "
        "A point-in-time restore does not change that.",
        steps=(
            "Until the server is replaced, let it have a standby in its own zone: mysql/same-zone-standby proposes one "
            "where there is none.",
            f"See with az mysql flexible-server list-skus --location {shlex.quote(server.location)} that the region "
            "offers ZoneRedundant.",
            f"Create a new server of the same tier: az mysql flexible-server create {in_group(server)} --name <new "
            f"name> --location {shlex.quote(server.location)} --tier <tier> --sku-name <size> --version <version> "
            "--high-availability ZoneRedundant --geo-redundant-backup Enabled. Neither can be added later; a region "
            "without a pair has no geo-redundant backup.",
            "Copy the data (mydumper and myloader, or mysqldump) and keep it in step with data-in replication.",
            "At a quiet time, stop the writers, wait for replication, point the workspace's connections at the new "
            "server; delete the old one when nothing asks for it any more.",
        ),
        cost="both servers while the data moves; the standby is billed like a server (estimate)",
        effort="days, with an interruption of minutes to hours",
    )


@remediates(
    same_zone_standby,
    safety=Safety.APPROVE,
    touches=(HIGH_AVAILABILITY,),
    needs=(*NEEDS, f"{SERVER}/configurations/read"),
    reads=(GTID_MODE, GTID_CONSISTENCY),
    shows_within=STANDBY_SHOWS,
)
def add_standby(server: Resource) -> Remedy:
    """Add a standby in the server's own zone, in place.

    What is sent
        One PATCH of the server that sets the high availability mode to SameZone.

    Cost
        The standby is billed like the server: its compute and storage once more.

    Downtime
        None that Azure tells of; best at a quiet time.

    Undo
        One PATCH that sets the mode back: Azure removes the standby, and its billing ends.
    """
    zone = _lies_in_one_zone(server, _switch_to_zones(server))
    checks = (is_ready(server), zone, _grows(server), *_gtid(server))
    if (advice := unmet(checks)) is not None:
        return advice
    return new_standby(
        server,
        same_zone_standby,
        "SameZone",
        title=f"Give MySQL server {server.name} a standby in its own zone",
        effect="Azure keeps a standby on another host and fails over to it in one or two minutes; not when the zone "
        "fails: that takes a new server (mysql/zone-redundant-standby).",
        downtime="none that Azure tells of (best at a quiet time)",
        warning="Code that leaves high availability out takes this standby away with its next deployment: pause "
        "the pipeline before approving and change the code.",
        preconditions=(
            *preconditions(checks),
            *_backups_first(server),
            Precondition("tables have primary keys (without them a failover takes long)"),
            Precondition("deletes do not cascade over foreign keys (MySQL bug 102586 can break the standby)"),
        ),
    )


def _backups_first(server: Resource) -> tuple[Precondition, ...]:
    """A standby closes the way to geo-redundant backup in place: who wants both approves that one first."""
    place = region(server.location)
    if server.text(GEO_BACKUP) != "disabled" or place is None or place.pair is None:
        return ()
    return (
        Precondition(
            "geo-redundant backup (mysql/geo-backup) is not wanted, or was switched on before: with a standby it can "
            "no longer be switched on in place, as far as is known"
        ),
    )


@remediates(tier_with_standby)
def leave_burstable(server: Resource) -> Guidance:
    """Which size is enough is for people to say, and the server restarts."""
    return Guidance(
        why_no_plan="A server of the Burstable tier has to be scaled first: a person chooses the size and the hour.",
        steps=(
            "Choose a General Purpose size for the load that the server has; the smallest has 2 vCores.",
            f"Run az mysql flexible-server update {names(server)} --tier GeneralPurpose "
            "--sku-name <size> at a quiet time: the server restarts, which takes one or two minutes.",
            "The next check then proposes the standby. Where the region has zones, consider a new server with "
            "zone-redundant high availability at once: it cannot be added later.",
        ),
        cost="a General Purpose server with 2 vCores is several times a small Burstable one, twice that with a standby "
        "(estimate)",
        effort="an hour, with a restart",
    )


@remediates(
    geo_backup,
    safety=Safety.APPROVE,
    touches=(GEO_BACKUP,),
    needs=NEEDS,
)
def keep_backups_in_second_region(server: Resource) -> Remedy:
    """Switch geo-redundant backup on, where the backups are locally redundant.

    What is sent
        One PATCH of the server that sets geo-redundant backup to Enabled.

    Cost
        Backups take twice the space; up to the size of the server's storage they are free.

    Downtime
        None that Azure tells of.

    Undo
        One PATCH that sets it back to Disabled.
    """
    zone = _lies_in_one_zone(server, _new_server_with_geo_backup(server))
    checks = (is_ready(server), zone, _has_no_standby(server), _has_platform_key(server))
    if (advice := unmet(checks)) is not None:
        return advice
    before = server.get(GEO_BACKUP)
    return Plan(
        rule=geo_backup.name,
        resource_id=server.id,
        safety=Safety.APPROVE,
        title=f"Keep the backups of MySQL server {server.name} in the paired region, too",
        writes=(patch(server, {"backup": {"geoRedundantBackup": "Enabled"}}),),
        undo=(patch(server, {"backup": {"geoRedundantBackup": before}}),),
        undo_note="can be switched off again; the copies in the paired region are then gone",
        touches=keep_backups_in_second_region.touches,
        before={GEO_BACKUP: before},
        after={GEO_BACKUP: "Enabled"},
        effect="The server can be restored in another region when its own is lost.",
        cost=Cost("up to twice the backup storage, free up to the size of the server's storage (estimate, Learn)"),
        downtime="none that Azure tells of",
        duration="minutes; the first copy takes longer",
        code=Code(
            bicep="backup: { geoRedundantBackup: 'Enabled' }",
            terraform="geo_redundant_backup_enabled = true",
            warning="Terraform replaces the server (deletes it and its data) when geo_redundant_backup_enabled in code "
            "and in Azure differ. Pause the pipeline before approving and change the code at once.",
        ),
        preconditions=(
            *preconditions(checks),
            Precondition("copies of the data may be kept in the paired region"),
            Precondition("the region offers geo-restore for MySQL (not every region with a pair does)"),
        ),
    )


@remediates(
    storage_auto_grow,
    safety=Safety.APPROVE,
    touches=(AUTO_GROW,),
    needs=NEEDS,
)
def grow_storage(server: Resource) -> Remedy:
    """Switch storage auto-grow on.

    What is sent
        One PATCH of the server that sets storage auto-grow to Enabled.

    Cost
        None until the storage grows: then by 5 GB or 5 % at a time.

    Downtime
        None: storage grows while the server runs.

    Undo
        One PATCH that sets it back. Storage that has grown stays as large as it is.
    """
    checks = (is_ready(server),)
    if (advice := unmet(checks)) is not None:
        return advice
    before = server.get(AUTO_GROW)
    return Plan(
        rule=storage_auto_grow.name,
        resource_id=server.id,
        safety=Safety.APPROVE,
        title=f"Let the storage of MySQL server {server.name} grow by itself",
        writes=(set_auto_grow(server, "Enabled"),),
        undo=(set_auto_grow(server, before),),
        undo_note="auto-grow can be switched off again while there is no standby; storage never shrinks",
        touches=grow_storage.touches,
        before={AUTO_GROW: before},
        after={AUTO_GROW: "Enabled"},
        effect="Azure adds storage when space runs low, before the server turns read-only. A standby needs it, too.",
        cost=Cost("none until the storage grows, then its price per GB (estimate, Learn)"),
        downtime="none",
        duration="minutes",
        code=Code(
            bicep="storage: { autoGrow: 'Enabled' }",
            terraform="storage { auto_grow_enabled = true }",
            warning="Once the storage has grown, Terraform code with the old size_gb replaces the server (deletes it "
            "and its data): leave size_gb out, or ignore its changes.",
        ),
        preconditions=preconditions(checks),
    )


@remediates(single_server_retired)
def leave_single_server(server: Resource) -> Guidance:
    """A retired service takes no fixes: its data has to move."""
    return Guidance(
        why_no_plan="Single Server was retired on 2024-09-16: nothing about it can be put right in place.",
        steps=(
            f"Find out whether {server.name} still answers, or whether Azure has moved it to a flexible server; if "
            "neither, open a support request about its data today.",
            "Create a General Purpose flexible server with zone-redundant high availability and geo-redundant backup: "
            "neither can be added later.",
            "Move the data by mysqldump, or by mydumper and myloader.",
            "Point the workspace's connections at the new server, then delete the old one.",
        ),
        cost="the flexible server in place of the single server (estimate)",
        effort="days, with a planned interruption",
    )


def _lies_in_one_zone(server: Resource, otherwise: Guidance) -> Requirement:
    redundancy = server.text(REDUNDANCY)
    local = None if redundancy is None else redundancy == "localredundancy"
    return Requirement(local, "the server's storage lies in one zone", otherwise)


def _switch_to_zones(server: Resource) -> Guidance:
    return Guidance(
        why_no_plan="The server's storage spans zones, so it can have a standby in another zone without a migration; "
        "but Azure's documentation disagrees on whether that can be switched on later.",
        steps=(
            f"If {server.name} has a standby in its own zone, remove it first: run az mysql flexible-server update "
            f"{names(server)} --high-availability Disabled at a quiet time.",
            f"Run az mysql flexible-server update {names(server)} --high-availability ZoneRedundant at a quiet time.",
            f"If Azure refuses, run az mysql flexible-server update {names(server)} --high-availability SameZone until "
            "the server is replaced by one that is made zone-redundant: without it there is no standby at all.",
        ),
        cost="about the server's compute and storage price once more (estimate)",
        effort="an hour",
    )


def _grows(server: Resource) -> Requirement:
    growing = server.text(AUTO_GROW)
    return Requirement(
        None if growing is None else growing == "enabled",
        "storage auto-grow is on",
        Guidance(
            why_no_plan="Azure gives a standby only to servers with storage auto-grow, and takes the two one by one.",
            steps=(
                "Switch storage auto-grow on: mysql/storage-auto-grow proposes it.",
                "The next check then proposes the standby.",
            ),
            cost="none until the storage grows, then its price per GB (estimate)",
            effort="minutes",
        ),
    )


def _gtid(server: Resource) -> tuple[Requirement, ...]:
    return tuple(
        Requirement(
            _is_on(server, path), f"the server parameter {path.rpartition('/')[-1]} is ON", _set_gtid_first(server)
        )
        for path in (GTID_CONSISTENCY, GTID_MODE)
    )


def _is_on(server: Resource, path: str) -> bool | None:
    """Whether a server parameter is ON and no restart is due for it, None where it was not read."""
    parameter = server.child(path) or {}
    value = text_at(parameter, "properties.value")
    pending = text_at(parameter, "properties.isConfigPendingRestart") == "true"
    return None if value is None else value == "on" and not pending


def _set_gtid_first(server: Resource) -> Guidance:
    return Guidance(
        why_no_plan="The standby replicates by global transaction ids, which have to be ON before it is added.",
        steps=(
            "Read which statements GTID replication forbids, and test the workload: it cannot be switched off again.",
            f"On {server.name}, set the server parameter enforce_gtid_consistency to ON.",
            "Set gtid_mode step by step, one value at a time: OFF_PERMISSIVE, ON_PERMISSIVE, ON; restart where the "
            "portal asks for it.",
            "The next check then proposes the standby.",
        ),
        cost="none",
        effort="an hour, perhaps with a restart, after tests",
    )


def _has_no_standby(server: Resource) -> Requirement:
    mode = server.text(MODE)
    return Requirement(
        None if mode is None else mode == "disabled", "the server has no standby", _new_server_with_geo_backup(server)
    )


def _has_platform_key(server: Resource) -> Requirement:
    """With a customer-managed key, the copies need a second key and identity in the paired region."""
    return Requirement(
        server.text(ENCRYPTION) != "azurekeyvault",
        "the server is not encrypted with a customer-managed key",
        _new_server_with_geo_backup(server),
    )


def _new_server_with_geo_backup(server: Resource) -> Guidance:
    return Guidance(
        why_no_plan="Azure adds geo-redundant backup only to servers with locally redundant backups; for a server with "
        "a standby, zone-redundant storage or a customer-managed key it is not known to work.",
        steps=(
            f"Restore {server.name} into a new server with geo-redundant backup (portal, Backup and restore), or "
            "create one and copy the data by dump and restore.",
            "Give the new server its standby, and with a customer-managed key a second key and identity in the paired "
            "region.",
            "Or add a read replica in another region; then exempt this finding and name the replica as the reason.",
        ),
        cost="up to twice the backup storage; a replica: a second server (estimate)",
        effort="a day, with a planned interruption; an hour for a replica",
    )


REMEDIATIONS: Final[tuple[Remediation, ...]] = (
    migrate_to_zones,
    add_standby,
    leave_burstable,
    keep_backups_in_second_region,
    grow_storage,
    leave_single_server,
)
