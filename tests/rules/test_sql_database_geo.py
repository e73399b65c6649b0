"""SQL databases: copies in another region, and backups."""

from collections.abc import Mapping

import pytest

from rules.model import Resource, Role, Rule, Status, Use
from rules.sql_database.geo import backup_redundancy, failover_group
from tests.builders import WORKSPACE_ID, Json, judged
from tests.rules.examples.sql_database import (
    GROUP_ID,
    HYPERSCALE,
    IN_POOL,
    POOL_ID,
    WAREHOUSE,
    database,
    link,
)
from tests.rules.sql_databases import DEV, FAIL, NO, PASS, UNKNOWN, Cases, verdict

BACKUP_CASES: Cases = {
    "in one datacenter": (
        database(currentBackupStorageRedundancy="Local", requestedBackupStorageRedundancy="Local"),
        FAIL,
        "one datacenter",
    ),
    "in one, the request not said": (
        database(currentBackupStorageRedundancy="Local", requestedBackupStorageRedundancy=None),
        FAIL,
        "one datacenter",
    ),
    "a change is under way": (
        database(currentBackupStorageRedundancy="Local", requestedBackupStorageRedundancy="Zone"),
        UNKNOWN,
        "48 hours",
    ),
    "in several zones": (database(currentBackupStorageRedundancy="Zone"), PASS, "several availability zones"),
    "in another region": (database(), PASS, "another region"),
    "in both": (database(currentBackupStorageRedundancy="GeoZone"), PASS, "zones and in another region"),
    "lower case": (database(currentBackupStorageRedundancy="geozone"), PASS, "zones and in another region"),
    "in one datacenter, in a pool": (
        database(
            IN_POOL,
            elasticPoolId=POOL_ID,
            currentBackupStorageRedundancy="Local",
            requestedBackupStorageRedundancy="Local",
        ),
        FAIL,
        "one datacenter",
    ),
    "in another region, in a pool": (database(IN_POOL, elasticPoolId=POOL_ID), PASS, "another region"),
    "no properties": (database() | {"properties": None}, UNKNOWN, "whether it stands alone"),
    "not said": (database(currentBackupStorageRedundancy=None), UNKNOWN, "where its backups are kept"),
    "a storage of tomorrow": (database(currentBackupStorageRedundancy="Moon"), UNKNOWN, "where its backups"),
    "a list": (database(currentBackupStorageRedundancy=["Local"]), UNKNOWN, "where its backups"),
    "a warehouse": (database(WAREHOUSE, currentBackupStorageRedundancy="Local"), NO, "no database of"),
    "Hyperscale": (
        database(HYPERSCALE, currentBackupStorageRedundancy="Local", requestedBackupStorageRedundancy="Local"),
        FAIL,
        "one datacenter",
    ),
    "an unknown region": (database(location="atlantis", currentBackupStorageRedundancy="Local"), UNKNOWN, "48 hours"),
    "for development": (
        database(currentBackupStorageRedundancy="Local") | {"tags": DEV},
        NO,
        "development or test",
    ),
}
GROUP_CASES: Cases = {
    "in a group, no copy shown": (database(failoverGroupId=GROUP_ID), UNKNOWN, "shows no copy"),
    "a group that is a number": (database(failoverGroupId=5), UNKNOWN, "shows no copy"),
    "in a pool": (database(IN_POOL, elasticPoolId=POOL_ID), FAIL, "no other region"),
    "no properties": (database() | {"properties": None}, UNKNOWN, "whether it stands alone"),
    "an empty group": (database(failoverGroupId=""), FAIL, "no other region"),
    "without zones": (database(location="westus"), FAIL, "no other region"),
    "no region": (database(location=None), UNKNOWN, "whether it is replicated"),
    "a warehouse": (database(WAREHOUSE), NO, "no database of"),
    "for development": (database(failoverGroupId=GROUP_ID) | {"tags": DEV}, NO, "development or test"),
}


TABLES: Mapping[Rule, Cases] = {backup_redundancy: BACKUP_CASES, failover_group: GROUP_CASES}
ROWS = [
    pytest.param(rule, *case, id=f"{rule.name}: {name}")
    for rule, cases in TABLES.items()
    for name, case in cases.items()
]


@pytest.mark.parametrize(("rule", "body", "status", "words"), ROWS)
def test_verdict(rule: Rule, body: Json, status: Status, words: str) -> None:
    found, because = verdict(rule, body)
    assert (found, words in because) == (status, True), because


LINKS = {
    "in another region": ([link()], PASS, "replicated to another region"),
    "as that region is written": ([link("northeurope")], PASS, "replicated"),
    "seen from the other side": ([link(role="NonReadableSecondary")], PASS, "replicated"),
    "seeding": ([link(replicationState="SEEDING")], UNKNOWN, "not complete yet"),
    "pending": ([link(replicationState="PENDING")], UNKNOWN, "not complete yet"),
    "in step, in lower case": ([link(replicationState="catch_up")], PASS, "replicated"),
    "a state of tomorrow": ([link(replicationState="RESTING")], UNKNOWN, "whether it is replicated"),
    "one seeding, one in step": ([link(replicationState="SEEDING"), link("France Central")], PASS, "replicated"),
    "one seeding, one suspended": (
        [link(replicationState="SEEDING"), link("France Central", replicationState="SUSPENDED")],
        UNKNOWN,
        "not complete yet",
    ),
    "seeding in its own region": ([link("West Europe", replicationState="SEEDING")], FAIL, "no other region"),
    "one of two": ([link("West Europe"), link()], PASS, "replicated"),
    "one of two that can be read": ([link(None), link()], PASS, "replicated"),
    "none": ([], FAIL, "no other region holds a copy"),
    "in its own region": ([link("West Europe")], FAIL, "no other region"),
    "suspended": ([link(replicationState="SUSPENDED")], FAIL, "no other region"),
    "a copy in the making": ([link(role="Source")], FAIL, "no other region"),
    "no region": ([link(None)], UNKNOWN, "whether it is replicated"),
    "a region that is a number": ([link(5)], UNKNOWN, "whether it is replicated"),
    "no role": ([link(role=None)], UNKNOWN, "whether it is replicated"),
    "no state": ([link(replicationState=None)], UNKNOWN, "whether it is replicated"),
    "no properties": ([{"name": "a"}], UNKNOWN, "whether it is replicated"),
    "one in its own region, one unreadable": ([link("West Europe"), link(None)], UNKNOWN, "whether"),
}


@pytest.mark.parametrize(("links", "status", "words"), LINKS.values(), ids=LINKS)
def test_replication_to_another_region_is_a_copy(links: list[Json], status: Status, words: str) -> None:
    found, because = verdict(failover_group, database(), *links)
    assert (found, words in because) == (status, True), because


GROUPED = {
    "in step": ([link()], PASS, "replicated to another region"),
    "seeding": ([link(replicationState="SEEDING")], UNKNOWN, "not complete yet"),
    "suspended": ([link(replicationState="SUSPENDED")], UNKNOWN, "no copy of it that is kept in step"),
    "in its own region": ([link("West Europe")], UNKNOWN, "no copy of it that is kept in step"),
    "unreadable": ([link(None)], UNKNOWN, "whether it is replicated"),
}


@pytest.mark.parametrize(("links", "status", "words"), GROUPED.values(), ids=GROUPED)
def test_a_failover_group_is_a_copy_once_it_is_in_step(links: list[Json], status: Status, words: str) -> None:
    found, because = verdict(failover_group, database(failoverGroupId=GROUP_ID), *links)
    assert (found, words in because) == (status, True), because


def test_links_that_were_not_read_are_unknown() -> None:
    for body in (database(), database(failoverGroupId=GROUP_ID)):
        unread = Resource.of(body, uses=[Use(Role.ADDITIONAL_DATASTORE, WORKSPACE_ID)])
        assert judged(failover_group, unread).status is UNKNOWN
