"""The cluster autoscaler, and node auto-provisioning: nodes that come when pods wait for them."""

from collections.abc import Iterable, Sequence
from typing import Final

from rules.aks.cluster import CLUSTER, NO_POOLS, running_pools
from rules.aks.pools import least_nodes, named, said_of, scales_itself, word
from rules.model import Body, References, Resource, Severity, Verdict, failed, not_applicable, passed, rule, unknown


def has_auto_provisioning(cluster: Resource) -> bool:
    """Whether AKS adds and removes nodes as the pods need them, beside the pools."""
    return cluster.text("properties.nodeProvisioningProfile.mode") == "auto"


def scalable_pools(pools: Iterable[Body]) -> Sequence[Body]:
    """Those that the cluster autoscaler is for: neither gateways, nor scaled to zero by hand."""
    return [
        pool
        for pool in pools
        if word(pool, "mode") != "gateway" and (scales_itself(pool) is not False or least_nodes(pool) != 0)
    ]


@rule(
    title="AKS node pools scale by themselves",
    severity=Severity.MEDIUM,
    applies_to=CLUSTER,
    production=True,
    references=References(
        aprl=("902c82ff-4910-4b61-942d-0d6ef7f39b67",),
        psrule=("Azure.AKS.AutoScaling",),
        learn=(
            "https://learn.microsoft.com/azure/aks/cluster-autoscaler",
            "https://learn.microsoft.com/azure/reliability/reliability-aks",
        ),
    ),
)
def autoscaler(cluster: Resource) -> Verdict:
    """Node pools get nodes when pods wait for them.

    What it checks
        `enableAutoScaling` of every running pool, which is off by default; or node auto-provisioning
        (`nodeProvisioningProfile.mode` is Auto), which adds nodes beside the pools. Gateway pools, and pools that were
        scaled to zero by hand, are left out.

    Why it matters
        When a zone or some nodes are lost, the pods of an endpoint wait until somebody adds nodes by hand; so they do
        when traffic doubles.

    How it is fixed
        After approval: the cluster autoscaler is switched on, from today's number of nodes to twice that.

    References
        APRL 902c82ff, PSRule Azure.AKS.AutoScaling (which passes pools that are no scale sets), Learn:
        cluster-autoscaler.
    """
    if cluster.unreadable("properties.nodeProvisioningProfile"):
        return unknown("Azure did not say clearly whether node auto-provisioning is on")
    if has_auto_provisioning(cluster):
        return passed("node auto-provisioning adds the nodes that its pods need")
    pools = cluster.kept(running_pools)
    if pools is None:
        return NO_POOLS
    candidates = scalable_pools(pools)
    if not candidates:
        return not_applicable("it shows no node pool that could scale by itself")
    if unclear := [pool for pool in candidates if scales_itself(pool) is None]:
        return unknown(f"Azure did not say whether the autoscaler is on for {named(unclear)}")
    if fixed := [pool for pool in candidates if not scales_itself(pool)]:
        what = said_of(fixed, "does not scale by itself", "do not scale by themselves")
        return failed(f"{what}, which is Azure's default: no node is added when pods wait")
    return passed("every node pool scales by itself")


RULES: Final = (autoscaler,)
