"""What services refuse beyond the shape of a request. Codes and most texts are the simulator's own: see the docs
of each service for the rule itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from local.azure.bodies import look
from local.azure.ids import Address
from local.azure.messages import ArmError, Json
from local.azure.world import World


@dataclass(frozen=True, slots=True)
class Change:
    """A write about to happen: what was (None for a new resource), what was sent, what would be."""

    method: Literal["PUT", "PATCH", "DELETE"]
    at: Address
    before: Json | None
    sent: Json
    after: Json


type ServiceRule = Callable[[World, Change], None]
"""Raises ArmError when the service refuses the change."""


def check(world: World, change: Change) -> None:
    """Apply the rules of the change's type."""
    for rule in _RULES.get(change.at.type.lower(), ()):
        rule(world, change)


def home_replication(registry: Json) -> str:
    """The id of the replication that a Premium registry has in its own region."""
    return f"{registry['id']}/replications/{registry.get('location', '')}"


def is_premium(registry: Json | None) -> bool:
    """Whether a registry may be replicated."""
    return str(look(registry or {}, ("sku", "name"))).lower() == "premium"


def _refused(code: str, message: str, status: int = 400) -> ArmError:
    return ArmError(status, code, message)


def _no_downgrade_with_replicas(world: World, change: Change) -> None:
    if change.before is None or is_premium(change.after):
        return
    home = home_replication(change.before).lower()
    replicas = world.of_type("Microsoft.ContainerRegistry/registries/replications", change.at.id)
    if others := [replica["name"] for replica in replicas if replica["id"].lower() != home]:
        raise _refused("SkuDowngradeNotAllowed", f"Delete the replications {', '.join(others)} first.", 409)


def _replication_needs_premium(world: World, change: Change) -> None:
    if change.before is None and not is_premium(world.get(change.at.parent)):
        raise _refused("SkuNotSupported", "Geo-replication is a feature of the Premium tier of a container registry.")


def _no_change_of_zones(_: World, change: Change) -> None:
    before, after = (str(look(body or {}, ("sku", "name"))) for body in (change.before, change.after))
    if change.before is not None and ("ZRS" in before) != ("ZRS" in after):
        raise _refused(
            "InvalidSkuConversion", f"{before} is not updated to {after}; it is converted by startAccountMigration."
        )


def _purge_protection_stays(_: World, change: Change) -> None:
    path = ("properties", "enablePurgeProtection")
    if look(change.sent, path) is False:
        raise _refused(
            "BadRequest",
            'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is '
            "an irreversible action.",
        )


def _high_availability_goes_through_disabled(_: World, change: Change) -> None:
    path = ("properties", "highAvailability", "mode")
    if (look(change.before or {}, path), look(change.after, path)) == ("SameZone", "ZoneRedundant"):
        raise _refused(
            "InvalidParameterValue",
            "Cannot switch Properties.HighAvailability.Mode directly from SameZone to ZoneRedundant. Please disable HA "
            "and then enable HA.",
        )


def _locations_change_alone(_: World, change: Change) -> None:
    sent = change.sent.get("properties") or {}
    if change.method == "PATCH" and "locations" in sent and len(sent) > 1:
        raise _refused("BadRequest", "Locations are not changed together with any other property of the account.")


def _patch_changes_tags_only(_: World, change: Change) -> None:
    if change.method == "PATCH" and set(change.sent) - {"tags"}:
        raise _refused("InvalidRequestContent", "An update of this type takes nothing but tags.")


_RULES: Final[Mapping[str, tuple[ServiceRule, ...]]] = {
    "microsoft.containerregistry/registries": (_no_downgrade_with_replicas,),
    "microsoft.containerregistry/registries/replications": (_replication_needs_premium,),
    "microsoft.storage/storageaccounts": (_no_change_of_zones,),
    "microsoft.keyvault/vaults": (_purge_protection_stays,),
    "microsoft.dbforpostgresql/flexibleservers": (_high_availability_goes_through_disabled,),
    "microsoft.documentdb/databaseaccounts": (_locations_change_alone,),
    "microsoft.databricks/workspaces": (_patch_changes_tags_only,),
    "microsoft.hdinsight/clusters": (_patch_changes_tags_only,),
    "microsoft.containerinstance/containergroups": (_patch_changes_tags_only,),
    "microsoft.containerservice/managedclusters": (_patch_changes_tags_only,),
    "microsoft.insights/components": (_patch_changes_tags_only,),
}
