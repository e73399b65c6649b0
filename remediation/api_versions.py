"""The pinned ARM api-version of every resource type that is read or written. Child types have that of their parent.

Stable versions whose shape is published in Azure/bicep-types-az (2026-08), where it publishes one; a new one is a
change of behaviour and goes through the contract tests.
"""

from collections.abc import Mapping
from typing import Final

API_VERSIONS: Final[Mapping[str, str]] = {
    "microsoft.containerinstance/containergroups": "2026-07-01",
    "microsoft.containerregistry/registries": "2025-11-01",
    "microsoft.containerservice/managedclusters": "2026-05-01",
    "microsoft.databricks/workspaces": "2026-01-01",
    "microsoft.datalakestore/accounts": "2016-11-01",
    "microsoft.dbformysql/flexibleservers": "2024-12-30",
    "microsoft.dbformysql/servers": "2017-12-01",
    "microsoft.dbforpostgresql/flexibleservers": "2025-08-01",
    "microsoft.dbforpostgresql/servers": "2017-12-01",
    "microsoft.documentdb/databaseaccounts": "2026-03-15",
    "microsoft.hdinsight/clusters": "2021-06-01",
    "microsoft.insights/components": "2020-02-02",
    "microsoft.keyvault/vaults": "2026-02-01",
    "microsoft.machinelearningservices/workspaces": "2026-05-01",
    "microsoft.operationalinsights/workspaces": "2026-03-01",
    "microsoft.sql/servers": "2025-01-01",
    "microsoft.storage/storageaccounts": "2026-04-01",
}


def api_version(resource_type: str) -> str:
    """The version for a lower-case resource type, or that of its parent. Raises KeyError where none is pinned."""
    if resource_type in API_VERSIONS:
        return API_VERSIONS[resource_type]
    parent, _, _ = resource_type.rpartition("/")
    if "/" not in parent:
        raise KeyError(resource_type)
    return api_version(parent)
