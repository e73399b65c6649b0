"""Application Insights and its Log Analytics workspace."""

from typing import Final

from remediation.plan import Remediation

REMEDIATIONS: Final[tuple[Remediation, ...]] = ()
