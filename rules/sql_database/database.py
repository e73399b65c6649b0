"""What is common to the rules about a database: its service tier, and when another database is judged instead.

`sku` is what was asked for, `properties.currentSku` what runs; they differ while the service tier changes.
"""

from collections.abc import Mapping
from typing import Final

from rules.model import Resource, Role, Verdict, not_applicable, unknown

DATABASE: Final = "Microsoft.Sql/servers/databases"
POOL: Final = "Microsoft.Sql/servers/elasticPools"
ROLES: Final = (Role.ADDITIONAL_DATASTORE,)

BASIC: Final = "basic"
STANDARD: Final = "standard"
PREMIUM: Final = "premium"
GENERAL_PURPOSE: Final = "generalpurpose"
BUSINESS_CRITICAL: Final = "businesscritical"
HYPERSCALE: Final = "hyperscale"
NO_DATABASES: Final = ("system", "datawarehouse")
"""Tiers of `master` and of Synapse's dedicated SQL pools."""
TIERS: Final[Mapping[str, str]] = {
    BASIC: "Basic",
    STANDARD: "Standard",
    PREMIUM: "Premium",
    GENERAL_PURPOSE: "General Purpose",
    BUSINESS_CRITICAL: "Business Critical",
    HYPERSCALE: "Hyperscale",
}
"""What people call a service tier."""
_TIERS_BY_NAME: Final[Mapping[str, str]] = {
    **{tier: tier for tier in (*TIERS, *NO_DATABASES)},
    **{f"{tier}pool": tier for tier in (BASIC, STANDARD, PREMIUM)},
    "gp": GENERAL_PURPOSE,
    "bc": BUSINESS_CRITICAL,
    "hs": HYPERSCALE,
}
"""The tier by what `sku.name` starts with: GP_Gen5, HS_PRMS, StandardPool."""

RELIABILITY: Final = "https://learn.microsoft.com/azure/reliability/reliability-sql-database"

_MASTER: Final = not_applicable("it is the server's own database, which follows the others")
_SECONDARY: Final = not_applicable("it is a replica of another database, which is the one that is judged")
_NO_PROPERTIES: Final = unknown("Azure did not say whether it stands alone, in an elastic pool or as a replica")
NO_DATABASE: Final = not_applicable("it is no database of Azure SQL Database's service tiers")


def tier_of(resource: Resource) -> str | None:
    """The service tier that was asked for, in lower case (`generalpurpose`); None where the SKU tells none."""
    said = resource.text("sku.tier")
    return said if said is not None else _TIERS_BY_NAME.get((resource.text("sku.name") or "").partition("_")[0])


def is_pooled(database: Resource) -> bool:
    """Whether the database shares the compute of an elastic pool."""
    return bool(database.get("properties.elasticPoolId")) or database.text("sku.name") == "elasticpool"


def not_judged(database: Resource) -> Verdict | None:
    """The verdict on what follows another database, or is not known to be no such one; None on any other."""
    if database.name.lower() == "master":
        return _MASTER
    if not database.holds("properties"):
        return _NO_PROPERTIES
    return _SECONDARY if database.get("properties.secondaryType") else None
