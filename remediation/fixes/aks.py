"""Azure Kubernetes Service. A cluster's PATCH changes tags only, and node pools have none: plans PUT what was read,
less what is read-only. PUT answers 200 or 201 and runs on behind Azure-AsyncOperation (azure-mgmt-containerservice
41.8.0); If-Match takes the eTag (Learn, aks/use-etags).
"""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any, Final, NamedTuple

from remediation.api_versions import api_version
from remediation.azure_cli import in_group, names
from remediation.plan import Code, Cost, Guidance, Plan, Precondition, Remedy, Safety, Write, remediates
from rules.aks import (
    CLUSTER,
    DR_TAG,
    SYSTEM_NODES,
    USER_NODES,
    autoscaler,
    is_scale_set,
    least_nodes,
    named,
    pool_name,
    pools_in_mode,
    running_pools,
    scalable_pools,
    scales_itself,
    second_region,
    small_user_pools,
    standard_tier,
    system_pool_size,
    unspread_pools,
    user_pool_size,
    whole,
    word,
    zone_spanning_pools,
)
from rules.model import Body, Resource, Rule
from rules.values import text_at, value_at

JOIN: Final = "Microsoft.Network/virtualNetworks/subnets/join/action"
ASSIGN: Final = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
NEEDS: Final = (
    "Microsoft.ContainerService/managedClusters/read",
    "Microsoft.ContainerService/managedClusters/write",
    JOIN,
    ASSIGN,
)
POOL_NEEDS: Final = (
    JOIN,
    "Microsoft.ContainerService/managedClusters/read",
    "Microsoft.ContainerService/managedClusters/agentPools/read",
    "Microsoft.ContainerService/managedClusters/agentPools/write",
)
POOLS_TOUCHED: Final = ("properties.agentPoolProfiles", "agentPools")
COLLECTION: Final = "agentPools"

POOL_READ_ONLY: Final = (
    "eTag",
    "provisioningState",
    "currentOrchestratorVersion",
    "nodeImageVersion",  # settable since 2026, to roll back to a former image: left out, it stays as it is
    "status",
    "localDNSProfile.state",
)
READ_ONLY: Final = (
    "id",
    "name",
    "type",
    "eTag",
    "systemData",
    "identity.principalId",
    "identity.tenantId",
    "identity.userAssignedIdentities.*.principalId",
    "identity.userAssignedIdentities.*.clientId",
    "properties.provisioningState",
    "properties.powerState",
    "properties.maxAgentPools",
    "properties.currentKubernetesVersion",
    "properties.fqdn",
    "properties.privateFQDN",
    "properties.azurePortalFQDN",
    "properties.resourceUID",
    "properties.status",
    "properties.addonProfiles.*.identity",
    "properties.podIdentityProfile.userAssignedIdentities.provisioningState",
    "properties.podIdentityProfile.userAssignedIdentities.provisioningInfo",
    "properties.oidcIssuerProfile.issuerURL",
    "properties.networkProfile.loadBalancerProfile.effectiveOutboundIPs",
    "properties.networkProfile.natGatewayProfile.effectiveOutboundIPs",
    "properties.privateLinkResources.privateLinkServiceID",
    "properties.ingressProfile.webAppRouting.identity",
    *(f"properties.agentPoolProfiles.{path}" for path in POOL_READ_ONLY),
)
"""What only Azure sets in a cluster (`*`: every member; lists: every item), after Azure/bicep-types-az 2026-05-01."""

MONTHLY_USD: Final = 73
"""The Standard tier's price: 0.10 US dollars an hour for each cluster (secondary source)."""

MOST_NODES: Final = 1000
SIZE: Final = re.compile(r"[A-Za-z0-9_-]+")
LOGIN: Final = re.compile(r"://\S*@")
NAMES_USER: Final = "a URL in it names a user, perhaps with a password, which the bot neither stores nor sends"
LIMITS: Final = ("minCount", "maxCount")


def clean_cluster(body: Body) -> Body:
    """A cluster as read, less what is read-only."""
    return _without(body, READ_ONLY)


def clean_pool(body: Body) -> Body:
    """A pool as read, less what is read-only."""
    properties = body.get("properties")
    return {"properties": _without(properties if isinstance(properties, dict) else {}, POOL_READ_ONLY)}


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
            *_linked(cluster.get("identity.userAssignedIdentities"), *(running_pools(cluster) or ())),
        ),
    )


def _not_movable(cluster: Resource) -> str:
    """Why the cluster cannot be written back for certain; empty when nothing speaks against it."""
    if _holds_login(cluster.body):
        return NAMES_USER
    if cluster.text("sku.name") != "base" or cluster.text("sku.tier") is None:
        return "Azure did not say its SKU and tier, or it is not a Base cluster"
    if cluster.text("eTag") is None:
        return "Azure gave no eTag, so a change in between would be overwritten"
    if cluster.text("location") is None or not running_pools(cluster):
        return "Azure did not show all of it, or it is stopped"
    return ""


@remediates(zone_spanning_pools)
def replace_by_spanning_pools(cluster: Resource) -> Guidance:
    """The zones of a node pool are chosen when it is made: new pools, and a move of the pods."""
    pools, of_cluster = unspread_pools(running_pools(cluster) or ()), _of_cluster(cluster)
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


class Resize(NamedTuple):
    """What changes in one pool: new values of its properties, by name."""

    pool: Body
    after: Mapping[str, Any]


class Words(NamedTuple):
    """What a plan for node pools says of itself."""

    title: str
    effect: str
    cost: str
    code: Code
    nodes: str


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
    pool = next((each for each in pools if not _obstacle(cluster, each)), pools[0])
    missing = SYSTEM_NODES - sum(least_nodes(each) or 0 for each in pools)
    nodes = (least_nodes(pool) or 0) + missing
    return _resized(
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
    return _resized(
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
    return _resized(
        cluster,
        autoscaler,
        changes,
        Words(
            title=f"Turn on the autoscaler of {named(pools)} of AKS cluster {cluster.name}",
            effect="Nodes are added when pods wait for room, up to twice today's number, and removed when they idle.",
            cost=f"nothing at rest; at most {more} more {_machine(pools)} while pods wait (estimate, list price)",
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


def _size(pool: Body, nodes: int) -> Mapping[str, Any]:
    """A pool's change to at least so many nodes."""
    if not scales_itself(pool):
        return {"count": nodes}
    most = whole(pool, "maxCount") or 0
    return {"minCount": nodes} if most >= nodes else {"minCount": nodes, "maxCount": nodes}


def _resized(cluster: Resource, rule: Rule, changes: Sequence[Resize], words: Words) -> Remedy:
    """The plan that changes these pools, or guidance where one of them cannot be written back for certain."""
    pools = [change.pool for change in changes]
    if reason := next(filter(None, (_obstacle(cluster, pool) for pool in pools)), ""):
        return _by_hand(cluster, reason, changes, words)
    return Plan(
        rule=rule.name,
        resource_id=cluster.id,
        safety=Safety.APPROVE,
        title=words.title,
        writes=tuple(_put(cluster, change.pool, change.after, guarded=True) for change in changes),
        undo=tuple(_put(cluster, change.pool, _former(change), guarded=False) for change in changes),
        undo_note="each pool can be set back to the size it had; Azure drains the nodes it removes",
        touches=POOLS_TOUCHED,
        before={path: change.pool.get(name) for change in changes for name, path in _paths(change)},
        after={path: change.after[name] for change in changes for name, path in _paths(change)},
        effect=words.effect,
        cost=Cost(words.cost),
        downtime="none",
        duration="a few minutes for each pool",
        code=words.code,
        preconditions=(
            Precondition("each pool is a running scale set whose last change succeeded", checked=True),
            Precondition(f"quota and subnets have room for {words.nodes} nodes"),
            *_linked(None, *pools),
        ),
    )


def _paths(change: Resize) -> Iterable[tuple[str, str]]:
    return [(name, f"properties.agentPoolProfiles[{pool_name(change.pool)}].{name}") for name in change.after]


def _former(change: Resize) -> Mapping[str, Any]:
    """What has to be said to take a change back: Azure keeps what is not said."""
    return {"enableAutoScaling": False} if "enableAutoScaling" in change.after else {}


def _put(cluster: Resource, pool: Body, changed: Mapping[str, Any], *, guarded: bool) -> Write:
    child = _child(cluster, pool)
    body = {"properties": {**clean_pool(child)["properties"], **changed}}
    where = f"{cluster.id}/{COLLECTION}/{pool_name(pool)}"
    return Write("PUT", where, api_version(CLUSTER.lower()), body, child["properties"]["eTag"] if guarded else "")


def _child(cluster: Resource, pool: Body) -> Body:
    """The pool as read by itself, empty where it was not."""
    found = (body for body in cluster.collection(COLLECTION) or () if body.get("name") == pool_name(pool))
    return next((body for body in found if isinstance(body.get("properties"), dict)), {})


def _obstacle(cluster: Resource, pool: Body) -> str:
    """Why a pool cannot be written back for certain; empty when nothing speaks against it."""
    child = _child(cluster, pool)
    if not child:
        return f"{named([pool])} could not be read by itself"
    if _holds_login(child):
        return NAMES_USER
    if not is_scale_set(pool) or text_at(child, "properties.type") != "virtualmachinescalesets":
        return f"{named([pool])} is no scale set, and its size is set in another way"
    if text_at(child, "properties.eTag") is None:
        return f"Azure gave no eTag for {named([pool])}, so a change in between would be overwritten"
    if text_at(child, "properties.provisioningState") != "succeeded":
        return f"Azure's last change of {named([pool])} did not succeed"
    told = LIMITS if scales_itself(pool) else ("count",)
    if any(whole(pool, name) is None for name in told):
        return f"Azure did not say how many nodes there are in {named([pool])}"
    if any(value_at(child, f"properties.{name}") != pool.get(name) for name in ("enableAutoScaling", *told)):
        return f"the cluster and {named([pool])} tell different sizes"
    return ""


def _by_hand(cluster: Resource, reason: str, changes: Sequence[Resize], words: Words) -> Guidance:
    return Guidance(
        why_no_plan=f"A node pool is not written back whole: {reason}.",
        steps=tuple(dict.fromkeys(f"{_command(cluster, change)}." for change in changes)),
        cost=words.cost,
        effort="minutes for each pool; hours for one that has to be replaced",
    )


def _of_cluster(cluster: Resource) -> str:
    """The options that say which cluster a node pool belongs to."""
    return f"{in_group(cluster)} --cluster-name {shlex.quote(cluster.name)}"


def _command(cluster: Resource, change: Resize) -> str:
    target, name, after = _of_cluster(cluster), pool_name(change.pool) or "<pool>", change.after
    if text_at(change.pool, "type") == "availabilityset":
        return (
            "Leave availability sets, which AKS retired, at a quiet time; the next check looks at the pools that Azure "
            f"makes of them: az aks update {names(cluster)} --migrate-vmas-to-vms"
        )
    if not is_scale_set(change.pool):
        return (
            f"Replace {name} by a pool of the type VirtualMachineScaleSets: az aks nodepool add {target} --name <new> "
            "--vm-set-type VirtualMachineScaleSets"
        )
    if "count" in after:
        return f"Scale it: az aks nodepool scale {target} --name {name} --node-count {after['count']}"
    switch = "--enable-cluster-autoscaler" if "enableAutoScaling" in after else "--update-cluster-autoscaler"
    most = after.get("maxCount") or "<as it is>"
    return (
        f"Set its limits: az aks nodepool update {target} --name {name} {switch} --min-count {after['minCount']} "
        f"--max-count {most}"
    )


def _code(pools: Sequence[Body], nodes: int) -> Code:
    if any(scales_itself(pool) for pool in pools):
        return Code(f"count: {nodes} (minCount where the autoscaler is on)", f"node_count = {nodes} (or min_count)")
    return Code(f"count: {nodes}", f"node_count = {nodes}")


def _price(nodes: int, pools: Sequence[Body]) -> str:
    return f"the price of up to {nodes} more {_machine(pools)} (estimate, list price by size and region)"


def _machine(pools: Sequence[Body]) -> str:
    sizes = {size for pool in pools if isinstance(size := pool.get("vmSize"), str) and SIZE.fullmatch(size)}
    return f"nodes of size {sizes.pop()}" if len(sizes) == 1 else "nodes"


def _linked(identities: object, *pools: Body) -> Sequence[Precondition]:
    """Rights on other resources that Azure asks for when they are named in what is sent."""
    found = []
    if any(pool.get("vnetSubnetID") or pool.get("podSubnetID") for pool in pools):
        found.append(Precondition(f"the bot may join the pools' subnets ({JOIN}: role remediator --linked)"))
    if identities:
        found.append(Precondition(f"the bot may assign its identities ({ASSIGN}: role remediator --linked)"))
    return found


def _holds_login(value: Any) -> bool:
    """Whether any text of a body has a URL that names a user, as that of a proxy may (`http://user:secret@proxy`).

    What is sent is stored and journaled: a body with a secret in it must be neither.
    """
    if isinstance(value, dict):
        return any(_holds_login(inner) for pair in value.items() for inner in pair)
    if isinstance(value, list):
        return any(_holds_login(item) for item in value)
    return isinstance(value, str) and LOGIN.search(value) is not None


def _without(body: Body, paths: Iterable[str]) -> dict[str, Any]:
    """The body less the values at these paths."""
    return reduce(lambda left, path: _drop(left, path.split(".")), paths, {**body})


def _drop(value: Any, steps: Sequence[str]) -> Any:
    if isinstance(value, list):
        return [_drop(item, steps) for item in value]
    if not isinstance(value, dict):
        return value
    step, *rest = steps
    if not rest:
        return {name: inner for name, inner in value.items() if name != step}
    return {name: _drop(inner, rest) if step in ("*", name) else inner for name, inner in value.items()}


@remediates(second_region)
def plan_second_region(cluster: Resource) -> Guidance:
    """Recovery from the loss of a region needs a second cluster, its deployments and a rehearsed switch."""
    return Guidance(
        why_no_plan="A cluster lives in one region: recovery needs a second one, which people have to design.",
        steps=(
            "Choose a model: a cluster rebuilt from code (hours), a small one kept ready (minutes), both serving.",
            "Create the second cluster in another region from the same infrastructure code, with quota kept there.",
            "Attach it to an Azure Machine Learning workspace in that region and deploy the same models to it, from "
            "GitOps or Azure Kubernetes Fleet Manager.",
            "Back up what the cluster stores with Azure Backup for AKS, and restore it once to see that it works.",
            "Put Azure Front Door or Traffic Manager before both, and rehearse the switch.",
            f"Set the tag {DR_TAG} on {cluster.name} to the second cluster's resource id: this finding closes.",
        ),
        cost="from nothing (rebuilt from code) to twice the cluster (both serving) (estimate)",
        effort="two to six weeks",
    )


REMEDIATIONS: Final = (
    move_to_standard,
    replace_by_spanning_pools,
    grow_system_pool,
    grow_user_pools,
    turn_on_autoscaler,
    plan_second_region,
)
