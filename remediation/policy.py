"""What the operator allows: where, and how far. Validated data; `wiring` reads it from the settings."""

from dataclasses import dataclass
from enum import StrEnum

from rules import RULES_BY_TYPE
from rules.model import Rule


class Mode(StrEnum):
    """How far the bot may go."""

    AUDIT = "audit"
    """Nothing in Azure is changed: what would have been fixed is told."""
    ENFORCE = "enforce"
    """SAFE remediations run by themselves."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`subscriptions` are the onboarded ones, in lower case: nothing outside them is read or written.

    `off` are the names of rules that are not looked at.
    """

    subscriptions: frozenset[str]
    mode: Mode = Mode.AUDIT
    off: frozenset[str] = frozenset()

    def rules(self, resource_type: str) -> tuple[Rule, ...]:
        """The rules that are on for a lower-case resource type."""
        return tuple(rule for rule in RULES_BY_TYPE.get(resource_type, ()) if rule.name not in self.off)
