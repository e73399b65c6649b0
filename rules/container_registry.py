"""Azure Container Registry. https://learn.microsoft.com/azure/reliability/reliability-container-registry"""

from collections.abc import Sequence
from typing import Final

from rules.model import (
    Body,
    References,
    Resource,
    Severity,
    Verdict,
    failed,
    not_applicable,
    passed,
    rule,
    unknown,
)
from rules.regions import region, shown
from rules.values import flag_at, normal_region, text_at

REGISTRY: Final = "Microsoft.ContainerRegistry/registries"
TIERS: Final = {"classic": "Classic", "basic": "Basic", "standard": "Standard", "premium": "Premium"}
LESSER: Final = ("classic", "basic", "standard")
"""Tiers whose registries cannot be replicated."""

ROUTED: Final = "properties.regionEndpointEnabled"
STATE: Final = "properties.provisioningState"
CHANGING: Final = ("creating", "updating", "deleting")
UNREAD: Final = "the registry's replicas could not be read"


@rule(
    title="Container registry is Premium",
    severity=Severity.HIGH,
    applies_to=REGISTRY,
    references=References(
        aprl=("eb005943-40a8-194b-9db2-474d430046b7",),
        psrule=("Azure.ACR.MinSku",),
        learn=(
            "https://learn.microsoft.com/azure/container-registry/container-registry-skus",
            "https://learn.microsoft.com/azure/reliability/reliability-container-registry",
            "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning",
        ),
    ),
)
def premium_sku(registry: Resource) -> Verdict:
    """The registry's SKU is Premium.

    What it checks
        `sku.name` of the registry.

    Why it matters
        Geo-replication, which keeps image pulls working through the loss of a region, exists only in Premium, as do
        private endpoints and the higher pull limits that a scaling compute cluster needs. Premium does not change
        zone redundancy (registries in regions with zones have it in every tier) or the SLA.

    How it is fixed
        Automatically: the SKU is upgraded in place, without downtime. It can be set back while nothing that only
        Premium offers is in use.

    References
        APRL eb005943, PSRule Azure.ACR.MinSku (which accepts Standard too), Learn: container-registry-skus.
    """
    tier = registry.get("sku.name")
    known = TIERS.get(tier.lower()) if isinstance(tier, str) else None
    if known is None:
        return unknown(
            "Azure did not say which SKU the registry has"
            if tier is None
            else "the registry's SKU is not one of Azure's"
        )
    if known != "Premium":
        return failed(
            f"the registry is {known}: it cannot be geo-replicated, so the loss of its region stops image pulls"
        )
    return passed("the registry is Premium")


@rule(
    title="Container registry has a replica in another region",
    severity=Severity.HIGH,
    applies_to=REGISTRY,
    reads=("replications",),
    production=True,
    references=References(
        aprl=("36ea6c09-ef6e-d743-9cfb-bd0c928a430b",),
        psrule=("Azure.ACR.GeoReplica",),
        learn=(
            "https://learn.microsoft.com/azure/container-registry/container-registry-geo-replication",
            "https://learn.microsoft.com/azure/reliability/reliability-container-registry",
            "https://learn.microsoft.com/azure/machine-learning/how-to-high-availability-machine-learning",
        ),
    ),
)
def geo_replica(registry: Resource) -> Verdict:
    """A Premium registry has at least one replica outside its own region.

    What it checks
        The `location` and `provisioningState` of the registry's replications. The registry's own region is listed
        among them and does not count; nor does a replica that Azure could not make.

    Why it matters
        Every job, environment build and online deployment of Azure Machine Learning pulls its image from the registry.
        With all images in one region, a second workspace in another region cannot start anything while the first
        region is lost; with a replica, pulls move to it by themselves within minutes.

    How it is fixed
        After approval: a replica in the paired region, without downtime. It costs another Premium unit, storage and
        data transfer. Registries with private endpoints, or in a region without a pair, are for people.

    References
        APRL 36ea6c09, PSRule Azure.ACR.GeoReplica (which counts a replica in any state), Learn:
        container-registry-geo-replication.
    """
    if (tier := registry.text("sku.name")) in LESSER:
        return not_applicable("only Premium registries can be replicated")
    replicas = registry.collection("replications")
    if tier != "premium" or not registry.location:
        return unknown("Azure did not say which SKU or region the registry has")
    if replicas is None:
        return unknown(UNREAD)
    return _judged([_state(replica) for replica in elsewhere(registry, replicas)])


def _judged(states: Sequence[str | None]) -> Verdict:
    """What the states of the replicas in other regions mean."""
    if "succeeded" in states:
        return passed("the registry has a replica in another region")
    if not states:
        return failed("every image is in one region: its loss stops image pulls everywhere")
    if all(state in ("failed", "canceled") for state in states):
        return failed("Azure could not make the registry's replica: every image is in one region")
    return unknown("the registry's replica in another region is not ready, or does not say whether it is")


@rule(
    title="Container registry lies in a region with availability zones, or has a replica in one",
    severity=Severity.MEDIUM,
    applies_to=REGISTRY,
    reads=("replications",),
    references=References(
        learn=(
            "https://learn.microsoft.com/azure/container-registry/zone-redundancy",
            "https://learn.microsoft.com/azure/container-registry/container-registry-geo-replication",
        ),
    ),
)
def zonal_region(registry: Resource) -> Verdict:
    """The images are kept in several availability zones of some region.

    What it checks
        `location` of the registry and of its replications. Where a region has availability zones, Azure spreads
        registries and replicas of every tier over them, even if `zoneRedundancy` shows Disabled: that property is not
        looked at.

    Why it matters
        In a region without zones, one datacenter that fails may stop all image pulls: clusters cannot grow, jobs
        cannot start and online endpoints cannot replace a lost instance.

    How it is fixed
        By people: a registry cannot move. Add a replica in a region with zones, or make a new registry in one and
        import the images.

    References
        Learn: zone-redundancy, container-registry-geo-replication. APRL 63491f70 and Azure Policy 9d2b0a20 still ask
        for the property `zoneRedundancy`.
    """
    place = region(registry.location)
    if place is None:
        return unknown(f"it is not known whether {shown(registry.location)} has availability zones")
    if place.zones:
        return passed(f"{registry.location} has availability zones, and registries there use them in every tier")
    replicas = () if registry.text("sku.name") in LESSER else registry.collection("replications")
    if replicas is None:
        return unknown(UNREAD)
    if any(_is_zonal(replica) for replica in replicas):
        return passed("a replica lies in a region with availability zones")
    return failed(f"{registry.location} has no availability zones: one failed datacenter may stop all image pulls")


@rule(
    title="Every replica of the container registry gets traffic",
    severity=Severity.MEDIUM,
    applies_to=REGISTRY,
    reads=("replications",),
    references=References(
        learn=("https://learn.microsoft.com/azure/container-registry/container-registry-geo-replication",),
    ),
)
def replica_routing(registry: Resource) -> Verdict:
    """No replica is excluded from the registry's global endpoint.

    What it checks
        `properties.regionEndpointEnabled` of every replication of a replicated registry, its own region included.

    Why it matters
        An excluded replica keeps its images and its price, but takes over no pulls when another region is lost:
        compute and endpoints of Azure Machine Learning then find no images although a copy exists. Terraform excludes
        replicas unless `regional_endpoint_enabled` is set.

    How it is fixed
        After approval: routing is switched on again, unless somebody excluded the replica for maintenance. It can be
        switched off as easily.

    References
        Learn: container-registry-geo-replication.
    """
    if registry.text("sku.name") in LESSER:
        return not_applicable("only Premium registries can be replicated")
    replicas = registry.collection("replications")
    if replicas is None:
        return unknown(UNREAD)
    if len(replicas) < 2:
        return not_applicable("the registry has no replica in another region")
    routed = [_routed(replica) for replica in replicas]
    if None in routed:
        return unknown("Azure did not say whether every replica gets traffic, or is still changing one")
    if off := routed.count(False):
        return failed(f"{off} of {len(routed)} replicas get no traffic, and take over no pulls when a region is lost")
    return passed("every replica gets traffic")


def elsewhere(registry: Resource, replicas: Sequence[Body]) -> list[Body]:
    """The replicas that do not lie in the registry's own region."""
    return [replica for replica in replicas if normal_region(replica.get("location")) != registry.location]


def _state(replica: Body) -> str | None:
    """The provisioning state of a replica, None where it does not tell or is nowhere."""
    return text_at(replica, STATE) if normal_region(replica.get("location")) else None


def _routed(replica: Body) -> bool | None:
    """Whether a replica gets traffic, None where that is not said or about to change."""
    return None if text_at(replica, STATE) in CHANGING else flag_at(replica, ROUTED)


def _is_zonal(replica: Body) -> bool:
    place = region(normal_region(replica.get("location")))
    return place is not None and place.zones and _state(replica) == "succeeded"


RULES: Final = (premium_sku, geo_replica, zonal_region, replica_routing)
