"""Another region: copies of a database there, and backups that outlive its datacenter."""

from collections.abc import Mapping, Sequence
from typing import Final

from rules.model import Body, References, Resource, Severity, Verdict, failed, passed, rule, unknown
from rules.sql_database.database import DATABASE, NO_DATABASE, NO_DATABASES, RELIABILITY, ROLES, not_judged, tier_of
from rules.values import normal_region, text_at, value_at

_REPLICATED_AWAY: Final = passed("it is replicated to another region")
_BEING_COPIED: Final = unknown("its copy in another region is not complete yet")
_LINKS_NOT_READ: Final = unknown("Azure did not say whether it is replicated to another region")
_NO_COPY: Final = failed("no other region holds a copy of it: the loss of its region stops the jobs that read it")
_GROUP_WITHOUT_COPY: Final = unknown("it is in a failover group, but Azure shows no copy of it that is kept in step")
_PARTNERS: Final = ("primary", "secondary", "nonreadablesecondary")
"""Roles in lasting replication; Source and Copy are those of a copy that is made once."""
_LINK_VERDICTS: Final[Mapping[str | None, Verdict]] = {
    "catch_up": _REPLICATED_AWAY,
    "pending": _BEING_COPIED,
    "seeding": _BEING_COPIED,
    "suspended": _NO_COPY,
}
"""What the state of a link to another region means."""


@rule(
    title="SQL database has a copy in another region",
    severity=Severity.HIGH,
    applies_to=DATABASE,
    reads=("replicationLinks",),
    roles=ROLES,
    production=True,
    references=References(
        aprl=("de266d8a-a9f3-4cb9-be95-9306001fceea", "0f838324-ffe3-4b8a-b7a2-d983be8f9fa9"),
        learn=(RELIABILITY, "https://learn.microsoft.com/azure/azure-sql/database/failover-group-sql-db"),
    ),
)
def failover_group(database: Resource) -> Verdict:
    """A production database is in a failover group, or is replicated to another region.

    What it checks
        The database's `replicationLinks`, which a failover group makes, too: one to another region whose
        `replicationState` is CATCH_UP is enough. While the first copy is under way (PENDING, SEEDING), and for a
        database in a failover group (`properties.failoverGroupId`) whose copy Azure does not show, nothing is
        judged. A replica in the same region does not count. Databases of an elastic pool are judged like others.

    Why it matters
        Zones do not help when a region fails. Without a copy elsewhere the database can only be restored from
        geo-redundant backups, which takes hours and may lose an hour of changes; until then nothing in the workspace
        that reads it works. With a failover group the connection's host name stays the same after the switch.

    How it is fixed
        By people: a second server in another region needs the same logins, firewall rules and identities, and a pool
        of the same name for a database in a pool. Then the database joins a failover group, and the workspace's
        connection uses the group's listener.

    References
        APRL de266d8a and 0f838324, Learn: failover-group-sql-db.
    """
    if tier_of(database) in NO_DATABASES:
        return NO_DATABASE
    if (verdict := not_judged(database)) is not None:
        return verdict
    links = database.collection("replicationLinks")
    if links is None or not database.location:
        return _LINKS_NOT_READ
    found = _replicated(links, database.location)
    return _GROUP_WITHOUT_COPY if found is _NO_COPY and database.get("properties.failoverGroupId") else found


def _replicated(links: Sequence[Body], location: str) -> Verdict:
    """What the link that promises most says."""
    found = [_copied(link, location) for link in links]
    return next((each for each in (_REPLICATED_AWAY, _BEING_COPIED, _LINKS_NOT_READ) if each in found), _NO_COPY)


def _copied(link: Body, location: str) -> Verdict:
    """What one replication link says of a copy in another region."""
    partner, role = normal_region(value_at(link, "properties.partnerLocation")), text_at(link, "properties.role")
    if not partner or role is None:
        return _LINKS_NOT_READ
    if partner == location or role not in _PARTNERS:
        return _NO_COPY
    return _LINK_VERDICTS.get(text_at(link, "properties.replicationState"), _LINKS_NOT_READ)


LOCAL: Final = "local"
_BACKUPS: Final[Mapping[str | None, Verdict]] = {
    "zone": passed("its backups are kept in several availability zones"),
    "geo": passed("its backups are kept in another region, too"),
    "geozone": passed("its backups are kept in several availability zones and in another region"),
}
_BACKUPS_NOT_SAID: Final = unknown("Azure did not say where its backups are kept")
_BACKUPS_CHANGING: Final = unknown(
    "other backup storage than locally redundant was asked for; Azure takes up to 48 hours to apply it"
)
_LOCAL_BACKUPS: Final = failed("its backups are kept in one datacenter, which may be lost together with the database")


@rule(
    title="Backups of the database outlive a datacenter",
    severity=Severity.MEDIUM,
    applies_to=DATABASE,
    roles=ROLES,
    production=True,
    references=References(
        policy=("d38fc420-0735-4ef3-ac11-c806f651a570",),
        learn=(RELIABILITY, "https://learn.microsoft.com/azure/azure-sql/database/automated-backups-change-settings"),
    ),
)
def backup_redundancy(database: Resource) -> Verdict:
    """The backups of a production database are kept in more than one datacenter.

    What it checks
        `properties.currentBackupStorageRedundancy`, which every database has for itself, in an elastic pool, too:
        Zone, Geo and GeoZone pass, Local fails. While `properties.requestedBackupStorageRedundancy` says that a change
        is on its way, nothing is judged.

    Why it matters
        Backups are what is left when data was deleted by mistake or a zone is gone for good. Kept in the same
        datacenter as the database, they are lost together with it, and the data that models were trained on with
        them.

    How it is fixed
        After approval: zone-redundant backup storage, or geo-redundant where the region has no zones. It holds for
        new backups, without downtime. Hyperscale and Basic cannot be changed in place; for databases of a pool that
        is not documented, so people do it.

    References
        Azure Policy d38fc420 (which asks for long-term geo-redundant backups), Learn:
        automated-backups-change-settings. Azure Policy b219b9cf forbids geo-redundant backups where it is assigned.
    """
    if tier_of(database) in NO_DATABASES:
        return NO_DATABASE
    if (verdict := not_judged(database)) is not None:
        return verdict
    current = database.text("properties.currentBackupStorageRedundancy")
    if current != LOCAL:
        return _BACKUPS.get(current, _BACKUPS_NOT_SAID)
    asked = database.text("properties.requestedBackupStorageRedundancy")
    return _BACKUPS_CHANGING if asked in _BACKUPS else _LOCAL_BACKUPS


RULES: Final = (failover_group, backup_redundancy)
