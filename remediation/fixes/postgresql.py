"""Azure Database for PostgreSQL. PATCH of a flexible server answers 202 with Azure-AsyncOperation and Location
(azure-mgmt-postgresqlflexibleservers 3.0.0, begin_update); geoRedundantBackup is read-only in it."""

import shlex
from collections.abc import Iterator
from typing import Final

from remediation.azure_cli import in_group, names
from remediation.fixes.flexible_server import (
    HIGH_AVAILABILITY,
    STANDBY_SHOWS,
    is_ready,
    new_standby,
    set_auto_grow,
    set_mode,
    standby_code,
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
from rules.model import Body, Resource
from rules.postgresql import (
    NODES,
    SERVER,
    geo_backup,
    same_zone_standby,
    single_server_retired,
    standby_in_another_zone,
    storage_auto_grow,
    tier_with_standby,
    zone_redundant_standby,
)
from rules.values import objects_at, text_at, value_at

CAPABILITIES: Final = "capabilities"
"""GET of this collection tells what Azure offers for the server: `supportedFeatures` and the modes of each size."""

NEEDS: Final = (f"{SERVER}/read", f"{SERVER}/write")
STANDBY_NEEDS: Final = (*NEEDS, f"{SERVER}/capabilities/read")

SLOWER_COMMITS: Final = "none (best at a quiet time; commits take slightly longer afterwards)"
KEEP_IN_CODE: Final = (
    "Code that leaves high availability out, or has another mode, takes this standby away with its next deployment: "
    "pause the pipeline before approving and change the code."
)


@remediates(
    zone_redundant_standby,
    safety=Safety.APPROVE,
    touches=(HIGH_AVAILABILITY,),
    needs=STANDBY_NEEDS,
    reads=(CAPABILITIES,),
    shows_within=STANDBY_SHOWS,
)
def add_standby_in_another_zone(server: Resource) -> Remedy:
    """Add a standby in another zone, while the server runs.

    What is sent
        One PATCH of the server that sets the high availability mode to ZoneRedundant. Azure chooses the zone.

    Cost
        The standby is billed like the server: its compute and storage once more.

    Downtime
        None. Commits take slightly longer afterwards, because they wait for the other zone.

    Undo
        One PATCH that sets the mode back: Azure removes the standby.
    """
    checks = (is_ready(server), _is_single(server), _offers_zones(server))
    if (advice := unmet(checks)) is not None:
        return advice
    return new_standby(
        server,
        zone_redundant_standby,
        "ZoneRedundant",
        title=f"Give PostgreSQL server {server.name} a standby in another zone",
        effect="Azure keeps a standby in another zone and fails over to it when the server or its zone fails.",
        downtime=SLOWER_COMMITS,
        warning=KEEP_IN_CODE,
        preconditions=(*preconditions(checks), _lies_in_a_zone(server), ROOM_FOR_STANDBY),
    )


@remediates(tier_with_standby)
def leave_burstable(server: Resource) -> Guidance:
    """Which size is enough is for people to say, and the server restarts."""
    return Guidance(
        why_no_plan="A server of the Burstable tier has to be scaled first: a person chooses the size and the hour.",
        steps=(
            "Choose a General Purpose size for the load that the server has; the smallest has 2 vCores.",
            f"Run az postgres flexible-server update {names(server)} --tier "
            "GeneralPurpose --sku-name <size> at a quiet time: the server restarts.",
            "The next check then proposes the standby.",
        ),
        cost="a General Purpose server with 2 vCores is several times a small Burstable one, twice that with a standby "
        "(estimate)",
        effort="an hour, with a restart of some minutes",
    )


@remediates(
    standby_in_another_zone,
    safety=Safety.APPROVE,
    touches=(HIGH_AVAILABILITY,),
    needs=STANDBY_NEEDS,
    reads=(CAPABILITIES,),
    shows_within=STANDBY_SHOWS,
)
def move_standby_to_another_zone(server: Resource) -> Remedy:
    """Replace the standby in the server's own zone by one in another zone.

    What is sent
        Two PATCHes of the server: the first sets the high availability mode to Disabled, the second, once Azure has
        removed the standby, to ZoneRedundant. Azure refuses to go from SameZone to ZoneRedundant in one step.

    Cost
        None: one standby takes the place of another.

    Downtime
        None, but the server has no standby in between. If Azure has no capacity in another zone, it has none until
        the undo puts the old one back.

    Undo
        Two PATCHes: Disabled, then SameZone again.
    """
    checks = (is_ready(server), _is_single(server), _offers_zones(server))
    if (advice := unmet(checks)) is not None:
        return advice
    before = server.get(MODE)
    return Plan(
        rule=standby_in_another_zone.name,
        resource_id=server.id,
        safety=Safety.APPROVE,
        title=f"Move the standby of PostgreSQL server {server.name} to another zone",
        writes=(set_mode(server, "Disabled"), set_mode(server, "ZoneRedundant")),
        undo=(set_mode(server, "Disabled"), set_mode(server, before)),
        undo_note="the standby can be moved back the same way, in two steps",
        touches=move_standby_to_another_zone.touches,
        before={MODE: before},
        after={MODE: "ZoneRedundant"},
        effect="The standby takes over when the whole zone of the server fails, not only its host.",
        cost=Cost("none", 0),
        downtime="none, but no standby in between, and none until undone if Azure lacks capacity in another zone",
        duration="20 minutes or more, depending on the data",
        code=standby_code(
            "ZoneRedundant", f"{KEEP_IN_CODE} azurerm sends the new mode in one step, which Azure refuses."
        ),
        preconditions=(*preconditions(checks), _lies_in_a_zone(server), ROOM_FOR_STANDBY),
    )


@remediates(geo_backup)
def keep_backups_in_second_region(server: Resource) -> Guidance:
    """Geo-redundant backup is chosen when a server is made, and never again."""
    return Guidance(
        why_no_plan="Azure lets geo-redundant backup be chosen only when a server is made.",
        steps=(
            "Either add a read replica in another region (General Purpose or Memory Optimized), which can be promoted "
            "within minutes; with virtual endpoints, clients keep their host name.",
            "Or at a quiet time stop the writers, because what is written afterwards stays behind, then run az "
            f"postgres flexible-server restore {in_group(server)} --name <new name> --source-server "
            f"{shlex.quote(server.name)} --geo-redundant-backup Enabled and point the workspace's connections at the "
            "new server.",
            "With a replica instead of geo-redundant backup, exempt this finding and name the replica as the reason.",
        ),
        cost="backups: up to twice the backup storage; a replica: a second server (estimate)",
        effort="an hour for a replica, a day with a planned interruption for a new server",
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
        None until the disk grows: then Azure doubles it, and its price.

    Downtime
        None. Azure grows the disk while the server runs, and not by itself across 4,096 GiB, where it could not.

    Undo
        One PATCH that sets it back. A disk that has grown stays as large as it is.
    """
    checks = (is_ready(server),)
    if (advice := unmet(checks)) is not None:
        return advice
    before = server.get(AUTO_GROW)
    return Plan(
        rule=storage_auto_grow.name,
        resource_id=server.id,
        safety=Safety.APPROVE,
        title=f"Let the storage of PostgreSQL server {server.name} grow by itself",
        writes=(set_auto_grow(server, "Enabled"),),
        undo=(set_auto_grow(server, before),),
        undo_note="auto-grow can be switched off again; a disk that has grown by then stays as large as it is",
        touches=grow_storage.touches,
        before={AUTO_GROW: before},
        after={AUTO_GROW: "Enabled"},
        effect="Azure doubles the disk when space runs low, before the server turns read-only; not across 4,096 GiB.",
        cost=Cost("none until the disk grows, then twice its price at each step (estimate, Learn)"),
        downtime="none",
        duration="minutes",
        code=Code(
            bicep="storage: { autoGrow: 'Enabled' }",
            terraform="auto_grow_enabled = true",
            warning="Once the disk has grown, Terraform code with the old storage_mb replaces the server (deletes it "
            "and its data): leave storage_mb out, or ignore its changes.",
        ),
        preconditions=preconditions(checks),
    )


@remediates(
    same_zone_standby,
    safety=Safety.APPROVE,
    touches=(HIGH_AVAILABILITY,),
    needs=STANDBY_NEEDS,
    reads=(CAPABILITIES,),
    shows_within=STANDBY_SHOWS,
)
def add_standby(server: Resource) -> Remedy:
    """Add a standby in a region without zones, while the server runs.

    What is sent
        One PATCH of the server that sets the high availability mode to SameZone, the only one that such a region has.

    Cost
        The standby is billed like the server: its compute and storage once more.

    Downtime
        None. Commits take slightly longer afterwards.

    Undo
        One PATCH that sets the mode back: Azure removes the standby.
    """
    checks = (is_ready(server), _is_single(server), _offers_same_zone(server))
    if (advice := unmet(checks)) is not None:
        return advice
    return new_standby(
        server,
        same_zone_standby,
        "SameZone",
        title=f"Give PostgreSQL server {server.name} a standby",
        effect="Azure keeps a standby on another host and fails over to it; not when the whole datacenter fails.",
        downtime=SLOWER_COMMITS,
        warning=KEEP_IN_CODE,
        preconditions=(*preconditions(checks), ROOM_FOR_STANDBY),
    )


@remediates(single_server_retired)
def leave_single_server(server: Resource) -> Guidance:
    """A retired service takes no fixes: its data has to move."""
    return Guidance(
        why_no_plan="Single Server was retired on 2025-03-28: nothing about it can be put right in place.",
        steps=(
            f"Find out whether {server.name} still answers; if not, open a support request about its data today.",
            "Create a General Purpose flexible server with a standby and geo-redundant backup.",
            "Move the data with the migration service of the flexible server, or by pg_dump and pg_restore.",
            "Point the workspace's connections at the new server, then delete the old one.",
        ),
        cost="the flexible server in place of the single server (estimate)",
        effort="days, with a planned interruption",
    )


ROOM_FOR_STANDBY: Final = Precondition(
    "the server parameters max_replication_slots and max_wal_senders leave four of each for the standby"
)


def _is_single(server: Resource) -> Requirement:
    return Requirement(
        (server.number(NODES) or 0) < 1,
        "the server is no elastic cluster",
        Guidance(
            why_no_plan="The server is an elastic cluster, and Azure does not document how its standbys are changed.",
            steps=(
                f"Read what the portal offers for {server.name} under High availability, and at which price.",
                "Change it there at a quiet time: this finding closes.",
            ),
            cost="every node once more (estimate)",
            effort="an hour",
        ),
    )


def _lies_in_a_zone(server: Resource) -> Precondition:
    return Precondition(
        "the server lies in a zone (one that is older than its region's zones has to be restored into a new server)",
        checked=server.text("properties.availabilityZone") is not None,
    )


def _offers_zones(server: Resource) -> Requirement:
    features = {"zoneredundantha"}
    if server.text(GEO_BACKUP) == "enabled":
        features.add("zoneredundanthaandgeobackup")
    return Requirement(
        _offered(server, "zoneredundant", features),
        "Azure offers a standby in another zone for this server",
        Guidance(
            why_no_plan="Azure does not offer a standby in another zone for this server now: its region or its size "
            "has none, or the subscription may not use it.",
            steps=(
                "Ask Azure Support for zone-redundant high availability in the region, or plan a size or region that "
                "has it.",
                f"Where the server has no standby at all, run az postgres flexible-server update {names(server)} "
                "--zonal-resiliency Enabled --allow-same-zone at a quiet time: it then "
                "has one in its own zone until more is offered.",
            ),
            cost="about the server's price once more (estimate)",
            effort="an hour, and days for support",
        ),
    )


def _offers_same_zone(server: Resource) -> Requirement:
    return Requirement(
        _offered(server, "samezone", set()),
        "Azure offers a standby for this server's size",
        Guidance(
            why_no_plan="Azure does not offer a standby for the size that this server has.",
            steps=(
                f"Choose a size for {server.name} that can have one, and scale the server (a restart).",
                "The next check then proposes the standby.",
            ),
            cost="the difference between the sizes, and twice that with a standby (estimate)",
            effort="an hour, with a restart of some minutes",
        ),
    )


def _offered(server: Resource, mode: str, features: set[str]) -> bool | None:
    """Whether the server's capabilities have all these features, and the mode for its size; None: they do not say."""
    answers: list[bool] = []
    for capability in server.collection(CAPABILITIES) or ():
        answers += _features(capability, features)
        answers += _modes(capability, server.text("sku.name"), mode)
    return all(answers) if answers else None


def _features(capability: Body, wanted: set[str]) -> Iterator[bool]:
    for feature in objects_at(capability, "supportedFeatures") or ():
        if text_at(feature, "name") in wanted:
            yield text_at(feature, "status") == "enabled"


def _modes(capability: Body, size: str | None, mode: str) -> Iterator[bool]:
    for edition in objects_at(capability, "supportedServerEditions") or ():
        for offered in objects_at(edition, "supportedServerSkus") or ():
            modes = value_at(offered, "supportedHaMode")
            if isinstance(modes, list) and size is not None and text_at(offered, "name") == size:
                yield mode in [each.lower() for each in modes if isinstance(each, str)]


REMEDIATIONS: Final[tuple[Remediation, ...]] = (
    add_standby_in_another_zone,
    leave_burstable,
    move_standby_to_another_zone,
    keep_backups_in_second_region,
    grow_storage,
    add_standby,
    leave_single_server,
)
