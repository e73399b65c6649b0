"""Writes to the simulated Resource Manager through the real SDK clients: verbs, operations, service rules."""

from collections.abc import Iterator

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.storage.models import BlobServiceProperties, StorageAccountMigration

from local.azure import AzureServer, SimulatedAzure
from tests.local.arm_clients import (
    BASIC,
    CLUSTER,
    COSMOS,
    GROUP,
    LRS,
    POSTGRESQL,
    PREMIUM,
    REGISTRY,
    STORAGE,
    VAULT,
    registries,
    resources,
    running,
    send,
    storage,
    wait_until,
)

type Desk = tuple[SimulatedAzure, AzureServer]
BRIEFLY = 0.2


@pytest.fixture
def desk() -> Iterator[Desk]:
    with running() as both:
        yield both


def sku(azure: SimulatedAzure, resource_id: str) -> str:
    return str((azure.body(resource_id) or {})["sku"]["name"])


def state(azure: SimulatedAzure, resource_id: str) -> str:
    return str((azure.body(resource_id) or {})["properties"]["provisioningState"])


def test_a_registry_is_upgraded_at_once_by_the_typed_client(desk: Desk) -> None:
    azure, server = desk
    with registries(server) as client:
        upgraded = client.registries.begin_update("rg-ml", "crml", {"sku": {"name": "Premium"}}).result()
    assert upgraded.sku.tier == "Premium"
    body = azure.body(REGISTRY) or {}
    assert body["properties"]["adminUserEnabled"] is False, "a PATCH keeps what it does not name"
    assert [line.status for line in azure.writes()] == [200]


def test_a_slow_upgrade_is_polled_through_its_operation(desk: Desk) -> None:
    azure, server = desk
    azure.operation_seconds = BRIEFLY
    with registries(server) as client:
        poller = client.registries.begin_update("rg-ml", "crml", {"sku": {"name": "Premium"}})
        assert (poller.done(), state(azure, REGISTRY)) == (False, "Updating")
        assert poller.result(timeout=5).provisioning_state == "Succeeded"
    assert [line.status for line in azure.writes()] == [201]


def test_a_running_operation_is_read_once_at_a_time(desk: Desk) -> None:
    """As the bot does it: no poller, one look at the Azure-AsyncOperation URL, which is usable as it is."""
    azure, server = desk
    azure.operation_seconds = BRIEFLY
    first = send(server, "PATCH", REGISTRY, {"sku": {"name": "Premium"}})
    url = first.headers["Azure-AsyncOperation"]
    assert (first.status_code, first.headers["Retry-After"]) == (201, "1")
    running_yet = send(server, "GET", url, api_version="").json()
    assert running_yet["status"] == "InProgress"
    assert "endTime" not in running_yet
    busy = send(server, "PATCH", REGISTRY, {"sku": {"name": "Standard"}})
    assert (busy.status_code, busy.json()["error"]["code"]) == (409, "Conflict")
    wait_until(lambda: send(server, "GET", url, api_version="").json()["status"] == "Succeeded")
    assert (sku(azure, REGISTRY), state(azure, REGISTRY)) == ("Premium", "Succeeded")


def test_a_failed_operation_restores_the_old_body(desk: Desk) -> None:
    azure, server = desk
    azure.fault(method="PATCH", effect="fail_operation", code="RegistryQuotaExceeded")
    first = send(server, "PATCH", REGISTRY, {"sku": {"name": "Premium"}})
    status = send(server, "GET", first.headers["Azure-AsyncOperation"], api_version="").json()
    assert (first.status_code, status["status"]) == (201, "Failed")
    assert status["error"]["code"] == "RegistryQuotaExceeded"
    assert (sku(azure, REGISTRY), state(azure, REGISTRY)) == ("Basic", "Succeeded")


def test_a_failed_creation_leaves_a_failed_resource(desk: Desk) -> None:
    azure, server = desk
    azure.fault(method="PUT", effect="fail_operation")
    send(server, "PUT", f"{REGISTRY}2", BASIC)
    assert state(azure, f"{REGISTRY}2") == "Failed"


def test_put_creates_then_replaces_and_keeps_server_made_fields(desk: Desk) -> None:
    azure, server = desk
    created = send(server, "PUT", f"{REGISTRY}2", {**BASIC, "tags": {"team": "ml"}})
    replaced = send(server, "PUT", f"{REGISTRY}2".upper(), {**BASIC, "properties": {"loginServer": "evil.example.com"}})
    assert (created.status_code, replaced.status_code) == (201, 200)
    body = azure.body(f"{REGISTRY}2") or {}
    assert (body["id"], body["name"]) == (f"{REGISTRY}2", "crml2")
    assert "tags" not in body
    assert "adminUserEnabled" not in body["properties"]
    assert body["properties"]["creationDate"] == created.json()["properties"]["creationDate"]
    assert body["properties"]["loginServer"] == "crml2.azurecr.io"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        (REGISTRY, {**BASIC, "location": "northeurope"}, 409, "InvalidResourceLocation"),
        (f"{REGISTRY}2", {"sku": {"name": "Basic"}}, 400, "LocationRequired"),
        (f"{REGISTRY}2".replace("rg-ml", "rg-other"), BASIC, 404, "ResourceGroupNotFound"),
        (f"{REGISTRY}2/replications/northeurope", BASIC, 404, "ParentResourceNotFound"),
        (REGISTRY, None, 400, "InvalidRequestContent"),
    ],
)
def test_put_is_refused_with_azures_codes(
    desk: Desk, path: str, body: dict[str, object] | None, status: int, code: str
) -> None:
    answer = send(desk[1], "PUT", path, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_patch_merges_deletes_with_null_and_ignores_read_only_fields(desk: Desk) -> None:
    azure, server = desk
    azure.seed(REGISTRY, {**BASIC, "tags": {"a": "1", "b": "2"}})
    patch = {"tags": {"a": None, "c": "3"}, "properties": {"provisioningState": "Failed", "dataEndpointEnabled": True}}
    assert send(server, "PATCH", REGISTRY, patch).status_code == 200
    body = azure.body(REGISTRY) or {}
    assert body["tags"] == {"b": "2", "c": "3"}
    assert body["properties"]["provisioningState"] == "Succeeded"
    assert body["properties"]["dataEndpointEnabled"] is True
    assert send(server, "PATCH", f"{REGISTRY}x", patch).status_code == 404


def test_blob_service_has_put_and_no_patch(desk: Desk) -> None:
    azure, server = desk
    keep = {"properties": {"deleteRetentionPolicy": {"enabled": True, "days": 7}}}
    assert send(server, "PATCH", f"{STORAGE}/blobServices/default", keep).status_code == 405
    with storage(server) as client:
        client.blob_services.set_service_properties("rg-ml", "stml", BlobServiceProperties(keep))
    body = azure.body(f"{STORAGE}/blobServices/default") or {}
    assert body["properties"]["deleteRetentionPolicy"]["days"] == 7


def test_delete_removes_a_resource_with_its_children_and_is_repeatable(desk: Desk) -> None:
    azure, server = desk
    with storage(server) as client:
        client.storage_accounts.delete("rg-ml", "stml")
        client.storage_accounts.delete("rg-ml", "stml")
    assert azure.body(STORAGE) is None
    assert azure.body(f"{STORAGE}/blobServices/default") is None
    assert [line.status for line in azure.writes()] == [200, 204]


def test_a_slow_delete_shows_deleting_and_is_polled_through_location(desk: Desk) -> None:
    azure, server = desk
    azure.operation_seconds = BRIEFLY
    with registries(server) as client:
        poller = client.registries.begin_delete("rg-ml", "crml")
        assert state(azure, REGISTRY) == "Deleting"
        poller.result(timeout=5)
    assert azure.body(REGISTRY) is None


def test_a_resource_group_is_made_tagged_and_deleted_with_its_contents(desk: Desk) -> None:
    azure, server = desk
    with resources(server) as client:
        client.resource_groups.create_or_update("rg-new", {"location": "westeurope"})
        assert client.resource_groups.get("rg-new").type == "Microsoft.Resources/resourceGroups"
        client.resource_groups.update("rg-ml", {"tags": {"env": "test"}})
        assert (azure.body(GROUP) or {})["tags"] == {"env": "test"}
        client.resource_groups.begin_delete("rg-ml").result(timeout=5)
    assert azure.body(GROUP) is None
    assert azure.body(REGISTRY) is None


def test_tags_are_merged_replaced_and_deleted_apart_from_the_resource(desk: Desk) -> None:
    azure, server = desk

    def patch(operation: str, **tags: str) -> dict[str, str]:
        with resources(server) as client:
            change = {"operation": operation, "properties": {"tags": tags}}
            client.tags.begin_update_at_scope(REGISTRY, change).result(timeout=5)
        found: dict[str, str] = (azure.body(REGISTRY) or {})["tags"]
        return found

    assert patch("Merge", a="1", b="2") == {"a": "1", "b": "2"}
    assert patch("Delete", a="1") == {"b": "2"}
    assert patch("Replace", c="3") == {"c": "3"}
    with resources(server) as client:
        tags = client.tags.get_at_scope(REGISTRY)
        client.tags.begin_delete_at_scope(REGISTRY).result(timeout=5)
    assert tags.properties.tags == {"c": "3"}
    assert (azure.body(REGISTRY) or {})["tags"] == {}


def test_zones_come_to_a_storage_account_by_conversion_only(desk: Desk) -> None:
    azure, server = desk
    with storage(server) as client:
        with pytest.raises(HttpResponseError, match="startAccountMigration"):
            client.storage_accounts.update("rg-ml", "stml", {"sku": {"name": "Standard_ZRS"}})
        client.storage_accounts.update("rg-ml", "stml", {"sku": {"name": "Standard_RAGRS"}})
        migration = StorageAccountMigration({"properties": {"targetSkuName": "Standard_ZRS"}})
        client.storage_accounts.begin_customer_initiated_migration("rg-ml", "stml", migration).result(timeout=5)
        done = client.storage_accounts.get_customer_initiated_migration("rg-ml", "stml", "default")
    assert done.migration_status == "Complete"
    assert sku(azure, STORAGE) == "Standard_ZRS"


def test_a_slow_conversion_shows_its_progress(desk: Desk) -> None:
    azure, server = desk
    azure.operation_seconds_by_type["Microsoft.Storage/storageAccounts"] = 0.4
    start = f"{STORAGE}/startAccountMigration"
    first = send(server, "POST", start, {"properties": {"targetSkuName": "Standard_ZRS"}})
    assert (first.status_code, sku(azure, STORAGE)) == (202, "Standard_LRS")
    assert send(server, "POST", start, {"properties": {"targetSkuName": "Standard_ZRS"}}).status_code == 409

    def status() -> str:
        answer = send(server, "GET", f"{STORAGE}/accountMigrations/default").json()
        return str(answer["properties"]["migrationStatus"])

    seen = [status()]
    for wanted in ("InProgress", "Complete"):
        wait_until(lambda wanted=wanted: status() == wanted)  # type: ignore[misc]
        seen.append(wanted)
    assert seen == ["SubmittedForConversion", "InProgress", "Complete"]
    assert send(server, "GET", first.headers["Location"], api_version="").status_code == 200
    assert sku(azure, STORAGE) == "Standard_ZRS"


def test_a_failed_conversion_leaves_the_account_as_it_was(desk: Desk) -> None:
    azure, server = desk
    azure.fault(method="POST", effect="fail_operation")
    send(server, "POST", f"{STORAGE}/startAccountMigration", {"properties": {"targetSkuName": "Standard_ZRS"}})
    migration = azure.body(f"{STORAGE}/accountMigrations/default") or {}
    assert migration["properties"]["migrationStatus"] == "Failed"
    assert sku(azure, STORAGE) == "Standard_LRS"


def test_a_registry_is_replicated_in_premium_and_not_downgraded_while_it_is(desk: Desk) -> None:
    azure, server = desk
    replica = {"location": "northeurope", "properties": {"regionEndpointEnabled": True}}
    with registries(server) as client:
        with pytest.raises(HttpResponseError, match="Premium"):
            client.replications.begin_create("rg-ml", "crml", "northeurope", replica)
        client.registries.begin_update("rg-ml", "crml", {"sku": {"name": "Premium"}}).result()
        client.replications.begin_create("rg-ml", "crml", "northeurope", replica).result(timeout=5)
        with pytest.raises(HttpResponseError, match="northeurope"):
            client.registries.begin_update("rg-ml", "crml", {"sku": {"name": "Basic"}})
        client.replications.begin_delete("rg-ml", "crml", "northeurope").result(timeout=5)
        client.registries.begin_update("rg-ml", "crml", {"sku": {"name": "Basic"}}).result()
    assert sku(azure, REGISTRY) == "Basic"
    assert azure.body(f"{REGISTRY}/replications/westeurope") is None


@pytest.mark.parametrize(
    ("resource", "seeded", "patch"),
    [
        (VAULT, {}, {"properties": {"enablePurgeProtection": False}}),
        (VAULT, {"enableSoftDelete": True}, {"properties": {"enableSoftDelete": False}}),
        (VAULT, {"enableSoftDelete": False}, {"properties": {"enablePurgeProtection": True}}),
        (
            POSTGRESQL,
            {"highAvailability": {"mode": "SameZone"}},
            {"properties": {"highAvailability": {"mode": "ZoneRedundant"}}},
        ),
        (COSMOS, {}, {"properties": {"locations": [], "enableAutomaticFailover": True}}),
        (CLUSTER, {}, {"sku": {"tier": "Standard"}}),
    ],
)
def test_services_refuse_what_their_docs_say_they_refuse(
    desk: Desk, resource: str, seeded: dict[str, object], patch: dict[str, object]
) -> None:
    azure, server = desk
    azure.seed(resource, {"location": "westeurope", "properties": seeded})
    before = azure.body(resource)
    assert send(server, "PATCH", resource, patch).status_code == 400
    assert azure.body(resource) == before


def test_flexible_servers_have_a_state_of_their_own_and_202(desk: Desk) -> None:
    azure, server = desk
    azure.seed(POSTGRESQL, {"location": "westeurope", "properties": {}})
    azure.operation_seconds = BRIEFLY
    first = send(server, "PATCH", POSTGRESQL, {"properties": {"highAvailability": {"mode": "ZoneRedundant"}}})
    assert first.status_code == 202
    assert {"Azure-AsyncOperation", "Location"} <= set(first.headers)
    properties = (azure.body(POSTGRESQL) or {})["properties"]
    assert (properties["state"], "provisioningState" in properties) == ("Updating", False)
    wait_until(lambda: (azure.body(POSTGRESQL) or {})["properties"]["state"] == "Ready")
    assert send(server, "GET", first.headers["Location"], api_version="").json()["properties"]["state"] == "Ready"


def test_a_cosmos_account_changes_failover_priorities_by_action(desk: Desk) -> None:
    azure, server = desk
    places = [{"locationName": name, "failoverPriority": number} for number, name in enumerate(("West", "North"))]
    azure.seed(COSMOS, {"location": "West", "properties": {"locations": places}})
    swapped = [{"locationName": name, "failoverPriority": number} for number, name in enumerate(("North", "West"))]
    answer = send(server, "POST", f"{COSMOS}/failoverPriorityChange", {"failoverPolicies": swapped})
    locations = (azure.body(COSMOS) or {})["properties"]["locations"]
    assert (answer.status_code, [place["failoverPriority"] for place in locations]) == (204, [1, 0])


def test_the_generic_client_updates_types_without_a_client_of_their_own(desk: Desk) -> None:
    azure, server = desk
    azure.seed(VAULT, {"location": "westeurope"})
    with resources(server) as client:
        change = {"properties": {"enablePurgeProtection": True}}
        client.resources.begin_update_by_id(VAULT, change, api_version="2023-07-01").result(timeout=5)
    assert (azure.body(VAULT) or {})["properties"]["enablePurgeProtection"] is True


def test_somebody_elses_write_takes_the_same_path(desk: Desk) -> None:
    azure, _ = desk
    assert azure.request("PATCH", REGISTRY, {"sku": {"name": "Standard"}}).status == 200
    assert azure.request("PUT", f"{STORAGE}2", LRS).status == 200
    assert azure.request("PATCH", STORAGE, {"sku": {"name": "Standard_ZRS"}}).status == 400
    assert azure.request("PUT", f"{REGISTRY}/replications/northeurope", PREMIUM).status == 400
    assert (sku(azure, REGISTRY), azure.writes()) == ("Standard", [])
