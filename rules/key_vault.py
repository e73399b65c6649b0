"""Azure Key Vault. https://learn.microsoft.com/azure/reliability/reliability-key-vault"""

from typing import Final

from rules.model import (
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
from rules.regions import region, shown
from rules.twin import second_resource

VAULT: Final = "Microsoft.KeyVault/vaults"
DR_TAG: Final = "ha-bot-dr-vault"
"""A tag that names the resource id of the vault that takes over, or (on that one) of the first."""

SOFT_DELETE: Final = "properties.enableSoftDelete"
PURGE_PROTECTION: Final = "properties.enablePurgeProtection"

DELETION_PROTECTION: Final = "0b60c0b2-2dc2-4e1c-b5c9-abbed971de53"
RECOVERY: Final = "https://learn.microsoft.com/azure/key-vault/general/key-vault-recovery"
RELIABILITY: Final = "https://learn.microsoft.com/azure/reliability/reliability-key-vault"

COVERED: Final = not_applicable("it holds a workspace's encryption key: key-vault/customer-managed-key looks after it")
NO_SOFT_DELETE_SAID: Final = unknown("Azure did not say whether soft delete is on")
NO_PURGE_PROTECTION_SAID: Final = unknown("Azure did not say whether purge protection is on")


@rule(
    title="Key vault is protected from purging",
    severity=Severity.MEDIUM,
    applies_to=VAULT,
    production=True,
    references=References(
        aprl=("70fcfe6d-00e9-5544-a63a-fff42b9f2edb",),
        psrule=("Azure.KeyVault.PurgeProtect",),
        policy=(DELETION_PROTECTION,),
        learn=(RECOVERY, RELIABILITY),
    ),
)
def purge_protection(vault: Resource) -> Verdict:
    """Nobody can destroy the vault, or anything in it, before its retention period ends.

    What it checks
        `properties.enablePurgeProtection`, which is off unless somebody switched it on. Vaults that hold the
        encryption key of a workspace have a stricter rule of their own, key-vault/customer-managed-key.

    Why it matters
        The workspace keeps the credentials of its datastores and connections in the vault. Who deletes and purges them,
        by mistake or on purpose, cuts the workspace off from its data, and no backup of Azure's brings them back.

    How it is fixed
        After approval, because it can never be switched off again: a deleted vault keeps its name reserved until the
        retention period ends. Soft delete has to be on before.

    References
        APRL 70fcfe6d, PSRule Azure.KeyVault.PurgeProtect, Azure Policy 0b60c0b2, Learn: key-vault-recovery.
    """
    if _holds_a_workspace_key(vault):
        return COVERED
    if not vault.holds("properties"):
        return NO_PURGE_PROTECTION_SAID
    protected = vault.get(PURGE_PROTECTION)
    if protected is None:
        return failed(
            "purge protection was never switched on and Azure's default is off: deleted secrets can be purged"
        )
    if not isinstance(protected, bool):
        return NO_PURGE_PROTECTION_SAID
    return passed("purge protection is on") if protected else failed("purge protection is off")


@rule(
    title="Key vault keeps what is deleted",
    severity=Severity.HIGH,
    applies_to=VAULT,
    references=References(
        aprl=("1cca00d2-d9ab-8e42-a788-5d40f49405cb",),
        psrule=("Azure.KeyVault.SoftDelete",),
        policy=("1e66c121-a66a-4b1f-9b83-0fd99bf0fc2d",),
        learn=("https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview", RECOVERY),
    ),
)
def soft_delete(vault: Resource) -> Verdict:
    """A deleted vault, secret or key can be recovered.

    What it checks
        `properties.enableSoftDelete`. It is on in new vaults; only old ones may be without. A vault that does not say
        is not judged. Vaults that hold the encryption key of a workspace have a stricter rule of their own,
        key-vault/customer-managed-key.

    Why it matters
        Without soft delete, one wrong command destroys the credentials of every datastore and connection of the
        workspace for good, and the workspace stops until they are all made anew.

    How it is fixed
        After approval, because it can never be switched off again: from then on the name of something deleted is not
        free at once.

    References
        APRL 1cca00d2 and PSRule Azure.KeyVault.SoftDelete (both take a vault that does not say for one without),
        Azure Policy 1e66c121, Learn: soft-delete-overview.
    """
    if _holds_a_workspace_key(vault):
        return COVERED
    kept = vault.flag(SOFT_DELETE)
    if kept is None:
        return NO_SOFT_DELETE_SAID
    return passed("soft delete is on") if kept else failed("soft delete is off: what is deleted is gone at once")


@rule(
    title="Key vault with the encryption key of a workspace cannot lose it",
    severity=Severity.HIGH,
    applies_to=VAULT,
    roles=(Role.CMK_VAULT,),
    references=References(
        aprl=("70fcfe6d-00e9-5544-a63a-fff42b9f2edb", "1cca00d2-d9ab-8e42-a788-5d40f49405cb"),
        psrule=("Azure.KeyVault.PurgeProtect", "Azure.KeyVault.SoftDelete"),
        policy=(DELETION_PROTECTION,),
        learn=("https://learn.microsoft.com/azure/machine-learning/concept-customer-managed-keys", RECOVERY),
    ),
)
def customer_managed_key(vault: Resource) -> Verdict:
    """The vault has both soft delete and purge protection.

    What it checks
        `properties.enableSoftDelete` and `properties.enablePurgeProtection` (off unless switched on) of vaults that a
        workspace names in its encryption settings.

    Why it matters
        Everything the workspace stores is encrypted with this key. If the key or its vault is purged, the workspace and
        its data stay unreadable for ever: neither Microsoft nor a backup can help.

    How it is fixed
        After approval, because neither can ever be switched off again: both are switched on in one step, without
        interruption.

    References
        APRL 70fcfe6d and 1cca00d2, PSRule Azure.KeyVault.PurgeProtect, Azure Policy 0b60c0b2, Learn:
        concept-customer-managed-keys.
    """
    kept, protected = vault.flag(SOFT_DELETE), vault.get(PURGE_PROTECTION)
    if kept is None:
        return NO_SOFT_DELETE_SAID
    if not isinstance(protected, bool | None):
        return NO_PURGE_PROTECTION_SAID
    if not kept:
        return failed("soft delete is off: one deletion of the key makes the workspace unreadable for ever")
    if not protected:
        default = " and Azure's default is off" if protected is None else ""
        return failed(f"purge protection is not on{default}: purging the key makes the workspace unreadable for ever")
    return passed("soft delete and purge protection are on")


@rule(
    title="Key vault survives the loss of its region",
    severity=Severity.MEDIUM,
    applies_to=VAULT,
    references=References(learn=(RELIABILITY, "https://learn.microsoft.com/azure/reliability/regions-list")),
)
def failover_region(vault: Resource) -> Verdict:
    """Microsoft fails the vault over to a paired region, or people have named a second vault.

    What it checks
        `location`: vaults in Brazil South, Brazil Southeast, West US 3 and regions without a pair are not copied to
        another region. There the tag `ha-bot-dr-vault` has to hold the resource id of a second vault.

    Why it matters
        Elsewhere the vault can still be read after the loss of its region. Here its secrets and keys are out of
        reach until the region returns: a second workspace cannot reach its datastores, and what is encrypted with a
        key of the vault stays closed.

    How it is fixed
        By people: keep a second vault in another region, filled by the same code, then set the tag.

    References
        Learn: reliability-key-vault, regions-list.
    """
    place = region(vault.location)
    if place is None:
        return unknown(f"it is not known whether Microsoft fails vaults of {shown(vault.location)} over")
    if place.pair and place.vault_failover:
        return passed(f"Microsoft fails vaults of {vault.location} over to {place.pair}")
    second = second_resource(vault, DR_TAG, "vault")
    if second.status is Status.PASS:
        return second
    return failed(f"Microsoft does not copy vaults of {vault.location} to another region, and {second.because}")


def _holds_a_workspace_key(vault: Resource) -> bool:
    return any(use.role is Role.CMK_VAULT for use in vault.uses)


RULES: Final = (purge_protection, soft_delete, customer_managed_key, failover_region)
