"""What the operator allows: where, and how far. Validated data; `wiring` reads it from the settings."""

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """How far the bot may go."""

    AUDIT = "audit"
    """Nothing in Azure is changed: what would have been fixed is told."""
    ENFORCE = "enforce"
    """SAFE remediations run by themselves."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`subscriptions` are the onboarded ones, in lower case: nothing outside them is read or written."""

    subscriptions: frozenset[str]
    mode: Mode = Mode.AUDIT
