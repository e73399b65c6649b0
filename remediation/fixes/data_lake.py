"""Azure Data Lake Storage Gen1."""

from typing import Final

from remediation.plan import Remediation

REMEDIATIONS: Final[tuple[Remediation, ...]] = ()
