"""Real Azure SDK clients pointed at the simulated Azure, and the ids its tests use."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from azure.core.credentials import AccessToken, AccessTokenInfo
from azure.core.pipeline import PipelineRequest
from azure.mgmt.containerregistry import ContainerRegistryManagementClient
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient

from local.azure import BOT, AzureServer, Caller, SimulatedAzure

SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-ml"
REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/crml"
STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stml"
COSMOS = f"{GROUP}/providers/Microsoft.DocumentDB/databaseAccounts/cosmosml"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kvml"
CLUSTER = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/aksml"
POSTGRESQL = f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pgml"
BASIC = {"location": "westeurope", "sku": {"name": "Basic"}, "properties": {"adminUserEnabled": False}}
PREMIUM = {**BASIC, "sku": {"name": "Premium"}}
LRS = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}


@dataclass(frozen=True)
class TokenOf:
    """A credential of one caller."""

    caller: Caller

    def get_token(self, *_: str, **__: Any) -> AccessToken:
        return AccessToken(self.caller.token, int(time.time()) + 3600)

    def get_token_info(self, *_: str, **__: Any) -> AccessTokenInfo:
        return AccessTokenInfo(self.caller.token, int(time.time()) + 3600)


class HttpAllowed(ARMChallengeAuthenticationPolicy):
    """Sends bearer tokens without TLS: only ever to the loopback address."""

    def on_request(self, request: PipelineRequest[Any]) -> None:
        request.context.options.setdefault("enforce_https", False)
        super().on_request(request)


def options(server: AzureServer, credential: Any = TokenOf(BOT)) -> dict[str, Any]:
    """What every management client needs to reach the simulator, without retries."""
    scope = "https://management.azure.com/.default"
    return {
        "credential": credential,
        "base_url": server.url,
        "credential_scopes": [scope],
        "authentication_policy": HttpAllowed(credential, scope),
        "retry_total": 0,
    }


@contextmanager
def resources(server: AzureServer, **more: Any) -> Iterator[ResourceManagementClient]:
    with ResourceManagementClient(subscription_id=SUBSCRIPTION, **options(server), **more) as client:
        yield client


@contextmanager
def storage(server: AzureServer) -> Iterator[StorageManagementClient]:
    with StorageManagementClient(subscription_id=SUBSCRIPTION, **options(server)) as client:
        yield client


@contextmanager
def registries(server: AzureServer) -> Iterator[ContainerRegistryManagementClient]:
    with ContainerRegistryManagementClient(subscription_id=SUBSCRIPTION, **options(server)) as client:
        yield client


@contextmanager
def running(azure: SimulatedAzure | None = None) -> Iterator[tuple[SimulatedAzure, AzureServer]]:
    """A simulated Azure with a Basic registry and a locally redundant storage account, served over HTTP."""
    azure = azure or SimulatedAzure()
    azure.seed(REGISTRY, BASIC)
    azure.seed(STORAGE, LRS)
    with AzureServer(azure) as server:
        yield azure, server


def send(
    server: AzureServer,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    caller: Caller | None = BOT,
    api_version: str = "2025-11-01",
    headers: Mapping[str, str] | None = None,
) -> requests.Response:
    """One plain request; `caller` None sends no token, `api_version` empty sends none."""
    authorization = {"Authorization": f"Bearer {caller.token}"} if caller else {}
    mark = "&" if "?" in path else "?"
    url = path if path.startswith("http") else f"{server.url}{path}"
    url = f"{url}{mark}api-version={api_version}" if api_version else url
    return requests.request(method, url, json=body, headers={**authorization, **(headers or {})}, timeout=10)


def wait_until(condition: Callable[[], Any], timeout: float = 5.0) -> None:
    """Wait for a condition; fail when it does not come true in time."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("the condition did not come true in time")
        time.sleep(0.01)
