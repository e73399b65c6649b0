"""Accounts of Data Lake Storage Gen1, and datastores that point at one or not."""

from typing import Any

from rules.model import Resource, Role, Use
from tests.builders import WORKSPACE_ID, Json, azure

IDENTITY = {"credentialsType": "None"}


def account() -> Json:
    """An account of the retired service."""
    return azure(
        "Microsoft.DataLakeStore/accounts/lakeml",
        properties={"provisioningState": "Succeeded", "state": "Active", "endpoint": "lakeml.azuredatalakestore.net"},
    )


def datastore(kind: object = "AzureDataLakeGen1", **properties: Any) -> Json:
    """A datastore of the workspace: it has no location of its own."""
    body = azure("Microsoft.MachineLearningServices/workspaces/mlw/datastores/lake")
    del body["location"]
    return body | {"properties": {"datastoreType": kind, "isDefault": False, "credentials": IDENTITY} | properties}


EXAMPLES = (
    Resource.of(account(), uses=[Use(Role.ADDITIONAL_DATASTORE, WORKSPACE_ID)]),
    Resource.of(account()),
    Resource.of(datastore(storeName="lakeml")),
    Resource.of(datastore("AzureDataLakeGen2", accountName="stlake", filesystem="data")),
    Resource.of(datastore("AzureBlob", accountName="stml", containerName="data")),
)
