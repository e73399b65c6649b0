"""What is common to the rules about a cluster: its type, and the node pools that are judged."""

from collections.abc import Sequence
from typing import Final

from rules.aks.pools import word
from rules.model import Body, Resource, unknown
from rules.values import text_at

CLUSTER: Final = "Microsoft.ContainerService/managedClusters"
NO_POOLS: Final = unknown("Azure did not say which node pools the cluster has, and in which mode")


def running_pools(cluster: Resource) -> Sequence[Body] | None:
    """The node pools with their machines on; None where they cannot be read."""
    pools = cluster.objects("properties.agentPoolProfiles")
    if pools is None:
        shown = cluster.get("properties.agentPoolProfiles") is not None
        return None if shown or not is_automatic(cluster) else ()
    if cluster.text("properties.powerState.code") == "stopped":
        return ()
    return [pool for pool in pools if text_at(pool, "powerState.code") != "stopped"]


def pools_in_mode(cluster: Resource, mode: str) -> Sequence[Body] | None:
    """The running pools of a mode (`system`, `user`); None where they or their modes cannot be read."""
    pools = cluster.kept(running_pools)
    if pools is None:
        return None
    modes = [word(pool, "mode") for pool in pools]
    return None if None in modes else [pool for pool, found in zip(pools, modes, strict=True) if found == mode]


def is_automatic(cluster: Resource) -> bool:
    """Whether AKS runs the nodes itself (AKS Automatic)."""
    return cluster.text("sku.name") == "automatic"
