"""Azure Key Vault. https://learn.microsoft.com/azure/reliability/reliability-key-vault"""

from typing import Final

from rules.model import Rule

RULES: Final[tuple[Rule, ...]] = ()
