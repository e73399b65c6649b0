"""Roles, locks, policies and managed identity of the simulated Azure."""

from collections.abc import Iterator

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import CredentialUnavailableError, ManagedIdentityCredential
from azure.mgmt.resource.resources import ResourceManagementClient

from local.azure import BOT, PIPELINE, AzureServer, SimulatedAzure
from tests.local.arm_clients import (
    BASIC,
    GROUP,
    REGISTRY,
    STORAGE,
    SUBSCRIPTION,
    options,
    registries,
    running,
    send,
)

type Desk = tuple[SimulatedAzure, AzureServer]
PREMIUM_SKU = {"sku": {"name": "Premium"}}
LOCKS = "providers/Microsoft.Authorization/locks"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with running() as both:
        yield both


def test_a_missing_role_is_refused_with_the_name_of_the_action(desk: Desk) -> None:
    azure, server = desk
    azure.forbid(BOT, "*/write")
    azure.grant(BOT, "Microsoft.Storage/*")
    refused = send(server, "PATCH", REGISTRY, PREMIUM_SKU)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "AuthorizationFailed")
    assert "'Microsoft.ContainerRegistry/registries/write'" in refused.json()["error"]["message"]
    assert send(server, "GET", REGISTRY).status_code == 200
    assert send(server, "PATCH", STORAGE, {"tags": {}}).status_code == 200
    assert send(server, "PATCH", REGISTRY, PREMIUM_SKU, caller=PIPELINE).status_code == 200


def test_an_operation_is_only_told_to_who_may_read_it(desk: Desk) -> None:
    azure, server = desk
    azure.operation_seconds = 60
    url = send(server, "PATCH", REGISTRY, PREMIUM_SKU).headers["Azure-AsyncOperation"].removeprefix(server.url)
    azure.forbid(BOT, "Microsoft.ContainerRegistry/locations/*")
    refused = send(server, "GET", url)
    assert refused.status_code == 403
    assert "'Microsoft.ContainerRegistry/locations/operationStatuses/read'" in refused.json()["error"]["message"]
    azure.grant(BOT, "Microsoft.ContainerRegistry/locations/*/read")
    assert send(server, "GET", url).json()["status"] == "InProgress"


@pytest.mark.parametrize(
    ("method", "path", "action"),
    [
        ("GET", f"{REGISTRY}/replications", "Microsoft.ContainerRegistry/registries/replications/read"),
        ("DELETE", REGISTRY, "Microsoft.ContainerRegistry/registries/delete"),
        ("GET", GROUP, "Microsoft.Resources/subscriptions/resourceGroups/read"),
        ("GET", f"/subscriptions/{SUBSCRIPTION}", "Microsoft.Resources/subscriptions/read"),
        ("GET", f"/subscriptions/{SUBSCRIPTION}/resources", "Microsoft.Resources/subscriptions/resources/read"),
        ("POST", f"{STORAGE}/listKeys", "Microsoft.Storage/storageAccounts/listKeys/action"),
        (
            "POST",
            f"{STORAGE}/startAccountMigration",
            "Microsoft.Storage/storageAccounts/accountMigrations/write",
        ),
        ("PATCH", f"{REGISTRY}/providers/Microsoft.Resources/tags/default", "Microsoft.Resources/tags/write"),
        ("GET", f"{REGISTRY}/{LOCKS}", "Microsoft.Authorization/locks/read"),
    ],
)
def test_each_request_needs_its_own_action(desk: Desk, method: str, path: str, action: str) -> None:
    azure, server = desk
    azure.forbid(BOT, action)
    refused = send(server, method, path, {})
    assert refused.status_code == 403
    assert f"'{action}'" in refused.json()["error"]["message"]


@pytest.mark.parametrize("scope", [REGISTRY, GROUP, f"/subscriptions/{SUBSCRIPTION}"])
def test_a_read_only_lock_stops_every_write_at_and_below_its_scope(desk: Desk, scope: str) -> None:
    azure, server = desk
    azure.lock(scope)
    with registries(server) as client, pytest.raises(HttpResponseError) as refused:
        client.registries.begin_update("rg-ml", "crml", PREMIUM_SKU)
    assert (refused.value.status_code, refused.value.error and refused.value.error.code) == (409, "ScopeLocked")
    assert f"'{scope}'" in str(refused.value)
    assert send(server, "POST", f"{REGISTRY}/anything", {}).status_code == 409
    assert send(server, "GET", REGISTRY).status_code == 200
    azure.unlock(scope)
    assert send(server, "PATCH", REGISTRY, PREMIUM_SKU).status_code == 200


def test_a_can_not_delete_lock_stops_deletes_only(desk: Desk) -> None:
    azure, server = desk
    azure.lock(GROUP, level="CanNotDelete")
    assert send(server, "PATCH", REGISTRY, PREMIUM_SKU).status_code == 200
    refused = send(server, "DELETE", REGISTRY)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "ScopeLocked")


def test_a_lock_is_no_neighbours_lock(desk: Desk) -> None:
    azure, server = desk
    azure.seed(f"{REGISTRY}2", BASIC)
    azure.lock(REGISTRY)
    assert send(server, "PATCH", f"{REGISTRY}2", PREMIUM_SKU).status_code == 200


def test_locks_are_resources_that_are_made_listed_and_removed(desk: Desk) -> None:
    azure, server = desk
    azure.lock(GROUP, name="group-lock", level="CanNotDelete")
    made = send(server, "PUT", f"{REGISTRY}/{LOCKS}/mine", {"properties": {"level": "ReadOnly"}})
    assert made.status_code == 201

    def names(path: str) -> list[str]:
        return sorted(lock["name"] for lock in send(server, "GET", path).json()["value"])

    assert names(f"{REGISTRY}/{LOCKS}") == ["group-lock", "mine"]
    assert names(f"{STORAGE}/{LOCKS}") == ["group-lock"]
    assert names(f"{GROUP}/{LOCKS}") == ["group-lock", "mine"]
    assert names(f"{GROUP}/{LOCKS}?$filter=atScope()") == ["group-lock"]
    assert send(server, "DELETE", f"{REGISTRY}/{LOCKS}/mine").status_code == 200
    assert send(server, "PATCH", REGISTRY, PREMIUM_SKU).status_code == 200


@pytest.mark.parametrize("target", ["Microsoft.ContainerRegistry/registries", REGISTRY, GROUP])
def test_a_policy_denies_writes_and_names_itself(desk: Desk, target: str) -> None:
    azure, server = desk
    azure.deny_by_policy(target, "no-premium-registries")
    with registries(server) as client, pytest.raises(HttpResponseError, match="RequestDisallowedByPolicy"):
        client.registries.begin_update("rg-ml", "crml", PREMIUM_SKU)
    refused = send(server, "PATCH", REGISTRY, PREMIUM_SKU)
    assert refused.status_code == 403
    [violation] = refused.json()["error"]["additionalInfo"]
    assert violation["type"] == "PolicyViolation"
    assert violation["info"]["policyAssignmentName"] == "no-premium-registries"


def test_the_deployed_credential_gets_the_bots_token(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    azure, server = desk
    for name, value in server.identity_environment.items():
        monkeypatch.setenv(name, value)
    with (
        ManagedIdentityCredential(client_id=azure.bot.appid) as credential,
        ResourceManagementClient(subscription_id=SUBSCRIPTION, **options(server, credential)) as client,
    ):
        client.resources.get_by_id(REGISTRY, api_version="2025-11-01")
    assert [line.caller for line in azure.reads()] == [azure.bot]


@pytest.mark.parametrize(("header", "client_id"), [("wrong", BOT.appid), (None, PIPELINE.appid)])
def test_no_token_without_the_right_header_and_client(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, header: str | None, client_id: str
) -> None:
    _, server = desk
    for name, value in server.identity_environment.items():
        monkeypatch.setenv(name, value)
    if header:
        monkeypatch.setenv("IDENTITY_HEADER", header)
    with (
        ManagedIdentityCredential(client_id=client_id) as credential,
        pytest.raises((ClientAuthenticationError, CredentialUnavailableError)),
    ):
        credential.get_token("https://management.azure.com/.default")
