"""What is kept of what was deleted or overwritten. A PUT of a service is done when it is answered (azure-mgmt-storage
25.3.0: set_service_properties).

The blob and file services have no PATCH, no ETag and no promise about what a PUT leaves out: what was read is sent back
whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from remediation.api_versions import api_version
from remediation.plan import Code, Cost, Plan, Precondition, Remediation, Safety, Write, remediates
from rules.model import Body, Resource, Rule
from rules.storage.account import ACCOUNT
from rules.storage.retention import (
    BLOBS,
    FILES,
    RETENTION_DAYS,
    blob_soft_delete,
    blob_versioning,
    container_soft_delete,
    share_soft_delete,
)
from rules.values import number_at, value_at

BLOB_NEEDS: Final = (
    "Microsoft.Storage/storageAccounts/read",
    "Microsoft.Storage/storageAccounts/blobServices/read",
    "Microsoft.Storage/storageAccounts/blobServices/write",
)
FILE_NEEDS: Final = (
    "Microsoft.Storage/storageAccounts/read",
    "Microsoft.Storage/storageAccounts/fileServices/read",
    "Microsoft.Storage/storageAccounts/fileServices/write",
)
READ_ONLY: Final = frozenset({"lastEnabledTime", "minRestoreTime"})
"""What Azure sets in the restore policy."""


def clean_service(body: Body) -> Body:
    """A blob or file service as read, less what Azure sets itself."""
    properties = body.get("properties")
    return {"properties": {key: _settable(value) for key, value in (properties or {}).items()}}


def _settable(section: Any) -> Any:
    """A section without what Azure sets itself. Of a policy that is off Azure shows 0 days, which it does not take."""
    if not isinstance(section, Mapping):
        return section
    return {key: value for key, value in section.items() if key not in READ_ONLY and (key, value) != ("days", 0)}


TURNED_OFF_AGAIN: Final = "Code that describes the service without these lines turns it off again with its next run."


@dataclass(frozen=True, slots=True)
class _Retention:
    """One kind of soft delete: the rule, the service and its section, what is kept, Terraform's blocks for it."""

    rule: Rule
    safety: Safety
    service: str
    section: str
    what: str
    cost: Cost
    terraform: tuple[str, str]

    @property
    def touches(self) -> tuple[str, ...]:
        """The section as `touches` writes it."""
        return (f"{self.service}:properties.{self.section}",)

    def code(self, days: float) -> Code:
        """The lines that keep it for so many days."""
        service, policy = self.terraform
        return Code(
            bicep=f"properties: {{ {self.section}: {{ enabled: true, days: {days:g} }} }}  // of {self.service}",
            terraform=f"{service} {{ {policy} {{ days = {days:g} }} }}",
            warning=TURNED_OFF_AGAIN,
        )


WHAT_IS_DELETED: Final = Cost(
    "none while nothing is deleted; what is deleted is billed for seven days more (estimate, Learn: as data)", 0
)
CONTAINERS: Final = _Retention(
    rule=container_soft_delete,
    safety=Safety.SAFE,
    service=BLOBS,
    section="containerDeleteRetentionPolicy",
    what="containers",
    cost=WHAT_IS_DELETED,
    terraform=("blob_properties", "container_delete_retention_policy"),
)
SHARES: Final = _Retention(
    rule=share_soft_delete,
    safety=Safety.SAFE,
    service=FILES,
    section="shareDeleteRetentionPolicy",
    what="file shares",
    cost=WHAT_IS_DELETED,
    terraform=("share_properties", "retention_policy"),
)
DELETED_BLOBS: Final = _Retention(
    rule=blob_soft_delete,
    safety=Safety.APPROVE,
    service=BLOBS,
    section="deleteRetentionPolicy",
    what="blobs",
    cost=Cost(
        "what is deleted or overwritten is billed for seven days more (estimate, Learn; little, or a multiple of "
        "the capacity "
        "price where blobs are overwritten often)"
    ),
    terraform=("blob_properties", "delete_retention_policy"),
)


@remediates(
    container_soft_delete, safety=Safety.SAFE, touches=CONTAINERS.touches, needs=BLOB_NEEDS, clean=clean_service
)
def keep_deleted_containers(account: Resource) -> Plan:
    """Turn on container soft delete for seven days.

    What is sent
        PUT of the blob service as it was read, with container soft delete on.

    Cost
        None while nothing is deleted; a deleted container is billed for seven days more.

    Downtime
        None.

    Undo
        PUT of the blob service as it was. Containers deleted before that are kept to the end of their days.
    """
    return _keep(account, CONTAINERS)


@remediates(share_soft_delete, safety=Safety.SAFE, touches=SHARES.touches, needs=FILE_NEEDS, clean=clean_service)
def keep_deleted_shares(account: Resource) -> Plan:
    """Turn on soft delete of file shares for seven days.

    What is sent
        PUT of the file service as it was read, with soft delete on.

    Cost
        None while nothing is deleted; a deleted share is billed for seven days more.

    Downtime
        None.

    Undo
        PUT of the file service as it was. Shares deleted before that are kept to the end of their days.
    """
    return _keep(account, SHARES)


@remediates(
    blob_soft_delete, safety=Safety.APPROVE, touches=DELETED_BLOBS.touches, needs=BLOB_NEEDS, clean=clean_service
)
def keep_deleted_blobs(account: Resource) -> Plan:
    """Turn on blob soft delete for seven days, or raise its days to seven.

    What is sent
        PUT of the blob service as it was read, with soft delete on for seven days.

    Cost
        What is deleted or overwritten is billed for seven days more: a multiple where blobs are overwritten often.

    Downtime
        None over the blob endpoint. In an account without hierarchical namespace Azure refuses every request to the
        `dfs` endpoint while soft delete is on.

    Undo
        PUT of the blob service as it was. Blobs deleted before that are kept to the end of their days.
    """
    if value_at(account.child(BLOBS) or {}, "properties.deleteRetentionPolicy.enabled") is True:
        return _keep(account, DELETED_BLOBS)
    listing = Precondition("no program that lists blobs with all their states takes deleted ones for data")
    if account.flag("properties.isHnsEnabled"):
        working = Precondition("hierarchical namespace is on: the dfs endpoint goes on working", checked=True)
        return _keep(account, DELETED_BLOBS, (working, listing))
    return _keep(account, DELETED_BLOBS, (NO_DFS, listing), "none over the blob endpoint; the dfs endpoint is refused")


NO_DFS: Final = Precondition(
    "nothing reads the account through its dfs endpoint (abfss:// in Spark, model monitoring over a datastore without "
    "credentials): without hierarchical namespace, Azure refuses that from then on"
)
"""Learn, soft-delete-blob-overview, "Workload considerations"."""


def _keep(
    account: Resource, kept: _Retention, preconditions: tuple[Precondition, ...] = (), downtime: str = "none"
) -> Plan:
    service = account.child(kept.service) or {}
    path = f"properties.{kept.section}"
    policy = value_at(service, path) or {}
    days = max(number_at(service, f"{path}.days") or 0, RETENTION_DAYS)
    was_on = policy.get("enabled") is True
    return Plan(
        rule=kept.rule.name,
        resource_id=account.id,
        safety=kept.safety,
        title=f"Keep deleted {kept.what} of storage account {account.name} for {days:g} days",
        writes=(_put(account, kept.service, kept.section, {**policy, "enabled": True, "days": days}),),
        undo=(_put(account, kept.service, kept.section, {**policy, "enabled": was_on}),),
        undo_note=f"can be set back; {kept.what} deleted before that are kept to the end of their days",
        touches=kept.touches,
        before={f"{kept.service}:{path}.{name}": value_at(service, f"{path}.{name}") for name in ("enabled", "days")},
        after={f"{kept.service}:{path}.enabled": True, f"{kept.service}:{path}.days": days},
        effect=f"For {days:g} days, deleted {kept.what} can be restored. All other settings stay as they are.",
        cost=kept.cost,
        downtime=downtime,
        duration="seconds",
        code=kept.code(days),
        preconditions=preconditions,
    )


@remediates(
    blob_versioning,
    safety=Safety.APPROVE,
    touches=(f"{BLOBS}:properties.isVersioningEnabled",),
    needs=BLOB_NEEDS,
    clean=clean_service,
)
def keep_previous_versions(account: Resource) -> Plan:
    """Turn on blob versioning.

    What is sent
        PUT of the blob service as it was read, with versioning on.

    Cost
        Every overwritten or deleted blob stays and is billed until its version is deleted: without a lifecycle rule
        the account only grows.

    Downtime
        None.

    Undo
        PUT of the blob service as it was. Versions that exist by then stay, and are billed, until they are deleted.
    """
    path = f"{BLOBS}:properties.isVersioningEnabled"
    before = value_at(account.child(BLOBS) or {}, "properties.isVersioningEnabled")
    return Plan(
        rule=blob_versioning.name,
        resource_id=account.id,
        safety=Safety.APPROVE,
        title=f"Keep previous versions of the blobs of storage account {account.name}",
        writes=(_put(account, BLOBS, "isVersioningEnabled", value=True),),
        undo=(_put(account, BLOBS, "isVersioningEnabled", value=False),),
        undo_note="can be turned off; versions that exist by then stay, and are billed, until they are deleted",
        touches=keep_previous_versions.touches,
        before={path: before},
        after={path: True},
        effect="What is overwritten or deleted can be had again from its previous version.",
        cost=Cost(
            "every previous version is billed until it is deleted (estimate, Learn: as data; by what is overwritten)"
        ),
        downtime="none",
        duration="seconds",
        code=Code(
            bicep="properties: { isVersioningEnabled: true }  // of blobServices/default",
            terraform="blob_properties { versioning_enabled = true }",
            warning=TURNED_OFF_AGAIN,
        ),
        preconditions=(
            Precondition("no hierarchical namespace, no NFS 3.0, a kind of account that has versioning", checked=True),
            Precondition("a lifecycle rule deletes previous versions, or their growth is accepted"),
        ),
    )


def _put(account: Resource, service: str, name: str, value: Any) -> Write:
    """A PUT of a blob or file service as it was read, with one of its properties changed."""
    properties = {**value_at(account.child(service) or {}, "properties"), name: value}
    return Write(
        "PUT", f"{account.id}/{service}", api_version(ACCOUNT.lower()), clean_service({"properties": properties})
    )


REMEDIATIONS: Final[tuple[Remediation, ...]] = (
    keep_deleted_containers,
    keep_deleted_shares,
    keep_deleted_blobs,
    keep_previous_versions,
)
