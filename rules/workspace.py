"""Azure Machine Learning workspaces.

https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning
"""

from typing import Final

from rules.model import References, Resource, Severity, Verdict, failed, not_applicable, passed, rule, unknown
from rules.regions import region
from rules.resource_id import ResourceId
from rules.scope import MANAGED_GROUP
from rules.twin import second_resource

WORKSPACE: Final = "Microsoft.MachineLearningServices/workspaces"
DR_TAG: Final = "ha-bot-dr-workspace"
"""A tag that names the resource id of the disaster-recovery workspace, or (on that one) of the primary."""
ENCRYPTION: Final = "properties.encryption"
KEY_STATUS: Final = "properties.encryption.status"
SERVICE_SIDE: Final = "properties.enableServiceSideCMKEncryption"
OWN_COSMOS_DB: Final = "properties.encryption.cosmosDbResourceId"
MICROSOFTS_GROUP: Final = "properties.serviceProvisionedResourceGroup"


@rule(
    title="Workspace has a disaster-recovery workspace",
    severity=Severity.MEDIUM,
    applies_to=WORKSPACE,
    production=True,
    references=References(
        aprl=(
            "a86ed26a-59d9-47bd-b440-6bc71b843978",
            "675d249a-9486-45e3-8e89-863f5802782d",
            "13794a63-8d95-47ce-acbd-5925ede5b208",
            "6e4f0fd1-1853-4b94-9736-6d6d239d2694",
        ),
        learn=("https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning",),
    ),
)
def disaster_recovery(workspace: Resource) -> Verdict:
    """The workspace names its disaster-recovery workspace.

    What it checks
        The tag `ha-bot-dr-workspace`, which holds the resource id of the second workspace. Azure has no property for
        this: the tag is how people tell that they have planned for it. Projects are not judged: their hub stands for
        them. A workspace without `kind` counts as Default.

    Why it matters
        Azure Machine Learning has no failover of its own, and what the workspace remembers (jobs, models,
        environments) can be neither backed up nor restored. Without a second workspace, the loss of the region stops
        training and deployment until the region returns.

    How it is fixed
        By people: create a workspace in another region from the same code, keep jobs, environments and models as
        code, reserve compute quota there, rehearse the switch, then set the tag.

    References
        APRL a86ed26a, 675d249a, 13794a63 and 6e4f0fd1, Learn: how-to-high-availability-machine-learning.
    """
    return _not_judged(workspace) or second_resource(workspace, DR_TAG, "workspace")


@rule(
    title="Workspace is in a region with availability zones",
    severity=Severity.MEDIUM,
    applies_to=WORKSPACE,
    references=References(
        learn=(
            "https://learn.microsoft.com/azure/reliability/regions-list",
            "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning",
        ),
    ),
)
def zonal_region(workspace: Resource) -> Verdict:
    """The workspace lies in a region that has availability zones.

    What it checks
        `location` of workspaces of every kind but projects, which lie where their hub lies. A workspace without
        `kind` counts as Default.

    Why it matters
        Default storage, key vault, registry and databases lie beside their workspace. Without zones in the region none
        of them can be zone-redundant, so one datacenter can stop training and deployment. A workspace cannot be moved
        to another region.

    How it is fixed
        By people: create the workspace anew in a region with zones from the same code, or rely on a second workspace
        in another region.

    References
        Learn: reliability/regions-list, how-to-high-availability-machine-learning.
    """
    if settled := _not_judged(workspace):
        return settled
    if (place := region(workspace.location)) is None:
        return unknown("it is not known whether its region has availability zones")
    if not place.zones:
        return failed(f"{workspace.location} has no availability zones: nothing beside it can be zone-redundant")
    return passed(f"{workspace.location} has availability zones")


@rule(
    title="Metadata under a customer-managed key is in stores that you can make highly available",
    severity=Severity.HIGH,
    applies_to=WORKSPACE,
    references=References(
        learn=(
            "https://learn.microsoft.com/azure/machine-learning/concept-customer-managed-keys",
            "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning",
        ),
    ),
)
def customer_managed_key_stores(workspace: Resource) -> Verdict:
    """A workspace with a customer-managed key does not keep its metadata in a group that only Microsoft can change.

    What it checks
        `properties.encryption`, `properties.enableServiceSideCMKEncryption` (Azure's default is off),
        `properties.encryption.cosmosDbResourceId` and `properties.serviceProvisionedResourceGroup`. Workspaces without
        a customer-managed key keep their metadata with Microsoft and are not judged, nor are projects: their hub
        stands for them.

    Why it matters
        With a customer-managed key, Azure Machine Learning puts the Cosmos DB account, search service and storage
        account that hold job history and asset metadata in your subscription. You pay for them and their availability
        is yours to see to, but only Microsoft can change them: when they fail, the workspace fails with them.

    How it is fixed
        By people: ask Microsoft about the redundancy of these stores, or plan a new workspace with service-side
        encryption (preview), which keeps the metadata with Microsoft. The bot never touches the managed group.

    References
        Learn: concept-customer-managed-keys, how-to-high-availability-machine-learning.
    """
    if settled := _not_judged(workspace) or _without_own_key(workspace):
        return settled
    service_side = workspace.get(SERVICE_SIDE)
    if service_side is True:
        return passed("its metadata is encrypted with its own key on Microsoft's side")
    if service_side not in (None, False):
        return unknown("Azure did not say whether its metadata is encrypted on Microsoft's side")
    return _of_its_cosmos_db(workspace)


def _not_judged(workspace: Resource) -> Verdict | None:
    """The verdict on a project, and on what is not known to be none; None where a workspace is judged by itself."""
    kind = workspace.body.get("kind")
    if kind is not None and not isinstance(kind, str):
        return unknown("Azure did not say clearly which kind of workspace it is")
    return not_applicable("it is a project: its hub is judged for it") if kind and kind.lower() == "project" else None


def _without_own_key(workspace: Resource) -> Verdict | None:
    """The verdict where no customer-managed key is in use, or it is not known whether one is."""
    if not isinstance(workspace.body.get("properties"), dict):
        return unknown("Azure did not say how its metadata is encrypted")
    status = workspace.text(KEY_STATUS)
    if workspace.get(ENCRYPTION) is None or status == "disabled":
        return not_applicable("it has no customer-managed key: Microsoft keeps its metadata")
    return None if status == "enabled" else unknown("Azure did not say whether its customer-managed key is in use")


def _of_its_cosmos_db(workspace: Resource) -> Verdict:
    own = workspace.get(OWN_COSMOS_DB)
    account = ResourceId.parse(own)
    if own is not None and account is None:
        return unknown("Azure did not say clearly which Cosmos DB account holds its metadata")
    if account is None or _is_microsofts(account, workspace):
        return failed("a Cosmos DB account that only Microsoft can change holds its metadata, in your subscription")
    return passed("a Cosmos DB account of your own holds its metadata, and is checked by itself")


def _is_microsofts(account: ResourceId, workspace: Resource) -> bool:
    """Whether an account lies in the group that Azure Machine Learning made for the workspace."""
    group = workspace.text(MICROSOFTS_GROUP) or ""
    return account.group.lower() == group.rsplit("/", 1)[-1] or MANAGED_GROUP.match(str(account)) is not None


RULES: Final = (disaster_recovery, zonal_region, customer_managed_key_stores)
