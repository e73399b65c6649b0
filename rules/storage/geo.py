"""Another region: a copy of the data that outlives the account's own."""

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
from rules.storage.account import ACCOUNT, UNVERSIONED, by_sku, not_judged, of_its_sku
from rules.twin import second_resource
from rules.values import objects_at, text_at

REPLICATION: Final = "objectReplicationPolicies"
COPY_TAG: Final = "ha-bot-dr-account"
"""A tag that names the resource id of the account, in another region, that a job copies this one's data to. It closes
every rule that asks for a copy in another region."""

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
    if verdict := not_judged(account):
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


_GEO: Final = by_sku(_geo)


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
    return _no_geo(account) or _copied_by_job(account, of_its_sku(account, _GEO))


def _geo_beside_zones(sku: str) -> Verdict:
    if sku in ("Standard_GZRS", "Standard_RAGZRS"):
        return passed(f"{sku} keeps copies in several availability zones and in another region")
    if sku == "Standard_ZRS":
        return failed("Standard_ZRS keeps every copy in one region: with the region, the data is gone")
    return not_applicable(f"{sku} is not the SKU that this rule is about")


_BESIDE_ZONES: Final = by_sku(_geo_beside_zones)


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
    return _no_geo(account) or _copied_by_job(account, of_its_sku(account, _BESIDE_ZONES))


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


RULES: Final = (geo_redundant, geo_beside_zones, paired_region)
