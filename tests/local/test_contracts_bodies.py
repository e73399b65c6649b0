"""The validators of resource bodies and events accept what Azure publishes and catch what breaks it."""

import json
from typing import Any

import pytest

from local.contracts import SPECS, SPECS_ABSENT
from local.contracts.bicep import BicepTypes
from local.contracts.event_grid import EventGrid

pytestmark = pytest.mark.skipif(not SPECS.is_dir(), reason=SPECS_ABSENT)

GROUP = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-ml"
REGISTRY_ID = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/crmlprod"
STORAGE_TYPE = "Microsoft.Storage/storageAccounts"
STORAGE = {
    "id": f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stmlprod",
    "name": "stmlprod",
    "type": STORAGE_TYPE,
    "location": "westeurope",
    "kind": "StorageV2",
    "sku": {"name": "Standard_ZRS", "tier": "Standard"},
}


def with_properties(**properties: Any) -> dict[str, Any]:
    return STORAGE | {"properties": properties}


@pytest.fixture(scope="session")
def bicep() -> BicepTypes:
    return BicepTypes.load()


@pytest.fixture(scope="session")
def events() -> EventGrid:
    return EventGrid.load()


NEW_STORAGE = with_properties(minimumTlsVersion="TLS1_9", dualStackEndpointPreference=None) | {"etag": "1"}


@pytest.mark.parametrize("kind", [STORAGE_TYPE, STORAGE_TYPE.upper()])
def test_a_body_of_the_newest_shape_passes(bicep: BicepTypes, kind: str) -> None:
    """Case of the type, a value outside an open enum, null and etag are allowed; apiVersion is not required."""
    assert bicep.check_body(kind, NEW_STORAGE | {"type": kind}) == []


def test_a_fraction_passes_where_bicep_can_only_say_integer(bicep: BicepTypes) -> None:
    resources = {"requests": {"cpu": 0.5, "memoryInGB": 1.5}}
    container = {"name": "scorer", "properties": {"image": "scorer:1", "resources": resources}}
    group = {"location": "westeurope", "properties": {"osType": "Linux", "containers": [container]}}
    assert bicep.check_body("Microsoft.ContainerInstance/containerGroups", group) == []


def test_a_databricks_workspace_of_an_older_api_version_passes(bicep: BicepTypes) -> None:
    """Those have no computeMode, which newer clients must send."""
    workspace = {"location": "westeurope", "properties": {"managedResourceGroupId": GROUP}}
    assert bicep.check_body("Microsoft.Databricks/workspaces", workspace) == []


BAD_BODIES: dict[str, tuple[str, Any, str]] = {
    "unknown type": ("Microsoft.Storage/shelves", STORAGE, "type"),
    "another type's body": (STORAGE_TYPE, STORAGE | {"type": "Microsoft.KeyVault/vaults"}, "body/type"),
    "unknown property": (STORAGE_TYPE, with_properties(zoned=True), "body/properties"),
    "wrong type": (STORAGE_TYPE, with_properties(isHnsEnabled="yes"), "body/properties/isHnsEnabled"),
    "missing required": (STORAGE_TYPE, {"location": "westeurope", "kind": "StorageV2"}, "body"),
    "closed enum": (STORAGE_TYPE, STORAGE | {"sku": {"name": "Standard_ZRS", "tier": "Gold"}}, "body/sku/tier"),
}


@pytest.mark.parametrize(("kind", "body", "where"), BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_body_that_drifted_is_caught(bicep: BicepTypes, kind: str, body: Any, where: str) -> None:
    assert where in [problem.where for problem in bicep.check_body(kind, body)]


def sample_events() -> dict[str, dict[str, Any]]:
    """The sample resource events beside the specs; the subscription handshake is none."""
    files = sorted((SPECS.parent / "events").rglob("*.json"))
    payloads = {file.stem: json.loads(file.read_text(encoding="utf-8"))["payload"] for file in files}
    payloads.pop("docs_validation_handshake", None)
    batches = {name: payload if isinstance(payload, list) else [payload] for name, payload in payloads.items()}
    return {f"{name}-{number}": event for name, batch in batches.items() for number, event in enumerate(batch)}


SAMPLES = sample_events()


@pytest.mark.parametrize("event", SAMPLES.values(), ids=SAMPLES)
def test_a_sample_event_passes(events: EventGrid, event: dict[str, Any]) -> None:
    assert events.check(event) == []


EVENT = {
    "id": "1",
    "subject": REGISTRY_ID,
    "eventType": "Microsoft.Resources.ResourceWriteSuccess",
    "eventTime": "2026-11-01T09:00:00Z",
    "dataVersion": "2",
    "data": {"resourceUri": REGISTRY_ID, "operationName": "Microsoft.ContainerRegistry/registries/write"},
}
CLOUD_EVENT = {"specversion": "1.0", "type": EVENT["eventType"], "source": GROUP, "id": "1", "data": EVENT["data"]}
BAD_EVENTS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown event type": (EVENT | {"eventType": "Microsoft.Resources.ResourceWriteFinished"}, "event type"),
    "handshake": (EVENT | {"eventType": "Microsoft.EventGrid.SubscriptionValidationEvent"}, "event type"),
    "unknown property": (EVENT | {"priority": 1}, "body"),
    "missing required": ({name: EVENT[name] for name in EVENT if name != "subject"}, "body"),
    "no date": (EVENT | {"eventTime": "yesterday"}, "body/eventTime"),
    "no data": (EVENT | {"data": None}, "body"),
    "unknown data": (EVENT | {"data": {"resourceId": REGISTRY_ID}}, "data/body"),
    "a claim that is no text": (EVENT | {"data": {"claims": {"iat": 1}}}, "data/body/claims/iat"),
    "another CloudEvents version": (CLOUD_EVENT | {"specversion": "0.3"}, "event/specversion"),
    "CloudEvent without source": ({name: CLOUD_EVENT[name] for name in CLOUD_EVENT if name != "source"}, "event"),
    "CloudEvent with an ill-named extension": (CLOUD_EVENT | {"dataVersion": "2"}, "event"),
    "CloudEvent with unknown data": (CLOUD_EVENT | {"data": {"resourceId": REGISTRY_ID}}, "data/body"),
}


@pytest.mark.parametrize("event", [EVENT, CLOUD_EVENT], ids=["Event Grid schema", "CloudEvents"])
def test_an_event_in_either_schema_passes(events: EventGrid, event: dict[str, Any]) -> None:
    assert events.check(event) == []


@pytest.mark.parametrize(("event", "where"), BAD_EVENTS.values(), ids=BAD_EVENTS)
def test_a_broken_event_is_caught(events: EventGrid, event: dict[str, Any], where: str) -> None:
    assert where in [problem.where for problem in events.check(event)]
