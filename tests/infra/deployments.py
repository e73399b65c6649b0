"""What the templates deploy in each way that they are meant to be used."""

from pathlib import Path
from typing import Any, Final

from local.bicep.template import Deployed, deployed
from rules.model import Resource, Role, Use

INFRA: Final = Path(__file__).resolve().parents[2] / "infra"
ENTRIES: Final = ("main.bicep", "onboard.bicep", "workspace/main.bicep")
CLIENT: Final = "00000000-0000-4000-8000-00000000000c"
HUB: Final = "/subscriptions/00000000-0000-4000-8000-0000000000aa/resourceGroups/rg-hub/providers"
DR_WORKSPACE: Final = (
    "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-dr/providers/"
    "Microsoft.MachineLearningServices/workspaces/mlw-ml-dr"
)
SECRET: Final = "https://hooks.slack.com/services/secret-in-the-webhook-url"
TOKEN: Final = "-".join(("xoxb", "secret", "of", "the", "tests"))

ONBOARD: Final[dict[str, Any]] = {
    "botPrincipalId": "00000000-0000-4000-8000-00000000000b",
    "appId": f"{HUB}/Microsoft.Web/sites/func-bot",
    "storageId": f"{HUB}/Microsoft.Storage/storageAccounts/stbot",
    "eventsIdentityId": f"{HUB}/Microsoft.ManagedIdentity/userAssignedIdentities/id-events",
}
WORKSPACE: Final = {"name": "ml", "location": "westeurope"}
TWO_REGIONS: Final = {"secondRegion": "northeurope", "disasterRecoveryWorkspaceId": DR_WORKSPACE}

WAYS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "hub": ("main.bicep", {"environmentName": "ha-bot", "location": "westeurope", "chat": "teams"}),
    "hub without zones": ("main.bicep", {"environmentName": "ha-bot", "location": "westus", "chat": "slack"}),
    "hub with everything": (
        "main.bicep",
        {
            "environmentName": "ha-bot",
            "location": "westeurope",
            "subscriptions": CLIENT,
            "chat": "teams,slack",
            "teamsWebhookUrl": SECRET,
            "slackWebhookUrl": SECRET,
            "signInClientId": CLIENT,
            "linkSigningKey": SECRET,
            "slackApprovers": "U012AB3CD",
            "slackSigningSecret": SECRET,
            "alertEmail": "operators@example.com",
            "logReplicationLocation": "northeurope",
        },
    ),
    "hub with a Slack app": (
        "main.bicep",
        {
            "environmentName": "ha-bot",
            "location": "westeurope",
            "chat": "teams,slack",
            "teamsWebhookUrl": SECRET,
            "slackChannel": "C012AB3CD",
            "slackBotToken": TOKEN,
            "logReplicationLocation": "northeurope",
        },
    ),
    "onboarding to look": ("onboard.bicep", ONBOARD),
    "onboarding to fix, by queue": ("onboard.bicep", ONBOARD | {"mode": "enforce", "delivery": "queue"}),
    "onboarding with a topic that is there": ("onboard.bicep", ONBOARD | {"topicExists": True, "topicName": "evgt"}),
    "onboarding in the extension form": ("onboard.bicep", ONBOARD | {"topicName": ""}),
    "onboarding in the extension form, by queue": ("onboard.bicep", ONBOARD | {"topicName": "", "delivery": "queue"}),
    "workspace": ("workspace/main.bicep", WORKSPACE | TWO_REGIONS),
    "workspace alone": ("workspace/main.bicep", WORKSPACE | {"secondRegion": "", "disasterRecoveryWorkspaceId": ""}),
    "workspace without zones": (
        "workspace/main.bicep",
        WORKSPACE | TWO_REGIONS | {"location": "westus", "secondRegion": "eastus", "geoRedundantStorage": True},
    ),
}
HUBS = [way for way in WAYS if way.startswith("hub")]
ONBOARDINGS = [way for way in WAYS if way.startswith("onboarding")]

ROLES: Final = {
    ("storage", "Microsoft.Storage/storageAccounts"): Role.DEFAULT_STORAGE,
    ("vault", "Microsoft.KeyVault/vaults"): Role.WORKSPACE_VAULT,
    ("registry", "Microsoft.ContainerRegistry/registries"): Role.WORKSPACE_REGISTRY,
    ("insights", "Microsoft.Insights/components"): Role.WORKSPACE_APPINSIGHTS,
    ("logs", "Microsoft.OperationalInsights/workspaces"): Role.TELEMETRY_STORE,
}
"""What the resources of the workspace template are to the workspace."""
LISTS: Final = {"Microsoft.ContainerRegistry/registries": ("replications",)}
EMPTY: Final = {"Microsoft.Storage/storageAccounts": ("objectReplicationPolicies",)}


def made(way: str) -> list[Deployed]:
    """What one way deploys."""
    entry, parameters = WAYS[way]
    return deployed(INFRA / entry, parameters)


def of_type(way: str, kind: str) -> list[Deployed]:
    """What a way would deploy of one type."""
    return [each for each in made(way) if each.type == kind]


def as_read(way: str) -> list[Resource]:
    """The resources of one way as the bot would read them a minute later: with their children and roles."""
    resources = made(way)
    return [_as_read(each, resources, way.startswith("workspace")) for each in resources]


def _as_read(resource: Deployed, all_of_them: list[Deployed], is_workspace: bool) -> Resource:
    children: dict[str, Any] = {name: [] for name in (*LISTS.get(resource.type, ()), *EMPTY.get(resource.type, ()))}
    for each in all_of_them:
        if each.id.startswith(f"{resource.id}/") and "/providers/" not in each.id.removeprefix(resource.id):
            path = each.id.removeprefix(f"{resource.id}/")
            collection = path.partition("/")[0]
            if collection in children:
                children[collection].append(_answered(each))
            else:
                children[path] = _answered(each)
    role = ROLES.get((resource.symbol, resource.type)) if is_workspace else None
    return Resource.of(_answered(resource), children, [Use(role, "mlw")] if role else [])


def _answered(resource: Deployed) -> dict[str, Any]:
    """The body as Azure answers it once all that was asked for is done."""
    body = resource.full_body
    properties = {"provisioningState": "Succeeded"} | body.get("properties", {})
    if "replication" in properties:
        properties["replication"] = properties["replication"] | {"provisioningState": "Succeeded"}
    return body | {"properties": properties}
