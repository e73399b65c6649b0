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


def _kind_is_only_upgraded(_: World, change: Change) -> None:
    before, after = (body.get("kind") for body in (change.before or change.after, change.after))
    if before != after and (before not in ("Storage", "BlobStorage") or after != "StorageV2"):
        raise _refused("AccountPropertyCannotBeUpdated", f"The kind {before} is not updated to {after}.")


def _retention_is_a_day_to_a_year(_: World, change: Change) -> None:
    for name in ("deleteRetentionPolicy", "containerDeleteRetentionPolicy", "shareDeleteRetentionPolicy"):
        policy = look(change.sent, ("properties", name)) or {}
        if not 1 <= policy.get("days", 0 if policy.get("enabled") else 1) <= 365:
            raise _refused("InvalidRequestPropertyValue", f"The days of {name} lie between 1 and 365.")


def _versions_need_a_flat_namespace(world: World, change: Change) -> None:
    properties = (world.get(change.at.parent) or {}).get("properties") or {}
    hierarchical = properties.get("isHnsEnabled") or properties.get("isNfsV3Enabled")
    if hierarchical and look(change.sent, ("properties", "isVersioningEnabled")):
        raise _refused("FeatureNotSupportedForAccount", "Versioning is not supported for the account.", 409)


def _purge_protection_stays(_: World, change: Change) -> None:
    path = ("properties", "enablePurgeProtection")
    if look(change.sent, path) is False:
        raise _refused(
            "BadRequest",
            'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is '
            "an irreversible action.",
        )


def _soft_delete_stays(_: World, change: Change) -> None:
    path = ("properties", "enableSoftDelete")
    if change.before is not None and look(change.before, path) is True and look(change.sent, path) is False:
        raise _refused("BadRequest", "Soft delete of a vault is not switched off once it is on.")
    if look(change.after, ("properties", "enablePurgeProtection")) is True and look(change.after, path) is False:
        raise _refused("BadRequest", "Purge protection of a vault needs soft delete.")


def _high_availability_goes_through_disabled(_: World, change: Change) -> None:
    before, after = _standby_modes(change)
    if "Disabled" not in (before, after) and before != after:
        raise _refused(
            "InvalidParameterValue",
            f"Cannot switch Properties.HighAvailability.Mode directly from {before} to {after}. Please disable HA "
            "and then enable HA.",
        )


def _standby_modes(change: Change) -> tuple[str, str]:
    path = ("properties", "highAvailability", "mode")
    before, after = (look(body or {}, path) or "Disabled" for body in (change.before, change.after))
    return before, after


def _adds_standby(change: Change) -> bool:
    before, after = _standby_modes(change)
    return change.before is not None and before == "Disabled" and after != "Disabled"


def _standby_needs_tier_and_source(_: World, change: Change) -> None:
    if not _adds_standby(change):
        return
    if str(look(change.after, ("sku", "tier"))).lower() == "burstable":
        raise _refused("InvalidParameterValue", "High availability is not supported for the Burstable tier.")
    if str(look(change.after, ("properties", "replicationRole"))).lower().endswith("replica"):
        raise _refused("InvalidParameterValue", "High availability is not supported for read replicas.")


def _standby_of_mysql(world: World, change: Change) -> None:
    """A standby needs GTID and auto-grow, which is not switched on by the same request; zones need their storage."""
    if not _adds_standby(change) or change.before is None:
        return
    if look(change.before, ("properties", "storage", "autoGrow")) == "Disabled":
        raise _refused("InvalidParameterValue", "High availability needs storage auto-grow.")
    for name in ("enforce_gtid_consistency", "gtid_mode"):
        parameter = world.get(f"{change.at.id}/configurations/{name}")
        if parameter is not None and look(parameter, ("properties", "value")) != "ON":
            raise _refused("InvalidParameterValue", f"High availability needs the server parameter {name} to be ON.")
    local = look(change.before, ("properties", "storage", "storageRedundancy")) == "LocalRedundancy"
    if local and _standby_modes(change)[1] == "ZoneRedundant":
        raise _refused("InvalidParameterValue", "Zone-redundant high availability is chosen when a server is made.")


def _geo_backup_is_chosen_at_creation(_: World, change: Change) -> None:
    path = ("properties", "backup", "geoRedundantBackup")
    if change.before is not None and look(change.after, path) != look(change.before, path):
        raise _refused("InvalidParameterValue", "Geo-redundant backup is chosen when a server is made.")


def _geo_backup_of_mysql(_: World, change: Change) -> None:
    path = ("properties", "backup", "geoRedundantBackup")
    changed = change.before is not None and look(change.after, path) != look(change.before, path)
    zonal = look(change.after, ("properties", "storage", "storageRedundancy")) == "ZoneRedundancy"
    if changed and (zonal or _standby_modes(change)[1] == "ZoneRedundant"):
        raise _refused("InvalidParameterValue", "Backups in zone-redundant storage are not made geo-redundant.")


def _only_premium_ssd_grows(_: World, change: Change) -> None:
    storage = look(change.after, ("properties", "storage")) or {}
    nodes = look(change.after, ("properties", "cluster", "clusterSize")) or 0
    if storage.get("autoGrow") == "Enabled" and (nodes or storage.get("type") not in (None, "", "Premium_LRS")):
        raise _refused("InvalidParameterValue", "Storage auto-grow is not supported for this storage.")


def _locations_change_alone(_: World, change: Change) -> None:
    sent = change.sent.get("properties") or {}
    if change.method == "PATCH" and "locations" in sent and len(sent) > 1:
        raise _refused("BadRequest", "Locations are not changed together with any other property of the account.")


def _patch_changes_tags_only(_: World, change: Change) -> None:
    if change.method == "PATCH" and set(change.sent) - {"tags"}:
        raise _refused("InvalidRequestContent", "An update of this type takes nothing but tags.")


def _zones_of_sql(_: World, change: Change) -> None:
    """Basic and Standard have no zones, General Purpose only on Gen5; Hyperscale takes them at creation only."""
    path, sku = ("properties", "zoneRedundant"), change.after.get("sku") or {}
    wanted, tier = look(change.after, path), str(sku.get("tier")).lower()
    never = tier in ("basic", "standard") or (tier == "generalpurpose" and str(sku.get("family")).lower() != "gen5")
    too_late = tier == "hyperscale" and change.before is not None and wanted != look(change.before, path)
    if (wanted and never) or too_late:
        raise _refused(
            "ProvisioningDisabled",
            "Provisioning of zone redundant database/pool is not supported for your current request.",
        )


def _backup_storage_of_sql(_: World, change: Change) -> None:
    path, tier = ("properties", "requestedBackupStorageRedundancy"), look(change.after, ("sku", "tier"))
    changed = change.before is not None and look(change.after, path) != look(change.before, path)
    if changed and str(tier).lower() in ("basic", "hyperscale"):
        raise _refused(
            "UnsupportedBackupStorageRedundancyForEdition",
            f"Changing the backup storage account type value for {tier} is not supported.",
        )


_RULES: Final[Mapping[str, tuple[ServiceRule, ...]]] = {
    "microsoft.containerregistry/registries": (_no_downgrade_with_replicas,),
    "microsoft.containerregistry/registries/replications": (_replication_needs_premium,),
    "microsoft.storage/storageaccounts": (_no_change_of_zones, _kind_is_only_upgraded),
    "microsoft.storage/storageaccounts/blobservices": (_retention_is_a_day_to_a_year, _versions_need_a_flat_namespace),
    "microsoft.storage/storageaccounts/fileservices": (_retention_is_a_day_to_a_year,),
    "microsoft.keyvault/vaults": (_purge_protection_stays, _soft_delete_stays),
    "microsoft.dbforpostgresql/flexibleservers": (
        _high_availability_goes_through_disabled,
        _standby_needs_tier_and_source,
        _geo_backup_is_chosen_at_creation,
        _only_premium_ssd_grows,
    ),
    "microsoft.dbformysql/flexibleservers": (
        _high_availability_goes_through_disabled,
        _standby_needs_tier_and_source,
        _standby_of_mysql,
        _geo_backup_of_mysql,
    ),
    "microsoft.documentdb/databaseaccounts": (_locations_change_alone,),
    "microsoft.databricks/workspaces": (_patch_changes_tags_only,),
    "microsoft.hdinsight/clusters": (_patch_changes_tags_only,),
    "microsoft.containerinstance/containergroups": (_patch_changes_tags_only,),
    "microsoft.containerservice/managedclusters": (_patch_changes_tags_only,),
    "microsoft.insights/components": (_patch_changes_tags_only,),
    "microsoft.sql/servers/databases": (_zones_of_sql, _backup_storage_of_sql),
    "microsoft.sql/servers/elasticpools": (_zones_of_sql,),
}
