"""Azure Data Lake Storage Gen1. https://learn.microsoft.com/azure/storage/blobs/data-lake-storage-introduction"""

from typing import Final

from rules.model import Rule

RULES: Final[tuple[Rule, ...]] = ()
