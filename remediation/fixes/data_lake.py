"""Azure Data Lake Storage Gen1. It is retired: people move what is left of it."""

import shlex
from typing import Final

from remediation.plan import Guidance, remediates
from rules.data_lake import datastore_type, gen1_retired
from rules.model import Resource
from rules.resource_id import ResourceId

GEN2_COST: Final = "the capacity and the requests of the new storage account (estimate: it depends on what is stored)"


@remediates(gen1_retired)
def leave_gen1(account: Resource) -> Guidance:
    """The service is gone: people recover what they can and move to Data Lake Storage Gen2."""
    return Guidance(
        why_no_plan="The service is retired: no setting brings the data back.",
        steps=(
            f"Ask Azure Support whether anything in {account.name} can still be recovered.",
            "Create a storage account with a hierarchical namespace: az storage account create --name <new account> "
            "--resource-group <group> --location <region> --kind StorageV2 --hns true --sku Standard_ZRS, or "
            "Standard_RAGZRS where another region has to hold a copy.",
            "Load the data into it again, from where it came from or from what was recovered.",
            "Create a datastore of type azure_data_lake_gen2 in the workspace, and let data assets and jobs use it.",
            f"Delete the datastores that point at {account.name}, then the account itself.",
        ),
        cost=GEN2_COST,
        effort="days to weeks; it depends on where the data can be had again",
    )


@remediates(datastore_type)
def replace_datastore(datastore: Resource) -> Guidance:
    """The type of a datastore cannot be changed, and its data lies elsewhere now: people make a new one."""
    return Guidance(
        why_no_plan="A datastore keeps its type, and only people know where its data is now.",
        steps=(
            "Put the data in a storage account with a hierarchical namespace (Data Lake Storage Gen2), if it is not in "
            "one already.",
            "Describe a datastore of type azure_data_lake_gen2 in a file, and create it: az ml datastore create --file "
            f"datastore.yml {_workspace(datastore)}.",
            "Register the data assets again with paths on the new datastore, and let jobs and pipelines use those.",
            f"Delete the old datastore: az ml datastore delete --name {_name(datastore)} {_workspace(datastore)}.",
        ),
        cost=GEN2_COST,
        effort="hours, once the data is in the new account",
    )


def _workspace(datastore: Resource) -> str:
    """The arguments of the Azure CLI that name the datastore's workspace."""
    parsed = ResourceId.parse(datastore.id)
    if parsed is None:
        return "--resource-group GROUP --workspace-name WORKSPACE"
    return f"--resource-group {shlex.quote(parsed.group)} --workspace-name {shlex.quote(parsed.segments[0][1])}"


def _name(datastore: Resource) -> str:
    parsed = ResourceId.parse(datastore.id)
    return "NAME" if parsed is None else shlex.quote(parsed.name)


REMEDIATIONS: Final = (leave_gen1, replace_datastore)
