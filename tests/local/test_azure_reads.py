"""What the simulated Resource Manager answers to reads, and what it demands of every request."""

from collections.abc import Iterator

import pytest
import requests
from azure.core.exceptions import ResourceNotFoundError

from local.azure import BOT, PORTAL_USER, AzureServer, SimulatedAzure
from tests.local.arm_clients import (
    BASIC,
    CLUSTER,
    GROUP,
    LRS,
    PREMIUM,
    REGISTRY,
    STORAGE,
    SUBSCRIPTION,
    registries,
    resources,
    running,
    send,
    storage,
)

type Desk = tuple[SimulatedAzure, AzureServer]


@pytest.fixture
def desk() -> Iterator[Desk]:
    with running() as both:
        yield both


def code(answer: requests.Response) -> str:
    error: str = answer.json()["error"]["code"]
    return error


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [({}, 401), ({"Authorization": "Bearer not-a-token"}, 401), ({"Authorization": f"Bearer {BOT.token}"}, 200)],
)
def test_every_request_needs_a_token(desk: Desk, authorization: dict[str, str], expected: int) -> None:
    answer = send(desk[1], "GET", REGISTRY, caller=None, headers=authorization)
    assert answer.status_code == expected
    assert ("WWW-Authenticate" in answer.headers) is (expected == 401)


@pytest.mark.parametrize(
    ("version", "expected"), [("", "MissingApiVersionParameter"), ("latest", "InvalidApiVersionParameter")]
)
def test_every_request_needs_an_api_version(desk: Desk, version: str, expected: str) -> None:
    answer = send(desk[1], "GET", REGISTRY, api_version=version)
    assert (answer.status_code, code(answer)) == (400, expected)


def test_ids_are_found_in_any_casing_and_returned_as_stored(desk: Desk) -> None:
    assert send(desk[1], "GET", REGISTRY.upper()).json()["id"] == REGISTRY


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (REGISTRY.replace("rg-ml", "rg-other"), "ResourceGroupNotFound"),
        (GROUP.replace("rg-ml", "rg-other"), "ResourceGroupNotFound"),
        (REGISTRY.replace("crml", "other"), "ResourceNotFound"),
        (f"{REGISTRY.replace('crml', 'other')}/replications/northeurope", "ParentResourceNotFound"),
        (f"{REGISTRY.replace('crml', 'other')}/replications", "ParentResourceNotFound"),
    ],
)
def test_what_is_missing_is_named(desk: Desk, path: str, expected: str) -> None:
    answer = send(desk[1], "GET", path)
    assert (answer.status_code, code(answer)) == (404, expected)


def test_head_says_whether_a_resource_exists(desk: Desk) -> None:
    with resources(desk[1]) as client:
        assert client.resources.check_existence_by_id(REGISTRY, api_version="2025-11-01")
        assert not client.resources.check_existence_by_id(f"{REGISTRY}x", api_version="2025-11-01")


def test_typed_and_generic_clients_read_a_resource_with_its_server_made_fields(desk: Desk) -> None:
    with registries(desk[1]) as client:
        registry = client.registries.get("rg-ml", "crml")
    assert registry.login_server == "crml.azurecr.io"
    assert (registry.sku.tier, registry.provisioning_state) == ("Basic", "Succeeded")
    with storage(desk[1]) as client_of_storage:
        account = client_of_storage.storage_accounts.get_properties("rg-ml", "stml")
    assert account.primary_endpoints
    assert account.primary_endpoints.blob == "https://stml.blob.core.windows.net/"
    with resources(desk[1]) as generic:
        sku = generic.resources.get_by_id(STORAGE, api_version="2026-04-01").sku
        assert sku
        assert sku.tier == "Standard"
        with pytest.raises(ResourceNotFoundError, match="ResourceNotFound"):
            generic.resources.get_by_id(f"{STORAGE}x", api_version="2026-04-01")


def test_a_seeded_body_keeps_what_it_says(desk: Desk) -> None:
    azure, _ = desk
    azure.seed(REGISTRY, {**BASIC, "properties": {"provisioningState": "Updating", "loginServer": None}})
    body = azure.body(REGISTRY)
    assert body
    assert (body["properties"]["provisioningState"], body["properties"]["loginServer"]) == ("Updating", None)


def test_a_body_handed_out_is_a_copy(desk: Desk) -> None:
    azure, _ = desk
    body = azure.body(REGISTRY)
    assert body
    body["sku"]["name"] = "Premium"
    assert (azure.body(REGISTRY) or {})["sku"]["name"] == "Basic"


def test_storage_services_and_the_home_replication_are_there_without_being_made(desk: Desk) -> None:
    azure, server = desk
    assert send(server, "GET", f"{STORAGE}/blobServices/default").status_code == 200
    assert send(server, "GET", f"{REGISTRY}/replications").json()["value"] == []
    azure.seed(REGISTRY, PREMIUM)
    with registries(server) as client:
        assert [replica.name for replica in client.replications.list("rg-ml", "crml")] == ["westeurope"]


def test_lists_are_paged_with_an_absolute_next_link(desk: Desk) -> None:
    azure, server = desk
    for number in range(4):
        azure.seed(f"{STORAGE}{number}", LRS)
    first = send(server, "GET", f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Storage/storageAccounts?$top=2")
    assert first.json()["nextLink"].startswith(f"{server.url}/subscriptions/")
    with resources(server) as client:
        found = [str(line.name) for line in client.resources.list(top=2)]
    assert sorted(found) == ["crml", "stml", "stml0", "stml1", "stml2", "stml3"]


def test_the_generic_list_has_no_properties_and_filters(desk: Desk) -> None:
    azure, server = desk
    azure.seed(f"{STORAGE}eu", {**LRS, "location": "northeurope", "tags": {"env": "prod"}})
    with resources(server) as client:
        in_north = "resourceType eq 'Microsoft.Storage/storageAccounts' and location eq 'northeurope'"
        assert [line.name for line in client.resources.list(filter=in_north)] == ["stmleu"]
        assert [line.name for line in client.resources.list(filter="tagName eq 'ENV' and tagValue eq 'prod'")] == [
            "stmleu"
        ]
        assert [group.name for group in client.resource_groups.list()] == ["rg-ml"]
    listed = send(server, "GET", f"{GROUP}/resources").json()["value"]
    assert all("properties" not in line for line in listed)
    refused = send(server, "GET", f"{GROUP}/resources?$filter=substringof('st', name)")
    assert (refused.status_code, code(refused)) == (400, "InvalidFilterInQueryString")


def test_etags_guard_writes_where_the_type_has_them(desk: Desk) -> None:
    azure, server = desk
    azure.seed(CLUSTER, {"location": "westeurope"})
    etag = send(server, "GET", CLUSTER).headers["ETag"]
    tags = {"tags": {"team": "ml"}}
    stale = send(server, "PATCH", CLUSTER, tags, headers={"If-Match": '"old"'})
    assert (stale.status_code, code(stale)) == (412, "PreconditionFailed")
    assert send(server, "PATCH", CLUSTER, tags, headers={"If-Match": etag}).status_code == 200
    assert send(server, "PATCH", CLUSTER, tags, headers={"If-Match": etag}).status_code == 412


def test_every_answer_carries_request_ids_and_what_is_left(desk: Desk) -> None:
    sent = {"x-ms-client-request-id": "client-1", "x-ms-correlation-request-id": "correlation-1"}
    headers = send(desk[1], "GET", REGISTRY, headers=sent).headers
    assert headers["x-ms-request-id"]
    assert headers["x-ms-client-request-id"] == "client-1"
    assert headers["x-ms-correlation-request-id"] == "correlation-1"
    assert int(headers["x-ms-ratelimit-remaining-subscription-reads"]) > 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{REGISTRY}/regenerateCredential"),
        ("GET", "/providers/Microsoft.Management/managementGroups"),
        ("PUT", f"/subscriptions/{SUBSCRIPTION}"),
    ],
)
def test_what_is_not_simulated_is_said_loudly(desk: Desk, method: str, path: str) -> None:
    assert send(desk[1], method, path, {}).status_code == 501


def test_the_log_knows_callers_and_connections(desk: Desk) -> None:
    azure, server = desk
    azure.request("PATCH", REGISTRY, {"tags": {"team": "ml"}})
    with resources(server) as client:
        for _ in range(3):
            client.resources.get_by_id(REGISTRY, api_version="2025-11-01")
    assert server.connections == 1
    assert [(line.method, line.status, line.api_version) for line in azure.reads()] == [("GET", 200, "2025-11-01")] * 3
    assert {line.connection for line in azure.reads()} == {1}
    assert azure.writes() == []
    assert azure.log[0].caller == PORTAL_USER
    assert azure.log[0].request_body == {"tags": {"team": "ml"}}
