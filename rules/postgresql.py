"""Azure Database for PostgreSQL. https://learn.microsoft.com/azure/reliability/reliability-database-postgresql"""

from typing import Final

from rules.flexible_server import (
    MODE,
    ROLE,
    Words,
    backed_up_elsewhere,
    can_have_standby,
    grows,
    has_standby,
    no_standby_to_judge,
    takes_over,
)
from rules.model import References, Resource, Role, Severity, Verdict, failed, not_applicable, rule, unknown
from rules.regions import region

SERVER: Final = "Microsoft.DBforPostgreSQL/flexibleServers"
SINGLE_SERVER: Final = "Microsoft.DBforPostgreSQL/servers"

STORAGE_TYPE: Final = "properties.storage.type"
NODES: Final = "properties.cluster.clusterSize"

WORDS: Final = Words(
    replicas=("asyncreplica", "geoasyncreplica"),
    not_ready=frozenset(
        {"notenabled", "creatingstandby", "replicatingdata", "recreatingstandby"}
        | {"failingover", "removingstandby", "computeupdatingbyfailover"}
    ),
)

RELIABILITY: Final = "https://learn.microsoft.com/azure/reliability/reliability-database-postgresql"
CONFIGURE: Final = "https://learn.microsoft.com/azure/postgresql/high-availability/how-to-configure-high-availability"
BACKUPS: Final = "https://learn.microsoft.com/azure/postgresql/backup-restore/concepts-backup-restore"
STORAGE: Final = "https://learn.microsoft.com/azure/postgresql/compute-storage/concepts-storage-premium-ssd"
ZONE_RESILIENT: Final = "493c215d-2553-4976-bc81-57d2c04fc8c1"


@rule(
    title="PostgreSQL server has a standby in another zone",
    severity=Severity.HIGH,
    applies_to=SERVER,
    roles=(Role.ADDITIONAL_DATASTORE,),
    zonal=True,
    production=True,
    references=References(
        aprl=("ca87914f-aac4-4783-ab67-82a6f936f194",),
        psrule=("Azure.PostgreSQL.ZoneRedundantHA",),
        policy=(ZONE_RESILIENT,),
        learn=(RELIABILITY, CONFIGURE),
    ),
)
def zone_redundant_standby(server: Resource) -> Verdict:
    """A server in a region with availability zones has a standby in another zone.

    What it checks
        `properties.highAvailability.mode`, which has to be ZoneRedundant, with a standby that can take over
        (`properties.highAvailability.state` is Healthy; while it is anything else, nothing is judged). Read
        replicas and Burstable servers cannot have one; a standby in the same zone is what
        `postgresql/standby-in-another-zone` is about.

    Why it matters
        Without a standby, a failed host takes the database away until Azure has started the server on another one, and
        a failed zone takes it away for as long as the zone is gone. Every training job, pipeline and endpoint of the
        workspace that reads features, labels or results from it stops meanwhile.

    How it is fixed
        After approval: high availability is set to ZoneRedundant. Azure makes the standby while the server runs.

    References
        APRL ca87914f, PSRule Azure.PostgreSQL.ZoneRedundantHA (which fails Burstable servers, too), Azure Policy
        493c215d, Learn: reliability-database-postgresql, how-to-configure-high-availability.
    """
    if (other := no_standby_to_judge(server, WORDS)) is not None:
        return other
    match server.text(MODE):
        case "zoneredundant":
            return takes_over(server, WORDS, "its standby is in another availability zone")
        case "samezone":
            return not_applicable("its standby is in its own zone, which another rule is about")
        case "disabled":
            return failed("it has no standby: the loss of its zone takes the database away from the workspace")
        case _:
            return unknown("Azure did not say whether the server has a standby")


@rule(
    title="PostgreSQL server is of a tier that can have a standby",
    severity=Severity.HIGH,
    applies_to=SERVER,
    roles=(Role.ADDITIONAL_DATASTORE,),
    production=True,
    references=References(learn=(CONFIGURE, RELIABILITY)),
)
def tier_with_standby(server: Resource) -> Verdict:
    """A production server is General Purpose or Memory Optimized.

    What it checks
        `sku.tier`. Burstable servers can have neither a standby nor read replicas.

    Why it matters
        A Burstable server runs alone and on CPU credits: when its host fails, the database is gone until Azure has
        started it elsewhere, and when the credits are used up, the training jobs and endpoints that query it time out.

    How it is fixed
        By people: choose a General Purpose size, scale the server (a restart), then approve its standby.

    References
        Learn: how-to-configure-high-availability (limitations), reliability-database-postgresql.
    """
    return can_have_standby(server)


@rule(
    title="PostgreSQL server's standby is in another zone",
    severity=Severity.MEDIUM,
    applies_to=SERVER,
    roles=(Role.ADDITIONAL_DATASTORE,),
    zonal=True,
    production=True,
    references=References(policy=(ZONE_RESILIENT,), learn=(CONFIGURE, RELIABILITY)),
)
def standby_in_another_zone(server: Resource) -> Verdict:
    """The standby of a server in a region with availability zones is not in the server's own zone.

    What it checks
        `properties.highAvailability.mode`, which may not be SameZone. Servers without a standby are what
        `postgresql/zone-redundant-standby` is about.

    Why it matters
        A standby in the same zone takes over when a host fails, not when the zone does: then both are gone, and with
        them what the workspace's jobs and endpoints read. Many were put there when the region was short of capacity.

    How it is fixed
        After approval, in two steps, because Azure does not move a standby: it is removed, then made in another zone.
        The server has none in between.

    References
        Azure Policy 493c215d, Learn: how-to-configure-high-availability, reliability-database-postgresql.
    """
    if (other := no_standby_to_judge(server, WORDS)) is not None:
        return other
    match server.text(MODE):
        case "zoneredundant":
            return takes_over(server, WORDS, "its standby is in another availability zone")
        case "samezone":
            return failed("its standby is in its own zone: the loss of that zone takes both away")
        case "disabled":
            return not_applicable("it has no standby, which another rule is about")
        case _:
            return unknown("Azure did not say whether the server has a standby")


@rule(
    title="PostgreSQL server's backups are kept in a second region",
    severity=Severity.HIGH,
    applies_to=SERVER,
    roles=(Role.ADDITIONAL_DATASTORE,),
    production=True,
    references=References(
        aprl=("31f4ac4b-29cb-4588-8de2-d8fe6f13ceb3", "2ab85a67-26be-4ed2-a0bb-101b2513ec63"),
        psrule=("Azure.PostgreSQL.GeoRedundantBackup",),
        policy=("cee2f9fd-3968-44be-a863-bd62c9884423",),
        learn=(BACKUPS, RELIABILITY),
    ),
)
def geo_backup(server: Resource) -> Verdict:
    """A server in a region that has a pair keeps its backups there, too.

    What it checks
        `properties.backup.geoRedundantBackup`. Read replicas have no backups of their own.

    Why it matters
        Backups that stay in the region are lost or out of reach with it, and so is the data that models were trained
        on. With geo-redundant backup, the server can be restored in the paired region, at most about an hour behind.

    How it is fixed
        By people: it can only be chosen when a server is made. Either restore into a new server that has it, or add a
        read replica in another region.

    References
        APRL 31f4ac4b and 2ab85a67 (read replicas), PSRule Azure.PostgreSQL.GeoRedundantBackup, Azure Policy cee2f9fd,
        Learn: concepts-backup-restore, reliability-database-postgresql.
    """
    if server.text(ROLE) in WORDS.replicas:
        return not_applicable("it is a read replica, which has no backups of its own")
    return backed_up_elsewhere(server)


@rule(
    title="PostgreSQL server's storage grows by itself",
    severity=Severity.MEDIUM,
    applies_to=SERVER,
    roles=(Role.ADDITIONAL_DATASTORE,),
    references=References(aprl=("6293a3cc-6b4a-4c0f-9ea7-b8ae8d7dd3d5",), learn=(STORAGE, RELIABILITY)),
)
def storage_auto_grow(server: Resource) -> Verdict:
    """Storage auto-grow is on where Azure offers it.

    What it checks
        `properties.storage.autoGrow` of servers on Premium SSD (Azure's default where no storage type is given).
        Azure grows neither Premium SSD v2 nor the storage of elastic clusters by itself.

    Why it matters
        A server whose disk is 95 % full turns read-only: pipelines and endpoints that write predictions, features or
        experiment results fail at once, while everything else looks healthy.

    How it is fixed
        After approval: auto-grow is switched on. From then on Azure doubles the disk when space runs low, without
        downtime; a disk never shrinks again. Azure does not cross 4,096 GiB by itself: watch servers near it.

    References
        APRL 6293a3cc, Learn: concepts-storage-premium-ssd, reliability-database-postgresql.
    """
    kind = server.get(STORAGE_TYPE)
    if (kind is not None and not isinstance(kind, str)) or server.unreadable("properties.cluster"):
        return unknown("Azure did not say which storage the server has")
    if kind and kind.lower() != "premium_lrs":
        return not_applicable("Azure grows only Premium SSD storage by itself")
    if (server.number(NODES) or 0) > 0:
        return not_applicable("Azure does not grow the storage of an elastic cluster by itself")
    return grows(server)


@rule(
    title="PostgreSQL server has a standby where there are no zones",
    severity=Severity.MEDIUM,
    applies_to=SERVER,
    roles=(Role.ADDITIONAL_DATASTORE,),
    production=True,
    references=References(policy=(ZONE_RESILIENT,), learn=(RELIABILITY, CONFIGURE)),
)
def same_zone_standby(server: Resource) -> Verdict:
    """A server in a region without availability zones has a standby, too.

    What it checks
        `properties.highAvailability.mode` in regions without availability zones, where only SameZone is offered.
        Regions with zones are what `postgresql/zone-redundant-standby` is about.

    Why it matters
        Without a standby, a failed host or a maintenance takes the database away until Azure has started the server on
        another host, and the workspace's jobs and endpoints fail until then. A standby takes over within minutes.

    How it is fixed
        After approval: high availability is set to SameZone. It does not help when the whole datacenter is lost.

    References
        Azure Policy 493c215d, Learn: reliability-database-postgresql, how-to-configure-high-availability.
    """
    place = region(server.location)
    if place is None:
        return unknown("it is not known whether its region has availability zones")
    if place.zones:
        return not_applicable(f"{server.location} has availability zones: there, a standby belongs in another one")
    return has_standby(server, WORDS)


@rule(
    title="No PostgreSQL Single Server is used",
    severity=Severity.HIGH,
    applies_to=SINGLE_SERVER,
    roles=(Role.ADDITIONAL_DATASTORE,),
    references=References(
        policy=("48af4db5-9b8b-401c-8e74-076be876a430",),
        learn=("https://learn.microsoft.com/azure/postgresql/migrate/whats-happening-to-postgresql-single-server",),
    ),
)
def single_server_retired(_: Resource) -> Verdict:
    """No workspace depends on PostgreSQL Single Server.

    What it checks
        That there is no resource of type `Microsoft.DBforPostgreSQL/servers`: its being there is the failure.

    Why it matters
        Single Server was retired on 2025-03-28. Nobody repairs or patches it, and Azure can take it away, and with it
        what the workspace's jobs and endpoints read.

    How it is fixed
        By people: migrate to a flexible server and point the workspace's connections at it.

    References
        Azure Policy 48af4db5 (geo-redundant backup of single servers), Learn:
        whats-happening-to-postgresql-single-server.
    """
    return failed("PostgreSQL Single Server was retired on 2025-03-28")


RULES: Final = (
    zone_redundant_standby,
    tier_with_standby,
    standby_in_another_zone,
    geo_backup,
    storage_auto_grow,
    same_zone_standby,
    single_server_retired,
)
