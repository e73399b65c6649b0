"""What is common to the plans that change node pools: one PUT for each, or the commands for people."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from remediation.api_versions import api_version
from remediation.azure_cli import names
from remediation.fixes.aks.cluster import JOIN, NAMES_USER, clean_pool, holds_login, linked, options_of
from remediation.plan import Code, Cost, Guidance, Plan, Precondition, Remedy, Safety, Write
from rules.aks.cluster import CLUSTER
from rules.aks.pools import is_scale_set, named, pool_name, scales_itself, whole
from rules.model import Body, Resource, Rule
from rules.values import text_at, value_at

POOL_NEEDS: Final = (
    JOIN,
    "Microsoft.ContainerService/managedClusters/read",
    "Microsoft.ContainerService/managedClusters/agentPools/read",
    "Microsoft.ContainerService/managedClusters/agentPools/write",
)
POOLS_TOUCHED: Final = ("properties.agentPoolProfiles", "agentPools")
COLLECTION: Final = "agentPools"

SIZE: Final = re.compile(r"[A-Za-z0-9_-]+")
LIMITS: Final = ("minCount", "maxCount")


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


def resized(cluster: Resource, rule: Rule, changes: Sequence[Resize], words: Words) -> Remedy:
    """The plan that changes these pools, or guidance where one of them cannot be written back for certain."""
    pools = [change.pool for change in changes]
    if reason := next(filter(None, (obstacle(cluster, pool) for pool in pools)), ""):
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
            *linked(None, *pools),
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


def obstacle(cluster: Resource, pool: Body) -> str:
    """Why a pool cannot be written back for certain; empty when nothing speaks against it."""
    child = _child(cluster, pool)
    if not child:
        return f"{named([pool])} could not be read by itself"
    if holds_login(child):
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


def _command(cluster: Resource, change: Resize) -> str:
    target, name, after = options_of(cluster), pool_name(change.pool) or "<pool>", change.after
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


def machines(pools: Sequence[Body]) -> str:
    """What is paid for: `nodes of size Standard_D4s_v5`, or `nodes` where the pools differ or tell no size."""
    sizes = {size for pool in pools if isinstance(size := pool.get("vmSize"), str) and SIZE.fullmatch(size)}
    return f"nodes of size {sizes.pop()}" if len(sizes) == 1 else "nodes"
