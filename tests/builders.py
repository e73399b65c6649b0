"""Azure as tests need it: ids, bodies as Resource Manager answers them, the events it raises, findings and plans."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.contracts import SPECS
from remediation.cases import Cause
from remediation.fixes import REMEDIATIONS
from remediation.plan import Guidance, Plan, Remedy
from rules import RULES_BY_NAME, evaluate_with
from rules.model import Finding, Resource, Role, Rule, Use, Verdict

type Json = dict[str, Any]

SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
OTHER_SUBSCRIPTION = "00000000-0000-4000-8000-000000000002"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-ml"
REGISTRY_ID = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/crml"
STORAGE_ID = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stml"
DATABRICKS_ID = f"{GROUP}/providers/Microsoft.Databricks/workspaces/dbml"
TWIN_ID = f"{GROUP}/providers/Microsoft.Databricks/workspaces/dbml-dr"
VAULT_ID = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kvml"
WORKSPACE_ID = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/mlw"
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

CAUSE = Cause(
    event_id="event-1",
    operation="Microsoft.ContainerRegistry/registries/write",
    caller="user@example.com",
    caller_id="00000000-0000-4000-8000-00000000000a",
    app_id="00000000-0000-4000-8000-00000000000b",
    correlation_id="00000000-0000-4000-8000-00000000000c",
    at="2026-11-23T11:59:00Z",
)


def registry(sku: object = "Basic", **changes: Any) -> Json:
    """A container registry."""
    return _body(REGISTRY_ID, "Microsoft.ContainerRegistry/registries") | {"sku": {"name": sku, "tier": sku}} | changes


def storage_account(sku: object = "Standard_LRS", kind: object = "StorageV2", **changes: Any) -> Json:
    """A storage account."""
    body = _body(STORAGE_ID, "Microsoft.Storage/storageAccounts")
    return body | {"kind": kind, "sku": {"name": sku, "tier": "Standard"}} | changes


def databricks(tags: object = None, **changes: Any) -> Json:
    """A Databricks workspace."""
    return (
        _body(DATABRICKS_ID, "Microsoft.Databricks/workspaces") | {"sku": {"name": "premium"}, "tags": tags} | changes
    )


def ml_workspace(**properties: Any) -> Json:
    """An Azure Machine Learning workspace on the storage account and the registry above."""
    uses = {"storageAccount": STORAGE_ID, "keyVault": VAULT_ID, "containerRegistry": REGISTRY_ID}
    body = _body(WORKSPACE_ID, "Microsoft.MachineLearningServices/workspaces")
    return body | {"properties": {"provisioningState": "Succeeded"} | uses | properties}


def _body(resource_id: str, kind: str) -> Json:
    return {
        "id": resource_id,
        "name": resource_id.rsplit("/", 1)[-1],
        "type": kind,
        "location": "westeurope",
        "properties": {"provisioningState": "Succeeded"},
    }


def azure(path: str, **changes: Any) -> Json:
    """A body of any type, by what follows `/providers/` in its id; `changes` replace its members."""
    provider, *parts = path.split("/")
    return _body(f"{GROUP}/providers/{path}", "/".join((provider, *parts[::2]))) | changes


def judged(rule: Rule, resource: Resource) -> Verdict:
    """The verdict of one rule as `evaluate` gives it: with its gates."""
    (found,) = evaluate_with((rule,), resource)
    return found.verdict


def default_storage(body: Json) -> Resource:
    """The account as the default storage of the workspace."""
    return Resource.of(body, uses=[Use(Role.DEFAULT_STORAGE, WORKSPACE_ID)])


def finding(rule_name: str, resource: Resource) -> Finding:
    """What a rule of the catalogue finds."""
    rule = RULES_BY_NAME[rule_name]
    return Finding(rule, resource, judged(rule, resource))


def remedy(found: Finding) -> Remedy:
    """The plan or guidance for a finding."""
    return REMEDIATIONS[found.rule.name].remedy(found)


def plan(found: Finding) -> Plan:
    """The plan for a finding that has one."""
    result = remedy(found)
    assert isinstance(result, Plan)
    return result


def guidance(found: Finding) -> Guidance:
    """The guidance for a finding that has no plan."""
    result = remedy(found)
    assert isinstance(result, Guidance)
    return result


def event(resource_id: str = REGISTRY_ID, event_id: str = "event-1", **changes: Any) -> Json:
    """A write event in the Event Grid schema. `changes` replace members of the event, `data` members of its data."""
    data = {
        "resourceUri": resource_id,
        "operationName": "Microsoft.ContainerRegistry/registries/write",
        "correlationId": CAUSE.correlation_id,
        "status": "Succeeded",
        "claims": {"name": CAUSE.caller, "oid": CAUSE.caller_id, "appid": CAUSE.app_id},
    }
    written = {
        "id": event_id,
        "subject": resource_id,
        "eventType": "Microsoft.Resources.ResourceWriteSuccess",
        "eventTime": CAUSE.at,
        "topic": f"/subscriptions/{SUBSCRIPTION}",
        "dataVersion": "2",
        "metadataVersion": "1",
    }
    return written | changes | {"data": data | changes.get("data", {})}


def cloud_event(resource_id: str = REGISTRY_ID, event_id: str = "event-1") -> Json:
    """The same event in the CloudEvents schema."""
    written = event(resource_id, event_id)
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": written["topic"],
        "subject": resource_id,
        "type": written["eventType"],
        "time": written["eventTime"],
        "data": written["data"],
    }


def sample_events() -> Mapping[str, Any]:
    """The payloads of the published sample events by file name; empty where they are absent."""
    files = sorted((SPECS.parent / "events").glob("**/*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8"))["payload"] for file in files}
