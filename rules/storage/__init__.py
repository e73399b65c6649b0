"""Azure Storage accounts. https://learn.microsoft.com/azure/storage/common/storage-redundancy

Their zones, their copy in another region, and what they keep of what was deleted.
"""

from typing import Final

from rules.storage import geo, retention, zones
from rules.storage.account import is_changing
from rules.storage.geo import COPY_TAG, REPLICATION
from rules.storage.retention import BLOBS, FILES
from rules.storage.zones import zone_redundant

__all__ = ["BLOBS", "COPY_TAG", "FILES", "REPLICATION", "RULES", "is_changing", "zone_redundant"]

RULES: Final = (*zones.RULES, *geo.RULES, *retention.RULES)
