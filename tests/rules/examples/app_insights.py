"""Components of Application Insights and Log Analytics workspaces, healthy and not."""

from typing import Any

from rules.model import Resource, Role, Use
from tests.builders import GROUP, WORKSPACE_ID, Json, azure

LOGS_ID = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/log-ml"
WORKSPACE_BASED: Json = {"IngestionMode": "LogAnalytics", "WorkspaceResourceId": LOGS_ID}
REPLICATION: Json = {"enabled": True, "location": "northeurope", "provisioningState": "Succeeded"}


def component(**properties: Any) -> Resource:
    """A component of Application Insights that a workspace uses."""
    said = {"provisioningState": "Succeeded", "Application_Type": "web", "Flow_Type": "Bluefield"}
    body = azure("Microsoft.Insights/components/appi-ml", kind="web", properties=said | properties)
    return Resource.of(body, uses=[Use(Role.WORKSPACE_APPINSIGHTS, WORKSPACE_ID)])


def logs(
    days: object = 30,
    tier: object = "PerGB2018",
    quota: object = -1.0,
    location: str = "westeurope",
    tags: object = None,
    **properties: Any,
) -> Resource:
    """The Log Analytics workspace that keeps such a component's telemetry."""
    said = {
        "provisioningState": "Succeeded",
        "sku": {"name": tier},
        "retentionInDays": days,
        "features": {"enableLogAccessUsingOnlyResourcePermissions": True},
        "workspaceCapping": {"dailyQuotaGb": quota, "dataIngestionStatus": "RespectQuota"},
        "publicNetworkAccessForIngestion": "Enabled",
        "publicNetworkAccessForQuery": "Enabled",
    }
    body = azure(
        "Microsoft.OperationalInsights/workspaces/log-ml", location=location, tags=tags, properties=said | properties
    )
    return Resource.of(body, uses=[Use(Role.TELEMETRY_STORE, WORKSPACE_ID)])


EXAMPLES = (
    component(**WORKSPACE_BASED),
    component(IngestionMode="ApplicationInsights"),
    component(),
    logs(),
    logs(90, replication=REPLICATION),
    logs(7, "Free"),
    logs(90, tags={"env": "test"}),
    logs(30, features={"immediatePurgeDataOn30Days": True}),
    logs(30, failover={"state": "Active"}, replication=REPLICATION),
    logs(90, replication=REPLICATION | {"enabled": False}),
    logs(90, replication=REPLICATION | {"provisioningState": "Failed"}),
    logs(90, quota=5, location="eastus"),
    logs(90, workspaceCapping={"dailyQuotaGb": 0.5, "dataIngestionStatus": "OverQuota"}, location="chilecentral"),
)
