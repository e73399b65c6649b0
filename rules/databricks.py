"""Azure Databricks. https://learn.microsoft.com/azure/reliability/reliability-databricks"""

from typing import Final

from rules.model import References, Resource, Role, Severity, Verdict, failed, not_applicable, passed, rule, unknown
from rules.twin import second_resource

WORKSPACE: Final = "Microsoft.Databricks/workspaces"
DR_TAG: Final = "ha-bot-dr-workspace"
"""A tag that names the resource id of the disaster-recovery workspace, or (on that one) of the primary."""
ROOT_TAG: Final = "ha-bot-dbfs-root"
NO_DATA: Final = "no-production-data"
"""The value of that tag by which people tell that nothing a workspace of Azure Machine Learning needs lies there."""
MODE: Final = "properties.computeMode"
ROOT_SKU: Final = "properties.parameters.storageAccountSkuName.value"
ROOT_SKU_HOLDERS: Final = ("properties.parameters", "properties.parameters.storageAccountSkuName")
SKUS: Final = {
    name.lower(): name
    for name in (
        *("Standard_LRS", "Standard_GRS", "Standard_RAGRS", "Premium_LRS"),
        *("Standard_ZRS", "Standard_GZRS", "Standard_RAGZRS", "Premium_ZRS"),
    )
}
SERVERLESS: Final = "a serverless workspace has no DBFS root"


@rule(
    title="Databricks workspace has a disaster-recovery workspace",
    severity=Severity.HIGH,
    applies_to=WORKSPACE,
    production=True,
    references=References(
        aprl=("4fdb7112-4531-6f48-b60e-c917a6068d9b", "8aa63c34-dd9d-49bd-9582-21ec310dfbdd"),
        learn=(
            "https://learn.microsoft.com/azure/databricks/admin/disaster-recovery",
            "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning",
        ),
    ),
)
def disaster_recovery(workspace: Resource) -> Verdict:
    """The workspace names its disaster-recovery workspace.

    What it checks
        The tag `ha-bot-dr-workspace`, which holds the resource id of the second workspace. Azure has no property for
        this: the tag is how people tell that they have planned for it.

    Why it matters
        A Databricks workspace lives in one region and is never failed over by Azure. Without a second workspace, the
        loss of the region stops every job and every training run that uses it.

    How it is fixed
        By people: create a workspace in another region from the same code, keep notebooks and jobs in Git, copy the
        tables (Delta deep clone), rehearse the switch, then set the tag.

    References
        APRL 4fdb7112 and 8aa63c34, Learn: databricks/admin/disaster-recovery.
    """
    return second_resource(workspace, DR_TAG, "workspace")


@rule(
    title="DBFS root of an attached Databricks workspace is zone-redundant",
    severity=Severity.MEDIUM,
    applies_to=WORKSPACE,
    roles=(Role.ATTACHED_DATABRICKS,),
    zonal=True,
    references=References(
        learn=(
            "https://learn.microsoft.com/azure/databricks/admin/workspace/workspace-storage-redundancy",
            "https://learn.microsoft.com/azure/reliability/reliability-databricks",
        ),
    ),
)
def root_storage(workspace: Resource) -> Verdict:
    """The storage account behind the workspace's DBFS root keeps its copies in several availability zones.

    What it checks
        `properties.parameters.storageAccountSkuName` of workspaces that are attached to a workspace of Azure Machine
        Learning, in regions with availability zones. Where it is not set, Azure's default is geo-redundant storage
        without zones (Standard_GRS). Serverless workspaces (`properties.computeMode`) have no such account.

    Why it matters
        Databricks spreads control plane and cluster nodes over zones by itself, but not this account. When its zone
        fails, libraries, logs and whatever training jobs keep in the DBFS root cannot be read until it returns.

    How it is fixed
        By people, through the workspace: the account lies in a resource group that Databricks manages and can only be
        changed by it. From geo-redundant to zone-redundant storage is a conversion, which Azure may refuse in one step.

    References
        Learn: workspace-storage-redundancy, reliability-databricks.
    """
    if workspace.text(MODE) == "serverless":
        return not_applicable(SERVERLESS)
    sku = _root_sku(workspace)
    if not sku:
        return unknown("Azure did not say which redundancy the DBFS root has")
    if not sku.endswith("ZRS"):
        return failed(f"the DBFS root is {sku}: the loss of one zone can make it unreadable")
    return passed(f"the DBFS root is {sku}, with copies in several availability zones")


def _root_sku(workspace: Resource) -> str:
    """The redundancy of the DBFS root, or Azure's default where it says nothing; empty where it is not known."""
    sku = workspace.get(ROOT_SKU)
    if sku is None and workspace.text(MODE) == "hybrid":
        return "" if any(map(workspace.unreadable, ROOT_SKU_HOLDERS)) else "Standard_GRS (Azure's default)"
    return SKUS.get(sku.lower(), "") if isinstance(sku, str) else ""


@rule(
    title="No production data lies in the DBFS root",
    severity=Severity.HIGH,
    applies_to=WORKSPACE,
    roles=(Role.ADDITIONAL_DATASTORE,),
    production=True,
    references=References(
        aprl=("14310ba6-77ad-3641-a2db-57a2218b9bc7",),
        learn=(
            "https://learn.microsoft.com/azure/databricks/dbfs/dbfs-root",
            "https://learn.microsoft.com/azure/databricks/admin/disaster-recovery",
            "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning",
        ),
    ),
)
def data_outside_dbfs(workspace: Resource) -> Verdict:
    """People say that no production data lies in the workspace's DBFS root.

    What it checks
        The tag `ha-bot-dbfs-root` with the value `no-production-data`, on workspaces that a workspace of Azure Machine
        Learning reads data from. Azure Resource Manager does not show what lies in the DBFS root: the tag is how
        people tell that they have looked. Serverless workspaces (`properties.computeMode`) have no DBFS root.

    Why it matters
        The DBFS root lies in an account that Databricks manages: you can neither replicate it to another region nor
        fail it over, and it is deleted with its workspace. Training data there is lost to you as long as the region
        is, and for good when the workspace is deleted.

    How it is fixed
        By people: move the data to a storage account of your own (Data Lake Storage Gen2), register that as the
        datastore, then set the tag.

    References
        APRL 14310ba6, Learn: databricks/dbfs/dbfs-root, databricks/admin/disaster-recovery.
    """
    if workspace.text(MODE) == "serverless":
        return not_applicable(SERVERLESS)
    said = workspace.tag(ROOT_TAG)
    if said is None:
        return failed("nobody has said that its DBFS root holds no production data, which cannot be failed over")
    if said.strip().lower() != NO_DATA:
        return failed(f"the tag {ROOT_TAG} does not say {NO_DATA}: data in the DBFS root cannot be failed over")
    return passed("its DBFS root holds no production data, as its tag says")


RULES: Final = (disaster_recovery, root_storage, data_outside_dbfs)
