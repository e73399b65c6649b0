"""Availability zones: new pools, and a move of the pods."""

import shlex
from typing import Final

from remediation.fixes.aks.cluster import options_of
from remediation.plan import Guidance, Remediation, remediates
from rules.aks.cluster import running_pools
from rules.aks.pools import named
from rules.aks.zones import unspread_pools, zone_spanning_pools
from rules.model import Resource


@remediates(zone_spanning_pools)
def replace_by_spanning_pools(cluster: Resource) -> Guidance:
    """The zones of a node pool are chosen when it is made: new pools, and a move of the pods."""
    pools, of_cluster = unspread_pools(running_pools(cluster) or ()), options_of(cluster)
    return Guidance(
        why_no_plan="Azure cannot change the zones of a node pool: it takes a new pool and a move of its pods.",
        steps=(
            f"Do this for {named(pools)}, one after the other.",
            f"Look up which zones have the VM size: az vm list-skus --location {shlex.quote(cluster.location)} --size "
            "<size> --zone --output table.",
            f"Add a pool like it: az aks nodepool add {of_cluster} --name <new> --mode <System or User> "
            "--node-vm-size <size> --node-count 3 --zones 1 2 3, with the labels and taints of the old one (--labels, "
            "--node-taints).",
            "Spread the replicas of each model with topologySpreadConstraints on topology.kubernetes.io/zone.",
            "Move disks that are locally redundant: they cannot follow a pod into another zone.",
            "Where the old pool has the autoscaler, switch it off, or it adds nodes there again: az aks nodepool "
            f"update {of_cluster} --name <old> --disable-cluster-autoscaler.",
            "Move the pods at a quiet time: kubectl cordon for every node of the old pool, then one node after the "
            "other kubectl drain --ignore-daemonsets --delete-emptydir-data. What pods keep in emptyDir volumes goes.",
            f"When all runs on the new pool, delete the old one: az aks nodepool delete {of_cluster} --name <old>.",
            "In Terraform, zones of a pool only change with temporary_name_for_rotation, which does not drain: add a "
            "second pool there, too.",
        ),
        cost="both pools while the pods move; zones themselves cost nothing (estimate)",
        effort="a few hours for each pool, with restarts of its pods",
    )


REMEDIATIONS: Final[tuple[Remediation, ...]] = (replace_by_spanning_pools,)
