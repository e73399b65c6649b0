"""Azure Key Vault. Always PATCH, which leaves alone what it does not name and answers 200 or 201 at once
(azure-mgmt-keyvault, vaults.update): from api-version 2026-02-01 on, a PUT may change how access is authorised."""

import shlex
from typing import Any, Final

from remediation.api_versions import api_version
from remediation.plan import Code, Cost, Guidance, Plan, Precondition, Remedy, Safety, Write, remediates
from rules.key_vault import (
    DR_TAG,
    PURGE_PROTECTION,
    SOFT_DELETE,
    VAULT,
    customer_managed_key,
    failover_region,
    purge_protection,
    soft_delete,
)
from rules.model import Resource

NEEDS: Final = ("Microsoft.KeyVault/vaults/read", "Microsoft.KeyVault/vaults/write")
FOR_EVER: Final = "cannot be undone: Azure never switches {what} off again"
NO_REUSE: Final = Precondition(
    "nothing deletes this vault, or something in it, and needs its name again before the retention period ends"
)
BY_ITSELF: Final = "# no line needed: azurerm switches soft delete on in every vault"
REFUSED: Final = "Azure refuses code that says false from then on."


@remediates(purge_protection, safety=Safety.APPROVE, touches=(PURGE_PROTECTION,), needs=NEEDS)
def protect_from_purging(vault: Resource) -> Remedy:
    """Switch purge protection on. Access, secrets and keys stay as they are.

    What is sent
        A PATCH of the vault with nothing but `enablePurgeProtection`.

    Cost
        None.

    Downtime
        None.

    Undo
        Impossible: Azure never switches purge protection off again. The name of a deleted vault stays reserved for the
        whole retention period.
    """
    kept = vault.flag(SOFT_DELETE)
    if kept is False:
        return Guidance(
            why_no_plan="Purge protection needs soft delete, which is off.",
            steps=(
                "Approve the finding key-vault/soft-delete of this vault.",
                "Purge protection is then put to you as a plan of its own.",
            ),
            cost="none",
            effort="minutes",
        )
    return Plan(
        rule=purge_protection.name,
        resource_id=vault.id,
        safety=Safety.APPROVE,
        title=f"Switch purge protection of key vault {vault.name} on, for ever",
        writes=(_set(vault, enablePurgeProtection=True),),
        undo=(),
        undo_note=FOR_EVER.format(what="purge protection"),
        touches=protect_from_purging.touches,
        before={PURGE_PROTECTION: vault.get(PURGE_PROTECTION)},
        after={PURGE_PROTECTION: True},
        effect="Nobody, Microsoft included, can purge the vault or anything in it before its retention period ends.",
        cost=Cost("none", 0),
        downtime="none",
        duration="seconds",
        code=Code("enablePurgeProtection: true", "purge_protection_enabled = true", REFUSED),
        preconditions=(Precondition("soft delete is on", checked=kept is True), NO_REUSE),
    )


@remediates(
    soft_delete,
    safety=Safety.APPROVE,
    touches=(SOFT_DELETE, "properties.softDeleteRetentionInDays"),
    needs=NEEDS,
)
def keep_what_is_deleted(vault: Resource) -> Plan:
    """Switch soft delete on. Access, secrets and keys stay as they are.

    What is sent
        A PATCH of the vault with nothing but `enableSoftDelete`. Azure keeps what is deleted for 90 days unless the
        vault already names another period.

    Cost
        None.

    Downtime
        None.

    Undo
        Impossible: Azure never switches soft delete off again.
    """
    return Plan(
        rule=soft_delete.name,
        resource_id=vault.id,
        safety=Safety.APPROVE,
        title=f"Switch soft delete of key vault {vault.name} on, for ever",
        writes=(_set(vault, enableSoftDelete=True),),
        undo=(),
        undo_note=FOR_EVER.format(what="soft delete"),
        touches=keep_what_is_deleted.touches,
        before={SOFT_DELETE: vault.get(SOFT_DELETE)},
        after={SOFT_DELETE: True},
        effect="A deleted vault, secret, key or certificate can be recovered until the retention period ends.",
        cost=Cost("none", 0),
        downtime="none",
        duration="seconds",
        code=Code("enableSoftDelete: true", BY_ITSELF, REFUSED),
        preconditions=(
            Precondition("no code deletes secrets, keys or certificates and makes them again under the same name"),
        ),
    )


@remediates(
    customer_managed_key,
    safety=Safety.APPROVE,
    touches=(SOFT_DELETE, PURGE_PROTECTION, "properties.softDeleteRetentionInDays"),
    needs=NEEDS,
)
def protect_the_encryption_key(vault: Resource) -> Plan:
    """Switch soft delete and purge protection on. The key and who may use it stay as they are.

    What is sent
        A PATCH of the vault with nothing but `enableSoftDelete` and `enablePurgeProtection`.

    Cost
        None.

    Downtime
        None.

    Undo
        Impossible: Azure never switches either off again.
    """
    return Plan(
        rule=customer_managed_key.name,
        resource_id=vault.id,
        safety=Safety.APPROVE,
        title=f"Switch soft delete and purge protection of key vault {vault.name} on, for ever",
        writes=(_set(vault, enableSoftDelete=True, enablePurgeProtection=True),),
        undo=(),
        undo_note=FOR_EVER.format(what="soft delete or purge protection"),
        touches=protect_the_encryption_key.touches,
        before={path: vault.get(path) for path in (SOFT_DELETE, PURGE_PROTECTION)},
        after={SOFT_DELETE: True, PURGE_PROTECTION: True},
        effect="The key that encrypts the workspace can be recovered whoever deletes it, until its retention ends.",
        cost=Cost("none", 0),
        downtime="none",
        duration="seconds",
        code=Code(
            bicep="enableSoftDelete: true\nenablePurgeProtection: true",
            terraform="purge_protection_enabled = true",
            warning=REFUSED,
        ),
        preconditions=(NO_REUSE,),
    )


def _set(vault: Resource, **properties: Any) -> Write:
    return Write("PATCH", vault.id, api_version(VAULT.lower()), {"properties": properties})


@remediates(failover_region)
def keep_a_second_vault(vault: Resource) -> Guidance:
    """No setting of a vault makes Azure copy it to another region."""
    return Guidance(
        why_no_plan="No setting makes Azure copy a vault to another region: it takes a second vault, kept in step.",
        steps=(
            "Create a vault in another region from the same code, and use it as the key vault of the workspace there.",
            "Let the code that writes secrets write them to both vaults; what applications use, let them look for in "
            "the second one when the first does not answer.",
            "Where that is not possible, back up and restore each secret (az keyvault secret backup --vault-name "
            f"{shlex.quote(vault.name)} --name <secret> --file <file>; then az keyvault secret restore --vault-name "
            "<second vault> --file <file>) and in the same way each key (az keyvault key backup, az keyvault key "
            "restore): Azure restores only within one subscription and geography, and never over one of the same name.",
            "Rehearse the switch.",
            f"Set the tag {DR_TAG} on {vault.name} to the second vault's resource id: this finding closes.",
        ),
        cost="the operations of a second vault: cents a month (estimate)",
        effort="one to three days",
    )


REMEDIATIONS: Final = (protect_from_purging, keep_what_is_deleted, protect_the_encryption_key, keep_a_second_vault)
