"""Sizes of node pools: more nodes, or a higher minimum."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from remediation.fixes.aks.cluster import clean_pool
from remediation.fixes.aks.pools import (
    COLLECTION,
    POOL_NEEDS,
    POOLS_TOUCHED,
    Resize,
    Words,
    machines,
    obstacle,
    resized,
)
from remediation.plan import Code, Remediation, Remedy, Safety, remediates
from rules.aks.cluster import pools_in_mode
from rules.aks.pools import least_nodes, named, scales_itself, whole, word
from rules.aks.sizes import SYSTEM_NODES, USER_NODES, small_user_pools, system_pool_size, user_pool_size
from rules.model import Body, Resource


@remediates(
    system_pool_size,
    safety=Safety.APPROVE,
    touches=POOLS_TOUCHED,
    needs=POOL_NEEDS,
    reads=(COLLECTION,),
    clean=clean_pool,
)
def grow_system_pool(cluster: Resource) -> Remedy:
    """Give the system pools their third node.

    What is sent
        One PUT of a system pool as it was read, less what is read-only, with a greater `count` (`minCount` where the
        autoscaler is on), and If-Match with the pool's eTag.

    Cost
        The price of the added machines.

    Downtime
        None: running pods stay where they are.

    Undo
        One PUT of the pool as it then is, with its former size; Azure drains the nodes that it then removes.
    """
    pools = pools_in_mode(cluster, "system") or ()
    pool = next((each for each in pools if not obstacle(cluster, each)), pools[0])
    missing = SYSTEM_NODES - sum(least_nodes(each) or 0 for each in pools)
    nodes = (least_nodes(pool) or 0) + missing
    return resized(
        cluster,
        system_pool_size,
        [Resize(pool, _size(pool, nodes))],
        Words(
            title=f"Scale {named([pool])} of AKS cluster {cluster.name} to {nodes} nodes",
            effect="System pods such as DNS get room to survive the loss of a node during an upgrade.",
            cost=_price(missing, [pool]),
            code=_code([pool], nodes),
            nodes=f"{missing} more",
        ),
    )


@remediates(
    user_pool_size,
    safety=Safety.APPROVE,
    touches=POOLS_TOUCHED,
    needs=POOL_NEEDS,
    reads=(COLLECTION,),
    clean=clean_pool,
)
def grow_user_pools(cluster: Resource) -> Remedy:
    """Give every user pool that has one node a second.

    What is sent
        For each such pool one PUT of it as it was read, less what is read-only, with a greater `count` (`minCount`
        where the autoscaler is on), and If-Match with the pool's eTag.

    Cost
        The price of the added machines: GPU machines can cost thousands of dollars a month.

    Downtime
        None: running pods stay where they are.

    Undo
        The pools as they were read; Azure drains the nodes that it then removes.
    """
    regular = [each for each in pools_in_mode(cluster, "user") or () if word(each, "scaleSetPriority") != "spot"]
    pools = small_user_pools(regular)
    return resized(
        cluster,
        user_pool_size,
        [Resize(pool, _size(pool, USER_NODES)) for pool in pools],
        Words(
            title=f"Scale {named(pools)} of AKS cluster {cluster.name} to {USER_NODES} nodes",
            effect="The loss of one node no longer stops every replica there, if the deployments have several.",
            cost=_price(len(pools), pools),
            code=_code(pools, USER_NODES),
            nodes=f"{len(pools)} more",
        ),
    )


def _size(pool: Body, nodes: int) -> Mapping[str, Any]:
    """A pool's change to at least so many nodes."""
    if not scales_itself(pool):
        return {"count": nodes}
    most = whole(pool, "maxCount") or 0
    return {"minCount": nodes} if most >= nodes else {"minCount": nodes, "maxCount": nodes}


def _code(pools: Sequence[Body], nodes: int) -> Code:
    if any(scales_itself(pool) for pool in pools):
        return Code(f"count: {nodes} (minCount where the autoscaler is on)", f"node_count = {nodes} (or min_count)")
    return Code(f"count: {nodes}", f"node_count = {nodes}")


def _price(nodes: int, pools: Sequence[Body]) -> str:
    return f"the price of up to {nodes} more {machines(pools)} (estimate, list price by size and region)"


REMEDIATIONS: Final[tuple[Remediation, ...]] = (grow_system_pool, grow_user_pools)
