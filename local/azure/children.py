"""Children that come and go with their parent, without a write of their own."""

from typing import Final

from local.azure.bodies import look
from local.azure.ids import Address
from local.azure.messages import Json
from local.azure.providers import behaviour_of
from local.azure.service_rules import home_replication, is_premium
from local.azure.world import World, new_body

_POOLS: Final = "Microsoft.ContainerService/managedClusters/agentPools"
_NO_FILES = ("BlobStorage", "BlockBlobStorage")
_BLOB_SERVICE: Json = {"properties": {"cors": {"corsRules": []}, "deleteRetentionPolicy": {"enabled": False}}}
_FILE_SERVICE: Json = {
    "properties": {"cors": {"corsRules": []}, "shareDeleteRetentionPolicy": {"enabled": True, "days": 7}}
}
"""Soft delete of shares is on in new accounts, that of blobs and containers is not."""


def keep_implicit_children(world: World, body: Json) -> None:
    """Give a storage account its services, and a Premium registry the replication of its own region; keep the node
    pools that a cluster shows and those below it the same."""
    match str(body["type"]).lower():
        case "microsoft.storage/storageaccounts":
            if body.get("kind") != "FileStorage":
                _add(world, f"{body['id']}/blobServices/default", _BLOB_SERVICE)
            if body.get("kind") not in _NO_FILES:
                _add(world, f"{body['id']}/fileServices/default", _FILE_SERVICE)
        case "microsoft.containerregistry/registries":
            if is_premium(body):
                home = {"location": body.get("location", ""), "properties": {"regionEndpointEnabled": True}}
                _add(world, home_replication(body), home)
            else:
                world.remove(home_replication(body))
        case "microsoft.containerservice/managedclusters":
            _keep_pools(world, body)
        case "microsoft.containerservice/managedclusters/agentpools":
            _show_pools(world, world.get(body["id"].rsplit("/", 2)[0]))
        case _:
            pass


def _add(world: World, resource_id: str, body: Json) -> None:
    at = Address.parse(resource_id)
    if at and world.get(resource_id) is None:
        world.put(new_body(at, resource_id, body))


def _keep_pools(world: World, cluster: Json) -> None:
    """Make the pools below a cluster what the cluster says. None is removed: a cluster's PUT deletes no pool."""
    for profile in look(cluster, ("properties", "agentPoolProfiles")) or ():
        pool_id = f"{cluster['id']}/agentPools/{profile['name']}"
        if at := Address.parse(pool_id):
            properties = {name: value for name, value in profile.items() if name != "name"}
            pool, before = new_body(at, pool_id, {"properties": properties}), world.get(pool_id)
            world.put(behaviour_of(at.type).keep(pool, before) if before else pool)
    _show_pools(world, cluster)


def _show_pools(world: World, cluster: Json | None) -> None:
    """Make a cluster show the pools below it. Its own eTag stays: a change of a pool is none of the cluster."""
    pools = world.of_type(_POOLS, cluster["id"]) if cluster else ()
    if cluster and pools:
        profiles = [{"name": pool["name"], **pool["properties"]} for pool in pools]
        cluster["properties"] = {**(cluster.get("properties") or {}), "agentPoolProfiles": profiles}
