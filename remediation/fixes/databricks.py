"""Azure Databricks.

A PATCH of a workspace changes tags only (azure-mgmt-databricks 3.0.0, WorkspaceUpdate): nothing here can be put right
by a write that is sure to do no more.
"""

import shlex
from typing import Final

from remediation.plan import Guidance, Remediation, remediates
from rules.databricks import DR_TAG, NO_DATA, ROOT_TAG, data_outside_dbfs, disaster_recovery, root_storage
from rules.model import Resource
from rules.regions import region


@remediates(disaster_recovery)
def plan_disaster_recovery(workspace: Resource) -> Guidance:
    """Regional recovery needs a second workspace, copied data and a rehearsed switch: people must design it."""
    return Guidance(
        why_no_plan="Recovery from the loss of a region needs a second workspace, copied data and a rehearsed switch.",
        steps=(
            "Choose a target: rebuild from code (days), warm standby with copied tables (hours), both regions active "
            "(minutes).",
            "Create a second workspace in another region from the same infrastructure code.",
            "Keep notebooks and jobs in Git and deploy them to both; copy the tables with Delta deep clone.",
            "Rehearse the switch, and write down who decides it.",
            f"Set the tag {DR_TAG} on {workspace.name} to the second workspace's resource id: this finding closes.",
        ),
        cost="from nothing (rebuild from code) to twice the compute (both active) (estimate)",
        effort="two to six weeks",
    )


@remediates(root_storage)
def plan_root_storage(workspace: Resource) -> Guidance:
    """The account behind the DBFS root can only be changed through its workspace, by a call that Azure leaves open."""
    return Guidance(
        why_no_plan="The account behind the DBFS root lies in a resource group that only Databricks may change, and "
        "Azure does not document the call that changes it through the workspace.",
        steps=(
            _choice(workspace),
            "Set it on the workspace, never on the account, and try it on a test workspace first: in Bicep "
            "parameters: { storageAccountSkuName: { value: 'Standard_ZRS' } }, in Terraform custom_parameters "
            '{ storage_account_sku_name = "Standard_ZRS" }.',
            "With Terraform, read the plan before you apply it: older versions of the azurerm provider replace the "
            "workspace, with everything in it.",
            "If Azure refuses the change (from LRS or GRS it is a conversion), open a support request for it.",
            "Whatever comes of it, keep production data out of the DBFS root.",
        ),
        cost="less than geo-redundant storage; about +25 % of the capacity price of locally redundant storage "
        "(estimate)",
        effort="hours, and up to some days until Azure has converted the account",
    )


def _choice(workspace: Resource) -> str:
    place = region(workspace.location)
    if place is None or place.pair is None:
        return "Choose Standard_ZRS: a copy in another region is not to be had, its region has no known pair."
    return f"Choose Standard_ZRS, or Standard_GZRS for a copy in {place.pair} as well."


@remediates(data_outside_dbfs)
def plan_data_outside_dbfs(workspace: Resource) -> Guidance:
    """What lies in the DBFS root is not in Azure Resource Manager: people look, move it and say so."""
    return Guidance(
        why_no_plan="What lies in the DBFS root is not to be seen in Azure Resource Manager, and moving it takes a "
        "person who knows the data.",
        steps=(
            f"Look what lies in the DBFS root of {workspace.name} (databricks fs ls dbfs:/), managed tables of the "
            "Hive metastore included.",
            "Create a storage account of your own for it: Data Lake Storage Gen2, zone-redundant, geo-redundant too if "
            "training has to go on without the region.",
            "Move the data there as external locations or volumes of Unity Catalog; copy tables with Delta deep clone.",
            "Register the account as a datastore of the Azure Machine Learning workspace (az ml datastore create "
            "--file datastore.yml --resource-group <group> --workspace-name <workspace>) and point data assets and "
            "jobs at it.",
            f"Set the tag {ROOT_TAG} to {NO_DATA} (az tag update --operation Merge --resource-id "
            f"{shlex.quote(workspace.id)} --tags {ROOT_TAG}={NO_DATA}): this finding closes.",
        ),
        cost="the storage of what is moved, on an account of your own (estimate)",
        effort="one to four weeks, depending on how much reads from there",
    )


REMEDIATIONS: Final[tuple[Remediation, ...]] = (plan_disaster_recovery, plan_root_storage, plan_data_outside_dbfs)
