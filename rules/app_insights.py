"""Application Insights and its Log Analytics workspace. https://learn.microsoft.com/azure/reliability/reliability-monitor-logs"""

from typing import Final

from rules.model import (
    References,
    Resource,
    Role,
    Severity,
    Verdict,
    failed,
    not_applicable,
    passed,
    rule,
    unknown,
)

COMPONENT: Final = "Microsoft.Insights/components"
WORKSPACE: Final = "Microsoft.OperationalInsights/workspaces"

MODE: Final = "properties.IngestionMode"
STORE: Final = "properties.WorkspaceResourceId"
OTHERS_STORE: Final = "properties.workspaceResourceId"
"""As some tools write it; Azure Resource Manager and Resource Graph never do."""
CLASSIC: Final = ("applicationinsights", "applicationinsightswithdiagnosticsettings", "n/a")
"""Ingestion modes of components that keep their telemetry in the retired store of Application Insights itself."""

RETENTION: Final = "properties.retentionInDays"
KEEP_DAYS: Final = 90
"""As long as the tables of Application Insights keep what they hold without being told."""

REPLICATED: Final = "properties.replication.enabled"
DAILY_CAP: Final = "properties.workspaceCapping.dailyQuotaGb"
NO_CAP: Final = -1

RELIABILITY: Final = "https://learn.microsoft.com/azure/reliability/reliability-monitor-logs"


@rule(
    title="Application Insights keeps its telemetry in Log Analytics",
    severity=Severity.HIGH,
    applies_to=COMPONENT,
    references=References(
        aprl=("dac421ec-2832-4c37-839e-b6dc5a38f2fa",),
        psrule=("Azure.AppInsights.Workspace",),
        learn=("https://learn.microsoft.com/azure/azure-monitor/app/convert-classic-resource", RELIABILITY),
    ),
)
def workspace_based(component: Resource) -> Verdict:
    """The component is workspace-based, not classic.

    What it checks
        `properties.IngestionMode` and `properties.WorkspaceResourceId`. A component that says neither is classic too:
        Azure documents an empty mode as one of the signs.

    Why it matters
        Azure retired classic components in 2024. What Azure Machine Learning sends to one (metrics and logs of online
        endpoints, pipelines and custom code) lies in a store that Azure no longer supports and that nothing which
        makes Log Analytics resilient reaches, just when an incident makes people look for it.

    How it is fixed
        By people: they choose the Log Analytics workspace, because the move is final. Telemetry keeps coming in, and
        keys stay the same.

    References
        APRL dac421ec, PSRule Azure.AppInsights.Workspace (which looks at the workspace only), Learn:
        convert-classic-resource.
    """
    mode, store = component.get(MODE), component.get(STORE)
    store = component.get(OTHERS_STORE) if store is None else store
    if not component.holds("properties") or not isinstance(mode, str | None):
        return unknown("Azure did not say where the component keeps its telemetry")
    if not isinstance(store, str | None):
        return unknown("Azure did not say which workspace keeps the component's telemetry")
    mode = mode.lower() if mode else ""
    if mode in CLASSIC:
        return failed("the component is classic: Azure retired the store that keeps its telemetry in 2024")
    if not mode and not store:
        return failed("the component names no Log Analytics workspace, as only the retired classic ones do")
    if mode not in ("", "loganalytics") or not store:
        return unknown("Azure did not say which workspace keeps the component's telemetry")
    return passed("a Log Analytics workspace keeps the component's telemetry")


@rule(
    title="Log Analytics workspace keeps logs for 90 days",
    severity=Severity.LOW,
    applies_to=WORKSPACE,
    roles=(Role.TELEMETRY_STORE,),
    references=References(
        learn=(
            "https://learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure",
            "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning",
        ),
    ),
)
def retention(workspace: Resource) -> Verdict:
    """Logs are there long enough to look into an incident that is noticed late.

    What it checks
        `properties.retentionInDays` of the Log Analytics workspace behind the Application Insights of a workspace: 90
        days. Tables with a period of their own are not looked at; those of Application Insights keep 90 days anyway.
        A workspace that deletes after 30 days on purpose (`immediatePurgeDataOn30Days`) is not judged.

    Why it matters
        The diagnostic logs of Azure Machine Learning (jobs, compute, online endpoints) go to this workspace, and end
        after 30 days unless told otherwise. What made a model or an endpoint fail can then no longer be found.

    How it is fixed
        After approval: the period is raised to 90 days. It applies to what is stored already; data beyond the days
        included in the price is billed.

    References
        Learn: data-retention-configure.
    """
    if workspace.flag("properties.features.immediatePurgeDataOn30Days"):
        return not_applicable("people chose that logs are deleted after 30 days")
    days = workspace.number(RETENTION)
    if days is None or days < 1 or workspace.unreadable("properties.features"):
        return unknown("Azure did not say how long logs are kept")
    if days < KEEP_DAYS:
        return failed(f"logs are kept {days:g} days, not {KEEP_DAYS}: an incident noticed late cannot be looked into")
    return passed(f"logs are kept {days:g} days")


@rule(
    title="Log Analytics workspace is replicated to another region",
    severity=Severity.LOW,
    applies_to=WORKSPACE,
    production=True,
    references=References(
        aprl=("b36fd2ac-dd83-664a-ab48-ff7b8d3b189d",),
        psrule=("Azure.Log.Replication",),
        learn=("https://learn.microsoft.com/azure/azure-monitor/logs/workspace-replication", RELIABILITY),
    ),
)
def workspace_replication(workspace: Resource) -> Verdict:
    """New logs are also written to a second region.

    What it checks
        `properties.replication.enabled`, which is off unless somebody switched it on, and
        `properties.replication.provisioningState`: it is in force once that is Succeeded.

    Why it matters
        When the region is lost, logs and alerts are lost with it while people need them to bring Azure Machine
        Learning up elsewhere. With replication they can switch to the copy. Azure does not support the switch for the
        tables of Application Insights: for those, only a second component helps.

    How it is fixed
        By people: they choose a region of the same group, pay for every gigabyte twice, and connect the data
        collection rules to the workspace's own endpoint.

    References
        PSRule Azure.Log.Replication (which leaves out workspaces in a dedicated cluster), APRL b36fd2ac (exporting the
        data instead), Learn: workspace-replication.
    """
    if not workspace.holds("properties"):
        return unknown("Azure did not say whether logs are replicated")
    if workspace.get("properties.replication") is None:
        return failed("logs live in one region: replication was never switched on and Azure's default is off")
    replicated = workspace.flag(REPLICATED)
    if replicated is None:
        return unknown("Azure did not say whether logs are replicated")
    return _replication_in_force(workspace) if replicated else failed("logs live in one region: replication is off")


def _replication_in_force(workspace: Resource) -> Verdict:
    """What came of the replication that was asked for."""
    match workspace.text("properties.replication.provisioningState"):
        case "succeeded":
            return passed("new logs are replicated to another region")
        case "failed" | "canceled":
            return failed("Azure could not switch replication on: logs live in one region")
        case _:
            return unknown("Azure has not said that replication is in force")


@rule(
    title="Log Analytics workspace takes in logs without a daily cap",
    severity=Severity.LOW,
    applies_to=WORKSPACE,
    references=References(learn=("https://learn.microsoft.com/azure/azure-monitor/logs/daily-cap", RELIABILITY)),
)
def daily_cap(workspace: Resource) -> Verdict:
    """No daily quota can stop the logs.

    What it checks
        `properties.workspaceCapping.dailyQuotaGb`: -1 means no cap.

    Why it matters
        An incident makes logs grow, and a cap ends them exactly then, alerts included: whoever repairs Azure Machine
        Learning works blind until the cap is reset the next day.

    How it is fixed
        By people: the cap guards a budget. They remove it, or raise it well above the busiest day and set an alert.

    References
        Learn: daily-cap, reliability-monitor-logs.
    """
    quota = workspace.number(DAILY_CAP)
    if quota is None or (quota < 0 and quota != NO_CAP):
        return unknown("Azure did not say whether there is a daily cap")
    if quota == NO_CAP:
        return passed("there is no daily cap")
    if workspace.text("properties.workspaceCapping.dataIngestionStatus") == "overquota":
        return failed(f"the daily cap of {quota:g} GB is reached: logs are being dropped")
    return failed(f"a daily cap of {quota:g} GB ends the logs just when an incident makes them grow")


RULES: Final = (workspace_based, retention, workspace_replication, daily_cap)
