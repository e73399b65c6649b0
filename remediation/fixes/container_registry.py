"""Azure Container Registry. PATCH of a registry answers 200 or 201, which may run on (azure-mgmt-containerregistry)."""

from typing import Final

from remediation.api_versions import api_version
from remediation.plan import Code, Cost, Plan, Safety, Write, remediates
from rules.container_registry import REGISTRY, premium_sku
from rules.model import Resource

MONTHLY_USD: Final = {"basic": 45, "standard": 30}
"""Premium's list price less the tier's, per 30 days (Learn, container-registry-skus: 5, 20 and 50 US dollars)."""


@remediates(
    premium_sku,
    safety=Safety.SAFE,
    touches=("sku",),
    needs=("Microsoft.ContainerRegistry/registries/read", "Microsoft.ContainerRegistry/registries/write"),
)
def upgrade_to_premium(registry: Resource) -> Plan:
    """Upgrade the SKU in place. Images, endpoints and credentials stay as they are."""
    before = registry.get("sku.name")
    extra = MONTHLY_USD.get(before.lower())
    return Plan(
        rule=premium_sku.name,
        resource_id=registry.id,
        safety=Safety.SAFE,
        title=f"Upgrade container registry {registry.name} from {before} to Premium",
        writes=(_set_sku(registry.id, "Premium"),),
        undo=(_set_sku(registry.id, before),),
        undo_note=f"can be set back to {before} while no replica, private endpoint or connected registry uses Premium",
        touches=upgrade_to_premium.touches,
        before={"sku.name": before},
        after={"sku.name": "Premium"},
        effect="Geo-replication and private endpoints become available; storage and throughput limits rise.",
        cost=Cost(f"about +US${extra} a month (estimate, list price)", extra)
        if extra
        else Cost("Premium's list price (estimate unknown)"),
        downtime="none",
        duration="seconds",
        code=Code(bicep="sku: { name: 'Premium' }", terraform='sku = "Premium"'),
    )


def _set_sku(registry_id: str, tier: str) -> Write:
    return Write("PATCH", registry_id, api_version(REGISTRY.lower()), {"sku": {"name": tier}})


REMEDIATIONS: Final = (upgrade_to_premium,)
