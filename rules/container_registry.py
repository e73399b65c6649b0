"""Azure Container Registry. https://learn.microsoft.com/azure/reliability/reliability-container-registry"""

from typing import Final

from rules.model import References, Resource, Severity, Verdict, failed, passed, rule, unknown

REGISTRY: Final = "Microsoft.ContainerRegistry/registries"
TIERS: Final = ("Classic", "Basic", "Standard", "Premium")


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
    known = {name.lower(): name for name in TIERS}.get(tier.lower()) if isinstance(tier, str) else None
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


RULES: Final = (premium_sku,)
