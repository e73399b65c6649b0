"""Availability zones: databases and elastic pools that run in several, and the service tiers that can."""

from collections.abc import Mapping
from typing import Final

from rules.model import References, Resource, Severity, Verdict, failed, not_applicable, passed, rule, unknown
from rules.sql_database.database import (
    BASIC,
    BUSINESS_CRITICAL,
    DATABASE,
    GENERAL_PURPOSE,
    HYPERSCALE,
    NO_DATABASE,
    NO_DATABASES,
    POOL,
    PREMIUM,
    RELIABILITY,
    ROLES,
    STANDARD,
    TIERS,
    is_pooled,
    not_judged,
    tier_of,
)

ZONELESS: Final = (BASIC, STANDARD)
"""Tiers that cannot be zone-redundant."""
REPLICATED: Final = (PREMIUM, BUSINESS_CRITICAL)
"""Tiers whose databases have several replicas anyway."""

ENABLE_ZONES: Final = "https://learn.microsoft.com/azure/azure-sql/database/enable-zone-redundancy"
APRL_ZONES: Final = "c0085c32-84c0-c247-bfa9-e70977cbf108"
POLICY_ZONES: Final = "6221cac0-bb8d-40f4-9535-5d03f713f054"

_POOLED: Final = not_applicable("its elastic pool decides where it runs")
_NO_TIER: Final = unknown("Azure did not say which service tier it has, or one that is not known here")
_BETWEEN_TIERS: Final = unknown("Azure runs it in another service tier than was asked for: a change is under way")
_NOT_SAID: Final = unknown("Azure did not say whether it is zone-redundant")
_ZONAL: Final = passed("it runs in several availability zones")


def _apart(database: Resource) -> Verdict | None:
    """The same for rules about where a database runs, which a pool decides for those in it."""
    if (verdict := not_judged(database)) is not None:
        return verdict
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
        return NO_DATABASE
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


RULES: Final = (business_critical_zones, general_purpose_zones, hyperscale_zones, zonal_tier, elastic_pool_zones)
