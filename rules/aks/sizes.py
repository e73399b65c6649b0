"""Sizes of node pools: enough nodes to lose one."""

from collections.abc import Iterable, Sequence
from typing import Final

from rules.aks.cluster import CLUSTER, NO_POOLS, is_automatic, pools_in_mode
from rules.aks.pools import least_nodes, named, said_of, total, word
from rules.model import Body, References, Resource, Severity, Verdict, failed, not_applicable, passed, rule, unknown

SYSTEM_NODES: Final = 3
USER_NODES: Final = 2


def small_user_pools(pools: Iterable[Body]) -> Sequence[Body]:
    """Those that keep some nodes, but too few to lose one."""
    return [pool for pool in pools if 0 < (least_nodes(pool) or 0) < USER_NODES]


@rule(
    title="AKS system pools have three nodes",
    severity=Severity.HIGH,
    applies_to=CLUSTER,
    references=References(
        aprl=("7f7ae535-a5ba-4665-b7e0-c451dbdda01f",),
        psrule=("Azure.AKS.MinNodeCount",),
        learn=(
            "https://learn.microsoft.com/azure/aks/use-system-pools",
            "https://learn.microsoft.com/azure/reliability/reliability-aks",
        ),
    ),
)
def system_pool_size(cluster: Resource) -> Verdict:
    """The system pools always keep three nodes between them.

    What it checks
        `count` of the running pools in mode System, or `minCount` where the autoscaler is on: together at least three,
        because system pods go to any system pool. AKS Automatic is left out: it sizes them itself.

    Why it matters
        System pods (DNS, metrics, the tunnel to the API server) run there. With one or two nodes, a failed node during
        an upgrade leaves them nowhere to go, and every model in the cluster loses name resolution.

    How it is fixed
        After approval: the pool is scaled to the missing nodes, or its minimum raised. Running pods stay where they
        are.

    References
        APRL 7f7ae535 (which accepts two nodes), PSRule Azure.AKS.MinNodeCount, Learn: use-system-pools.
    """
    if is_automatic(cluster):
        return not_applicable("AKS Automatic sizes its system nodes itself")
    pools = pools_in_mode(cluster, "system")
    if pools is None:
        return NO_POOLS
    if not pools:
        return not_applicable("it shows no running system pool")
    nodes = total(least_nodes(pool) for pool in pools)
    if nodes is None:
        return unknown(f"Azure did not say how many nodes there are in {named(pools)}")
    if nodes < SYSTEM_NODES:
        what = said_of(pools, f"keeps {nodes}", f"together keep {nodes}")
        return failed(f"{what} of the {SYSTEM_NODES} system nodes that DNS needs to survive a failure in an upgrade")
    return passed(f"its system pools keep {nodes} nodes")


@rule(
    title="AKS user pools have two nodes",
    severity=Severity.HIGH,
    applies_to=CLUSTER,
    references=References(
        aprl=("005ccbbd-aeab-46ef-80bd-9bd4479412ec",),
        psrule=("Azure.AKS.MinUserPoolNodes",),
        learn=(
            "https://learn.microsoft.com/azure/aks/use-system-pools",
            "https://learn.microsoft.com/azure/reliability/reliability-aks",
        ),
    ),
)
def user_pool_size(cluster: Resource) -> Verdict:
    """Every user pool that always has nodes has at least two.

    What it checks
        `count` of the running pools in mode User, or `minCount` where the autoscaler is on. Pools that may scale to
        zero, and Spot pools, which Azure may empty at any time, serve no endpoint that must not stop: they are left
        out.

    Why it matters
        With one node, the failure or the upgrade of that node stops every replica of the models on it, however many
        there are.

    How it is fixed
        After approval: the pool is scaled to two nodes, or its minimum raised. GPU nodes can cost thousands of dollars
        a month.

    References
        APRL 005ccbbd, PSRule Azure.AKS.MinUserPoolNodes (which asks for three), Learn: use-system-pools.
    """
    pools = pools_in_mode(cluster, "user")
    if pools is None:
        return NO_POOLS
    regular = [pool for pool in pools if word(pool, "scaleSetPriority") != "spot"]
    if unclear := [pool for pool in regular if least_nodes(pool) is None]:
        return unknown(f"Azure did not say how many nodes there are in {named(unclear)}")
    if not any(least_nodes(pool) for pool in regular):
        return not_applicable("it shows no user pool that always has nodes")
    if small := small_user_pools(regular):
        what = said_of(small, "keeps one node only", "keep one node only")
        return failed(f"{what}: its failure or upgrade stops every model there")
    return passed("every user pool that always has nodes has at least two")


RULES: Final = (system_pool_size, user_pool_size)
