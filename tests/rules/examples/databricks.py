"""Databricks workspaces, healthy and not."""

from typing import Any

from rules.databricks import DR_TAG, NO_DATA, ROOT_TAG
from rules.model import Resource, Role, Use
from tests.builders import DATABRICKS_ID, GROUP, TWIN_ID, WORKSPACE_ID, Json, databricks

MANAGED_GROUP_ID = f"{GROUP.rsplit('/', 1)[0]}/databricks-rg-dbml-0123456789abc"


def of_mode(mode: object, sku: object = "Standard_GRS", tags: object = None, **changes: Any) -> Json:
    """A Databricks workspace of a compute mode, whose DBFS root has a redundancy."""
    parameters = {
        "storageAccountName": {"type": "String", "value": "dbstorage0123456789abc"},
        "storageAccountSkuName": {"type": "String", "value": sku},
    }
    properties = {"provisioningState": "Succeeded", "managedResourceGroupId": MANAGED_GROUP_ID, "computeMode": mode}
    return databricks(tags, properties=properties | {"parameters": parameters}, **changes)


def attached(body: Json) -> Resource:
    """The workspace as a compute of a workspace of Azure Machine Learning."""
    return Resource.of(body, uses=[Use(Role.ATTACHED_DATABRICKS, WORKSPACE_ID)])


def datastore(body: Json) -> Resource:
    """The workspace as a place that a workspace of Azure Machine Learning reads data from."""
    return Resource.of(body, uses=[Use(Role.ADDITIONAL_DATASTORE, WORKSPACE_ID)])


EXAMPLES = (
    Resource.of(databricks()),
    Resource.of(databricks({DR_TAG: TWIN_ID})),
    Resource.of(databricks({DR_TAG: DATABRICKS_ID})),
    Resource.of(databricks({DR_TAG: "none"})),
    attached(of_mode("Hybrid")),
    attached(of_mode("Hybrid", "Standard_LRS")),
    attached(of_mode("Hybrid", "Standard_ZRS")),
    attached(of_mode("Hybrid", None)),
    attached(of_mode("Serverless", None)),
    attached(of_mode("Hybrid", location="westus")),
    datastore(of_mode("Hybrid")),
    datastore(of_mode("Hybrid", tags={ROOT_TAG: NO_DATA})),
    datastore(of_mode("Hybrid", tags={ROOT_TAG: "unknown"})),
    datastore(of_mode("Serverless")),
)
