"""The pricing tier: one PUT of the whole cluster."""

from typing import Final

from remediation.api_versions import api_version
from remediation.azure_cli import names
from remediation.fixes.aks.cluster import ASSIGN, JOIN, NAMES_USER, clean_cluster, holds_login, linked
from remediation.plan import Code, Cost, Guidance, Plan, Precondition, Remediation, Remedy, Safety, Write, remediates
from rules.aks.cluster import CLUSTER, running_pools
from rules.aks.tier import standard_tier
from rules.model import Resource

NEEDS: Final = (
    "Microsoft.ContainerService/managedClusters/read",
    "Microsoft.ContainerService/managedClusters/write",
    JOIN,
    ASSIGN,
)
MONTHLY_USD: Final = 73
"""The Standard tier's price: 0.10 US dollars an hour for each cluster (secondary source)."""


@remediates(standard_tier, safety=Safety.APPROVE, touches=("sku",), needs=NEEDS, clean=clean_cluster)
def move_to_standard(cluster: Resource) -> Remedy:
    """Move the cluster to the Standard tier. Nodes, pods and addresses stay as they are.

    What is sent
        One PUT of the cluster as it was read, less what is read-only, with the tier Standard, and If-Match with its
        eTag: Azure refuses it if somebody changed the cluster in between.

    Cost
        About 73 US dollars a month for each cluster.

    Downtime
        None expected.

    Undo
        One PUT of the cluster as it then is, with its former tier.
    """
    if reason := _not_movable(cluster):
        return Guidance(
            why_no_plan=f"The cluster is not written back whole: {reason}.",
            steps=(
                f"Change the tier: az aks update {names(cluster)} --tier standard.",
                "Change the code, too: bicep sku: { name: 'Base', tier: 'Standard' }, or Terraform sku_tier.",
            ),
            cost=f"about +US${MONTHLY_USD} a month for each cluster (estimate, list price)",
            effort="minutes",
        )
    before, body = cluster.get("sku.tier"), {**clean_cluster(cluster.body)}
    upgraded = {**body, "sku": {**body["sku"], "tier": "Standard"}}
    version = api_version(CLUSTER.lower())
    return Plan(
        rule=standard_tier.name,
        resource_id=cluster.id,
        safety=Safety.APPROVE,
        title=f"Move AKS cluster {cluster.name} from the {before} to the Standard tier",
        writes=(Write("PUT", cluster.id, version, upgraded, cluster.get("eTag")),),
        undo=(Write("PUT", cluster.id, version, body),),
        undo_note=f"can be set back to {before}",
        touches=move_to_standard.touches,
        before={"sku.tier": before},
        after={"sku.tier": "Standard"},
        effect="The API server gets an SLA and more capacity. Nodes and pods stay as they are.",
        cost=Cost(f"about +US${MONTHLY_USD} a month (estimate, US$0.10 an hour for each cluster)", MONTHLY_USD),
        downtime="none expected",
        duration="minutes",
        code=Code(
            bicep="sku: { name: 'Base', tier: 'Standard' }",
            terraform='sku_tier = "Standard"',
            warning="Code that still says Free sets the cluster back on its next run, and older azurerm providers "
            "replace the cluster for that (delete it): change the code before approving.",
        ),
        preconditions=(
            Precondition("the cluster is running, and Azure gave its eTag", checked=True),
            Precondition("nobody changes its node pools meanwhile: the cluster's eTag does not cover them"),
            *linked(cluster.get("identity.userAssignedIdentities"), *(running_pools(cluster) or ())),
        ),
    )


def _not_movable(cluster: Resource) -> str:
    """Why the cluster cannot be written back for certain; empty when nothing speaks against it."""
    if holds_login(cluster.body):
        return NAMES_USER
    if cluster.text("sku.name") != "base" or cluster.text("sku.tier") is None:
        return "Azure did not say its SKU and tier, or it is not a Base cluster"
    if cluster.text("eTag") is None:
        return "Azure gave no eTag, so a change in between would be overwritten"
    if cluster.text("location") is None or not running_pools(cluster):
        return "Azure did not show all of it, or it is stopped"
    return ""


REMEDIATIONS: Final[tuple[Remediation, ...]] = (move_to_standard,)
