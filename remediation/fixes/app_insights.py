"""Application Insights and its Log Analytics workspace. A workspace PATCH is synchronous (azure-mgmt-loganalytics,
workspaces.update); its replication takes a PUT, and a component PATCH changes tags only."""

from typing import Any, Final

from remediation.api_versions import api_version
from remediation.plan import Code, Cost, Guidance, Plan, Precondition, Remedy, Safety, Write, remediates
from rules.app_insights import (
    KEEP_DAYS,
    RETENTION,
    WORKSPACE,
    daily_cap,
    retention,
    workspace_based,
    workspace_replication,
)
from rules.model import Resource

ADJUSTABLE: Final = ("pergb2018", "capacityreservation", "lacluster", "pernode", "standalone")
"""Pricing tiers that let the retention be set; the legacy Free, Standard and Premium have a fixed one."""

GROUPS: Final = (
    (
        "canadacentral canadaeast centralus eastus eastus2 northcentralus southcentralus westcentralus westus westus2 "
        "westus3",
        "canadacentral centralus eastus eastus2 westus westus2",
    ),
    ("brazilsouth brazilsoutheast", "brazilsouth brazilsoutheast"),
    (
        "francecentral francesouth germanynorth germanywestcentral italynorth northeurope norwayeast norwaywest "
        "polandcentral spaincentral swedencentral swedensouth switzerlandnorth switzerlandwest uksouth ukwest "
        "westeurope",
        "francecentral northeurope uksouth westeurope",
    ),
    ("qatarcentral uaecentral uaenorth", "qatarcentral uaecentral uaenorth"),
    ("centralindia southindia", "centralindia southindia"),
    ("eastasia japaneast japanwest koreacentral koreasouth southeastasia", "eastasia japaneast koreacentral"),
    (
        "australiacentral australiacentral2 australiaeast australiasoutheast",
        "australiacentral australiaeast australiasoutheast",
    ),
    ("southafricanorth southafricawest", "southafricanorth southafricawest"),
)
"""Region groups: where a workspace may lie, and the regions it may be replicated to (Learn, workspace-replication, as
of 2025-05). The list grows: people are told to look at it, and nothing is written on it."""

APART: Final = frozenset({"eastus", "eastus2", "southcentralus"})
"""Regions of one group that do not replicate to one another."""


@remediates(workspace_based)
def move_to_a_workspace(component: Resource) -> Guidance:
    """Which Log Analytics workspace shall keep the telemetry is for people to say, and final."""
    return Guidance(
        why_no_plan="Somebody has to choose the Log Analytics workspace, and the move cannot be taken back.",
        steps=(
            'Choose a Log Analytics workspace whose access control mode is "Use resource or workspace permissions", '
            "best in the component's region.",
            "Switch continuous export of the component off if it is on; diagnostic settings take its place.",
            f"In the portal, open {component.name}, Properties, Migrate to Workspace-based, and choose the workspace.",
            "In Terraform, set workspace_id with azurerm 3.89 or later: earlier versions delete the component.",
        ),
        cost="Log Analytics prices for what is taken in, usually the same as before (estimate)",
        effort="an hour",
    )


@remediates(
    retention,
    safety=Safety.APPROVE,
    touches=(RETENTION,),
    needs=(
        "Microsoft.OperationalInsights/workspaces/read",
        "Microsoft.OperationalInsights/workspaces/write",
        "Microsoft.OperationalInsights/workspaces/tables/write",
    ),
)
def keep_logs_longer(workspace: Resource) -> Remedy:
    """Raise the retention of the workspace. Tables with a period of their own keep it.

    What is sent
        A PATCH of the workspace with nothing but `retentionInDays`.

    Cost
        About 0.10 US dollars a month for each gigabyte kept beyond 31 days (estimate, list price). The tables of
        Application Insights keep 90 days at no charge.

    Downtime
        None.

    Undo
        The former period is set again. Azure then deletes what is older, 30 days later.
    """
    if reason := _fixed_for_now(workspace):
        return Guidance(
            why_no_plan=reason,
            steps=(
                "For a legacy pricing tier: move the workspace to Pay-as-you-go (Usage and estimated costs, Pricing "
                "Tier). Some legacy tiers cannot be chosen again.",
                "During a switchover to the other region: switch back first.",
                f"Then set {KEEP_DAYS} days under Usage and estimated costs, Data Retention.",
            ),
            cost="about US$0.10 a month for each gigabyte kept beyond 31 days (estimate, list price)",
            effort="an hour",
        )
    before = workspace.get(RETENTION)
    return Plan(
        rule=retention.name,
        resource_id=workspace.id,
        safety=Safety.APPROVE,
        title=f"Keep the logs of Log Analytics workspace {workspace.name} for {KEEP_DAYS} days instead of {before}",
        writes=(_set_retention(workspace, KEEP_DAYS),),
        undo=(_set_retention(workspace, before),),
        undo_note=f"can be set back to {before} days; Azure then deletes what is older, 30 days later",
        touches=keep_logs_longer.touches,
        before={RETENTION: before},
        after={RETENTION: KEEP_DAYS},
        effect="Applies to what is stored now and to every table without a period of its own; those of Application "
        "Insights keep 90 days already.",
        cost=Cost("about US$0.10 a month for each gigabyte kept beyond 31 days (estimate, list price)"),
        downtime="none",
        duration="seconds",
        code=Code(bicep=f"retentionInDays: {KEEP_DAYS}", terraform=f"retention_in_days = {KEEP_DAYS}"),
        preconditions=(
            Precondition("the pricing tier lets the retention be set", checked=True),
            Precondition("no rule on personal data asks for an earlier deletion"),
        ),
    )


def _fixed_for_now(workspace: Resource) -> str:
    """Why Azure would refuse another retention, as far as the workspace itself shows; empty when nothing does."""
    if workspace.text("properties.sku.name") not in ADJUSTABLE:
        return "The pricing tier of the workspace does not let the retention be set, or is not known."
    if workspace.text("properties.failover.state") not in (None, "inactive"):
        return "The workspace is switched over to its other region, where Azure takes no such change."
    return ""


def _set_retention(workspace: Resource, days: Any) -> Write:
    body = {"properties": {"retentionInDays": days}}
    return Write("PATCH", workspace.id, api_version(WORKSPACE.lower()), body)


@remediates(workspace_replication)
def replicate_the_workspace(workspace: Resource) -> Guidance:
    """People have to choose the region, accept the price and connect the data collection rules."""
    named = ", ".join(second_regions(workspace.location)) or "none"
    return Guidance(
        why_no_plan="The region, which Azure limits to a group, and the price of every gigabyte are for people to "
        "choose, and switching replication on also takes a right on Microsoft.Insights/dataCollectionEndpoints.",
        steps=(
            "Choose a second region of the workspace's group. As of 2025-05, Learn names for "
            f"{workspace.location or 'its region'}: {named}. See azure-monitor/logs/workspace-replication there for "
            "today's; where there is none, export the logs to geo-redundant storage instead.",
            "Do not go on if the workspace has tables of the Auxiliary plan. If it is in a dedicated cluster, "
            "replicate the cluster to that region first.",
            "In the workspace's Bicep (api-version 2025-02-01 or later) add replication: { enabled: true, location: "
            "'<second region>' } to the properties and deploy it. Without code, PUT the whole workspace as it is read, "
            "with that added: a PATCH does not take the location.",
            "Connect every data collection rule that writes to the workspace to its own data collection endpoint, "
            "which has the workspace's id for a name: what is not connected is billed, but not replicated.",
            "For Application Insights, whose tables Azure does not support after a switchover, create a second "
            "component in the region of the second workspace of Azure Machine Learning.",
            "Write down who decides a switchover: Azure never does.",
        ),
        cost="the replication price for every gigabyte taken in (estimate: it depends on the logs)",
        effort="half a day",
    )


def second_regions(location: str) -> tuple[str, ...]:
    """The regions that a workspace may be replicated to, as far as known."""
    found = next((seconds.split() for firsts, seconds in GROUPS if location in firsts.split()), [])
    return tuple(each for each in found if each != location and not {each, location} <= APART)


@remediates(daily_cap)
def lift_the_daily_cap(workspace: Resource) -> Guidance:
    """The cap guards somebody's budget: only they can say what may replace it."""
    return Guidance(
        why_no_plan="The cap guards a budget: whoever set it has to say what may replace it.",
        steps=(
            f"In the portal, open {workspace.name}, Usage and estimated costs, Daily Cap, and switch it off, or set it "
            "well above the busiest day.",
            "Save costs before the logs come in instead: transformations in data collection rules, sampling in "
            "Application Insights.",
            'Set an alert rule on the query _LogOperation | where Category =~ "Ingestion" | where Detail contains '
            '"OverQuota", which tells when a cap ends the logs.',
            "If the cap has to stay, accept this finding with an exemption until a date.",
        ),
        cost="what is taken in beyond the cap (estimate: nothing on an ordinary day)",
        effort="an hour",
    )


REMEDIATIONS: Final = (move_to_a_workspace, keep_logs_longer, replicate_the_workspace, lift_the_daily_cap)
