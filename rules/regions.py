"""Azure's public regions: which have availability zones, and which region each is paired with.

Source: https://learn.microsoft.com/azure/reliability/regions-list, as of 2026-08. A region that is not listed here is
unknown, which is not the same as "no zones": rules answer UNKNOWN for it.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Region:
    """`zones`: the region has availability zones. `pair`: name of the paired region, None where Azure pairs none."""

    zones: bool
    pair: str | None


def region(location: str) -> Region | None:
    """The region of a normalised location (`Resource.location`), or None when it is not known here."""
    return REGIONS.get(location)


REGIONS: Final = {
    "australiacentral": Region(zones=False, pair="australiacentral2"),
    "australiacentral2": Region(zones=False, pair="australiacentral"),
    "australiaeast": Region(zones=True, pair="australiasoutheast"),
    "australiasoutheast": Region(zones=False, pair="australiaeast"),
    "austriaeast": Region(zones=True, pair=None),
    "belgiumcentral": Region(zones=True, pair=None),
    "brazilsouth": Region(zones=True, pair="southcentralus"),
    "brazilsoutheast": Region(zones=False, pair="brazilsouth"),
    "canadacentral": Region(zones=True, pair="canadaeast"),
    "canadaeast": Region(zones=False, pair="canadacentral"),
    "centralindia": Region(zones=True, pair="southindia"),
    "centralus": Region(zones=True, pair="eastus2"),
    "chilecentral": Region(zones=True, pair=None),
    "denmarkeast": Region(zones=True, pair=None),
    "eastasia": Region(zones=True, pair="southeastasia"),
    "eastus": Region(zones=True, pair="westus"),
    "eastus2": Region(zones=True, pair="centralus"),
    "francecentral": Region(zones=True, pair="francesouth"),
    "francesouth": Region(zones=False, pair="francecentral"),
    "germanynorth": Region(zones=False, pair="germanywestcentral"),
    "germanywestcentral": Region(zones=True, pair="germanynorth"),
    "indiasouthcentral": Region(zones=True, pair="centralindia"),
    "indonesiacentral": Region(zones=True, pair=None),
    "israelcentral": Region(zones=True, pair=None),
    "italynorth": Region(zones=True, pair=None),
    "japaneast": Region(zones=True, pair="japanwest"),
    "japanwest": Region(zones=True, pair="japaneast"),
    "jioindiacentral": Region(zones=False, pair="jioindiawest"),
    "jioindiawest": Region(zones=False, pair="jioindiacentral"),
    "koreacentral": Region(zones=True, pair="koreasouth"),
    "koreasouth": Region(zones=False, pair="koreacentral"),
    "malaysiawest": Region(zones=True, pair=None),
    "mexicocentral": Region(zones=True, pair=None),
    "newzealandnorth": Region(zones=True, pair=None),
    "northcentralus": Region(zones=False, pair="southcentralus"),
    "northeurope": Region(zones=True, pair="westeurope"),
    "norwayeast": Region(zones=True, pair="norwaywest"),
    "norwaywest": Region(zones=False, pair="norwayeast"),
    "polandcentral": Region(zones=True, pair=None),
    "qatarcentral": Region(zones=True, pair=None),
    "southafricanorth": Region(zones=True, pair="southafricawest"),
    "southafricawest": Region(zones=False, pair="southafricanorth"),
    "southcentralus": Region(zones=True, pair="northcentralus"),
    "southeastasia": Region(zones=True, pair="eastasia"),
    "southindia": Region(zones=False, pair="centralindia"),
    "spaincentral": Region(zones=True, pair=None),
    "swedencentral": Region(zones=True, pair="swedensouth"),
    "switzerlandnorth": Region(zones=True, pair="switzerlandwest"),
    "switzerlandwest": Region(zones=False, pair="switzerlandnorth"),
    "uaecentral": Region(zones=False, pair="uaenorth"),
    "uaenorth": Region(zones=True, pair="uaecentral"),
    "uksouth": Region(zones=True, pair="ukwest"),
    "ukwest": Region(zones=False, pair="uksouth"),
    "westcentralus": Region(zones=False, pair="westus2"),
    "westeurope": Region(zones=True, pair="northeurope"),
    "westindia": Region(zones=False, pair="southindia"),
    "westus": Region(zones=False, pair="eastus"),
    "westus2": Region(zones=True, pair="westcentralus"),
    "westus3": Region(zones=True, pair="eastus"),
}
