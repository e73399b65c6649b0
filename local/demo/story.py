"""The story: what happens in Azure, and what the bot has to make of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from local.azure import PIPELINE, PORTAL_USER, Caller
from local.demo.person import Person
from local.demo.stage import GROUP, Stage
from remediation.api_versions import API_VERSIONS

REGISTRY: Final = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/acrdemo"
LOCKED_REGISTRY: Final = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/acrfrozen"
ACCOUNT: Final = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/stmldemo"
WORKSPACE: Final = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/mlw-demo"
DATABRICKS: Final = f"{GROUP}/providers/Microsoft.Databricks/workspaces/dbw-demo"
NETWORK: Final = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-demo"
LOCK: Final = f"{LOCKED_REGISTRY}/providers/Microsoft.Authorization/locks/change-freeze"
OTHER_API_VERSIONS: Final = {"Network": "2024-05-01", "Authorization": "2020-05-01"}
REGION: Final = "eastus2"
TEST: Final = {"environment": "test"}
"""Keeps the rules for production (replicas, second regions) out of the story where it is not about them."""
BASIC: Final = {"location": REGION, "sku": {"name": "Basic"}, "tags": TEST, "properties": {}}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens, and what must come of it. `invites` says what a person may do at the page to let it
    happen.

    `outcome` is the word the journal must hold for `resource_id` (empty: nothing new), `labels` what the messages in
    each channel begin with, in their order, `state` a path of the resource with the value it must have at the end.
    """

    title: str
    act: Callable[[Stage], None]
    then: str
    resource_id: str
    outcome: str = ""
    labels: tuple[str, ...] = ()
    writes: int = 0
    state: tuple[str, str] | None = None
    invites: str = ""


def _put(resource_id: str, body: dict[str, Any], caller: Caller = PORTAL_USER) -> Callable[[Stage], None]:
    def act(stage: Stage) -> None:
        provider = resource_id.rsplit("/providers/", 1)[-1].split("/")
        version = API_VERSIONS.get("/".join(provider[:2]).lower()) or OTHER_API_VERSIONS[provider[0].split(".")[-1]]
        answer = stage.azure.request("PUT", resource_id, body, version, caller)
        if answer.status >= 300:
            raise RuntimeError(f"the simulated Azure refused the story's own write: {answer.status} {answer.body}")

    return act


def prepare(stage: Stage) -> None:
    """What was there before the subscription was onboarded; and Azure takes its time for a conversion."""
    stage.azure.seed(LOCKED_REGISTRY, BASIC)
    account = {"location": REGION, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}
    stage.azure.seed(ACCOUNT, account)
    kept = {"enabled": True, "days": 7}
    blobs = {"deleteRetentionPolicy": kept, "containerDeleteRetentionPolicy": kept}
    stage.azure.seed(f"{ACCOUNT}/blobServices/default", {"properties": blobs})
    stage.azure.seed(f"{ACCOUNT}/fileServices/default", {"properties": {"shareDeleteRetentionPolicy": kept}})
    stage.azure.operation_seconds_by_type["Microsoft.Storage/storageAccounts"] = 1.0


def _click(stage: Stage) -> None:
    """Press Approve in the message that asks, in Slack, and answer its question with yes."""
    stage.click("Convert storage account stmldemo", "approve_confirmed")


def _follow(stage: Stage) -> None:
    """Follow the link of the Teams card, sign in, and approve on the page."""
    Person(stage.host.url, "approver").decide(stage.link("acrdemo", "Review and approve"), "approve")


def _upgraded(title: str, caller: Caller, then: str) -> Step:
    """Somebody makes the registry acrdemo a Basic one, and the bot upgrades it."""
    return Step(
        title,
        _put(REGISTRY, BASIC, caller),
        then,
        REGISTRY,
        outcome="fixed",
        labels=("FIXED AUTOMATICALLY",),
        writes=1,
        state=("sku.name", "Premium"),
    )


STORY: Final = (
    _upgraded(
        "Somebody creates the container registry acrdemo as Basic in the portal",
        PORTAL_USER,
        "upgraded to Premium, confirmed by a fresh read",
    ),
    Step(
        "Event Grid delivers the same event a second time",
        lambda stage: stage.deliver_again(),
        "looked at, nothing new to do or to say",
        REGISTRY,
        state=("sku.name", "Premium"),
    ),
    Step(
        "The workspace mlw-demo is created on the storage account stmldemo, which is LRS",
        _put(
            WORKSPACE,
            {
                "location": REGION,
                "kind": "Default",
                "tags": TEST,
                "identity": {"type": "SystemAssigned"},
                "properties": {"friendlyName": "Demo", "storageAccount": ACCOUNT, "containerRegistry": REGISTRY},
            },
        ),
        "a person is asked to approve the conversion to ZRS; nothing is changed",
        ACCOUNT,
        outcome="asked",
        labels=("APPROVAL NEEDED",),
        state=("sku.name", "Standard_LRS"),
    ),
    Step(
        "A person clicks Approve in the Slack message",
        _click,
        "started, and an operation later confirmed by a fresh read; the message in Slack shows it",
        ACCOUNT,
        outcome="fixed",
        labels=("FIX STARTED", "FIXED"),
        writes=1,
        state=("sku.name", "Standard_ZRS"),
        invites="click Approve in the Slack message about stmldemo, or follow “Review and approve” in its Teams card",
    ),
    Step(
        "The Databricks workspace dbw-demo is created",
        _put(
            DATABRICKS,
            {
                "location": REGION,
                "sku": {"name": "premium"},
                "properties": {"managedResourceGroupId": f"{GROUP}-dbw-managed"},
            },
        ),
        "people are told what only they can do",
        DATABRICKS,
        outcome="told",
        labels=("GUIDANCE",),
    ),
    Step(
        "A virtual network is created",
        _put(NETWORK, {"location": REGION, "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}),
        "ignored: no rule is about it",
        NETWORK,
    ),
    Step(
        "Somebody puts a read-only lock on the Basic registry acrfrozen",
        _put(LOCK, {"properties": {"level": "ReadOnly", "notes": "change freeze"}}),
        "Azure refuses the upgrade: told as failed, never as fixed",
        LOCKED_REGISTRY,
        outcome="failed",
        labels=("FIX FAILED",),
        writes=1,
        state=("sku.name", "Basic"),
    ),
    _upgraded("A pipeline deploys acrdemo from code that still says Basic", PIPELINE, "upgraded again"),
    _upgraded("The pipeline runs once more", PIPELINE, "upgraded again, for the third time today"),
    Step(
        "The pipeline runs once more",
        _put(REGISTRY, BASIC, PIPELINE),
        "left as it is: people are told who undoes it, and which line of code to change",
        REGISTRY,
        outcome="asked",
        labels=("KEEPS BEING UNDONE",),
        state=("sku.name", "Basic"),
    ),
    Step(
        "A person follows the link of the Teams card, signs in and approves",
        _follow,
        "upgraded once more, because somebody wants it",
        REGISTRY,
        outcome="fixed",
        labels=("FIXED",),
        writes=1,
        state=("sku.name", "Premium"),
        invites="follow “Review and approve” in the last Teams card, or click Approve in its Slack message",
    ),
)
