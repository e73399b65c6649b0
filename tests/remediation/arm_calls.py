"""What the tests of Resource Manager send, with what, and to whom."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from azure.core.credentials import AccessToken

from remediation.adapters.arm import Arm
from remediation.api_versions import API_VERSIONS
from remediation.plan import Write
from rules.resource_id import ResourceId
from tests.builders import GROUP, REGISTRY_ID, STORAGE_ID
from tests.remediation.scripted import Reply, ScriptedServer

REGISTRY = ResourceId.parse(REGISTRY_ID)
API = API_VERSIONS["microsoft.containerregistry/registries"]
UPGRADE = Write("PATCH", REGISTRY_ID, API, {"sku": {"name": "Premium"}})
CONVERT = Write(
    "POST",
    f"{STORAGE_ID}/startAccountMigration",
    API_VERSIONS["microsoft.storage/storageaccounts"],
    {"properties": {"targetSkuName": "Standard_ZRS"}},
)
SPREAD = Write(
    "PATCH", STORAGE_ID, API_VERSIONS["microsoft.storage/storageaccounts"], {"sku": {"name": "Standard_RAGRS"}}
)
KEEP_BLOBS = replace(
    SPREAD,
    verb="PUT",
    resource_id=f"{STORAGE_ID}/blobServices/default",
    body={
        "properties": {
            "cors": {"corsRules": []},
            "deleteRetentionPolicy": {"enabled": True, "days": 7, "allowPermanentDelete": False},
            "lastAccessTimeTrackingPolicy": {"enable": True, "blobType": ["blockBlob"]},
            "ofLaterVersions": {"kept": True},
        }
    },
)
KEEP_SHARES = replace(
    KEEP_BLOBS,
    resource_id=f"{STORAGE_ID}/fileServices/default",
    body={
        "properties": {
            "shareDeleteRetentionPolicy": {"enabled": True, "days": 7},
            "protocolSettings": {"smb": {"versions": "SMB3.1.1;", "multichannel": {"enabled": True}}},
        }
    },
)
REPLICATE = Write(
    "PUT",
    f"{REGISTRY_ID}/replications/northeurope",
    API,
    {"location": "northeurope", "properties": {"regionEndpointEnabled": True}},
)
ROUTE = replace(REPLICATE, verb="PATCH", body={"properties": {"regionEndpointEnabled": False}})
TAG = Write("PATCH", f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv", "2023-07-01", {"tags": {"a": "b"}})


class Token:
    """A credential that has a token at hand, or an error."""

    def __init__(self, text: str = "token", error: Exception | None = None) -> None:
        self._text, self._error = text, error

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        if self._error is not None:
            raise self._error
        return AccessToken(self._text, 2**33)


def error(code: str, message: str = "so it is") -> bytes:
    return json.dumps({"error": {"code": code, "message": message}}).encode()


def asking(*replies: Reply) -> Iterator[tuple[Arm, ScriptedServer]]:
    with ScriptedServer(*replies) as server:
        yield Arm(Token(), server.url, server.url), server


def page(*names: str, more: str = "") -> bytes:
    return json.dumps({"value": [{"name": name} for name in names], "nextLink": more or None}).encode()
