"""Availability zones: an account's copies in its own region, and the kinds that can have them."""

from typing import Final

from rules.model import References, Resource, Role, Severity, Verdict, failed, not_applicable, passed, rule, unknown
from rules.regions import region
from rules.storage.account import (
    ACCOUNT,
    CHANGING,
    KIND_NOT_SAID,
    KINDS,
    LEGACY_KINDS,
    by_sku,
    is_changing,
    not_judged,
    of_its_sku,
)


def _zones(sku: str) -> Verdict:
    if sku.endswith("ZRS"):
        return passed(f"{sku} keeps copies in several availability zones")
    if sku.endswith("_LRS"):
        return failed(f"{sku} keeps every copy in one datacenter: the loss of that zone stops what stands on it")
    return not_applicable(f"{sku} is geo-redundant: storage/zones-beside-geo is about its zones")


_ZONES: Final = by_sku(_zones)


@rule(
    title="Storage account is zone-redundant",
    severity=Severity.HIGH,
    applies_to=ACCOUNT,
    roles=(Role.DEFAULT_STORAGE, Role.ADDITIONAL_DATASTORE, Role.DATABRICKS_EXTERNAL, Role.HDINSIGHT_STORAGE),
    zonal=True,
    references=References(
        aprl=("e6c7e1cc-2f47-264d-aa50-1da421314472",),
        psrule=("Azure.Storage.UseReplication",),
        policy=("85b005b2-95fc-4953-b9cb-f9ee6427c754",),
        learn=(
            "https://learn.microsoft.com/azure/storage/common/redundancy-migration",
            "https://learn.microsoft.com/azure/reliability/reliability-storage-blob",
            "https://learn.microsoft.com/azure/storage/files/files-change-redundancy-configuration",
            "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning",
        ),
    ),
)
def zone_redundant(account: Resource) -> Verdict:
    """A storage account that a workspace stands on keeps its copies in several availability zones.

    What it checks
        `kind` and `sku.name` of accounts that are a workspace's default storage or hold its data, in regions with
        availability zones. Geo-redundant accounts without zones (GRS) have a rule of their own; legacy kinds are
        upgraded first. Nothing is said while Azure converts the account or fails it over.

    Why it matters
        Locally redundant storage keeps all copies in one datacenter. When that zone fails, the workspace cannot read
        data, start jobs or deploy models until it returns. Azure Machine Learning cannot fail its default storage
        over to another region, so zones are what protects it.

    How it is fixed
        After approval: a live conversion to zone-redundant storage (`startAccountMigration`), without downtime; it
        can take up to 72 hours to start and Azure promises no end. Premium and provisioned accounts, accounts with
        NFS 3.0 and accounts that failed over are not converted by a write: people make a new one, or ask Support.

    References
        APRL e6c7e1cc, PSRule Azure.Storage.UseReplication (which asks for geo-redundancy: wrong for default storage),
        Azure Policy 85b005b2, Learn: redundancy-migration, files-change-redundancy-configuration.
    """
    return not_judged(account) or of_its_sku(account, _ZONES)


def _zones_beside_geo(sku: str) -> Verdict:
    if sku.endswith("GZRS"):
        return passed(f"{sku} keeps copies in several availability zones and in another region")
    if sku.endswith("GRS"):
        return failed(f"{sku} keeps its copies in this region in one datacenter: the loss of that zone stops its users")
    return not_applicable(f"{sku} is not geo-redundant")


_BESIDE_GEO: Final = by_sku(_zones_beside_geo)


@rule(
    title="Geo-redundant storage account is zone-redundant too",
    severity=Severity.MEDIUM,
    applies_to=ACCOUNT,
    roles=(Role.DEFAULT_STORAGE, Role.ADDITIONAL_DATASTORE),
    zonal=True,
    references=References(
        aprl=("e6c7e1cc-2f47-264d-aa50-1da421314472",),
        policy=("85b005b2-95fc-4953-b9cb-f9ee6427c754",),
        learn=(
            "https://learn.microsoft.com/azure/storage/common/redundancy-migration",
            "https://learn.microsoft.com/azure/storage/common/redundancy-regions-gzrs",
        ),
    ),
)
def zones_beside_geo(account: Resource) -> Verdict:
    """An account that has a copy in another region spreads its copies in its own region over availability zones.

    What it checks
        `sku.name` of geo-redundant accounts in regions with availability zones: GZRS or RA-GZRS instead of GRS or
        RA-GRS.

    Why it matters
        The copy in the other region helps only after a failover, which Azure Machine Learning does not support for
        default storage and which costs the newest writes elsewhere. With zones, the loss of one datacenter is not
        noticed: jobs go on reading.

    How it is fixed
        After approval: a live conversion (`startAccountMigration`) that keeps the other region and read access to it,
        without downtime; it can take up to 72 hours to start and Azure promises no end.

    References
        APRL e6c7e1cc, Azure Policy 85b005b2, Learn: redundancy-migration, redundancy-regions-gzrs.
    """
    return not_judged(account) or of_its_sku(account, _BESIDE_GEO)


def _zoneless(sku: str) -> Verdict:
    if sku.endswith("_LRS"):
        return failed(f"its region has no availability zones, and {sku} keeps every copy in one datacenter of it")
    return not_applicable(f"its region has no availability zones; {sku} keeps copies in another region")


_ZONELESS: Final = by_sku(_zoneless)


@rule(
    title="Storage account lies in a region with availability zones",
    severity=Severity.LOW,
    applies_to=ACCOUNT,
    roles=(Role.DEFAULT_STORAGE, Role.ADDITIONAL_DATASTORE),
    references=References(
        learn=(
            "https://learn.microsoft.com/azure/reliability/regions-list",
            "https://learn.microsoft.com/azure/storage/common/redundancy-migration",
        ),
    ),
)
def zonal_region(account: Resource) -> Verdict:
    """An account without a copy elsewhere lies in a region that has availability zones.

    What it checks
        `location`, and `sku.name` where the region has no zones: locally redundant storage is the finding there.

    Why it matters
        Without zones, one datacenter holds all copies, and nothing that Azure Machine Learning can use protects its
        default storage in place: while that datacenter is down, the workspace is down.

    How it is fixed
        By people: data stores can be made geo-redundant (`storage/geo-redundant`); a workspace whose default storage
        has to survive a datacenter is built anew in a region with zones.

    References
        Learn: regions-list, redundancy-migration.
    """
    place = region(account.location)
    if place is None:
        return unknown("it is not known whether its region has availability zones")
    if place.zones:
        return passed("its region has availability zones")
    return of_its_sku(account, _ZONELESS)


_LEGACY_KIND: Final = {
    kind: failed(f"the account is {name}: retired, and without zone redundancy until it is upgraded")
    for kind, name in LEGACY_KINDS.items()
}
_NOT_LEGACY: Final = passed("the account is of a current kind")


@rule(
    title="Storage account is of a current kind",
    severity=Severity.MEDIUM,
    applies_to=ACCOUNT,
    roles=(Role.DEFAULT_STORAGE, Role.ADDITIONAL_DATASTORE),
    references=References(
        aprl=("2ad78dec-5a4d-4a30-8fd1-8584335ad781",),
        learn=(
            "https://learn.microsoft.com/azure/storage/common/general-purpose-version-1-account-migration-overview",
            "https://learn.microsoft.com/azure/storage/common/legacy-blob-storage-account-migration-overview",
            "https://learn.microsoft.com/azure/storage/common/storage-account-upgrade",
        ),
    ),
)
def general_purpose_v2(account: Resource) -> Verdict:
    """The account is general-purpose v2, or of another current kind.

    What it checks
        `kind`: neither `Storage` (general-purpose v1) nor `BlobStorage`. A general-purpose v1 account whose SKU says
        Standard_ZRS is "ZRS classic", which is not zone-redundant in today's sense.

    Why it matters
        Legacy accounts cannot be converted to zone redundancy. Microsoft retired them in October 2026 and upgrades
        those that are left at a time of its own choosing, which changes what their transactions cost.

    How it is fixed
        After approval: an upgrade in place, without downtime or new endpoints. It cannot be taken back.

    References
        APRL 2ad78dec, Learn: general-purpose-version-1-account-migration-overview, storage-account-upgrade.
    """
    if account.kept(is_changing):
        return CHANGING
    kind = account.text("kind")
    return _NOT_LEGACY if kind in KINDS else _LEGACY_KIND.get(kind or "", KIND_NOT_SAID)


RULES: Final = (zone_redundant, zones_beside_geo, zonal_region, general_purpose_v2)
