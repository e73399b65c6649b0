"""An estate to look at: three workspaces, what they stand on, what the bot did there, and how the score went."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from local.report import used
from remediation.cases import Case, Entry, State
from remediation.report import model
from remediation.report.model import Remembered, Report
from remediation.results import Result
from rules import evaluate
from rules.model import Resource, Status
from tests.builders import NOON, SUBSCRIPTION, plan

SCANNED = datetime(2026, 11, 23, 22, 4, tzinfo=UTC)
UNTIL = datetime(2027, 1, 31, 23, 59, tzinfo=UTC)
TREND = [
    (date(2026, 9, 7) + timedelta(days=7 * week), score)
    for week, score in enumerate((38, 41, 41, 47, 52, 50, 57, 55, 61, 64, 68, 71))
]
AKS = "Microsoft.ContainerService/managedClusters/aks-vision"
POSTGRESQL = "Microsoft.DBforPostgreSQL/flexibleServers/psql-churn"

type Json = dict[str, Any]


def place(group: str, path: str) -> str:
    """The id of a resource by what follows `/providers/` in it."""
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/{path}"


def body(group: str, path: str, location: str, properties: Json | None = None, **members: Any) -> Json:
    """A resource as Azure returns it."""
    provider, *parts = path.split("/")
    named = {"id": place(group, path), "name": parts[-1], "type": "/".join((provider, *parts[::2])), "etag": "1"}
    return (
        named | {"location": location, "properties": {"provisioningState": "Succeeded"} | (properties or {})} | members
    )


def workspace(group: str, name: str, location: str, *, registry: str, storage: str, **linked: str) -> list[Resource]:
    """A workspace with its storage, vault, registry and telemetry, and what is connected or attached to it."""
    short = name.replace("-", "")
    log = f"Microsoft.OperationalInsights/workspaces/log-{name}"
    uses = {
        "storageAccount": f"Microsoft.Storage/storageAccounts/st{short}",
        "keyVault": f"Microsoft.KeyVault/vaults/kv-{name}",
        "containerRegistry": f"Microsoft.ContainerRegistry/registries/cr{short}",
        "applicationInsights": f"Microsoft.Insights/components/appi-{name}",
    }
    days = {"enabled": True, "days": 14}
    children: Json = {
        "datastores": [],
        "connections": [{"properties": {"metadata": {"ResourceId": place(group, each)}}} for each in linked.values()],
        "computes": [],
    }
    if "aks" in linked:
        attached = {"computeType": "AKS", "isAttachedCompute": True, "resourceId": place(group, linked["aks"])}
        children = children | {"connections": [], "computes": [{"name": "inference", "properties": attached}]}
    named = {path: place(group, each) for path, each in uses.items()}
    component = {"IngestionMode": "LogAnalytics", "WorkspaceResourceId": place(group, log)}
    return [
        Resource.of(body(group, f"Microsoft.MachineLearningServices/workspaces/{name}", location, named), children),
        Resource.of(
            body(group, uses["storageAccount"], location, kind="StorageV2", sku={"name": storage}),
            {
                "blobServices/default": {
                    "properties": {"deleteRetentionPolicy": days, "containerDeleteRetentionPolicy": days}
                },
                "fileServices/default": {"properties": {"shareDeleteRetentionPolicy": days}},
            },
        ),
        Resource.of(body(group, uses["keyVault"], location, {"enableSoftDelete": True, "enablePurgeProtection": True})),
        Resource.of(body(group, uses["containerRegistry"], location, sku={"name": registry}), {"replications": []}),
        Resource.of(body(group, uses["applicationInsights"], location, component)),
        Resource.of(body(group, log, location, {"retentionInDays": 90, "workspaceCapping": {"dailyQuotaGb": -1}})),
    ]


def estate() -> Sequence[Resource]:
    """All resources, each in the roles it plays."""
    pool = {"name": "system", "mode": "System", "count": 3, "minCount": 3, "maxCount": 6, "enableAutoScaling": True}
    pool |= {"vmSize": "Standard_D4s_v5", "availabilityZones": ["1", "2", "3"], "type": "VirtualMachineScaleSets"}
    server = {
        "state": "Ready",
        "replicationRole": "Primary",
        "highAvailability": {"mode": "Disabled", "state": "NotEnabled"},
        "backup": {"geoRedundantBackup": "Enabled"},
        "storage": {"autoGrow": "Enabled", "type": "Premium_LRS"},
    }
    return used(
        [
            *workspace(
                "rg-churn", "churn-prod", "westeurope", registry="Premium", storage="Standard_LRS", db=POSTGRESQL
            ),
            *workspace("rg-vision", "vision-prod", "northeurope", registry="Premium", storage="Standard_ZRS", aks=AKS),
            *workspace("rg-lab", "research-lab", "westus", registry="Basic", storage="Standard_LRS"),
            Resource.of(
                body(
                    "rg-vision", AKS, "northeurope", {"agentPoolProfiles": [pool]}, sku={"name": "Base", "tier": "Free"}
                )
            ),
            Resource.of(
                body("rg-churn", POSTGRESQL, "westeurope", server, sku={"name": "D4ds_v5", "tier": "GeneralPurpose"})
            ),
        ]
    )


def remembered(resources: Sequence[Resource]) -> Remembered:
    """Two approvals, an exemption, and some weeks of work."""
    failed = {
        found.rule.name: found
        for resource in resources
        for found in evaluate(resource)
        if found.verdict.status is Status.FAIL
    }
    waiting = [failed[name] for name in ("storage/zone-redundant", "postgresql/zone-redundant-standby")]
    since = NOON - timedelta(days=3)
    asked = [Case(each.rule.name, each.resource.id, State.ASKED, since, since, plan=plan(each)) for each in waiting]
    registry = place("rg-lab", "Microsoft.ContainerRegistry/registries/crresearchlab")
    why = "the lab moves to another region in January (policy.yaml line 31)"
    exempt = Case("container-registry/zonal-region", registry, State.EXEMPT, NOON, NOON, reason=why, until=UNTIL)
    return Remembered(asked, [exempt], [*journal()], NOON - timedelta(days=30))


def journal() -> list[Entry]:
    """What was begun, and how it ended two minutes later."""
    lines = (
        (
            "rg-churn",
            "Microsoft.ContainerRegistry/registries/crchurnprod",
            "container-registry/premium-sku",
            "",
            "fixed",
        ),
        (
            "rg-vision",
            "Microsoft.KeyVault/vaults/kv-vision-prod",
            "key-vault/purge-protection",
            "ann@example.com",
            "fixed",
        ),
        ("rg-churn", "Microsoft.Storage/storageAccounts/stchurnprod", "storage/container-soft-delete", "", "fixed"),
        ("rg-vision", "Microsoft.Storage/storageAccounts/stvisionprod", "storage/share-soft-delete", "", "fixed"),
        (
            "rg-lab",
            "Microsoft.ContainerRegistry/registries/crresearchlab",
            "container-registry/premium-sku",
            "",
            "failed",
        ),
    )
    return [
        Entry(
            place(group, path),
            rule,
            NOON - timedelta(days=20 - 4 * number, minutes=-minutes),
            word,
            {"approved_by": by},
        )
        for number, (group, path, rule, by, what) in enumerate(lines)
        for minutes, word in ((0, "started"), (2, what))
    ]


def results(resources: Sequence[Resource]) -> list[Result]:
    """What every rule finds in them."""
    return [Result.of(finding) for resource in resources for finding in evaluate(resource)]


def a_report() -> Report:
    """The report on all of it."""
    resources = estate()
    return model.report(results(resources), remembered(resources), TREND, SCANNED)
