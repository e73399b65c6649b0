"""What an account keeps of what was deleted or overwritten: soft delete and versions. https://learn.microsoft.com/azure/storage/blobs/data-protection-overview"""

from enum import Enum
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
from rules.storage.account import ACCOUNT, UNVERSIONED
from rules.values import number_at

BLOBS: Final = "blobServices/default"
FILES: Final = "fileServices/default"
RETENTION_DAYS: Final = 7
"""The least that Learn recommends for deleted blobs (soft-delete-blob-overview, "Pricing and billing")."""


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


RULES: Final = (container_soft_delete, share_soft_delete, blob_soft_delete, blob_versioning)
"""Container soft delete stands before blob soft delete: its fix writes to the same service, which changes the plan that
is put to a person for the other."""
