"""Azure Storage accounts. https://learn.microsoft.com/azure/storage/common/storage-redundancy"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final

from rules.model import (
    Body,
    References,
    Resource,
    Role,
    Severity,
    Status,
    Verdict,
    failed,
    not_applicable,
    passed,
    rule,
    unknown,
)
from rules.regions import region
from rules.twin import second_resource
from rules.values import number_at, objects_at, text_at

ACCOUNT: Final = "Microsoft.Storage/storageAccounts"
BLOBS: Final = "blobServices/default"
FILES: Final = "fileServices/default"
REPLICATION: Final = "objectReplicationPolicies"
COPY_TAG: Final = "ha-bot-dr-account"
"""A tag that names the resource id of the account, in another region, that a job copies this one's data to. It closes
every rule that asks for a copy in another region."""
UNVERSIONED: Final = ("properties.isHnsEnabled", "properties.isNfsV3Enabled")
"""What excludes versions of blobs, and with them object replication."""
RETENTION_DAYS: Final = 7
"""The least that Learn recommends for deleted blobs (soft-delete-blob-overview, "Pricing and billing")."""

LEGACY_KINDS: Final = {"storage": "general-purpose v1", "blobstorage": "a legacy Blob Storage account"}
KINDS: Final = frozenset({"storagev2", "blockblobstorage", "filestorage"})
SKUS: Final = {
    name.lower(): name
    for name in (
        *("Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_RAGRS", "Standard_GZRS", "Standard_RAGZRS"),
        *("StandardV2_LRS", "StandardV2_ZRS", "StandardV2_GRS", "StandardV2_GZRS"),
        *("Premium_LRS", "Premium_ZRS", "PremiumV2_LRS", "PremiumV2_ZRS"),
    )
}
"""StandardV2 and PremiumV2 are those of provisioned v2 file shares: kind FileStorage."""

_CHANGING: Final = not_applicable("Azure is converting its redundancy or failing it over right now")
_KIND_NOT_SAID: Final = unknown("Azure did not say which kind of account it is")
_SKU_NOT_SAID: Final = unknown("Azure did not say which redundancy the account has")
_LEGACY: Final = {
    kind: not_applicable(f"the account is {name}: storage/general-purpose-v2 comes first")
    for kind, name in LEGACY_KINDS.items()
}


def _table(judge: Callable[[str], Verdict]) -> Mapping[str, Verdict]:
    """What a rule says of each SKU."""
    return {sku: judge(name) for sku, name in SKUS.items()}


def _of_its_sku(account: Resource, verdicts: Mapping[str, Verdict]) -> Verdict:
    return verdicts.get(account.text("sku.name") or "", _SKU_NOT_SAID)


def is_changing(account: Resource) -> bool:
    """Whether Azure is converting the account's redundancy or failing it over: another change has to wait."""
    properties = account.get("properties")
    if not isinstance(properties, dict):
        return False
    if properties.get("accountMigrationInProgress") is True or properties.get("failoverInProgress") is True:
        return True
    return text_at(properties, "storageAccountSkuConversionStatus.skuConversionStatus") == "inprogress"


def _not_judged(account: Resource) -> Verdict | None:
    """The verdict of the rules about redundancy where its SKU does not decide, None where it does."""
    if account.kept(is_changing):
        return _CHANGING
    kind = account.text("kind")
    return None if kind in KINDS else _LEGACY.get(kind or "", _KIND_NOT_SAID)


def _zones(sku: str) -> Verdict:
    if sku.endswith("ZRS"):
        return passed(f"{sku} keeps copies in several availability zones")
    if sku.endswith("_LRS"):
        return failed(f"{sku} keeps every copy in one datacenter: the loss of that zone stops what stands on it")
    return not_applicable(f"{sku} is geo-redundant: storage/zones-beside-geo is about its zones")


_ZONES: Final = _table(_zones)


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
    return _not_judged(account) or _of_its_sku(account, _ZONES)


def _zones_beside_geo(sku: str) -> Verdict:
    if sku.endswith("GZRS"):
        return passed(f"{sku} keeps copies in several availability zones and in another region")
    if sku.endswith("GRS"):
        return failed(f"{sku} keeps its copies in this region in one datacenter: the loss of that zone stops its users")
    return not_applicable(f"{sku} is not geo-redundant")


_BESIDE_GEO: Final = _table(_zones_beside_geo)


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
    return _not_judged(account) or _of_its_sku(account, _BESIDE_GEO)


def _zoneless(sku: str) -> Verdict:
    if sku.endswith("_LRS"):
        return failed(f"its region has no availability zones, and {sku} keeps every copy in one datacenter of it")
    return not_applicable(f"its region has no availability zones; {sku} keeps copies in another region")


_ZONELESS: Final = _table(_zoneless)


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
    return _of_its_sku(account, _ZONELESS)


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
        return _CHANGING
    kind = account.text("kind")
    return _NOT_LEGACY if kind in KINDS else _LEGACY_KIND.get(kind or "", _KIND_NOT_SAID)


_DEFAULT: Final = not_applicable("a workspace uses it as default storage, which is not failed over to another region")
_NOT_V2: Final = not_applicable("only general-purpose v2 accounts get a copy in another region by an update")
_UNPAIRED: Final = not_applicable("its region has no pair to keep a copy in")
_PAIR_UNKNOWN: Final = unknown("it is not known which region its region is paired with")


def _is_default(account: Resource) -> bool:
    return any(use.role is Role.DEFAULT_STORAGE for use in account.uses)


def _no_geo(account: Resource) -> Verdict | None:
    """The verdict of the rules about another region where the SKU does not decide, None where it does."""
    if _is_default(account):
        return _DEFAULT
    if verdict := _not_judged(account):
        return verdict
    if account.text("kind") != "storagev2":
        return _NOT_V2
    if (place := region(account.location)) is None:
        return _PAIR_UNKNOWN
    return None if place.pair else _UNPAIRED


def _copied_by_job(account: Resource, found: Verdict) -> Verdict:
    """A fault is none where people tell, by the tag, of another account that a job copies the data to."""
    if found.status is not Status.FAIL or account.tag(COPY_TAG) is None:
        return found
    told = second_resource(account, COPY_TAG, "storage account")
    return told if told.status is Status.PASS else failed(f"{found.because}; {told.because}")


def _geo(sku: str) -> Verdict:
    if sku.startswith("Standard_") and sku.endswith(("GRS", "GZRS")):
        return passed(f"{sku} keeps a copy in another region")
    if sku == "Standard_LRS":
        return failed("Standard_LRS keeps every copy in one region: with the region, the data is gone")
    return not_applicable(f"{sku} is not the SKU that this rule is about")


_GEO: Final = _table(_geo)


@rule(
    title="Datastore account is geo-redundant",
    severity=Severity.HIGH,
    applies_to=ACCOUNT,
    roles=(Role.ADDITIONAL_DATASTORE,),
    references=References(
        aprl=("e6c7e1cc-2f47-264d-aa50-1da421314472",),
        psrule=("Azure.Storage.UseReplication",),
        policy=("bf045164-79ba-4215-8f95-f8048dc1780b",),
        learn=(
            "https://learn.microsoft.com/azure/storage/common/redundancy-migration",
            "https://learn.microsoft.com/azure/reliability/reliability-storage-blob",
            "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning",
        ),
    ),
)
def geo_redundant(account: Resource) -> Verdict:
    """An account that holds training data, and is no workspace's default storage, has a copy in the paired region.

    What it checks
        `sku.name` of general-purpose v2 accounts that a workspace uses as a datastore, in regions with a pair:
        Standard_LRS is the finding. An account that is default storage of any workspace is never asked for this. Where
        a job copies the data to another account instead, people tell so with the tag `ha-bot-dr-account`: the resource
        id of that account, which passes.

    Why it matters
        Azure Machine Learning fails no data over. When a region is lost, a second workspace can train on nothing
        unless the data is somewhere else already; with read access to the copy it can begin at once.

    How it is fixed
        After approval: the SKU becomes Standard_RAGRS, without downtime; Azure copies the data in the background. It
        can be set back, which deletes the copy. Where Azure cannot (NFS 3.0), people copy by a job, then set the tag.

    References
        APRL e6c7e1cc, PSRule Azure.Storage.UseReplication, Azure Policy bf045164, Learn: redundancy-migration.
    """
    return _no_geo(account) or _copied_by_job(account, _of_its_sku(account, _GEO))


def _geo_beside_zones(sku: str) -> Verdict:
    if sku in ("Standard_GZRS", "Standard_RAGZRS"):
        return passed(f"{sku} keeps copies in several availability zones and in another region")
    if sku == "Standard_ZRS":
        return failed("Standard_ZRS keeps every copy in one region: with the region, the data is gone")
    return not_applicable(f"{sku} is not the SKU that this rule is about")


_BESIDE_ZONES: Final = _table(_geo_beside_zones)


@rule(
    title="Zone-redundant datastore account is geo-redundant too",
    severity=Severity.MEDIUM,
    applies_to=ACCOUNT,
    roles=(Role.ADDITIONAL_DATASTORE,),
    references=References(
        aprl=("e6c7e1cc-2f47-264d-aa50-1da421314472",),
        psrule=("Azure.Storage.UseReplication",),
        policy=("bf045164-79ba-4215-8f95-f8048dc1780b",),
        learn=(
            "https://learn.microsoft.com/azure/storage/common/redundancy-migration",
            "https://learn.microsoft.com/azure/storage/common/redundancy-regions-gzrs",
        ),
    ),
)
def geo_beside_zones(account: Resource) -> Verdict:
    """A zone-redundant account that holds training data has a copy in the paired region as well.

    What it checks
        `sku.name` of general-purpose v2 accounts that a workspace uses as a datastore, in regions with a pair:
        Standard_ZRS is the finding. An account that is default storage of any workspace is never asked for this. Where
        a job copies the data to another account instead, people tell so with the tag `ha-bot-dr-account`: the resource
        id of that account, which passes.

    Why it matters
        Zones protect from the loss of a datacenter, not of a region. A second workspace elsewhere can train only on
        data that is there already.

    How it is fixed
        After approval: the SKU becomes Standard_RAGZRS, without downtime; Azure copies the data in the background. It
        can be set back, which deletes the copy. Within 72 hours of a conversion Azure takes no other change. Where
        Azure cannot (NFS 3.0, regions that do not offer zones and another region at once), people copy by a job, then
        set the tag.

    References
        APRL e6c7e1cc, PSRule Azure.Storage.UseReplication, Azure Policy bf045164, Learn: redundancy-migration,
        redundancy-regions-gzrs.
    """
    return _no_geo(account) or _copied_by_job(account, _of_its_sku(account, _BESIDE_ZONES))


_PAIRED: Final = passed("its region is paired with another, where geo-redundant storage keeps a copy")
_COPIED: Final = passed("object replication copies its blobs to another account")
_NOT_COPIED: Final = failed(
    "its region has no pair, and nothing copies the data elsewhere: with the region, it is gone"
)
_POLICIES_UNREAD: Final = unknown("Azure did not say whether its blobs are copied to another account")


def can_replicate(account: Resource) -> bool:
    """Whether object replication is to be had: for block blobs without hierarchical namespace or NFS."""
    return account.text("kind") in ("storagev2", "blockblobstorage") and not any(map(account.flag, UNVERSIONED))


def _sends(policy: Body, account: Resource) -> bool:
    """Whether an object replication policy copies from this account, which it names by name or id."""
    source = text_at(policy, "properties.sourceAccount") or ""
    return source.rsplit("/", 1)[-1] == account.name.lower() and bool(objects_at(policy, "properties.rules"))


@rule(
    title="Datastore account has a copy in another region",
    severity=Severity.MEDIUM,
    applies_to=ACCOUNT,
    reads=(REPLICATION,),
    roles=(Role.ADDITIONAL_DATASTORE,),
    references=References(
        learn=(
            "https://learn.microsoft.com/azure/storage/blobs/object-replication-overview",
            "https://learn.microsoft.com/azure/reliability/reliability-storage-blob",
            "https://learn.microsoft.com/azure/reliability/regions-list",
        ),
    ),
)
def paired_region(account: Resource) -> Verdict:
    """An account that holds training data in a region without a pair is copied to another account.

    What it checks
        `location`; where Azure pairs the region with none, the account's object replication policies: one has to copy
        from it. What no policy can show, a job that copies, people tell with the tag `ha-bot-dr-account`: the
        resource id of the account that it copies to. In which region the copy lies is not seen.

    Why it matters
        There is no geo-redundant storage in a region without a pair. When the region is lost, a second workspace can
        train on nothing unless the data has been copied before.

    How it is fixed
        By people: object replication to an account in another region, or a copy job where that is not to be had
        (hierarchical namespace, NFS, file shares).

    References
        Learn: object-replication-overview, reliability-storage-blob, regions-list.
    """
    if _is_default(account):
        return _DEFAULT
    if (place := region(account.location)) is None:
        return _PAIR_UNKNOWN
    if place.pair:
        return _PAIRED
    if account.tag(COPY_TAG) is not None:
        return second_resource(account, COPY_TAG, "storage account")
    return _copied(account) if can_replicate(account) else _NOT_COPIED


def _copied(account: Resource) -> Verdict:
    policies = account.collection(REPLICATION)
    if policies is None:
        return _POLICIES_UNREAD
    return _COPIED if any(_sends(policy, account) for policy in policies) else _NOT_COPIED


class Setting(Enum):
    """What Azure says of something that is on or off."""

    ON = "on"
    OFF = "off"
    SILENT = "silent"
    """Nothing: what holds then is Azure's default."""
    UNREADABLE = "unreadable"


def _setting(value: object) -> Setting:
    if value is None:
        return Setting.SILENT
    if not isinstance(value, bool):
        return Setting.UNREADABLE
    return Setting.ON if value else Setting.OFF


def _in_service(service: Body | None, name: str) -> object:
    """One of the properties of a blob or file service; text, which no setting is, where they were not read."""
    properties = service.get("properties") if service is not None else None
    return properties.get(name) if isinstance(properties, dict) else "not read"


def _retention(service: Body | None, name: str) -> Setting:
    """Whether a retention policy of a blob or file service is on."""
    policy = _in_service(service, name)
    if policy is None:
        return Setting.SILENT
    return _setting(policy.get("enabled")) if isinstance(policy, dict) else Setting.UNREADABLE


_NO_BLOBS: Final = not_applicable("the account has file shares only")
_CONTAINERS: Final = {
    Setting.ON: passed("deleted containers can be restored"),
    Setting.OFF: failed("container soft delete is off: a deleted container is gone at once"),
    Setting.SILENT: failed(
        "Azure shows no container soft delete, and its default is off: a deleted container is gone at once"
    ),
    Setting.UNREADABLE: unknown("Azure did not say whether deleted containers can be restored"),
}


@rule(
    title="Deleted containers can be restored",
    severity=Severity.LOW,
    applies_to=ACCOUNT,
    reads=(BLOBS,),
    references=References(
        aprl=("03263c57-c869-3841-9e0a-3dbb9ef3e28d",),
        psrule=("Azure.Storage.ContainerSoftDelete",),
        policy=("9fbd64e3-67b8-489b-98e5-fa0007d17e76",),
        learn=(
            "https://learn.microsoft.com/azure/storage/blobs/soft-delete-container-overview",
            "https://learn.microsoft.com/azure/reliability/reliability-storage-blob",
        ),
    ),
)
def container_soft_delete(account: Resource) -> Verdict:
    """Deleted blob containers are kept for some days.

    What it checks
        `properties.containerDeleteRetentionPolicy.enabled` of the account's blob service. Azure's default, where it
        shows nothing, is off.

    Why it matters
        A workspace keeps its snapshots, job outputs and models in containers of its storage account. One deleted
        container, by a script or a clean-up rule, takes all of that away at once, and no redundancy brings it back.

    How it is fixed
        Automatically: container soft delete is turned on for seven days. Nothing stops; it can be turned off again.

    References
        APRL 03263c57, PSRule Azure.Storage.ContainerSoftDelete, Azure Policy 9fbd64e3, Learn:
        soft-delete-container-overview.
    """
    if account.text("kind") == "filestorage":
        return _NO_BLOBS
    return _CONTAINERS[_retention(account.child(BLOBS), "containerDeleteRetentionPolicy")]


_NO_FILES: Final = not_applicable("the account has no file shares")
_SHARES: Final = {
    Setting.ON: passed("deleted file shares can be restored"),
    Setting.OFF: failed("file share soft delete is off: a deleted share is gone at once"),
    Setting.SILENT: unknown("Azure did not say whether deleted file shares can be restored"),
    Setting.UNREADABLE: unknown("Azure did not say whether deleted file shares can be restored"),
}
"""Silence is no answer here: soft delete is on in new accounts and off in old ones."""


@rule(
    title="Deleted file shares can be restored",
    severity=Severity.LOW,
    applies_to=ACCOUNT,
    reads=(FILES,),
    references=References(
        psrule=("Azure.Storage.FileShareSoftDelete",),
        learn=(
            "https://learn.microsoft.com/azure/storage/files/storage-files-prevent-file-share-deletion",
            "https://learn.microsoft.com/azure/reliability/reliability-storage-files",
        ),
    ),
)
def share_soft_delete(account: Resource) -> Verdict:
    """Deleted file shares are kept for some days.

    What it checks
        `properties.shareDeleteRetentionPolicy.enabled` of the account's file service, where accounts of its kind have
        file shares.

    Why it matters
        The notebooks and scripts of a workspace lie in a file share of its default storage. Whoever deletes that
        share deletes everybody's work; with soft delete it comes back whole.

    How it is fixed
        Automatically: soft delete is turned on for seven days. Nothing stops; it can be turned off again.

    References
        PSRule Azure.Storage.FileShareSoftDelete, Learn: storage-files-prevent-file-share-deletion.
    """
    if account.text("kind") in ("blobstorage", "blockblobstorage") or _has_page_blobs_only(account):
        return _NO_FILES
    return _SHARES[_retention(account.child(FILES), "shareDeleteRetentionPolicy")]


def _has_page_blobs_only(account: Resource) -> bool:
    return account.text("kind") in ("storagev2", "storage") and (account.text("sku.name") or "").startswith("premium")


_BLOB_DELETION: Final = {
    Setting.OFF: failed("blob soft delete is off: deleted and overwritten blobs are gone at once"),
    Setting.SILENT: failed("Azure shows no blob soft delete, and its default is off: deleted blobs are gone at once"),
    Setting.UNREADABLE: unknown("Azure did not say whether deleted blobs can be restored"),
}
_BLOBS_KEPT: Final = passed("deleted blobs can be restored for seven days or longer")


@rule(
    title="Deleted blobs can be restored for seven days",
    severity=Severity.LOW,
    applies_to=ACCOUNT,
    reads=(BLOBS,),
    references=References(
        aprl=("03263c57-c869-3841-9e0a-3dbb9ef3e28d",),
        psrule=("Azure.Storage.SoftDelete",),
        policy=("9fbd64e3-67b8-489b-98e5-fa0007d17e76",),
        learn=(
            "https://learn.microsoft.com/azure/storage/blobs/soft-delete-blob-overview",
            "https://learn.microsoft.com/azure/reliability/reliability-storage-blob",
        ),
    ),
)
def blob_soft_delete(account: Resource) -> Verdict:
    """Deleted blobs are kept for seven days or longer.

    What it checks
        `properties.deleteRetentionPolicy` of the account's blob service: `enabled`, and `days` of at least 7. Azure's
        default, where it shows nothing, is off.

    Why it matters
        Training data, job outputs and models are blobs. A script that deletes or overwrites the wrong ones is copied
        to every zone and region within moments: redundancy protects from failures, only this from mistakes.

    How it is fixed
        After approval: soft delete is turned on for seven days, or its days are raised to seven. Not automatically:
        in an account without hierarchical namespace it blocks the `dfs` endpoint (abfss://, and Azure Machine
        Learning's own model monitoring over a datastore without credentials), and blobs that are overwritten often
        can cost a multiple.

    References
        APRL 03263c57, PSRule Azure.Storage.SoftDelete, Azure Policy 9fbd64e3, Learn: soft-delete-blob-overview.
    """
    if account.text("kind") == "filestorage":
        return _NO_BLOBS
    service = account.child(BLOBS)
    setting = _retention(service, "deleteRetentionPolicy")
    days = number_at(service, "properties.deleteRetentionPolicy.days") if service is not None else None
    if setting is not Setting.ON or days is None:
        return _BLOB_DELETION.get(setting, _BLOB_DELETION[Setting.UNREADABLE])
    if days < RETENTION_DAYS:
        return failed(f"deleted blobs are gone after {days:g} days: fewer than the {RETENTION_DAYS} recommended")
    return _BLOBS_KEPT


_NO_VERSIONS: Final = not_applicable("there is no versioning with hierarchical namespace, NFS 3.0 or page blobs only")
_NAMESPACE_NOT_SAID: Final = unknown("Azure did not say whether the account has a hierarchical namespace or NFS 3.0")
_NOT_VERSIONED_KIND: Final = not_applicable("accounts of its kind have no versioning")
_VERSIONS: Final = {
    Setting.ON: passed("overwritten blobs can be restored from their previous versions"),
    Setting.OFF: failed("blob versioning is off: what is overwritten is lost"),
    Setting.SILENT: failed("Azure shows no blob versioning, and its default is off: what is overwritten is lost"),
    Setting.UNREADABLE: unknown("Azure did not say whether it keeps previous versions of blobs"),
}


@rule(
    title="Datastore account keeps previous versions of blobs",
    severity=Severity.LOW,
    applies_to=ACCOUNT,
    reads=(BLOBS,),
    roles=(Role.ADDITIONAL_DATASTORE,),
    references=References(
        aprl=("8ebda7c0-e0e1-ed45-af59-2d7ea9a1c05d",),
        learn=(
            "https://learn.microsoft.com/azure/storage/blobs/versioning-overview",
            "https://learn.microsoft.com/azure/storage/blobs/storage-feature-support-in-storage-accounts",
        ),
    ),
)
def blob_versioning(account: Resource) -> Verdict:
    """An account that holds training data keeps the previous versions of its blobs.

    What it checks
        `properties.isVersioningEnabled` of the account's blob service, where versioning is to be had: not with a
        hierarchical namespace, NFS 3.0, general-purpose v1 or premium page blobs. Azure's default, where it shows
        nothing, is off.

    Why it matters
        A data preparation job that overwrites its own input destroys what models were trained on. With versions the
        data of an earlier training run can be had again.

    How it is fixed
        After approval: versioning is turned on. It costs what the old versions weigh, so a lifecycle rule that deletes
        them belongs to it. It can be turned off again; versions that exist stay.

    References
        APRL 8ebda7c0, Learn: versioning-overview, storage-feature-support-in-storage-accounts.
    """
    if account.text("kind") in ("storage", "filestorage"):
        return _NOT_VERSIONED_KIND
    if any(map(account.flag, UNVERSIONED)) or _has_page_blobs_only(account):
        return _NO_VERSIONS
    if not account.holds("properties"):
        return _NAMESPACE_NOT_SAID
    return _VERSIONS[_setting(_in_service(account.child(BLOBS), "isVersioningEnabled"))]


RULES: Final = (
    zone_redundant,
    zones_beside_geo,
    zonal_region,
    general_purpose_v2,
    geo_redundant,
    geo_beside_zones,
    paired_region,
    container_soft_delete,
    share_soft_delete,
    blob_soft_delete,
    blob_versioning,
)
"""Container soft delete stands before blob soft delete: its fix writes to the same service, which changes the plan that
is put to a person for the other."""
