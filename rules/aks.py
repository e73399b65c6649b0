"""Azure Kubernetes Service. https://learn.microsoft.com/azure/reliability/reliability-aks

The node pools of a cluster are judged together, as its `agentPoolProfiles` show them: one finding names those that
fail. Pools that are stopped, and the system nodes that AKS runs itself in an Automatic cluster, are left out.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from rules.model import Body, References, Resource, Severity, Verdict, failed, not_applicable, passed, rule, unknown
from rules.twin import second_resource
from rules.values import flag_at, objects_at, text_at, value_at

CLUSTER: Final = "Microsoft.ContainerService/managedClusters"
DR_TAG: Final = "ha-bot-dr-cluster"
"""A tag that names the resource id of the disaster-recovery cluster, or (on that one) of the primary."""

TIERS: Final = {"free": "Free", "standard": "Standard", "paid": "Standard", "premium": "Premium"}
"""Standard was called Paid by api-versions before 2023."""
SYSTEM_NODES: Final = 3
USER_NODES: Final = 2
POOL_NAME: Final = re.compile(r"[a-z][a-z0-9]{0,11}")
MOST_NAMED: Final = 5

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


def pool_name(pool: Body) -> str:
    """The pool's name, empty where it has none that Azure would allow."""
    name = pool.get("name")
    return name if isinstance(name, str) and POOL_NAME.fullmatch(name) else ""


def named(pools: Sequence[Body]) -> str:
    """The pools as people call them: `node pools cpu, gpu`."""
    names = [pool_name(pool) or "(without a name)" for pool in pools]
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"node {'pool' if len(names) == 1 else 'pools'} {', '.join(names[:MOST_NAMED])}{more}"


def _that(pools: Sequence[Body], one: str, several: str) -> str:
    """The pools and what is said of them, in the singular or the plural."""
    return f"{named(pools)} {one if len(pools) == 1 else several}"


def word(pool: Body, name: str) -> str | None:
    """A pool's own text in lower case, None where there is none."""
    value = pool.get(name)
    return value.lower() if isinstance(value, str) and value else None


def whole(body: Body, name: str) -> int | None:
    """A number of nodes, None where there is none."""
    value = body.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def is_scale_set(pool: Body) -> bool:
    """Whether the pool is of the type that has a node count of its own, and can have the cluster autoscaler."""
    return word(pool, "type") == "virtualmachinescalesets"


def scales_itself(pool: Body) -> bool | None:
    """Whether the cluster autoscaler sizes the pool, which is off by default; None where that cannot be read."""
    if word(pool, "type") != "virtualmachines":
        return False if pool.get("enableAutoScaling") is None else flag_at(pool, "enableAutoScaling")
    scale = value_at(pool, "virtualMachinesProfile.scale")
    if not isinstance(scale, dict):
        return None
    parts = objects_at(scale, "autoscale")
    return bool(parts) if parts is not None or scale.get("autoscale") is None else None


def least_nodes(pool: Body) -> int | None:
    """How many nodes the pool always keeps; None where that cannot be read."""
    scales = scales_itself(pool)
    if word(pool, "type") == "virtualmachines":
        parts = objects_at(pool, f"virtualMachinesProfile.scale.{'autoscale' if scales else 'manual'}")
        return None if parts is None else _sum(whole(part, "minCount" if scales else "count") for part in parts)
    return None if scales is None else whole(pool, "minCount" if scales else "count")


def _sum(numbers: Iterable[int | None]) -> int | None:
    found = [*numbers]
    known = [number for number in found if number is not None]
    return sum(known) if len(known) == len(found) else None


def small_user_pools(pools: Iterable[Body]) -> Sequence[Body]:
    """Those that keep some nodes, but too few to lose one."""
    return [pool for pool in pools if 0 < (least_nodes(pool) or 0) < USER_NODES]


def zones_of(pool: Body) -> frozenset[str] | None:
    """The availability zones of the pool, none by default; None where they cannot be read."""
    zones = pool.get("availabilityZones")
    if zones is None:
        return frozenset()
    if not isinstance(zones, list) or not all(isinstance(zone, str) for zone in zones):
        return None
    return frozenset(zones)


def unspread_pools(pools: Sequence[Body]) -> Sequence[Body]:
    """Those in no zone or one, without a pool of the same mode and machines in another zone to stand in for it."""
    alone = [pool for pool in pools if not _is_spread(zones_of(pool))]
    if not alone:
        return ()
    where: dict[tuple[str | None, str | None], frozenset[str]] = {}
    for pool in pools:
        where[_kind(pool)] = where.get(_kind(pool), frozenset()) | (zones_of(pool) or frozenset())
    return [pool for pool in alone if not zones_of(pool) or not _is_spread(where[_kind(pool)])]


def _kind(pool: Body) -> tuple[str | None, str | None]:
    return word(pool, "mode"), word(pool, "vmSize")


def _is_spread(zones: frozenset[str] | None) -> bool:
    return zones is not None and (len(zones) > 1 or "auto" in zones)


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
    title="AKS cluster is in the Standard or Premium tier",
    severity=Severity.HIGH,
    applies_to=CLUSTER,
    production=True,
    references=References(
        aprl=("0611251f-e70f-4243-8ddd-cfe894bec2e7",),
        psrule=("Azure.AKS.UptimeSLA",),
        learn=(
            "https://learn.microsoft.com/azure/aks/free-standard-pricing-tiers",
            "https://learn.microsoft.com/azure/reliability/reliability-aks",
        ),
    ),
)
def standard_tier(cluster: Resource) -> Verdict:
    """The cluster's API server has an SLA and room to grow.

    What it checks
        `sku.tier`: Standard (called Paid before 2023) or Premium. Without one, Azure's default is Free.

    Why it matters
        In the Free tier the API server has no SLA and little capacity. While it is down or overloaded, no node or pod
        that failed is replaced and no model can be deployed: an inference endpoint shrinks with every failure.

    How it is fixed
        After approval: the tier becomes Standard, without downtime, and can be set back.

    References
        APRL 0611251f, PSRule Azure.AKS.UptimeSLA (which refuses Premium), Learn: free-standard-pricing-tiers.
    """
    if not cluster.holds("sku" if cluster.get("sku") is not None else "properties"):
        return unknown("Azure did not say in which pricing tier the cluster is")
    tier = cluster.get("sku.tier")
    if tier is None:
        return failed("no pricing tier is set, and Azure's default is Free: its API server has no SLA")
    known = TIERS.get(tier.lower()) if isinstance(tier, str) else None
    if known is None:
        return unknown("the cluster's pricing tier is not one of Azure's")
    if known == "Free":
        return failed("it is in the Free tier: its API server has no SLA, and while that is down nothing is replaced")
    return passed(f"it is in the {known} tier")


@rule(
    title="AKS node pools span availability zones",
    severity=Severity.HIGH,
    applies_to=CLUSTER,
    zonal=True,
    references=References(
        aprl=("4f63619f-5001-439c-bacb-8de891287727",),
        psrule=("Azure.AKS.AvailabilityZone",),
        policy=("2dec5f47-bc40-40d1-8c7d-a39d9d6808d1",),
        learn=(
            "https://learn.microsoft.com/azure/aks/reliability-availability-zones-configure",
            "https://learn.microsoft.com/azure/aks/configure-automatic-zone-placement",
            "https://learn.microsoft.com/azure/reliability/reliability-aks",
        ),
    ),
)
def zone_spanning_pools(cluster: Resource) -> Verdict:
    """Every node pool is in several availability zones, or has a twin in another zone.

    What it checks
        `availabilityZones` of every running pool, in regions with zones: two or more, or `auto` (a preview). A pool in
        one zone is sound where pools of the same mode and VM size are in other zones. Without zones, Azure's default
        is to promise nothing about where the nodes stand.

    Why it matters
        A pool in one zone, or in none, may lose all its nodes at once. If it is the system pool, DNS goes and with it
        every endpoint in the cluster; if it is the pool of a model, that model stops answering.

    How it is fixed
        By people: the zones of a pool cannot be changed. Add a pool that spans zones, move the pods, delete the old
        pool.

    References
        APRL 4f63619f and PSRule Azure.AKS.AvailabilityZone (which accept a single zone), Azure Policy 2dec5f47, Learn:
        reliability-availability-zones-configure.
    """
    pools = cluster.kept(running_pools)
    if pools is None:
        return NO_POOLS
    if not pools:
        return not_applicable("it shows no running node pool")
    if unclear := [pool for pool in pools if zones_of(pool) is None]:
        return unknown(f"Azure did not say which zones there are for {named(unclear)}")
    if pinned := unspread_pools(pools):
        what = _that(pinned, "is not spread over availability zones", "are not spread over availability zones")
        return failed(f"{what}: the loss of one zone can take every node")
    return passed("every node pool is spread over availability zones")


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
    nodes = _sum(least_nodes(pool) for pool in pools)
    if nodes is None:
        return unknown(f"Azure did not say how many nodes there are in {named(pools)}")
    if nodes < SYSTEM_NODES:
        what = _that(pools, f"keeps {nodes}", f"together keep {nodes}")
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
        what = _that(small, "keeps one node only", "keep one node only")
        return failed(f"{what}: its failure or upgrade stops every model there")
    return passed("every user pool that always has nodes has at least two")


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
        what = _that(fixed, "does not scale by itself", "do not scale by themselves")
        return failed(f"{what}, which is Azure's default: no node is added when pods wait")
    return passed("every node pool scales by itself")


@rule(
    title="AKS cluster has a disaster-recovery cluster",
    severity=Severity.MEDIUM,
    applies_to=CLUSTER,
    production=True,
    references=References(
        aprl=("269a9f1a-6675-460a-831e-b05a887a8c4b",),
        policy=("0b0434ec-2bad-4229-965f-bb7ae5a71257",),
        learn=(
            "https://learn.microsoft.com/azure/aks/reliability-multi-region-deployment-models",
            "https://learn.microsoft.com/azure/reliability/reliability-aks",
            "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning",
        ),
    ),
)
def second_region(cluster: Resource) -> Verdict:
    """The cluster names its counterpart in another region.

    What it checks
        The tag `ha-bot-dr-cluster`, which holds the resource id of the second cluster. Azure has no property for this:
        the tag is how people tell that they have planned for it.

    Why it matters
        A cluster lives in one region. Without a second one, the loss of the region stops every endpoint that is
        deployed to it, and what the cluster stores is gone with its disks.

    How it is fixed
        By people: a second cluster in another region from the same code, attached to a second workspace, with the same
        deployments and a backup of what is stored; then the tag.

    References
        APRL 269a9f1a and Azure Policy 0b0434ec (which ask for Azure Backup), Learn:
        reliability-multi-region-deployment-models.
    """
    return second_resource(cluster, DR_TAG, "cluster")


RULES: Final = (
    standard_tier,
    zone_spanning_pools,
    system_pool_size,
    user_pool_size,
    autoscaler,
    second_region,
)
