"""Children that come and go with their parent, without a write of their own."""

from local.azure.ids import Address
from local.azure.messages import Json
from local.azure.service_rules import home_replication, is_premium
from local.azure.world import World, new_body

_NO_FILES = ("BlobStorage", "BlockBlobStorage")
_BLOB_SERVICE: Json = {"properties": {"cors": {"corsRules": []}, "deleteRetentionPolicy": {"enabled": False}}}
_FILE_SERVICE: Json = {"properties": {"cors": {"corsRules": []}, "shareDeleteRetentionPolicy": {"enabled": False}}}


def keep_implicit_children(world: World, body: Json) -> None:
    """Give a storage account its services, and a Premium registry the replication of its own region."""
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
        case _:
            pass


def _add(world: World, resource_id: str, body: Json) -> None:
    at = Address.parse(resource_id)
    if at and world.get(resource_id) is None:
        world.put(new_body(at, resource_id, body))
