"""Azure Machine Learning workspaces, healthy and not."""

from typing import Any

from rules.model import Resource
from rules.workspace import DR_TAG
from tests.builders import SUBSCRIPTION, VAULT_ID, WORKSPACE_ID, Json, ml_workspace

MANAGED_GROUP = "azureml-rg-mlw_00000000-0000-4000-8000-0000000000c1"
OWN_COSMOS_DB = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-ml/providers/Microsoft.DocumentDB/databaseAccounts/cosmosml"
)


def workspace(
    kind: object = "Default", tags: object = None, location: object = "westeurope", **properties: Any
) -> Json:
    """A workspace of a kind with properties of its own."""
    return ml_workspace(**properties) | {"kind": kind, "tags": tags, "location": location}


def with_own_key(status: object = "Enabled") -> Json:
    """A workspace with a customer-managed key, whose stores lie in a managed resource group."""
    key = {"keyVaultArmId": VAULT_ID, "keyIdentifier": "https://kvml.vault.azure.net/keys/ml/1"}
    encryption = {"status": status, "keyVaultProperties": key, "cosmosDbResourceId": None}
    group = {"serviceProvisionedResourceGroup": MANAGED_GROUP, "enableServiceSideCMKEncryption": False}
    return workspace(encryption=encryption, **group)


def kept_in(cosmos_db: object, **properties: Any) -> Json:
    """A workspace with a customer-managed key that names the Cosmos DB account of its metadata."""
    body = with_own_key()
    body["properties"]["encryption"]["cosmosDbResourceId"] = cosmos_db
    body["properties"] |= properties
    return body


EXAMPLES = (
    Resource.of(workspace()),
    Resource.of(workspace("Hub", location="northcentralus")),
    Resource.of(workspace("FeatureStore", {DR_TAG: f"{WORKSPACE_ID}-dr"})),
    Resource.of(workspace("Project", hubResourceId=f"{WORKSPACE_ID}-hub")),
    Resource.of(with_own_key()),
    Resource.of(with_own_key("Disabled")),
    Resource.of(kept_in(OWN_COSMOS_DB)),
    Resource.of(kept_in(OWN_COSMOS_DB.replace("rg-ml", MANAGED_GROUP))),
    Resource.of(kept_in(None, enableServiceSideCMKEncryption=True)),
)
