"""What the rules about flexible servers of MySQL and PostgreSQL have in common: both describe a server alike."""

from dataclasses import dataclass
from typing import Final

from rules.model import Resource, Verdict, failed, not_applicable, passed, unknown
from rules.regions import region

MODE: Final = "properties.highAvailability.mode"
STANDBY_STATE: Final = "properties.highAvailability.state"
ROLE: Final = "properties.replicationRole"
TIER: Final = "sku.tier"
GEO_BACKUP: Final = "properties.backup.geoRedundantBackup"
AUTO_GROW: Final = "properties.storage.autoGrow"

TIERS_WITH_STANDBY: Final = ("generalpurpose", "memoryoptimized")
READY: Final = "healthy"


@dataclass(frozen=True, slots=True)
class Words:
    """The words, in lower case, that one of the services has for its own: roles of read replicas, and states in which a
    standby cannot take over."""

    replicas: tuple[str, ...]
    not_ready: frozenset[str]


def no_standby_to_judge(server: Resource, words: Words) -> Verdict | None:
    """Why nothing can be said of the server's standby, None where something can."""
    role, tier = server.text(ROLE), server.text(TIER)
    if role in words.replicas:
        return not_applicable("it is a read replica, which cannot have a standby")
    if tier == "burstable":
        return not_applicable("it is Burstable and cannot have a standby, which another rule is about")
    if role is None:
        return unknown("Azure did not say whether the server is a read replica")
    if tier not in TIERS_WITH_STANDBY:
        return unknown("it is not known whether the server's tier can have a standby")
    return None


def has_standby(server: Resource, words: Words) -> Verdict:
    """Whether the server has a standby, in whichever zone."""
    if (other := no_standby_to_judge(server, words)) is not None:
        return other
    match server.text(MODE):
        case "samezone" | "zoneredundant":
            return takes_over(server, words, "it has a standby")
        case "disabled":
            return failed("it has no standby: a failed host takes the database away until Azure restarts it elsewhere")
        case _:
            return unknown("Azure did not say whether the server has a standby")


def takes_over(server: Resource, words: Words, because: str) -> Verdict:
    """A standby counts when it can take over: Azure shows its state in every answer."""
    state = server.text(STANDBY_STATE)
    if state == READY:
        return passed(because)
    if state in words.not_ready:
        return unknown(f"its standby cannot take over right now (state {server.get(STANDBY_STATE)})")
    return unknown("Azure did not say clearly whether its standby can take over")


def can_have_standby(server: Resource) -> Verdict:
    """Whether the server's tier can have a standby."""
    tier = server.text(TIER)
    if tier == "burstable":
        return failed("it is Burstable: that tier has no standby and no read replicas")
    if tier not in TIERS_WITH_STANDBY:
        return unknown("it is not known whether the server's tier can have a standby")
    return passed("its tier can have a standby")


def backed_up_elsewhere(server: Resource) -> Verdict:
    """Whether the server's backups are kept in the paired region, too."""
    place = region(server.location)
    if place is None:
        return unknown("it is not known whether its region has a pair")
    if place.pair is None:
        return not_applicable(f"{server.location} is not paired with another region")
    match server.text(GEO_BACKUP):
        case "enabled":
            return passed("its backups are kept in the paired region, too")
        case "disabled":
            return failed("its backups stay in one region: with that region they are lost")
        case _:
            return unknown("Azure did not say where the server's backups are kept")


def grows(server: Resource) -> Verdict:
    """Whether the server's storage grows by itself."""
    match server.text(AUTO_GROW):
        case "enabled":
            return passed("its storage grows before it is full")
        case "disabled":
            return failed("its storage does not grow by itself: once full, the server is read-only")
        case _:
            return unknown("Azure did not say whether the server's storage grows by itself")
