"""Azure SQL Database and elastic pools. https://learn.microsoft.com/azure/reliability/reliability-sql-database

`sku` is what was asked for, `properties.currentSku` what runs; they differ while the service tier changes.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from rules.model import (
    Body,
    References,
    Resource,
    Role,
    Severity,
    Verdict,
    failed,
    not_applicable,
    passed,
    rule,
    unknown,
)
from rules.values import normal_region, text_at, value_at

DATABASE: Final = "Microsoft.Sql/servers/databases"
POOL: Final = "Microsoft.Sql/servers/elasticPools"
ROLES: Final = (Role.ADDITIONAL_DATASTORE,)

BASIC: Final = "basic"
STANDARD: Final = "standard"
PREMIUM: Final = "premium"
GENERAL_PURPOSE: Final = "generalpurpose"
BUSINESS_CRITICAL: Final = "businesscritical"
HYPERSCALE: Final = "hyperscale"
ZONELESS: Final = (BASIC, STANDARD)
"""Tiers that cannot be zone-redundant."""
REPLICATED: Final = (PREMIUM, BUSINESS_CRITICAL)
"""Tiers whose databases have several replicas anyway."""
NO_DATABASES: Final = ("system", "datawarehouse")
"""Tiers of `master` and of Synapse's dedicated SQL pools."""
TIERS: Final[Mapping[str, str]] = {
    BASIC: "Basic",
    STANDARD: "Standard",
    PREMIUM: "Premium",
    GENERAL_PURPOSE: "General Purpose",
    BUSINESS_CRITICAL: "Business Critical",
    HYPERSCALE: "Hyperscale",
}
"""What people call a service tier."""
_TIERS_BY_NAME: Final[Mapping[str, str]] = {
    **{tier: tier for tier in (*TIERS, *NO_DATABASES)},
    **{f"{tier}pool": tier for tier in (BASIC, STANDARD, PREMIUM)},
    "gp": GENERAL_PURPOSE,
    "bc": BUSINESS_CRITICAL,
    "hs": HYPERSCALE,
}
"""The tier by what `sku.name` starts with: GP_Gen5, HS_PRMS, StandardPool."""

RELIABILITY: Final = "https://learn.microsoft.com/azure/reliability/reliability-sql-database"
ENABLE_ZONES: Final = "https://learn.microsoft.com/azure/azure-sql/database/enable-zone-redundancy"
APRL_ZONES: Final = "c0085c32-84c0-c247-bfa9-e70977cbf108"
POLICY_ZONES: Final = "6221cac0-bb8d-40f4-9535-5d03f713f054"

_MASTER: Final = not_applicable("it is the server's own database, which follows the others")
_POOLED: Final = not_applicable("its elastic pool decides where it runs")
_SECONDARY: Final = not_applicable("it is a replica of another database, which is the one that is judged")
_NO_PROPERTIES: Final = unknown("Azure did not say whether it stands alone, in an elastic pool or as a replica")
_NO_DATABASE: Final = not_applicable("it is no database of Azure SQL Database's service tiers")
_NO_TIER: Final = unknown("Azure did not say which service tier it has, or one that is not known here")
_BETWEEN_TIERS: Final = unknown("Azure runs it in another service tier than was asked for: a change is under way")
_NOT_SAID: Final = unknown("Azure did not say whether it is zone-redundant")
_ZONAL: Final = passed("it runs in several availability zones")


def tier_of(resource: Resource) -> str | None:
    """The service tier that was asked for, in lower case (`generalpurpose`); None where the SKU tells none."""
    said = resource.text("sku.tier")
    return said if said is not None else _TIERS_BY_NAME.get((resource.text("sku.name") or "").partition("_")[0])


def is_pooled(database: Resource) -> bool:
    """Whether the database shares the compute of an elastic pool."""
    return bool(database.get("properties.elasticPoolId")) or database.text("sku.name") == "elasticpool"


def _follows(database: Resource) -> Verdict | None:
    """The verdict on what follows another database, or is not known to be no such one; None on any other."""
    if database.name.lower() == "master":
        return _MASTER
    if not database.holds("properties"):
        return _NO_PROPERTIES
    return _SECONDARY if database.get("properties.secondaryType") else None


def _apart(database: Resource) -> Verdict | None:
    """The same for rules about where a database runs: a pool decides that for those in it."""
    if (follows := _follows(database)) is not None:
        return follows
    return _POOLED if is_pooled(database) else None


def _between_tiers(database: Resource, tier: str | None) -> bool:
    return database.text("properties.currentSku.tier") not in (None, tier)


def _spread(resource: Resource, fault: Verdict) -> Verdict:
    redundant = resource.flag("properties.zoneRedundant")
    if redundant is None:
        return _NOT_SAID
    return _ZONAL if redundant else fault


def _zones(database: Resource, tiers: tuple[str, ...], other: Verdict, fault: Verdict) -> Verdict:
    """Whether a single database of one of these tiers is zone-redundant."""
    tier = tier_of(database)
    if tier is not None and tier not in tiers:
        return other
    if (apart := _apart(database)) is not None:
        return apart
    if tier is None:
        return _NO_TIER
    return _BETWEEN_TIERS if _between_tiers(database, tier) else _spread(database, fault)


_NOT_REPLICATED: Final = not_applicable("its service tier is neither Premium nor Business Critical")
_REPLICAS_IN_ONE_ZONE: Final = failed(
    "all its replicas run in one zone, though zones cost nothing in its tier: the loss of that zone stops the jobs "
    "that read it"
)


@rule(
    title="Premium and Business Critical databases are zone-redundant",
    severity=Severity.HIGH,
    applies_to=DATABASE,
    roles=ROLES,
    zonal=True,
    references=References(aprl=(APRL_ZONES,), policy=(POLICY_ZONES,), learn=(RELIABILITY, ENABLE_ZONES)),
)
def business_critical_zones(database: Resource) -> Verdict:
    """The replicas of a Premium or Business Critical database run in several availability zones.

    What it checks
        `properties.zoneRedundant` of single databases whose `sku.tier` is Premium or BusinessCritical, in regions
        with availability zones. Pooled databases, replicas and `master` follow something else and are not judged.

    Why it matters
        The database has several replicas, and all of them run in one zone. When that zone fails, every job, pipeline
        and endpoint that reads the database through a connection of the workspace stops until the zone returns. In
        these tiers zones cost nothing: Azure places the replicas it has differently.

    How it is fixed
        After approval: `zoneRedundant` is switched on in place. It is an online operation; connections drop once,
        shortly, at its end. It can be switched off again in the same way.

    References
        APRL c0085c32, Azure Policy 6221cac0, Azure Advisor 807e58d0, Learn: reliability-sql-database,
        enable-zone-redundancy.
    """
    return _zones(database, REPLICATED, _NOT_REPLICATED, _REPLICAS_IN_ONE_ZONE)


_NOT_GENERAL_PURPOSE: Final = not_applicable("its service tier is not General Purpose")
_IN_ONE_ZONE: Final = failed("compute and files are in one zone: the loss of that zone stops the jobs that read it")


@rule(
    title="General Purpose databases are zone-redundant",
    severity=Severity.HIGH,
    applies_to=DATABASE,
    roles=ROLES,
    zonal=True,
    references=References(aprl=(APRL_ZONES,), policy=(POLICY_ZONES,), learn=(RELIABILITY, ENABLE_ZONES)),
)
def general_purpose_zones(database: Resource) -> Verdict:
    """A General Purpose database, provisioned or serverless, is zone-redundant.

    What it checks
        `properties.zoneRedundant` of single databases whose `sku.tier` is GeneralPurpose, in regions with
        availability zones, whatever their hardware.

    Why it matters
        Compute and files of the database are in one zone. When that zone fails, every job, pipeline and endpoint that
        reads the database through a connection of the workspace stops until the zone returns. With zone redundancy
        the files are kept in three zones and compute starts in another one.

    How it is fixed
        After approval: `zoneRedundant` is switched on in place, for about half of the compute price again and twice
        the storage price. It is an online operation; connections drop once, shortly, at its end. Azure offers it on
        standard-series (Gen5) hardware only; on other hardware people decide.

    References
        APRL c0085c32, Azure Policy 6221cac0, Learn: reliability-sql-database, enable-zone-redundancy.
    """
    return _zones(database, (GENERAL_PURPOSE,), _NOT_GENERAL_PURPOSE, _IN_ONE_ZONE)


_NOT_HYPERSCALE: Final = not_applicable("its service tier is not Hyperscale")
_HYPERSCALE_IN_ONE_ZONE: Final = failed(
    "the Hyperscale database runs in one zone, and Azure changes that only in a new one: the loss of that zone stops "
    "the jobs that read it"
)


@rule(
    title="Hyperscale databases are zone-redundant",
    severity=Severity.HIGH,
    applies_to=DATABASE,
    roles=ROLES,
    zonal=True,
    references=References(
        aprl=(APRL_ZONES,),
        policy=(POLICY_ZONES,),
        learn=(
            RELIABILITY,
            "https://learn.microsoft.com/azure/azure-sql/database/hyperscale-create-zone-redundant-database",
            ENABLE_ZONES,
        ),
    ),
)
def hyperscale_zones(database: Resource) -> Verdict:
    """A Hyperscale database is zone-redundant.

    What it checks
        `properties.zoneRedundant` of single databases whose `sku.tier` is Hyperscale, in regions with availability
        zones. Named replicas and geo-replicas are not judged.

    Why it matters
        Compute, page servers and log of the database run in one zone. When that zone fails, every job, pipeline and
        endpoint that reads the database through a connection of the workspace stops until the zone returns.

    How it is fixed
        By people: Hyperscale takes the setting only when a database is created. A zone-redundant geo-replica is made
        beside it, takes over, and the old database is deleted.

    References
        APRL c0085c32, Azure Policy 6221cac0, Learn: hyperscale-create-zone-redundant-database,
        enable-zone-redundancy (Redeployment).
    """
    return _zones(database, (HYPERSCALE,), _NOT_HYPERSCALE, _HYPERSCALE_IN_ONE_ZONE)


def _of_tier(tier: str, name: str) -> Verdict:
    if tier in ZONELESS:
        return failed(f"{name} databases cannot be zone-redundant: the loss of its zone stops the jobs that read it")
    return passed(f"{name} databases can be zone-redundant")


_TIER_VERDICTS: Final[Mapping[str | None, Verdict]] = {tier: _of_tier(tier, name) for tier, name in TIERS.items()}


@rule(
    title="The database's service tier can be zone-redundant",
    severity=Severity.MEDIUM,
    applies_to=DATABASE,
    roles=ROLES,
    zonal=True,
    production=True,
    references=References(learn=(RELIABILITY,)),
)
def zonal_tier(database: Resource) -> Verdict:
    """A production database is in a service tier that can be zone-redundant.

    What it checks
        `sku.tier` of single databases in regions with availability zones; `sku.name` where the tier is not given.
        Basic and Standard fail. Databases that a tag marks as development or test are not judged.

    Why it matters
        Basic and Standard keep compute and files in one zone and offer nothing else. When that zone fails, every job,
        pipeline and endpoint that reads the database through a connection of the workspace stops until it returns.

    How it is fixed
        By people, because price and performance change: a move to General Purpose (then zone-redundant at an extra
        charge) or Premium (then zone-redundant for nothing). The move is an online operation.

    References
        Learn: reliability-sql-database.
    """
    tier = tier_of(database)
    if tier in NO_DATABASES:
        return _NO_DATABASE
    if (apart := _apart(database)) is not None:
        return apart
    if _between_tiers(database, tier):
        return _BETWEEN_TIERS
    return _TIER_VERDICTS.get(tier, _NO_TIER)


def _pool_in_one_zone(tier: str, name: str) -> Verdict:
    why = ", and no pool of its tier can be zone-redundant" if tier in ZONELESS else ""
    return failed(f"the {name} pool runs in one zone{why}: the loss of that zone stops all its databases")


_POOL_FAULTS: Final[Mapping[str | None, Verdict]] = {
    tier: _pool_in_one_zone(tier, name) for tier, name in TIERS.items()
}


@rule(
    title="Elastic pool is zone-redundant",
    severity=Severity.HIGH,
    applies_to=POOL,
    roles=ROLES,
    zonal=True,
    references=References(
        policy=("f16a3ca9-b57a-4392-b660-4c1f8442aa8d",),
        learn=(RELIABILITY, ENABLE_ZONES),
    ),
)
def elastic_pool_zones(pool: Resource) -> Verdict:
    """An elastic pool, and with it every database in it, is zone-redundant.

    What it checks
        `properties.zoneRedundant` of elastic pools in regions with availability zones, whatever their service tier.

    Why it matters
        The databases of a pool run where the pool runs: one zone. When that zone fails, every job, pipeline and
        endpoint that reads one of them through a connection of the workspace stops until the zone returns.

    How it is fixed
        After approval: `zoneRedundant` of the pool is switched on in place, at no cost in Premium and Business
        Critical. It is an online operation; the connections to each database drop once, shortly. Basic, Standard and
        Hyperscale pools cannot be changed so: people move their databases to a new pool.

    References
        Azure Policy f16a3ca9, Learn: reliability-sql-database, enable-zone-redundancy.
    """
    return _spread(pool, _POOL_FAULTS.get(tier_of(pool), _NO_TIER))


_REPLICATED_AWAY: Final = passed("it is replicated to another region")
_BEING_COPIED: Final = unknown("its copy in another region is not complete yet")
_LINKS_NOT_READ: Final = unknown("Azure did not say whether it is replicated to another region")
_NO_COPY: Final = failed("no other region holds a copy of it: the loss of its region stops the jobs that read it")
_GROUP_WITHOUT_COPY: Final = unknown("it is in a failover group, but Azure shows no copy of it that is kept in step")
_PARTNERS: Final = ("primary", "secondary", "nonreadablesecondary")
"""Roles in lasting replication; Source and Copy are those of a copy that is made once."""
_LINK_VERDICTS: Final[Mapping[str | None, Verdict]] = {
    "catch_up": _REPLICATED_AWAY,
    "pending": _BEING_COPIED,
    "seeding": _BEING_COPIED,
    "suspended": _NO_COPY,
}
"""What the state of a link to another region means."""


@rule(
    title="SQL database has a copy in another region",
    severity=Severity.HIGH,
    applies_to=DATABASE,
    reads=("replicationLinks",),
    roles=ROLES,
    production=True,
    references=References(
        aprl=("de266d8a-a9f3-4cb9-be95-9306001fceea", "0f838324-ffe3-4b8a-b7a2-d983be8f9fa9"),
        learn=(RELIABILITY, "https://learn.microsoft.com/azure/azure-sql/database/failover-group-sql-db"),
    ),
)
def failover_group(database: Resource) -> Verdict:
    """A production database is in a failover group, or is replicated to another region.

    What it checks
        The database's `replicationLinks`, which a failover group makes, too: one to another region whose
        `replicationState` is CATCH_UP is enough. While the first copy is under way (PENDING, SEEDING), and for a
        database in a failover group (`properties.failoverGroupId`) whose copy Azure does not show, nothing is
        judged. A replica in the same region does not count. Databases of an elastic pool are judged like others.

    Why it matters
        Zones do not help when a region fails. Without a copy elsewhere the database can only be restored from
        geo-redundant backups, which takes hours and may lose an hour of changes; until then nothing in the workspace
        that reads it works. With a failover group the connection's host name stays the same after the switch.

    How it is fixed
        By people: a second server in another region needs the same logins, firewall rules and identities, and a pool
        of the same name for a database in a pool. Then the database joins a failover group, and the workspace's
        connection uses the group's listener.

    References
        APRL de266d8a and 0f838324, Learn: failover-group-sql-db.
    """
    if tier_of(database) in NO_DATABASES:
        return _NO_DATABASE
    if (follows := _follows(database)) is not None:
        return follows
    links = database.collection("replicationLinks")
    if links is None or not database.location:
        return _LINKS_NOT_READ
    found = _replicated(links, database.location)
    return _GROUP_WITHOUT_COPY if found is _NO_COPY and database.get("properties.failoverGroupId") else found


def _replicated(links: Sequence[Body], location: str) -> Verdict:
    """What the link that promises most says."""
    found = [_copied(link, location) for link in links]
    return next((each for each in (_REPLICATED_AWAY, _BEING_COPIED, _LINKS_NOT_READ) if each in found), _NO_COPY)


def _copied(link: Body, location: str) -> Verdict:
    """What one replication link says of a copy in another region."""
    partner, role = normal_region(value_at(link, "properties.partnerLocation")), text_at(link, "properties.role")
    if not partner or role is None:
        return _LINKS_NOT_READ
    if partner == location or role not in _PARTNERS:
        return _NO_COPY
    return _LINK_VERDICTS.get(text_at(link, "properties.replicationState"), _LINKS_NOT_READ)


LOCAL: Final = "local"
_BACKUPS: Final[Mapping[str | None, Verdict]] = {
    "zone": passed("its backups are kept in several availability zones"),
    "geo": passed("its backups are kept in another region, too"),
    "geozone": passed("its backups are kept in several availability zones and in another region"),
}
_BACKUPS_NOT_SAID: Final = unknown("Azure did not say where its backups are kept")
_BACKUPS_CHANGING: Final = unknown(
    "other backup storage than locally redundant was asked for; Azure takes up to 48 hours to apply it"
)
_LOCAL_BACKUPS: Final = failed("its backups are kept in one datacenter, which may be lost together with the database")


@rule(
    title="Backups of the database outlive a datacenter",
    severity=Severity.MEDIUM,
    applies_to=DATABASE,
    roles=ROLES,
    production=True,
    references=References(
        policy=("d38fc420-0735-4ef3-ac11-c806f651a570",),
        learn=(RELIABILITY, "https://learn.microsoft.com/azure/azure-sql/database/automated-backups-change-settings"),
    ),
)
def backup_redundancy(database: Resource) -> Verdict:
    """The backups of a production database are kept in more than one datacenter.

    What it checks
        `properties.currentBackupStorageRedundancy`, which every database has for itself, in an elastic pool, too:
        Zone, Geo and GeoZone pass, Local fails. While `properties.requestedBackupStorageRedundancy` says that a change
        is on its way, nothing is judged.

    Why it matters
        Backups are what is left when data was deleted by mistake or a zone is gone for good. Kept in the same
        datacenter as the database, they are lost together with it, and the data that models were trained on with
        them.

    How it is fixed
        After approval: zone-redundant backup storage, or geo-redundant where the region has no zones. It holds for
        new backups, without downtime. Hyperscale and Basic cannot be changed in place; for databases of a pool that
        is not documented, so people do it.

    References
        Azure Policy d38fc420 (which asks for long-term geo-redundant backups), Learn:
        automated-backups-change-settings. Azure Policy b219b9cf forbids geo-redundant backups where it is assigned.
    """
    if tier_of(database) in NO_DATABASES:
        return _NO_DATABASE
    if (follows := _follows(database)) is not None:
        return follows
    current = database.text("properties.currentBackupStorageRedundancy")
    if current != LOCAL:
        return _BACKUPS.get(current, _BACKUPS_NOT_SAID)
    asked = database.text("properties.requestedBackupStorageRedundancy")
    return _BACKUPS_CHANGING if asked in _BACKUPS else _LOCAL_BACKUPS


RULES: Final = (
    business_critical_zones,
    general_purpose_zones,
    hyperscale_zones,
    zonal_tier,
    elastic_pool_zones,
    failover_group,
    backup_redundancy,
)
