"""The pinned ARM api-version of every resource type that is read or written. Stable versions whose shape is published
in Azure/bicep-types-az (2026-08); a new one is a change of behaviour and goes through the contract tests."""

from collections.abc import Mapping
from typing import Final

API_VERSIONS: Final[Mapping[str, str]] = {
    "microsoft.containerregistry/registries": "2025-11-01",
    "microsoft.databricks/workspaces": "2026-01-01",
    "microsoft.machinelearningservices/workspaces": "2026-05-01",
    "microsoft.storage/storageaccounts": "2026-04-01",
}
