"""Azure Storage accounts. A conversion is its own action: POST startAccountMigration answers 200, or 202 with a
Location (azure-mgmt-storage 25.3.0, begin_customer_initiated_migration)."""

from typing import Final

from remediation.api_versions import api_version
from remediation.plan import Code, Cost, Guidance, Plan, Precondition, Remedy, Safety, Write, remediates
from rules.model import Resource
from rules.storage import ACCOUNT, zone_redundant


@remediates(
    zone_redundant,
    safety=Safety.APPROVE,
    touches=("sku", "properties.accountMigrationInProgress"),
    needs=(
        "Microsoft.Storage/storageAccounts/read",
        "Microsoft.Storage/storageAccounts/write",
        "Microsoft.Storage/storageAccounts/accountMigrations/read",
        "Microsoft.Storage/storageAccounts/accountMigrations/write",
    ),
)
def convert_to_zone_redundant(account: Resource) -> Remedy:
    """Convert the account in place to zone-redundant storage. Name, keys and endpoints stay the same."""
    if reason := _not_convertible(account):
        return Guidance(
            why_no_plan=f"Azure does not convert this account in place: {reason}",
            steps=(
                "Create a zone-redundant storage account in the same region.",
                "Copy the data with AzCopy and point the datastores that can move to the new account.",
                "For the default storage itself, recreate the workspace on the new account, or ask Azure Support.",
            ),
            cost="about +25 % of the account's capacity price (estimate)",
            effort="days, with a planned interruption",
        )
    before = account.get("sku.name")
    target = "StandardV2_ZRS" if before.lower().startswith("standardv2") else "Standard_ZRS"
    return Plan(
        rule=zone_redundant.name,
        resource_id=account.id,
        safety=Safety.APPROVE,
        title=f"Convert storage account {account.name} from {before} to {target}",
        writes=(_migrate(account.id, target),),
        undo=(_migrate(account.id, before),),
        undo_note=f"only by another conversion, back to {before}",
        touches=convert_to_zone_redundant.touches,
        before={"sku.name": before},
        after={"sku.name": target},
        effect="Azure converts the account in place. Name, keys and endpoints stay the same.",
        cost=Cost("about +25 % of the account's capacity price (estimate; it depends on what is stored)"),
        downtime="none expected",
        duration="up to 72 hours to start; Azure promises no end",
        code=Code(
            bicep=f"sku: {{ name: '{target}' }}",
            terraform='account_replication_type = "ZRS"',
            warning="Terraform replaces the account (deletes it and its data) when account_replication_type goes from "
            "LRS to ZRS or back. Pause the pipeline before approving and change the code once converted.",
        ),
        preconditions=(
            Precondition("no archive-tier blobs"),
            Precondition("no NFS 4.1 file shares"),
            Precondition("no boot diagnostics of virtual machines in the account"),
        ),
    )


def _not_convertible(account: Resource) -> str:
    """Why Azure would refuse a conversion, as far as the account itself shows; empty when nothing speaks against it."""
    if account.get("properties.isNfsV3Enabled"):
        return "NFS 3.0 is enabled"
    if account.get("properties.isSkuConversionBlocked"):
        return "Azure reports that a conversion is blocked"
    if account.get("properties.lastGeoFailoverTime"):
        return "it became locally redundant through a failover"
    return ""


def _migrate(account_id: str, target: str) -> Write:
    body = {"properties": {"targetSkuName": target}}
    return Write("POST", f"{account_id}/startAccountMigration", api_version(ACCOUNT.lower()), body)


REMEDIATIONS: Final = (convert_to_zone_redundant,)
