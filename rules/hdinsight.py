"""Azure HDInsight. https://learn.microsoft.com/azure/hdinsight/reliability-hdinsight"""

from typing import Final

from rules.model import Rule

RULES: Final[tuple[Rule, ...]] = ()
