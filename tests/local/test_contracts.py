"""The validator of requests and answers accepts what Azure publishes and catches what breaks it."""

from collections.abc import Mapping
from typing import Any

import pytest

from local.contracts import SPECS, SPECS_ABSENT
from local.contracts.swagger import Swagger

pytestmark = pytest.mark.skipif(not SPECS.is_dir(), reason=SPECS_ABSENT)

SUBSCRIPTION = "/subscriptions/00000000-0000-4000-8000-000000000001"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-ml"
REGISTRY_ID = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/crmlprod"
STORAGE_ID = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stmlprod"
MIGRATION_ID = f"{STORAGE_ID}/startAccountMigration"
WORKSPACE_ID = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/mlw-prod"
DATASTORE_ID = f"{WORKSPACE_ID}/datastores/training"
POSTGRES_ID = f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/psql-prod"
COSMOS_ID = f"{GROUP}/providers/Microsoft.DocumentDB/databaseAccounts/cosmos-prod"
HDINSIGHT_ID = f"{GROUP}/providers/Microsoft.HDInsight/clusters/hdi-prod"
LOCK_ID = f"{STORAGE_ID}/providers/Microsoft.Authorization/locks/keep"
BLOB_SERVICE_ID = f"{STORAGE_ID}/blobServices/default"

REGISTRY = {
    "id": REGISTRY_ID,
    "name": "crmlprod",
    "type": "Microsoft.ContainerRegistry/registries",
    "location": "westeurope",
    "tags": {"env": "prod"},
    "sku": {"name": "Premium", "tier": "Premium"},
    "properties": {
        "loginServer": "crmlprod.azurecr.io",
        "creationDate": "2026-01-02T03:04:05.1234567Z",
        "provisioningState": "Succeeded",
        "adminUserEnabled": False,
        "status": None,
        "zoneRedundancy": "Enabled",
    },
}
STORAGE = {
    "id": STORAGE_ID,
    "name": "stmlprod",
    "type": "Microsoft.Storage/storageAccounts",
    "location": "westeurope",
    "kind": "StorageV2",
    "sku": {"name": "Standard_ZRS", "tier": "Standard"},
    "properties": {"provisioningState": "Succeeded", "supportsHttpsTrafficOnly": True},
}
WORKSPACE = {
    "id": WORKSPACE_ID,
    "name": "mlw-prod",
    "type": "Microsoft.MachineLearningServices/workspaces",
    "location": "westeurope",
    "identity": {"type": "SystemAssigned", "principalId": "00000000-0000-4000-8000-000000000002"},
    "properties": {"storageAccount": STORAGE_ID, "containerRegistry": REGISTRY_ID, "provisioningState": "Succeeded"},
}
BLOB_DATASTORE = {
    "datastoreType": "AzureBlob",
    "credentials": {"credentialsType": "AccountKey"},
    "accountName": "stmlprod",
    "containerName": "training",
}
POSTGRES = {"id": POSTGRES_ID, "location": "westeurope", "properties": {"version": "17"}}
MIGRATION = {"properties": {"targetSkuName": "Standard_ZRS"}}
ERROR = {"error": {"code": "ResourceNotFound", "message": "It is gone."}}
LOCATION = {"Location": "https://localhost/subscriptions/operations/1"}


def with_properties(body: Mapping[str, Any], **properties: Any) -> dict[str, Any]:
    return {**body, "properties": body["properties"] | properties}


@pytest.fixture(scope="session")
def swagger() -> Swagger:
    return Swagger.load()


GOOD_REQUESTS = {
    "read a registry": ("GET", REGISTRY_ID, "2023-07-01", None),
    "read with a newer api-version": ("GET", REGISTRY_ID, "2025-11-01", None),
    "read by an id in capitals": ("GET", COSMOS_ID.upper(), "2024-05-15", None),
    "upgrade a registry": ("PATCH", REGISTRY_ID, "2025-11-01", {"sku": {"name": "Premium"}}),
    "put back what a registry answered": ("PUT", REGISTRY_ID, "2023-07-01", with_properties(REGISTRY, status={})),
    "a value newer than an open enum": ("PATCH", STORAGE_ID, "2023-05-01", {"sku": {"name": "StandardV2_ZRS"}}),
    "read a storage account": ("GET", STORAGE_ID, "2026-04-01", None),
    "start a migration": ("POST", MIGRATION_ID, "2023-05-01", MIGRATION),
    "read a workspace": ("GET", WORKSPACE_ID, "2026-05-01", None),
    "lock a resource": ("PUT", LOCK_ID, "2020-05-01", {"properties": {"level": "CanNotDelete"}}),
    "read a child by the generic path": ("GET", BLOB_SERVICE_ID, "2018-01-01", None),
    "register a provider": ("POST", f"{SUBSCRIPTION}/providers/Microsoft.Cache/register", "2024-07-01", None),
}


@pytest.mark.parametrize(("method", "path", "version", "body"), GOOD_REQUESTS.values(), ids=GOOD_REQUESTS)
def test_a_published_request_passes(swagger: Swagger, method: str, path: str, version: str, body: Any) -> None:
    assert swagger.check_request(method, path, {"api-version": version}, body) == []


V = {"api-version": "2023-07-01"}
BAD_REQUESTS: dict[str, tuple[str, str, dict[str, str], Any, str]] = {
    "unknown path": ("GET", "/nonsense", V, None, "path"),
    "unknown action": ("POST", f"{STORAGE_ID}/failover", V, None, "path"),
    "an id that stops at a provider": ("GET", f"{STORAGE_ID}/providers/Microsoft.Insights", V, None, "path"),
    "undeclared verb": ("POST", REGISTRY_ID, V, {}, "method"),
    "no api-version": ("GET", REGISTRY_ID, {}, None, "query"),
    "malformed api-version": ("GET", REGISTRY_ID, {"api-version": "latest"}, None, "query/api-version"),
    "older api-version": ("GET", REGISTRY_ID, {"api-version": "2019-05-01"}, None, "query/api-version"),
    "unknown query parameter": ("GET", REGISTRY_ID, V | {"$expand": "all"}, None, "query"),
    "closed query enum": ("GET", STORAGE_ID, V | {"$expand": "all"}, None, "query/$expand"),
    "subscription is no GUID": ("GET", REGISTRY_ID.replace("-000000000001", ""), V, None, "path/subscriptionId"),
    "resource name too short": ("GET", REGISTRY_ID[:-4], V, None, "path/registryName"),
    "resource name against its pattern": ("GET", REGISTRY_ID + "_1", V, None, "path/registryName"),
    "unknown property": ("PATCH", REGISTRY_ID, V, {"plan": {}}, "body"),
    "unknown property further down": ("PATCH", REGISTRY_ID, V, {"properties": {"zones": ["1"]}}, "body/properties"),
    "wrong type": ("PATCH", REGISTRY_ID, V, {"sku": {"name": 3}}, "body/sku/name"),
    "missing required": ("PATCH", REGISTRY_ID, V, {"sku": {}}, "body/sku"),
    "read-only in a PATCH": ("PATCH", REGISTRY_ID, V, {"sku": {"name": "Premium", "tier": "Premium"}}, "body/sku/tier"),
    "null in a request": ("PATCH", REGISTRY_ID, V, {"sku": None}, "body/sku"),
    "no body": ("PATCH", REGISTRY_ID, V, None, "body"),
    "a body on a GET": ("GET", REGISTRY_ID, V, {}, "body"),
    "migration to nowhere": ("POST", MIGRATION_ID, V, {"properties": {}}, "body/properties"),
}


@pytest.mark.parametrize(("method", "path", "query", "body", "where"), BAD_REQUESTS.values(), ids=BAD_REQUESTS)
def test_a_broken_request_is_caught_where_it_breaks(
    swagger: Swagger, method: str, path: str, query: dict[str, str], body: Any, where: str
) -> None:
    assert where in [problem.where for problem in swagger.check_request(method, path, query, body)]


def test_a_newer_api_version_is_a_problem_when_asked_for(swagger: Swagger) -> None:
    query = {"api-version": "2025-11-01"}
    problems = swagger.check_request("GET", REGISTRY_ID, query, ignore_newer_api_version=False)
    assert [problem.where for problem in problems] == ["query/api-version"]


QUERY_VALUES = {
    "number": (f"{GROUP}/providers/Microsoft.KeyVault/vaults", "$top", "10", "ten"),
    "truth": (f"{WORKSPACE_ID}/datastores", "isDefault", "true", "yes"),
    "list": (f"{WORKSPACE_ID}/datastores", "names", "training,results", None),
}


@pytest.mark.parametrize(("path", "name", "good", "bad"), QUERY_VALUES.values(), ids=QUERY_VALUES)
def test_a_query_value_is_held_to_its_type(swagger: Swagger, path: str, name: str, good: str, bad: str | None) -> None:
    version = {"api-version": "2026-05-01"}
    assert swagger.check_request("GET", path, version | {name: good}) == []
    assert bad is None or swagger.check_request("GET", path, version | {name: bad}) != []


GOOD_RESPONSES: dict[str, tuple[str, str, int, Any]] = {
    "a registry, its null meaning absent": ("GET", REGISTRY_ID, 200, REGISTRY),
    "a page of registries": ("GET", REGISTRY_ID.rpartition("/")[0], 200, {"value": [REGISTRY], "nextLink": None}),
    "a storage account": ("GET", STORAGE_ID, 200, STORAGE),
    "a migration was accepted": ("POST", MIGRATION_ID, 202, None),
    "a workspace": ("GET", WORKSPACE_ID, 200, WORKSPACE),
    "a datastore without its secrets": ("GET", DATASTORE_ID, 200, {"properties": BLOB_DATASTORE}),
    "a version newer than the enum": ("GET", POSTGRES_ID, 200, POSTGRES),
    "an update that ended at once": ("PATCH", REGISTRY_ID, 200, REGISTRY),
    "an error the provider declares": ("GET", HDINSIGHT_ID, 404, ERROR["error"]),
    "an error of Resource Manager itself": ("GET", REGISTRY_ID, 404, ERROR),
    "a child by the generic path": ("GET", BLOB_SERVICE_ID, 200, {"properties": {"deleteRetentionPolicy": {}}}),
}


@pytest.mark.parametrize(("method", "path", "status", "body"), GOOD_RESPONSES.values(), ids=GOOD_RESPONSES)
def test_a_published_answer_passes(swagger: Swagger, method: str, path: str, status: int, body: Any) -> None:
    headers = LOCATION if status == 202 else {}
    assert swagger.check_response(method, path, status, body=body, headers=headers) == []


NO_DATE = with_properties(REGISTRY, creationDate="now")
NO_TIER = STORAGE | {"sku": {"name": "Standard_ZRS", "tier": "Gold"}}
TWO_KINDS = {"properties": BLOB_DATASTORE | {"filesystem": "training"}}
OPEN_SECRET = with_properties(POSTGRES, administratorLoginPassword="made-up")
BAD_RESPONSES: dict[str, tuple[str, str, int, Any, str]] = {
    "unknown path": ("GET", "/nonsense", 200, {}, "path"),
    "undeclared status": ("PATCH", STORAGE_ID, 202, None, "status"),
    "a success that only default would cover": ("GET", WORKSPACE_ID, 204, None, "status"),
    "unknown property": ("GET", REGISTRY_ID, 200, REGISTRY | {"etag": "1"}, "body"),
    "unknown property further down": ("GET", STORAGE_ID, 200, with_properties(STORAGE, zoned=True), "body/properties"),
    "wrong type": ("GET", REGISTRY_ID, 200, REGISTRY | {"tags": {"env": 1}}, "body/tags/env"),
    "no date": ("GET", REGISTRY_ID, 200, NO_DATE, "body/properties/creationDate"),
    "closed enum": ("GET", STORAGE_ID, 200, NO_TIER, "body/sku/tier"),
    "missing required": ("GET", REGISTRY_ID, 200, {"location": "westeurope"}, "body"),
    "a property of another kind": ("GET", DATASTORE_ID, 200, TWO_KINDS, "body/properties"),
    "a write-only property": ("GET", POSTGRES_ID, 200, OPEN_SECRET, "body/properties/administratorLoginPassword"),
    "no body": ("GET", REGISTRY_ID, 200, None, "body"),
    "a body where none is declared": ("POST", MIGRATION_ID, 202, {}, "body"),
    "accepted without an address to poll": ("POST", MIGRATION_ID, 202, None, "headers"),
    "an error of no known shape": ("GET", REGISTRY_ID, 404, {"message": "gone"}, "body"),
}


@pytest.mark.parametrize(("method", "path", "status", "body", "where"), BAD_RESPONSES.values(), ids=BAD_RESPONSES)
def test_a_broken_answer_is_caught_where_it_breaks(
    swagger: Swagger, method: str, path: str, status: int, body: Any, where: str
) -> None:
    problems = swagger.check_response(method, path, status, body=body, headers={})
    assert where in [problem.where for problem in problems]


GOOD_STATUS = {"id": f"{SUBSCRIPTION}/operations/1", "name": "1", "status": "InProgress", "percentComplete": 40.5}


def test_the_status_of_a_long_operation_has_its_common_shape(swagger: Swagger) -> None:
    assert swagger.check_operation_status(GOOD_STATUS) == []
    assert swagger.check_operation_status({"name": "1"}) != []
    assert swagger.check_operation_status(GOOD_STATUS | {"percentComplete": 101}) != []
