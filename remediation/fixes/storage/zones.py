"""Availability zones. They are added by an action of their own: POST startAccountMigration answers 200, or 202 with a
Location; a PATCH of the account is done when it is answered (azure-mgmt-storage 25.3.0:
begin_customer_initiated_migration, update)."""

from typing import Final

from remediation.api_versions import api_version
from remediation.fixes.storage.account import HOLD, NO_ARCHIVE, UPDATE_NEEDS, no_gzrs, replication
from remediation.plan import Code, Cost, Guidance, Plan, Precondition, Remediation, Remedy, Safety, Write, remediates
from rules.model import Resource, Role, Rule
from rules.storage.account import ACCOUNT
from rules.storage.zones import general_purpose_v2, zonal_region, zone_redundant, zones_beside_geo

ZONAL: Final = {
    "standard_lrs": "Standard_ZRS",
    "standard_grs": "Standard_GZRS",
    "standard_ragrs": "Standard_RAGZRS",
}
"""What Azure converts in place, and to what: of general-purpose v2 accounts with standard performance."""

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
REPLACED: Final = (
    "Terraform replaces the account (deletes it and its data) when account_replication_type goes from {before} to "
    "{after} or back. Pause the pipeline before approving and change the code once converted."
)
ZONES_WOULD_DO: Final = (
    " Azure Machine Learning does not fail default storage over: Standard_ZRS would do, and costs less. The way there "
    "is an update to Standard_LRS, then a conversion."
)
BY_SUPPORT: Final = (
    "Or ask Azure Support to convert the account: in the portal, Help + support, problem type Data Migration, subtype "
    "Migrate to ZRS, GZRS, or RA-GZRS."
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
    return _conversion(account, zones_beside_geo, _not_convertible(account) or no_gzrs(account), "about +10 %")


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
            terraform=f'account_replication_type = "{replication(target)}"',
            warning=REPLACED.format(before=replication(before), after=replication(target)),
        ),
        preconditions=(
            Precondition("general-purpose v2 with standard performance, in a region with zones", checked=True),
            Precondition(
                "no NFS 3.0, no block reported by Azure, no failover in its past", checked=account.holds("properties")
            ),
            NO_ARCHIVE,
            Precondition("no NFS 4.1 file shares"),
            Precondition("no boot diagnostics of virtual machines in it"),
            HOLD,
            *_asked_of_support(account, target),
        ),
    )


def _asked_of_support(account: Resource, target: str) -> tuple[Precondition, ...]:
    if target != "Standard_ZRS" or account.location not in CONVERTED_BY_SUPPORT:
        return ()
    place = account.location
    return (Precondition(f"Azure takes this conversion in {place} by now: in 2024 only its support started it there"),)


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


REMEDIATIONS: Final[tuple[Remediation, ...]] = (
    convert_to_zone_redundant,
    add_zones_beside_geo,
    leave_a_zoneless_region,
    upgrade_to_general_purpose_v2,
)
