"""Azure Database for MySQL. https://learn.microsoft.com/azure/reliability/reliability-database-mysql"""

from typing import Final

from rules.flexible_server import (
    MODE,
    Words,
    backed_up_elsewhere,
    can_have_standby,
    grows,
    has_standby,
    no_standby_to_judge,
    takes_over,
)
from rules.model import References, Resource, Role, Severity, Verdict, failed, rule, unknown

SERVER: Final = "Microsoft.DBforMySQL/flexibleServers"
SINGLE_SERVER: Final = "Microsoft.DBforMySQL/servers"

WORDS: Final = Words(
    replicas=("replica",),
    not_ready=frozenset({"notenabled", "creatingstandby", "replicatingdata", "failingover", "removingstandby"}),
)

RELIABILITY: Final = "https://learn.microsoft.com/azure/reliability/reliability-database-mysql"
AVAILABILITY: Final = "https://learn.microsoft.com/azure/mysql/flexible-server/concepts-high-availability"
BACKUPS: Final = "https://learn.microsoft.com/azure/mysql/flexible-server/concepts-backup-restore"
TIERS: Final = "https://learn.microsoft.com/azure/mysql/flexible-server/concepts-service-tiers-storage"
ZONE_RESILIENT: Final = "493c215d-2554-5976-bc81-57d2c04fc8c1"


@rule(
    title="MySQL server has a standby in another zone",
    severity=Severity.HIGH,
    applies_to=SERVER,
    roles=(Role.ADDITIONAL_DATASTORE,),
    zonal=True,
    production=True,
    references=References(
        aprl=("88856605-53d8-4bbd-a75b-4a7b14939d32",),
        psrule=("Azure.MySQL.ZoneRedundantHA",),
        policy=(ZONE_RESILIENT,),
        learn=(RELIABILITY, AVAILABILITY),
    ),
)
def zone_redundant_standby(server: Resource) -> Verdict:
    """A server in a region with availability zones has a standby in another zone.

    What it checks
        `properties.highAvailability.mode`, which has to be ZoneRedundant, with a standby that can take over
        (`properties.highAvailability.state` is Healthy; while it is anything else, nothing is judged). Read replicas
        and Burstable servers cannot have one.

    Why it matters
        A server without a standby, or with one in its own zone, is gone for as long as that zone is. Every training
        job, pipeline and endpoint of the workspace that reads features, labels or results from it stops meanwhile.

    How it is fixed
        By people: Azure decides when a server is made whether its storage spans zones, so most servers have to be
        migrated to a new one. Until then, `mysql/same-zone-standby` adds a standby in place.

    References
        APRL 88856605, PSRule Azure.MySQL.ZoneRedundantHA (which fails Burstable servers, too), Azure Policy 493c215d,
        Learn: reliability-database-mysql, concepts-high-availability.
    """
    if (other := no_standby_to_judge(server, WORDS)) is not None:
        return other
    match server.text(MODE):
        case "zoneredundant":
            return takes_over(server, WORDS, "its standby is in another availability zone")
        case "samezone":
            return failed("its standby is in its own zone: the loss of that zone takes both away")
        case "disabled":
            return failed("it has no standby in another zone: the loss of its zone takes the database away")
        case _:
            return unknown("Azure did not say whether the server has a standby")


@rule(
    title="MySQL server has a standby",
    severity=Severity.HIGH,
    applies_to=SERVER,
    roles=(Role.ADDITIONAL_DATASTORE,),
    production=True,
    references=References(policy=(ZONE_RESILIENT,), learn=(AVAILABILITY, RELIABILITY)),
)
def same_zone_standby(server: Resource) -> Verdict:
    """A server has a standby, in its own zone at least.

    What it checks
        `properties.highAvailability.mode`, which may not be Disabled. Read replicas and Burstable servers cannot have
        a standby.

    Why it matters
        Without a standby, a failed host or a maintenance takes the database away until Azure has started the server on
        another host, and the workspace's jobs and endpoints fail until then. A standby takes over within minutes.

    How it is fixed
        After approval: high availability is set to SameZone, in place. It does not protect from the loss of the zone,
        which `mysql/zone-redundant-standby` is about.

    References
        Azure Policy 493c215d, Learn: concepts-high-availability, reliability-database-mysql.
    """
    return has_standby(server, WORDS)


@rule(
    title="MySQL server is of a tier that can have a standby",
    severity=Severity.HIGH,
    applies_to=SERVER,
    roles=(Role.ADDITIONAL_DATASTORE,),
    production=True,
    references=References(learn=(TIERS, RELIABILITY)),
)
def tier_with_standby(server: Resource) -> Verdict:
    """A production server is General Purpose or Business Critical.

    What it checks
        `sku.tier`, where Business Critical is called MemoryOptimized. Burstable servers can have neither a standby nor
        read replicas.

    Why it matters
        A Burstable server runs alone and on CPU credits: when its host fails, the database is gone until Azure has
        started it elsewhere, and when the credits are used up, the training jobs and endpoints that query it time out.

    How it is fixed
        By people: choose a General Purpose size, scale the server (a restart of one or two minutes), then approve its
        standby.

    References
        Learn: concepts-service-tiers-storage, reliability-database-mysql.
    """
    return can_have_standby(server)


@rule(
    title="MySQL server's backups are kept in a second region",
    severity=Severity.HIGH,
    applies_to=SERVER,
    roles=(Role.ADDITIONAL_DATASTORE,),
    production=True,
    references=References(
        aprl=("5c96afc3-7d2e-46ff-a4c7-9c32850c441b",),
        psrule=("Azure.MySQL.GeoRedundantBackup",),
        learn=(BACKUPS, RELIABILITY),
    ),
)
def geo_backup(server: Resource) -> Verdict:
    """A server in a region that has a pair keeps its backups there, too.

    What it checks
        `properties.backup.geoRedundantBackup`, in regions that are paired with another one.

    Why it matters
        Backups that stay in the region are lost or out of reach with it, and so is the data that models were trained
        on. With geo-redundant backup, the server can be restored in another region, at most about an hour behind.

    How it is fixed
        After approval: geo-redundant backup is switched on where the backups are locally redundant and the server has
        no standby. Otherwise by people, with a new server.

    References
        APRL 5c96afc3, PSRule Azure.MySQL.GeoRedundantBackup, Learn: concepts-backup-restore,
        reliability-database-mysql (which says that it is chosen when a server is made).
    """
    return backed_up_elsewhere(server)


@rule(
    title="MySQL server's storage grows by itself",
    severity=Severity.MEDIUM,
    applies_to=SERVER,
    roles=(Role.ADDITIONAL_DATASTORE,),
    references=References(aprl=("8176a79d-8645-4e52-96be-a10fc0204fe5",), learn=(TIERS, AVAILABILITY)),
)
def storage_auto_grow(server: Resource) -> Verdict:
    """Storage auto-grow is on.

    What it checks
        `properties.storage.autoGrow`. Azure switches it on for new servers and keeps it on where there is a standby.

    Why it matters
        A server with hardly any free space left turns read-only: pipelines and endpoints that write predictions,
        features or experiment results fail at once, while everything else looks healthy. A standby needs it, too.

    How it is fixed
        After approval: auto-grow is switched on. From then on Azure adds 5 GB or 5 % when space runs low, without
        downtime; storage never shrinks again.

    References
        APRL 8176a79d, Learn: concepts-service-tiers-storage, concepts-high-availability.
    """
    return grows(server)


@rule(
    title="No MySQL Single Server is used",
    severity=Severity.HIGH,
    applies_to=SINGLE_SERVER,
    roles=(Role.ADDITIONAL_DATASTORE,),
    references=References(
        psrule=("Azure.MySQL.UseFlexible",),
        policy=("82339799-d096-41ae-8538-b108becf0970",),
        learn=("https://learn.microsoft.com/azure/mysql/migrate/whats-happening-to-mysql-single-server",),
    ),
)
def single_server_retired(_: Resource) -> Verdict:
    """No workspace depends on MySQL Single Server.

    What it checks
        That there is no resource of type `Microsoft.DBforMySQL/servers`: its being there is the failure.

    Why it matters
        Single Server was retired on 2024-09-16. Nobody repairs or patches it, and Azure can take it away, and with it
        what the workspace's jobs and endpoints read.

    How it is fixed
        By people: migrate to a flexible server and point the workspace's connections at it.

    References
        PSRule Azure.MySQL.UseFlexible, Azure Policy 82339799 (geo-redundant backup of single servers), Learn:
        whats-happening-to-mysql-single-server.
    """
    return failed("MySQL Single Server was retired on 2024-09-16")


RULES: Final = (
    zone_redundant_standby,
    same_zone_standby,
    tier_with_standby,
    geo_backup,
    storage_auto_grow,
    single_server_retired,
)
