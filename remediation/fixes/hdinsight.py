"""Azure HDInsight."""

from typing import Final

from remediation.plan import Remediation

REMEDIATIONS: Final[tuple[Remediation, ...]] = ()
