"""Azure's public regions: which have availability zones, and which region each is paired with.

Source: https://learn.microsoft.com/azure/reliability/regions-list, as of 2026-08. A region that is not listed here is
unknown, which is not the same as "no zones": rules answer UNKNOWN for it.
"""

import re
from dataclasses import dataclass
from typing import Final

PLAIN: Final = re.compile(r"[a-z0-9]{1,40}")


@dataclass(frozen=True, slots=True)
class Region:
    """What one region offers.

    `zones`: it has availability zones. `pair`: name of the paired region, None where Azure pairs none.
    `hdinsight_zones`: HDInsight clusters can be put in a zone of it. `vault_failover`: where the region is lost,
    Microsoft fails its key vaults over to the pair (nowhere without one).
    """

    zones: bool
    pair: str | None
    hdinsight_zones: bool = False
    vault_failover: bool = True


def region(location: str) -> Region | None:
    """The region of a normalised location (`Resource.location`), or None when it is not known here."""
    return REGIONS.get(location)


def shown(location: str) -> str:
    """A location as a sentence names it: `its region` where there is none, or something that no region is called."""
    return location if PLAIN.fullmatch(location) else "its region"


REGIONS: Final = {
    "australiacentral": Region(zones=False, pair="australiacentral2"),
    "australiacentral2": Region(zones=False, pair="australiacentral"),
    "australiaeast": Region(zones=True, pair="australiasoutheast", hdinsight_zones=True),
    "australiasoutheast": Region(zones=False, pair="australiaeast"),
    "austriaeast": Region(zones=True, pair=None),
    "belgiumcentral": Region(zones=True, pair=None),
    "brazilsouth": Region(zones=True, pair="southcentralus", hdinsight_zones=True, vault_failover=False),
    "brazilsoutheast": Region(zones=False, pair="brazilsouth", vault_failover=False),
    "canadacentral": Region(zones=True, pair="canadaeast", hdinsight_zones=True),
    "canadaeast": Region(zones=False, pair="canadacentral"),
    "centralindia": Region(zones=True, pair="southindia"),
    "centralus": Region(zones=True, pair="eastus2", hdinsight_zones=True),
    "chilecentral": Region(zones=True, pair=None),
    "denmarkeast": Region(zones=True, pair=None),
    "eastasia": Region(zones=True, pair="southeastasia"),
    "eastus": Region(zones=True, pair="westus", hdinsight_zones=True),
    "eastus2": Region(zones=True, pair="centralus", hdinsight_zones=True),
    "francecentral": Region(zones=True, pair="francesouth", hdinsight_zones=True),
    "francesouth": Region(zones=False, pair="francecentral"),
    "germanynorth": Region(zones=False, pair="germanywestcentral"),
    "germanywestcentral": Region(zones=True, pair="germanynorth", hdinsight_zones=True),
    "indiasouthcentral": Region(zones=True, pair="centralindia"),
    "indonesiacentral": Region(zones=True, pair=None),
    "israelcentral": Region(zones=True, pair=None),
    "italynorth": Region(zones=True, pair=None),
    "japaneast": Region(zones=True, pair="japanwest", hdinsight_zones=True),
    "japanwest": Region(zones=True, pair="japaneast"),
    "jioindiacentral": Region(zones=False, pair="jioindiawest"),
    "jioindiawest": Region(zones=False, pair="jioindiacentral"),
    "koreacentral": Region(zones=True, pair="koreasouth", hdinsight_zones=True),
    "koreasouth": Region(zones=False, pair="koreacentral"),
    "malaysiawest": Region(zones=True, pair=None),
    "mexicocentral": Region(zones=True, pair=None),
    "newzealandnorth": Region(zones=True, pair=None),
    "northcentralus": Region(zones=False, pair="southcentralus"),
    "northeurope": Region(zones=True, pair="westeurope", hdinsight_zones=True),
    "norwayeast": Region(zones=True, pair="norwaywest"),
    "norwaywest": Region(zones=False, pair="norwayeast"),
    "polandcentral": Region(zones=True, pair=None),
    "qatarcentral": Region(zones=True, pair=None, hdinsight_zones=True),
    "southafricanorth": Region(zones=True, pair="southafricawest"),
    "southafricawest": Region(zones=False, pair="southafricanorth"),
    "southcentralus": Region(zones=True, pair="northcentralus", hdinsight_zones=True),
    "southeastasia": Region(zones=True, pair="eastasia", hdinsight_zones=True),
    "southindia": Region(zones=False, pair="centralindia"),
    "spaincentral": Region(zones=True, pair=None),
    "swedencentral": Region(zones=True, pair="swedensouth"),
    "switzerlandnorth": Region(zones=True, pair="switzerlandwest"),
    "switzerlandwest": Region(zones=False, pair="switzerlandnorth"),
    "uaecentral": Region(zones=False, pair="uaenorth"),
    "uaenorth": Region(zones=True, pair="uaecentral"),
    "uksouth": Region(zones=True, pair="ukwest", hdinsight_zones=True),
    "ukwest": Region(zones=False, pair="uksouth"),
    "westcentralus": Region(zones=False, pair="westus2"),
    "westeurope": Region(zones=True, pair="northeurope", hdinsight_zones=True),
    "westindia": Region(zones=False, pair="southindia"),
    "westus": Region(zones=False, pair="eastus"),
    "westus2": Region(zones=True, pair="westcentralus", hdinsight_zones=True),
    "westus3": Region(zones=True, pair="eastus", vault_failover=False),
}
