"""The cluster autoscaler: from as many nodes as there are to twice that."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from remediation.fixes.aks.cluster import clean_pool
from remediation.fixes.aks.pools import COLLECTION, POOL_NEEDS, POOLS_TOUCHED, Resize, Words, machines, resized
from remediation.plan import Code, Remediation, Remedy, Safety, remediates
from rules.aks.autoscaler import autoscaler, scalable_pools
from rules.aks.cluster import running_pools
from rules.aks.pools import least_nodes, named, pool_name, scales_itself
from rules.model import Body, Resource

MOST_NODES: Final = 1000


@remediates(
    autoscaler, safety=Safety.APPROVE, touches=POOLS_TOUCHED, needs=POOL_NEEDS, reads=(COLLECTION,), clean=clean_pool
)
def turn_on_autoscaler(cluster: Resource) -> Remedy:
    """Let the cluster autoscaler size the pools, from as many nodes as they have to twice that.

    What is sent
        For each such pool one PUT of it as it was read, less what is read-only, with `enableAutoScaling`, `minCount`
        (its present nodes) and `maxCount` (twice that), and If-Match with the pool's eTag.

    Cost
        Nothing at rest; at most as many nodes again while pods wait for them.

    Downtime
        None: no node is removed, as the minimum is what there is.

    Undo
        The pools as they were read, with the autoscaler off and their former number of nodes.
    """
    pools = [each for each in scalable_pools(running_pools(cluster) or ()) if not scales_itself(each)]
    limits = [(least_nodes(pool) or 0, min(2 * (least_nodes(pool) or 0), MOST_NODES)) for pool in pools]
    on: Mapping[str, Any] = {"enableAutoScaling": True}
    changes = [
        Resize(pool, {**on, "minCount": least, "maxCount": most})
        for pool, (least, most) in zip(pools, limits, strict=True)
    ]
    more = sum(most - least for least, most in limits)
    return resized(
        cluster,
        autoscaler,
        changes,
        Words(
            title=f"Turn on the autoscaler of {named(pools)} of AKS cluster {cluster.name}",
            effect="Nodes are added when pods wait for room, up to twice today's number, and removed when they idle.",
            cost=f"nothing at rest; at most {more} more {machines(pools)} while pods wait (estimate, list price)",
            code=Code(
                bicep=_per_pool(pools, limits, "enableAutoScaling: true, minCount: {}, maxCount: {}"),
                terraform=_per_pool(pools, limits, "auto_scaling_enabled = true and min_count = {} and max_count = {}"),
                warning="Stop setting the number of nodes in code (Terraform: ignore_changes of node_count), or every "
                "run sets it back.",
            ),
            nodes=f"up to {more} more",
        ),
    )


def _per_pool(pools: Sequence[Body], limits: Sequence[tuple[int, int]], form: str) -> str:
    """The lines of code for pools with a minimum and maximum of their own."""
    lines = [form.format(*each) for each in limits]
    if len(pools) == 1:
        return lines[0]
    return "; ".join(f"{pool_name(pool)}: {line}" for pool, line in zip(pools, lines, strict=True))


REMEDIATIONS: Final[tuple[Remediation, ...]] = (turn_on_autoscaler,)
