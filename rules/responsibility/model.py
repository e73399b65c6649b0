"""What there is to know of a service's high availability. Pure data."""

from dataclasses import dataclass
from enum import StrEnum

from rules.model import Role


class Group(StrEnum):
    """The parts of Microsoft's page."""

    INFRASTRUCTURE = "Infrastructure"
    COMPUTE = "Compute"
    DATA_STORES = "Data stores"


class Manager(StrEnum):
    """Who runs a service and chooses its settings."""

    MICROSOFT = "Microsoft"
    YOU = "you"
    BOTH = "both"


class ByDefault(StrEnum):
    """Whether a service goes on without anybody doing anything."""

    YES = "yes"
    """Through the loss of a zone, and in most regions through the loss of the region."""
    PARTLY = "partly"
    """Through the loss of a zone, or parts of it do."""
    NO = "no"
    """It stops with its zone."""


@dataclass(frozen=True, slots=True)
class Responsibility:
    """One service: who manages it, what it does by itself, and what is yours to do.

    `types` are the resource types it is about and `roles` why they matter to a workspace; `rules` are the names of the
    rules that watch it, none where nothing can be set. `notes` are what is good to know and asks for nothing.
    """

    group: Group
    service: str
    managed_by: Manager
    by_default: ByDefault
    because: str
    yours: str
    types: tuple[str, ...]
    roles: tuple[Role, ...] = ()
    rules: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
