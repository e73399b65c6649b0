"""A copy in another region. A PATCH of the account is done when it is answered (azure-mgmt-storage 25.3.0: update)."""

import shlex
from typing import Final

from remediation.api_versions import api_version
from remediation.azure_cli import in_group
from remediation.fixes.storage.account import HOLD, NO_ARCHIVE, UPDATE_NEEDS, no_gzrs, replication
from remediation.plan import Code, Cost, Guidance, Plan, Precondition, Remediation, Remedy, Safety, Write, remediates
from rules.model import Resource, Rule
from rules.regions import region
from rules.storage.account import ACCOUNT
from rules.storage.geo import COPY_TAG, can_replicate, geo_beside_zones, geo_redundant, paired_region

GEO_TOUCHES: Final = (
    "sku",
    "properties.secondaryLocation",
    "properties.secondaryEndpoints",
    "properties.statusOfSecondary",
)

NEW_ACCOUNT: Final = "Create a storage account in another region, where the data may be kept."
COPY_JOB: Final = "Copy the data there by a job that runs as often as its loss would hurt (AzCopy, Azure Data Factory)."
REHEARSE: Final = "Register it as a datastore of the workspace in that region, and rehearse a training run on it."
SECOND_COPY: Final = "about the capacity price a second time, plus traffic between regions (estimate from list prices)"


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
    refused = no_gzrs(account) or _no_geo(account)
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
        cost=Cost(
            f"{times} the capacity price, plus the traffic of all data once and of every write (estimate, list prices)"
        ),
        downtime="none",
        duration="seconds; the copy is complete later (see the account's last sync time)",
        code=Code(
            bicep=f"sku: {{ name: '{target}' }}",
            terraform=f'account_replication_type = "{replication(target)}"',
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
            *(_object_replication(account) if can_replicate(account) else (COPY_JOB,)),
            REHEARSE,
            _tell_of_the_copy(account),
        ),
        cost=SECOND_COPY,
        effort="days",
    )


def _object_replication(account: Resource) -> tuple[str, ...]:
    """The policy is made on the account that is copied to, and then, with the id that it got, on this one."""
    here = f"--account-name {shlex.quote(account.name)} {in_group(account)}"
    there = "--account-name <new account> --resource-group <group>"
    versions = "az storage account blob-service-properties update"
    return (
        f"Turn on blob versioning in both accounts, and the change feed in this one: {versions} {there} "
        f"--enable-versioning true; then {versions} {here} --enable-versioning true --enable-change-feed true.",
        f"Create the containers in the new account, and replicate the first: az storage account or-policy create "
        f"{there} --source-account {shlex.quote(account.id)} --destination-account <resource id of the new account> "
        "--source-container <container> --destination-container <container>. Its answer holds the policyId. For each "
        f"further container: az storage account or-policy rule add {there} --policy-id <policyId> --source-container "
        "<container> --destination-container <container>.",
        f"Save the policy: az storage account or-policy show {there} --policy-id <policyId> --output json, and give it "
        f"to this account: az storage account or-policy create {here} --policy @policy.json.",
        "What was there before is copied only if the rule says so (--min-creation-time): check that old blobs arrive.",
    )


REMEDIATIONS: Final[tuple[Remediation, ...]] = (
    add_another_region,
    add_another_region_beside_zones,
    copy_to_another_account,
)
