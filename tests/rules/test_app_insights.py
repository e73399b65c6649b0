"""Telemetry: kept in Log Analytics, long enough, in two regions, and with nothing that ends it."""

import pytest

from rules.app_insights import daily_cap, retention, workspace_based, workspace_replication
from rules.model import Resource, Role, Rule, Status, Use
from tests.builders import WORKSPACE_ID, azure, judged
from tests.rules.examples.app_insights import LOGS_ID, REPLICATION, WORKSPACE_BASED, component, logs

COMPONENTS = {
    "workspace-based": (component(**WORKSPACE_BASED), Status.PASS, "keeps the component's telemetry"),
    "workspace-based, in lower case": (
        component(IngestionMode="loganalytics", WorkspaceResourceId=LOGS_ID),
        Status.PASS,
        "keeps",
    ),
    "as other tools write it": (component(workspaceResourceId=LOGS_ID), Status.PASS, "keeps"),
    "written so, with a mode": (
        component(IngestionMode="LogAnalytics", workspaceResourceId=LOGS_ID),
        Status.PASS,
        "keeps",
    ),
    "a workspace, no mode": (component(WorkspaceResourceId=LOGS_ID), Status.PASS, "keeps"),
    "classic": (component(IngestionMode="ApplicationInsights"), Status.FAIL, "is classic"),
    "classic with diagnostic settings": (
        component(IngestionMode="ApplicationInsightsWithDiagnosticSettings", WorkspaceResourceId=LOGS_ID),
        Status.FAIL,
        "is classic",
    ),
    "not applicable, says Azure": (component(IngestionMode="N/A"), Status.FAIL, "is classic"),
    "neither mode nor workspace": (component(), Status.FAIL, "names no Log Analytics workspace"),
    "empty": (component(IngestionMode="", WorkspaceResourceId=""), Status.FAIL, "names no Log Analytics workspace"),
    "a mode without workspace": (component(IngestionMode="LogAnalytics"), Status.UNKNOWN, "which workspace"),
    "an unheard-of mode": (
        component(IngestionMode="Lake", WorkspaceResourceId=LOGS_ID),
        Status.UNKNOWN,
        "which workspace",
    ),
    "a mode that is a number": (component(IngestionMode=1), Status.UNKNOWN, "did not say where"),
    "a workspace that is a number": (component(WorkspaceResourceId=1), Status.UNKNOWN, "which workspace"),
    "no properties": (
        Resource.of(azure("Microsoft.Insights/components/appi-ml", properties=None)),
        Status.UNKNOWN,
        "did not say where",
    ),
}
BARE = azure("Microsoft.OperationalInsights/workspaces/log-ml", properties=None)
SILENT = Resource.of(BARE, uses=[Use(Role.TELEMETRY_STORE, WORKSPACE_ID)])
RETENTION = {
    "a month": (logs(30), Status.FAIL, "kept 30 days, not 90"),
    "a day too short": (logs(89), Status.FAIL, "kept 89 days"),
    "long enough": (logs(90), Status.PASS, "kept 90 days"),
    "longer": (logs(730.0), Status.PASS, "kept 730 days"),
    "a day": (logs(1), Status.FAIL, "kept 1 days"),
    "none": (logs(0), Status.UNKNOWN, "did not say"),
    "unlimited, as of old": (logs(-1), Status.UNKNOWN, "did not say"),
    "not said": (logs(None), Status.UNKNOWN, "did not say"),
    "text": (logs("90"), Status.UNKNOWN, "did not say"),
    "a truth value": (logs(days=True), Status.UNKNOWN, "did not say"),
    "silent": (SILENT, Status.UNKNOWN, "did not say"),
    "deleted on purpose": (
        logs(30, features={"immediatePurgeDataOn30Days": True}),
        Status.NOT_APPLICABLE,
        "people chose",
    ),
    "not deleted on purpose": (logs(30, features={"immediatePurgeDataOn30Days": False}), Status.FAIL, "30 days"),
    "perhaps deleted on purpose": (logs(90, features=[]), Status.UNKNOWN, "did not say"),
    "of nobody's telemetry": (
        Resource.of(BARE | {"properties": {"retentionInDays": 30}}),
        Status.NOT_APPLICABLE,
        "telemetry store",
    ),
}
REPLICATED = {
    "never": (logs(), Status.FAIL, "Azure's default is off"),
    "null": (logs(replication=None), Status.FAIL, "Azure's default is off"),
    "on": (logs(replication=REPLICATION), Status.PASS, "are replicated"),
    "in force, in lower case": (logs(replication=REPLICATION | {"provisioningState": "succeeded"}), Status.PASS, "are"),
    "asked for": (logs(replication=REPLICATION | {"provisioningState": "EnableRequested"}), Status.UNKNOWN, "in force"),
    "being switched on": (
        logs(replication=REPLICATION | {"provisioningState": "Enabling"}),
        Status.UNKNOWN,
        "in force",
    ),
    "a state of tomorrow": (logs(replication=REPLICATION | {"provisioningState": "Warming"}), Status.UNKNOWN, "force"),
    "no state": (logs(replication={"enabled": True}), Status.UNKNOWN, "in force"),
    "not managed": (logs(replication=REPLICATION | {"provisioningState": "Failed"}), Status.FAIL, "could not"),
    "given up": (logs(replication=REPLICATION | {"provisioningState": "Canceled"}), Status.FAIL, "could not"),
    "off": (logs(replication={"enabled": False}), Status.FAIL, "replication is off"),
    "not said": (logs(replication={}), Status.UNKNOWN, "did not say"),
    "text": (logs(replication={"enabled": "true"}), Status.UNKNOWN, "did not say"),
    "a list": (logs(replication=[]), Status.UNKNOWN, "did not say"),
    "silent": (SILENT, Status.UNKNOWN, "did not say"),
    "for development": (logs(tags={"environment": "dev"}), Status.NOT_APPLICABLE, "development or test"),
}
CAPS = {
    "none": (logs(quota=-1), Status.PASS, "no daily cap"),
    "none, as a fraction": (logs(quota=-1.0), Status.PASS, "no daily cap"),
    "some": (logs(quota=5), Status.FAIL, "a daily cap of 5 GB"),
    "little": (logs(quota=0.023), Status.FAIL, "0.023 GB"),
    "nothing at all": (logs(quota=0), Status.FAIL, "a daily cap of 0 GB"),
    "reached": (
        logs(workspaceCapping={"dailyQuotaGb": 5, "dataIngestionStatus": "OverQuota"}),
        Status.FAIL,
        "5 GB is reached",
    ),
    "negative": (logs(quota=-2), Status.UNKNOWN, "did not say"),
    "not said": (logs(quota=None), Status.UNKNOWN, "did not say"),
    "text": (logs(quota="5"), Status.UNKNOWN, "did not say"),
    "silent": (SILENT, Status.UNKNOWN, "did not say"),
}
CASES = {
    f"{rule.name}: {case}": (rule, *expected)
    for rule, cases in (
        (workspace_based, COMPONENTS),
        (retention, RETENTION),
        (workspace_replication, REPLICATED),
        (daily_cap, CAPS),
    )
    for case, expected in cases.items()
}


@pytest.mark.parametrize(("rule", "resource", "status", "words"), CASES.values(), ids=CASES)
def test_verdict(rule: Rule, resource: Resource, status: Status, words: str) -> None:
    verdict = judged(rule, resource)
    assert verdict.status is status
    assert words in verdict.because
