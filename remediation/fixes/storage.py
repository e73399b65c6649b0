"""Azure Storage accounts. Zones are added by an action of their own: POST startAccountMigration answers 200, or 202
with a Location; a PATCH of the account and a PUT of its services are done when they are answered (azure-mgmt-storage
25.3.0: begin_customer_initiated_migration, update, set_service_properties).

The blob and file services have no PATCH, no ETag and no promise about what a PUT leaves out: what was read is sent back
whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from remediation.api_versions import api_version
from remediation.plan import Code, Cost, Guidance, Plan, Precondition, Remediation, Remedy, Safety, Write, remediates
from rules.model import Body, Resource, Role, Rule
from rules.regions import region
from rules.storage import (
    ACCOUNT,
    BLOBS,
    COPY_TAG,
    FILES,
    RETENTION_DAYS,
    blob_soft_delete,
    blob_versioning,
    can_replicate,
    container_soft_delete,
    general_purpose_v2,
    geo_beside_zones,
    geo_redundant,
    paired_region,
    share_soft_delete,
    zonal_region,
    zone_redundant,
    zones_beside_geo,
)
from rules.values import number_at, value_at

ZONAL: Final = {
    "standard_lrs": "Standard_ZRS",
    "standard_grs": "Standard_GZRS",
    "standard_ragrs": "Standard_RAGZRS",
}
"""What Azure converts in place, and to what: of general-purpose v2 accounts with standard performance."""

GZRS_REGIONS: Final = frozenset(
    {"australiaeast", "brazilsouth", "canadacentral", "centralindia", "centralus", "eastasia", "eastus", "eastus2"}
    | {"francecentral", "germanywestcentral", "japaneast", "koreacentral", "northeurope", "norwayeast"}
    | {"southafricanorth", "southcentralus", "southeastasia", "swedencentral", "switzerlandnorth", "uaenorth"}
    | {"uksouth", "westeurope", "westus2", "westus3"}
)
"""Where Azure offers zones and another region at once (Learn, redundancy-regions-gzrs)."""

CONVERTED_BY_SUPPORT: Final = frozenset(
    {"canadacentral", "eastus", "eastus2", "israelcentral", "italynorth", "polandcentral", "uksouth", "westeurope"}
)
"""Where, by Learn's list of 2024-02 (redundancy-migration), a conversion to ZRS had to be asked of Azure Support."""

CONVERSION_TOUCHES: Final = ("sku", "properties.accountMigrationInProgress")
CONVERSION_NEEDS: Final = (
    "Microsoft.Storage/storageAccounts/read",
    "Microsoft.Storage/storageAccounts/write",
    "Microsoft.Storage/storageAccounts/accountMigrations/read",
    "Microsoft.Storage/storageAccounts/accountMigrations/write",
)
UPDATE_NEEDS: Final = ("Microsoft.Storage/storageAccounts/read", "Microsoft.Storage/storageAccounts/write")
GEO_TOUCHES: Final = (
    "sku",
    "properties.secondaryLocation",
    "properties.secondaryEndpoints",
    "properties.statusOfSecondary",
)
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
REPLACED: Final = (
    "Terraform replaces the account (deletes it and its data) when account_replication_type goes from {before} to "
    "{after} or back. Pause the pipeline before approving and change the code once converted."
)
ZONES_WOULD_DO: Final = (
    " Azure Machine Learning does not fail default storage over: Standard_ZRS would do, and costs less. The way there "
    "is an update to Standard_LRS, then a conversion."
)
HOLD: Final = Precondition(
    "no conversion of its redundancy ended within the last 72 hours: Azure takes no other change so soon"
)
NO_ARCHIVE: Final = Precondition("no blobs in the archive tier")
BY_SUPPORT: Final = (
    "Or ask Azure Support to convert the account: in the portal, Help + support, problem type Data Migration, subtype "
    "Migrate to ZRS, GZRS, or RA-GZRS."
)

NEW_ACCOUNT: Final = "Create a storage account in another region, where the data may be kept."
COPY_JOB: Final = "Copy the data there by a job that runs as often as its loss would hurt (AzCopy, Azure Data Factory)."
REHEARSE: Final = "Register it as a datastore of the workspace in that region, and rehearse a training run on it."
SECOND_COPY: Final = "about the capacity price a second time, plus traffic between regions (estimate)"
OBJECT_REPLICATION: Final = (
    "Turn on blob versioning in both accounts, and the change feed in this one.",
    "Add object replication with a rule for each container: az storage account or-policy create for the new account, "
    "then for this one with the policy that az storage account or-policy show prints of the new one.",
)


@remediates(zone_redundant, safety=Safety.APPROVE, touches=CONVERSION_TOUCHES, needs=CONVERSION_NEEDS)
def convert_to_zone_redundant(account: Resource) -> Remedy:
    """Convert the account in place to zone-redundant storage. Name, keys and endpoints stay the same.

    What is sent
        POST `startAccountMigration` with the zone-redundant SKU. Azure answers at once and converts later.

    Cost
        About a quarter more for capacity, by Azure's list prices; nothing for the conversion itself.

    Downtime
        None: the account can be read and written throughout. The conversion begins within 72 hours and has no
        promised end.

    Undo
        Another conversion, back to the SKU it had, 72 hours after the first one at the earliest.
    """
    return _conversion(account, zone_redundant, _not_convertible(account), "about +25 %")


@remediates(zones_beside_geo, safety=Safety.APPROVE, touches=CONVERSION_TOUCHES, needs=CONVERSION_NEEDS)
def add_zones_beside_geo(account: Resource) -> Remedy:
    """Convert a geo-redundant account in place to zones and another region. Name, keys and endpoints stay the same.

    What is sent
        POST `startAccountMigration` with GZRS for GRS, RA-GZRS for RA-GRS. Azure answers at once and converts later.

    Cost
        About a tenth more for capacity, by Azure's list prices; nothing for the conversion itself.

    Downtime
        None: the account can be read and written throughout. The conversion begins within 72 hours and has no
        promised end.

    Undo
        Another conversion, back to the SKU it had, 72 hours after the first one at the earliest.
    """
    return _conversion(account, zones_beside_geo, _not_convertible(account) or _no_gzrs(account), "about +10 %")


def _conversion(account: Resource, rule: Rule, refused: str, extra: str) -> Remedy:
    before = str(account.get("sku.name"))
    target = ZONAL.get(before.lower(), "")
    if refused or not target:
        return _another_account(account, refused or f"{before} is not converted")
    return Plan(
        rule=rule.name,
        resource_id=account.id,
        safety=Safety.APPROVE,
        title=f"Convert storage account {account.name} from {before} to {target}",
        writes=(_migrate(account.id, target),),
        undo=(_migrate(account.id, before),),
        undo_note=f"only by another conversion, back to {before}, 72 hours after this one at the earliest",
        touches=CONVERSION_TOUCHES,
        before={"sku.name": before},
        after={"sku.name": target},
        effect="Azure converts the account in place. Name, keys and endpoints stay the same."
        + (ZONES_WOULD_DO if Role.DEFAULT_STORAGE in account.roles and target != "Standard_ZRS" else ""),
        cost=Cost(f"{extra} of the account's capacity price (estimate from list prices; it depends on what is stored)"),
        downtime="none expected",
        duration="up to 72 hours to start; Azure promises no end",
        code=Code(
            bicep=f"sku: {{ name: '{target}' }}",
            terraform=f'account_replication_type = "{_replication(target)}"',
            warning=REPLACED.format(before=_replication(before), after=_replication(target)),
        ),
        preconditions=(
            Precondition("general-purpose v2 with standard performance, in a region with zones", checked=True),
            Precondition(
                "no NFS 3.0, no block reported by Azure, no failover in its past", checked=account.holds("properties")
            ),
            NO_ARCHIVE,
            Precondition("no NFS 4.1 file shares"),
            Precondition("no boot diagnostics of virtual machines in the account"),
            HOLD,
            *_asked_of_support(account, target),
        ),
    )


def _asked_of_support(account: Resource, target: str) -> tuple[Precondition, ...]:
    if target != "Standard_ZRS" or account.location not in CONVERTED_BY_SUPPORT:
        return ()
    place = account.location
    return (
        Precondition(f"Azure takes this conversion in {place} by now: in 2024 only Azure Support started it there"),
    )


def _not_convertible(account: Resource) -> str:
    """Why Azure would refuse a conversion, as far as the account itself shows; empty when nothing speaks against it."""
    if account.text("kind") == "filestorage":
        return "accounts of provisioned file shares are converted by Azure Support, if at all"
    if account.text("kind") != "storagev2":
        return "premium block blob accounts are not converted"
    if (account.text("sku.name") or "").startswith("premium"):
        return "premium page blobs have no zone redundancy"
    if account.get("properties.isNfsV3Enabled"):
        return "NFS 3.0 is enabled"
    if account.get("properties.isSkuConversionBlocked"):
        return "Azure reports that a conversion is blocked"
    if account.get("properties.lastGeoFailoverTime"):
        return "it became locally redundant through a failover"
    return ""


def _no_gzrs(account: Resource) -> str:
    known = account.location in GZRS_REGIONS
    return "" if known else f"{account.location} is not known to offer zones and another region at once"


def _another_account(account: Resource, reason: str) -> Guidance:
    files = account.text("kind") == "filestorage"
    return Guidance(
        why_no_plan=f"Azure does not convert this account in place: {reason}",
        steps=(
            "Create a zone-redundant storage account of the same kind in the same region.",
            "Copy the data with AzCopy and point the datastores that can move to the new account.",
            "For the default storage itself, recreate the workspace on the new account, or ask Azure Support.",
            *((BY_SUPPORT,) if files else ()),
        ),
        cost="about +25 % of the account's capacity price (estimate)",
        effort="days, with a planned interruption",
    )


def _migrate(account_id: str, target: str) -> Write:
    body = {"properties": {"targetSkuName": target}}
    version, progress = api_version(ACCOUNT.lower()), f"{account_id}/accountMigrations/default"
    return Write("POST", f"{account_id}/startAccountMigration", version, body, progress=progress)


def _replication(sku: str) -> str:
    return sku.rsplit("_", 1)[-1].upper()


@remediates(zonal_region)
def leave_a_zoneless_region(account: Resource) -> Guidance:
    """Nothing in place helps default storage in a region without zones; data can be copied to another region."""
    default = Role.DEFAULT_STORAGE in account.roles
    return Guidance(
        why_no_plan="There is no zone-redundant storage in a region without availability zones.",
        steps=(
            "There is nothing better in place for default storage: Azure Machine Learning does not fail it over."
            if default
            else "Approve storage/geo-redundant where it is asked for: a copy in the paired region outlives this one.",
            "Where the workspace has to survive a datacenter, create one in a region with availability zones from the "
            "same code, on a Standard_ZRS account, and move the jobs.",
            "Or accept the risk: add an exemption until a date.",
        ),
        cost="none, or that of a second workspace" if default else "about twice the capacity price (estimate)",
        effort="none to accept it, weeks to move a workspace",
    )


@remediates(general_purpose_v2, safety=Safety.APPROVE, touches=("kind", "properties.accessTier"), needs=UPDATE_NEEDS)
def upgrade_to_general_purpose_v2(account: Resource) -> Remedy:
    """Upgrade a legacy account in place. Name, keys, endpoints and data stay the same.

    What is sent
        PATCH with kind StorageV2 and the access tier: the one it has, or Hot, which is what Azure takes by itself.

    Cost
        None for the upgrade. Capacity gets cheaper, transactions dearer: an account with many small operations can
        cost more than before.

    Downtime
        None: the upgrade changes how the account is managed and billed, not where its data is.

    Undo
        None: an account stays general-purpose v2.
    """
    before, tier = account.get("kind"), account.get("properties.accessTier")
    if (account.text("sku.name") or "").startswith("premium"):
        return _premium_legacy(account)
    target = tier if isinstance(tier, str) and tier else "Hot"
    body = {"kind": "StorageV2", "properties": {"accessTier": target}}
    return Plan(
        rule=general_purpose_v2.name,
        resource_id=account.id,
        safety=Safety.APPROVE,
        title=f"Upgrade storage account {account.name} from {before} to StorageV2",
        writes=(Write("PATCH", account.id, api_version(ACCOUNT.lower()), body),),
        undo=(),
        undo_note="cannot be undone: an account stays general-purpose v2",
        touches=upgrade_to_general_purpose_v2.touches,
        before={"kind": before, "properties.accessTier": tier},
        after={"kind": "StorageV2", "properties.accessTier": target},
        effect="Zone redundancy becomes possible. Name, keys and endpoints stay the same.",
        cost=Cost("cheaper capacity, dearer transactions (estimate from list prices; it depends on how it is used)"),
        downtime="none",
        duration="seconds",
        code=Code(
            bicep=f"kind: 'StorageV2' with properties: {{ accessTier: '{target}' }}",
            terraform=f'account_kind = "StorageV2" with access_tier = "{target}"',
            warning=f'Code that goes on saying account_kind = "{before}" makes Terraform replace the account (delete '
            "it and its data). Change the code before its next run.",
        ),
        preconditions=(
            Precondition("standard performance", checked=True),
            Precondition(f"{target} is the right access tier: changing it later is charged by the gigabyte"),
            Precondition("the price of its transactions in general-purpose v2 is acceptable"),
        ),
    )


def _premium_legacy(account: Resource) -> Guidance:
    return Guidance(
        why_no_plan="How a legacy account with premium performance is upgraded is not documented.",
        steps=(
            f"Find out what the page blobs of {account.name} are for: disks of virtual machines become managed disks.",
            "Move what is left to a current account with AzCopy, and point what reads it there.",
            "Or wait for Microsoft's own upgrade of the account.",
        ),
        cost="that of what takes its place (estimate: about the same capacity price)",
        effort="days",
    )


@remediates(geo_redundant, safety=Safety.APPROVE, touches=GEO_TOUCHES, needs=UPDATE_NEEDS)
def add_another_region(account: Resource) -> Remedy:
    """Keep a readable copy of the data in the paired region. Name, keys and endpoints stay the same.

    What is sent
        PATCH with the SKU Standard_RAGRS. Azure answers at once and copies the data in the background.

    Cost
        About twice the capacity price, and the traffic of every write to the other region; once, that of all data.

    Downtime
        None.

    Undo
        PATCH back to the SKU it had, which deletes the copy. Read access is billed for 30 days more.
    """
    return _geo(account, geo_redundant, "Standard_RAGRS", _no_geo(account), "about twice")


@remediates(geo_beside_zones, safety=Safety.APPROVE, touches=GEO_TOUCHES, needs=UPDATE_NEEDS)
def add_another_region_beside_zones(account: Resource) -> Remedy:
    """Keep a readable copy of zone-redundant data in the paired region. Name, keys and endpoints stay the same.

    What is sent
        PATCH with the SKU Standard_RAGZRS. Azure answers at once and copies the data in the background.

    Cost
        About 1.8 times the capacity price, and the traffic of every write to the other region; once, that of all data.

    Downtime
        None.

    Undo
        PATCH back to the SKU it had, which deletes the copy. Read access is billed for 30 days more.
    """
    refused = _no_gzrs(account) or _no_geo(account)
    return _geo(account, geo_beside_zones, "Standard_RAGZRS", refused, "about 1.8 times")


def _no_geo(account: Resource) -> str:
    """Why Azure would refuse a copy in another region, as far as the account shows; empty when nothing does."""
    if account.get("properties.isNfsV3Enabled"):
        return "NFS 3.0 is enabled"
    if account.get("properties.isSkuConversionBlocked"):
        return "Azure reports that a change of its redundancy is blocked"
    return ""


def _geo(account: Resource, rule: Rule, target: str, refused: str, times: str) -> Remedy:
    if refused:
        return _another_region_by_hand(account, refused)
    before, place = account.get("sku.name"), region(account.location)
    pair = (place.pair if place else None) or "the paired region"
    return Plan(
        rule=rule.name,
        resource_id=account.id,
        safety=Safety.APPROVE,
        title=f"Keep a copy of storage account {account.name} in {pair}: from {before} to {target}",
        writes=(_set_sku(account.id, target),),
        undo=(_set_sku(account.id, before),),
        undo_note=f"set back to {before}, which deletes the copy in {pair}; read access is billed for 30 days more",
        touches=GEO_TOUCHES,
        before={"sku.name": before},
        after={"sku.name": target},
        effect=f"Azure copies the data to {pair} in the background and keeps it in step. Blobs can be read there at "
        "any time, file shares after a failover.",
        cost=Cost(f"{times} the capacity price, plus the traffic of all data once and of every write (estimate)"),
        downtime="none",
        duration="seconds; the copy is complete later (see the account's last sync time)",
        code=Code(
            bicep=f"sku: {{ name: '{target}' }}",
            terraform=f'account_replication_type = "{_replication(target)}"',
            warning=f"Code that goes on saying {before} takes the copy away with its next run.",
        ),
        preconditions=(
            Precondition(f"general-purpose v2, {account.location} is paired with {pair}", checked=True),
            Precondition("no NFS 3.0, no block reported by Azure", checked=account.holds("properties")),
            Precondition("no workspace uses it as its default storage (the bot knows of none)"),
            Precondition(f"the data may be kept in {pair}: no law, contract or Azure Policy speaks against it"),
            NO_ARCHIVE,
            HOLD,
        ),
    )


def _set_sku(account_id: str, name: str) -> Write:
    return Write("PATCH", account_id, api_version(ACCOUNT.lower()), {"sku": {"name": name}})


def _another_region_by_hand(account: Resource, reason: str) -> Guidance:
    return Guidance(
        why_no_plan=f"Azure does not keep a copy of this account in another region by itself: {reason}",
        steps=(NEW_ACCOUNT, COPY_JOB, REHEARSE, _tell_of_the_copy(account)),
        cost=SECOND_COPY,
        effort="days",
    )


def _tell_of_the_copy(account: Resource) -> str:
    """What closes the finding where Azure cannot show the copy."""
    return (
        f"Where a job copies, set the tag {COPY_TAG} on {account.name} to the other account's resource id: this "
        "finding closes."
    )


@remediates(paired_region)
def copy_to_another_account(account: Resource) -> Guidance:
    """Without a paired region the copy is a second account, which people choose and Azure or a job fills."""
    return Guidance(
        why_no_plan="Azure pairs its region with none, so there is no geo-redundant storage: where a copy may lie is "
        "for people to say.",
        steps=(
            NEW_ACCOUNT,
            *(OBJECT_REPLICATION if can_replicate(account) else (COPY_JOB,)),
            REHEARSE,
            _tell_of_the_copy(account),
        ),
        cost=SECOND_COPY,
        effort="days",
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
    """One kind of soft delete: the rule, the service and its section, what is kept, the lines of code."""

    rule: Rule
    safety: Safety
    service: str
    section: str
    what: str
    cost: Cost
    bicep: str
    terraform: str

    @property
    def touches(self) -> tuple[str, ...]:
        """The section as `touches` writes it."""
        return (f"{self.service}:properties.{self.section}",)


CONTAINERS: Final = _Retention(
    rule=container_soft_delete,
    safety=Safety.SAFE,
    service=BLOBS,
    section="containerDeleteRetentionPolicy",
    what="containers",
    cost=Cost("none while nothing is deleted; what is deleted is billed for seven days more (estimate)", 0),
    bicep="properties: {{ containerDeleteRetentionPolicy: {{ enabled: true, days: {days:g} }} }}",
    terraform="blob_properties {{ container_delete_retention_policy {{ days = {days:g} }} }}",
)
SHARES: Final = _Retention(
    rule=share_soft_delete,
    safety=Safety.SAFE,
    service=FILES,
    section="shareDeleteRetentionPolicy",
    what="file shares",
    cost=Cost("none while nothing is deleted; what is deleted is billed for seven days more (estimate)", 0),
    bicep="properties: {{ shareDeleteRetentionPolicy: {{ enabled: true, days: {days:g} }} }}",
    terraform="share_properties {{ retention_policy {{ days = {days:g} }} }}",
)
DELETED_BLOBS: Final = _Retention(
    rule=blob_soft_delete,
    safety=Safety.APPROVE,
    service=BLOBS,
    section="deleteRetentionPolicy",
    what="blobs",
    cost=Cost(
        "what is deleted or overwritten is billed for seven days more (estimate: little, or a multiple of the capacity "
        "price where blobs are overwritten often)"
    ),
    bicep="properties: {{ deleteRetentionPolicy: {{ enabled: true, days: {days:g} }} }}",
    terraform="blob_properties {{ delete_retention_policy {{ days = {days:g} }} }}",
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
        code=Code(
            bicep=f"{kept.bicep.format(days=days)}  // of {kept.service}",
            terraform=kept.terraform.format(days=days),
            warning=TURNED_OFF_AGAIN,
        ),
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
        cost=Cost("every previous version is billed until it is deleted (estimate: it depends on what is overwritten)"),
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
    convert_to_zone_redundant,
    add_zones_beside_geo,
    leave_a_zoneless_region,
    upgrade_to_general_purpose_v2,
    add_another_region,
    add_another_region_beside_zones,
    copy_to_another_account,
    keep_deleted_containers,
    keep_deleted_shares,
    keep_deleted_blobs,
    keep_previous_versions,
)
