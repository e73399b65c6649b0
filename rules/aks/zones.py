"""Availability zones: where the nodes of the pools stand."""

from collections.abc import Sequence
from typing import Final

from rules.aks.cluster import CLUSTER, NO_POOLS, running_pools
from rules.aks.pools import named, said_of, word
from rules.model import Body, References, Resource, Severity, Verdict, failed, not_applicable, passed, rule, unknown


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
        what = said_of(pinned, "is not spread over availability zones", "are not spread over availability zones")
        return failed(f"{what}: the loss of one zone can take every node")
    return passed("every node pool is spread over availability zones")


RULES: Final = (zone_spanning_pools,)
