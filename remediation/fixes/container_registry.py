"""Azure Container Registry. PATCH of a registry, and PUT and PATCH of a replication, answer 200 or 201, which may run
on (azure-mgmt-containerregistry)."""

from typing import Any, Final

from remediation.api_versions import api_version
from remediation.plan import Code, Cost, Guidance, Plan, Precondition, Remedy, Safety, Write, remediates
from rules.container_registry import (
    REGISTRY,
    ROUTED,
    elsewhere,
    geo_replica,
    premium_sku,
    replica_routing,
    zonal_region,
)
from rules.model import Body, Resource
from rules.regions import region
from rules.values import flag_at

MONTHLY_USD: Final = {"basic": 45, "standard": 30}
"""Premium's list price less the tier's, per 30 days (Learn, container-registry-skus: 5, 20 and 50 US dollars)."""

REPLICA_NEEDS: Final = (
    "Microsoft.ContainerRegistry/registries/read",
    "Microsoft.ContainerRegistry/registries/write",
    "Microsoft.ContainerRegistry/registries/replications/read",
    "Microsoft.ContainerRegistry/registries/replications/write",
    "Microsoft.ContainerRegistry/registries/replications/operationStatuses/read",
)
"""What Learn (container-registry-geo-replication) asks for, without the right to delete a replica."""

DRIFT: Final = (
    "Terraform deletes a replica that georeplications does not name, excludes one without "
    "regional_endpoint_enabled = true from routing, and deletes and makes anew one whose zone_redundancy_enabled is "
    "not what Azure shows. Change the code before the next apply."
)


@remediates(
    premium_sku,
    safety=Safety.SAFE,
    touches=("sku", "replications"),
    needs=(
        "Microsoft.ContainerRegistry/registries/read",
        "Microsoft.ContainerRegistry/registries/write",
        "Microsoft.ContainerRegistry/registries/operationStatuses/read",
    ),
)
def upgrade_to_premium(registry: Resource) -> Plan:
    """Upgrade the SKU in place. Images, endpoints and credentials stay as they are.

    What is sent
        A PATCH of the registry with nothing but `sku.name`. Azure then lists the registry's own region as its first
        replication.

    Cost
        Premium's list price less that of the tier: about 45 US dollars a month from Basic, 30 from Standard
        (estimate).

    Downtime
        None.

    Undo
        The former SKU is set again; Azure refuses it while a replica, private endpoint or connected registry uses
        Premium, or more is stored than the tier includes.
    """
    before = registry.get("sku.name")
    extra = MONTHLY_USD.get(before.lower())
    return Plan(
        rule=premium_sku.name,
        resource_id=registry.id,
        safety=Safety.SAFE,
        title=f"Upgrade container registry {registry.name} from {before} to Premium",
        writes=(_set_sku(registry.id, "Premium"),),
        undo=(_set_sku(registry.id, before),),
        undo_note=f"can be set back to {before} while no replica, private endpoint or connected registry uses Premium "
        "and its storage fits the tier",
        touches=upgrade_to_premium.touches,
        before={"sku.name": before},
        after={"sku.name": "Premium"},
        effect="Geo-replication and private endpoints become available; storage and throughput limits rise.",
        cost=Cost(f"about +US${extra} a month (estimate, list price)", extra)
        if extra
        else Cost("Premium's list price (estimate: its present tier is not known)"),
        downtime="none",
        duration="seconds",
        code=Code(bicep="sku: { name: 'Premium' }", terraform='sku = "Premium"'),
    )


def _set_sku(registry_id: str, tier: str) -> Write:
    return Write("PATCH", registry_id, api_version(REGISTRY.lower()), {"sku": {"name": tier}})


@remediates(geo_replica, safety=Safety.APPROVE, touches=("replications",), needs=REPLICA_NEEDS)
def add_geo_replica(registry: Resource) -> Remedy:
    """Add a replica in the paired region. The registry and its images serve as before.

    What is sent
        A PUT of a replication named after the paired region. Nothing of the registry itself is changed.

    Cost
        Another Premium unit (about 50 US dollars a month, estimate), storage of a second copy and data transfer
        between the regions.

    Downtime
        None: the registry serves pulls and pushes while the replica is filled.

    Undo
        Nothing is sent: taking a replica away is a delete, and the bot never deletes. A person can do it.
    """
    place = region(registry.location)
    target = place.pair if place else None
    if target is None or (pair := region(target)) is None:
        return _by_people(registry, "No region is known to be paired with the registry's own.")
    replicas = registry.collection("replications") or ()
    if registry.get("properties.privateEndpointConnections"):
        return _by_people(
            registry,
            "With private endpoints, adding a replica takes Microsoft.Network/privateEndpoints/"
            "privateLinkServiceProxies/write on each of them, which the bot does not have.",
        )
    if elsewhere(registry, replicas) or target in [_name(replica).lower() for replica in replicas]:
        return _by_people(registry, "A replica that Azure could not make, or one of the same name, is in the way.")
    return Plan(
        rule=geo_replica.name,
        resource_id=registry.id,
        safety=Safety.APPROVE,
        title=f"Replicate container registry {registry.name} to {target}",
        writes=(_put_replica(registry.id, target),),
        undo=(),
        undo_note=f"the bot cannot take it back, because it never deletes; a person can: az acr replication delete "
        f"--registry {registry.name} --name {target}",
        touches=add_geo_replica.touches,
        before={f"replications[{target}]:location": None},
        after={f"replications[{target}]:location": target},
        effect=f"Images are copied to {target}{', over its availability zones' if pair.zones else ''}. Pulls go to the "
        "nearest replica, and to the other one when a region is lost.",
        cost=Cost("about +US$50 a month (estimate, list price), plus storage of the copy and data transfer"),
        downtime="none",
        duration="minutes to hours, with the size of the registry",
        code=Code(
            bicep="resource replica 'Microsoft.ContainerRegistry/registries/replications@2025-11-01' = {\n"
            f"  parent: registry\n  name: '{target}'\n  location: '{target}'\n"
            "  properties: { regionEndpointEnabled: true }\n}",
            terraform=f'georeplications {{\n  location                  = "{target}"\n'
            "  regional_endpoint_enabled = true\n}",
            warning=DRIFT,
        ),
        preconditions=_conditions(registry, target),
    )


def _conditions(registry: Resource, target: str) -> tuple[Precondition, ...]:
    no_endpoints = registry.get("properties.privateEndpointConnections") == []
    encrypted = registry.text("properties.encryption.status") == "enabled"
    return (
        Precondition("the registry is Premium", checked=True),
        Precondition("the registry has no private endpoints", checked=no_endpoints),
        Precondition("the registry has no soft-delete policy (preview): replicas and that policy exclude each other"),
        Precondition(f"the images may be kept in {target}, and the subscription may use that region"),
        *([Precondition("the vault of the registry's key can be reached when a region is lost")] if encrypted else []),
    )


def _put_replica(registry_id: str, target: str) -> Write:
    body = {"location": target, "properties": {"regionEndpointEnabled": True}}
    return Write("PUT", f"{registry_id}/replications/{target}", api_version(REGISTRY.lower()), body)


def _by_people(registry: Resource, why: str) -> Guidance:
    return Guidance(
        why_no_plan=why,
        steps=(
            f"List the replicas: az acr replication list --registry {registry.name} --output table.",
            f"Delete one whose status is Failed: az acr replication delete --registry {registry.name} --name <name>.",
            "Choose a region: a registry may be replicated to any, best to that of the second workspace.",
            "With private endpoints, check that each of their subnets has a free address for the replica and that "
            "none uses static addresses, and use an account that may write privateLinkServiceProxies.",
            f"Add the replica: az acr replication create --registry {registry.name} --location <region>.",
        ),
        cost="about +US$50 a month (estimate, list price), plus storage of the copy and data transfer",
        effort="an hour",
    )


@remediates(zonal_region)
def find_a_zonal_region(registry: Resource) -> Guidance:
    """The home region of a registry is fixed when it is made."""
    return Guidance(
        why_no_plan="A registry cannot move to another region, and its own has no availability zones.",
        steps=(
            "Choose a region with availability zones, best one where a workspace runs.",
            f"If the registry is Premium, add a replica there: az acr replication create --registry {registry.name} "
            "--location <region>. This finding closes when the replica is ready.",
            "Otherwise make a new Premium registry there, and copy every image: az acr import --name <new registry> "
            f"--source {registry.name}.azurecr.io/<repository>:<tag> --image <repository>:<tag>.",
            "Point the workspace at the new registry: az ml workspace update --name <workspace> --resource-group "
            "<group> --container-registry <its resource id> --update-dependent-resources. Endpoints and earlier jobs "
            "go on needing the old registry: deploy the endpoints again, and keep it until nothing pulls from it.",
        ),
        cost="about +US$50 a month for a replica or a second registry (estimate, list price)",
        effort="an hour for a replica, one to two days for a move",
    )


@remediates(replica_routing, safety=Safety.APPROVE, touches=("replications",), needs=REPLICA_NEEDS)
def route_to_replicas(registry: Resource) -> Remedy:
    """Let excluded replicas take part in the registry's global endpoint again.

    What is sent
        A PATCH of each excluded replication with nothing but `regionEndpointEnabled`.

    Cost
        None: an excluded replica is paid for already.

    Downtime
        None: an excluded replica is kept in step, and serves at once.

    Undo
        The same PATCH with `false`.
    """
    off = [_name(replica) for replica in registry.collection("replications") or () if flag_at(replica, ROUTED) is False]
    if "" in off:
        return Guidance(
            why_no_plan="Azure gave a replica a name that no request may hold.",
            steps=(
                f"List the replicas: az acr replication list --registry {registry.name} --output table.",
                f"Route to each: az acr replication update --registry {registry.name} --name <name> "
                "--global-endpoint-routing true.",
            ),
            cost="none",
            effort="minutes",
        )
    return Plan(
        rule=replica_routing.name,
        resource_id=registry.id,
        safety=Safety.APPROVE,
        title=f"Route traffic of container registry {registry.name} to {', '.join(off)} again",
        writes=tuple(_route(registry.id, name, on=True) for name in off),
        undo=tuple(_route(registry.id, name, on=False) for name in off),
        undo_note="can be excluded again at any time",
        touches=route_to_replicas.touches,
        before={f"replications[{name}]:{ROUTED}": False for name in off},
        after={f"replications[{name}]:{ROUTED}": True for name in off},
        effect="Pulls and pushes near such a replica go to it, and it takes over when another region is lost.",
        cost=Cost("none", 0),
        downtime="none",
        duration="minutes",
        code=Code(
            bicep="properties: { regionEndpointEnabled: true }",
            terraform="georeplications { regional_endpoint_enabled = true }",
            warning=DRIFT,
        ),
        preconditions=(Precondition("nobody excluded the replica on purpose (maintenance, trouble in its region)"),),
    )


def _route(registry_id: str, name: str, *, on: bool) -> Write:
    body: dict[str, Any] = {"properties": {"regionEndpointEnabled": on}}
    return Write("PATCH", f"{registry_id}/replications/{name}", api_version(REGISTRY.lower()), body)


def _name(replica: Body) -> str:
    """The replica's name, empty where it is not one that Azure allows."""
    name = replica.get("name")
    return name if isinstance(name, str) and name.isascii() and name.isalnum() else ""


REMEDIATIONS: Final = (upgrade_to_premium, add_geo_replica, find_a_zonal_region, route_to_replicas)
