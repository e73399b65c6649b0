"""Azure Machine Learning workspaces.

A PATCH of a workspace changes neither its region nor where its metadata is encrypted (azure-ai-ml 1.35.2,
WorkspacePropertiesUpdateParameters): nothing here can be put right by a write.
"""

import shlex
from typing import Final

from remediation.plan import Guidance, Remediation, remediates
from rules.model import Resource
from rules.workspace import DR_TAG, customer_managed_key_stores, disaster_recovery, zonal_region


@remediates(disaster_recovery)
def plan_disaster_recovery(workspace: Resource) -> Guidance:
    """Azure Machine Learning cannot fail over: people must design, build and rehearse a second workspace."""
    return Guidance(
        why_no_plan="Recovery from the loss of a region needs a second workspace, its data and a rehearsed switch.",
        steps=(
            "Decide for training and for inference what has to go on: both regions active, a warm second region, or "
            "one that is rebuilt from code.",
            "Create a second workspace in another region from the same infrastructure code, with default storage and "
            "Application Insights of its own; share key vault, geo-replicated container registry and datastores.",
            "Create its computes and private endpoints too, and ask for the compute quota that they need.",
            "Keep jobs, environments, models and endpoints as code in Git and deploy them to both: metadata cannot be "
            "copied or restored.",
            "Rehearse the switch, and write down who decides it: running jobs do not move, they are submitted again.",
            f"Set the tag {DR_TAG} to the second workspace's resource id (az tag update --operation Merge "
            f"--resource-id {shlex.quote(workspace.id)} --tags {DR_TAG}=<its resource id>): this finding closes.",
        ),
        cost="from nothing (rebuild from code) to twice the compute and storage (both active) (estimate)",
        effort="two to six weeks",
    )


@remediates(zonal_region)
def plan_a_zonal_region(workspace: Resource) -> Guidance:
    """A workspace cannot be moved to another region: it is created anew there."""
    return Guidance(
        why_no_plan="A workspace cannot be moved to another region, nor can its default storage and key vault.",
        steps=(
            "Choose a region with availability zones that offers Azure Machine Learning and the VM sizes you need.",
            f"Create a workspace there from the same infrastructure code as {workspace.name}, with zone-redundant "
            "storage.",
            "Copy the training data and register datastores, environments and models again from code: run history "
            "stays behind.",
            "Move jobs and endpoints, then delete the old workspace when nobody uses it any more.",
            f"If it has to stay, name a second workspace in another region with the tag {DR_TAG}, and accept this "
            "finding with an exemption.",
        ),
        cost="none lasting, besides zone-redundant storage; both workspaces while you move (estimate)",
        effort="one to four weeks",
    )


@remediates(customer_managed_key_stores)
def plan_other_stores(workspace: Resource) -> Guidance:
    """Only Microsoft can change the stores, and where metadata is encrypted is chosen when a workspace is created."""
    return Guidance(
        why_no_plan="Only Microsoft can change the resource group that holds these stores, and where the metadata is "
        "kept is chosen when a workspace is created.",
        steps=(
            "Do not change or delete anything in the managed resource group (azureml-rg-…): the workspace would break.",
            "Ask Microsoft in a support request how the Cosmos DB account, search service and storage account of "
            f"{workspace.name} are protected against the loss of a zone and of the region.",
            "For a lasting answer, create a new workspace with enableServiceSideCMKEncryption set to true, which keeps "
            "encrypted metadata with Microsoft; it is a preview, without key rotation and data labeling.",
            f"Until then keep a second workspace in another region and name it with the tag {DR_TAG}.",
            "If you accept the risk, record it as an exemption.",
        ),
        cost="none for the request; with service-side encryption the Cosmos DB account is no longer yours to pay "
        "(estimate)",
        effort="hours for the request, weeks for a new workspace",
    )


REMEDIATIONS: Final[tuple[Remediation, ...]] = (plan_disaster_recovery, plan_a_zonal_region, plan_other_stores)
