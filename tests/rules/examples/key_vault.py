"""Key vaults, healthy and not."""

from typing import Any

from rules.key_vault import DR_TAG
from rules.model import Resource, Role, Use
from tests.builders import GROUP, VAULT_ID, WORKSPACE_ID, Json, azure

SECOND_ID = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kvml-dr"
PROPERTIES: Json = {
    "provisioningState": "Succeeded",
    "tenantId": "00000000-0000-4000-8000-00000000000d",
    "sku": {"family": "A", "name": "standard"},
    "vaultUri": "https://kvml.vault.azure.net/",
    "enableRbacAuthorization": True,
    "softDeleteRetentionInDays": 90,
    "publicNetworkAccess": "Enabled",
}


def vault(*roles: Role, location: str = "westeurope", tags: object = None, **properties: Any) -> Resource:
    """A vault with soft delete."""
    body = azure(
        "Microsoft.KeyVault/vaults/kvml",
        location=location,
        tags=tags,
        properties=PROPERTIES | {"enableSoftDelete": True} | properties,
    )
    return Resource.of(body, uses=[Use(role, WORKSPACE_ID) for role in roles])


EXAMPLES = (
    vault(Role.WORKSPACE_VAULT),
    vault(Role.WORKSPACE_VAULT, enablePurgeProtection=True),
    vault(Role.WORKSPACE_VAULT, enableSoftDelete=False),
    vault(Role.WORKSPACE_VAULT, enableSoftDelete=None),
    vault(tags={"environment": "dev"}),
    vault(Role.CMK_VAULT),
    vault(Role.CMK_VAULT, enableSoftDelete=False),
    vault(Role.WORKSPACE_VAULT, Role.CMK_VAULT, enablePurgeProtection=True),
    vault(location="westus3"),
    vault(location="brazilsouth", tags={DR_TAG: SECOND_ID}),
    vault(location="polandcentral", tags={DR_TAG: VAULT_ID}),
)
