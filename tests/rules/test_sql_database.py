"""SQL databases and elastic pools: zones, service tiers, copies in another region, backups."""

from collections.abc import Mapping
from typing import Any

import pytest

from rules.model import Resource, Role, Rule, Status, Use
from rules.sql_database import (
    backup_redundancy,
    business_critical_zones,
    elastic_pool_zones,
    failover_group,
    general_purpose_zones,
    hyperscale_zones,
    tier_of,
    zonal_tier,
)
from tests.builders import WORKSPACE_ID, Json, judged
from tests.rules.examples.sql_database import (
    BASIC,
    BUSINESS_CRITICAL,
    CONFIDENTIAL,
    GENERAL_PURPOSE,
    GROUP_ID,
    HYPERSCALE,
    IN_POOL,
    POOL_ID,
    PREMIUM,
    SERVERLESS,
    STANDARD,
    SYSTEM,
    WAREHOUSE,
    database,
    link,
    pool,
    used,
)

FAIL, PASS, UNKNOWN, NOT_APPLICABLE = Status.FAIL, Status.PASS, Status.UNKNOWN, Status.NOT_APPLICABLE
DEV = {"environment": "Dev"}
ZONES = (business_critical_zones, general_purpose_zones, hyperscale_zones)
ON_DATABASES = (*ZONES, zonal_tier, failover_group, backup_redundancy)

type Cases = Mapping[str, tuple[Json, Status, str]]


REPLICATED_CASES: Cases = {
    "Business Critical in one zone": (database(BUSINESS_CRITICAL), FAIL, "one zone, though zones cost nothing"),
    "Premium in one zone": (database(PREMIUM), FAIL, "one zone"),
    "Business Critical in several": (database(BUSINESS_CRITICAL, zoneRedundant=True), PASS, "several"),
    "Premium in several": (database(PREMIUM, zoneRedundant=True), PASS, "several"),
    "upper case": (database({"name": "BC_GEN5", "tier": "BUSINESSCRITICAL"}), FAIL, "one zone"),
    "the tier by its name": (database({"name": "BC_Gen5"}, currentSku=None), FAIL, "one zone"),
    "General Purpose": (database(), NOT_APPLICABLE, "neither Premium nor Business Critical"),
    "Hyperscale": (database(HYPERSCALE), NOT_APPLICABLE, "neither"),
    "Standard": (database(STANDARD), NOT_APPLICABLE, "neither"),
    "a warehouse": (database(WAREHOUSE), NOT_APPLICABLE, "neither"),
    "a tier of tomorrow": (database({"name": "XX_Gen9", "tier": "Extreme"}), NOT_APPLICABLE, "neither"),
    "no SKU": (database(None), UNKNOWN, "which service tier"),
    "a SKU that tells no tier": (database({"name": "XX_Gen9"}), UNKNOWN, "which service tier"),
    "a tier that is a number": (database({"name": 5, "tier": 5}), UNKNOWN, "which service tier"),
    "not said": (database(BUSINESS_CRITICAL, zoneRedundant=None), UNKNOWN, "whether it is zone-redundant"),
    "a text": (database(BUSINESS_CRITICAL, zoneRedundant="false"), UNKNOWN, "whether it is zone-redundant"),
    "leaves the tier": (database(BUSINESS_CRITICAL, currentSku=STANDARD), UNKNOWN, "a change is under way"),
    "what runs is not said": (database(BUSINESS_CRITICAL, currentSku=None), FAIL, "one zone"),
    "a pinned zone": (database(BUSINESS_CRITICAL, availabilityZone="1"), FAIL, "one zone"),
    "a region without zones": (database(PREMIUM, "westus"), NOT_APPLICABLE, "westus has no"),
    "a region's display name": (database(PREMIUM, "West Europe"), FAIL, "one zone"),
    "an unknown region": (database(PREMIUM, "atlantis"), UNKNOWN, "whether atlantis has"),
    "no region": (database(PREMIUM, None), UNKNOWN, "whether its region has"),
    "for development": (database(PREMIUM) | {"tags": DEV}, FAIL, "one zone"),
    "no properties": (database(PREMIUM) | {"properties": None}, UNKNOWN, "whether it stands alone"),
    "in change": (database(PREMIUM, status="Scaling"), NOT_APPLICABLE, "still changing"),
}
GENERAL_PURPOSE_CASES: Cases = {
    "in one zone": (database(), FAIL, "compute and files are in one zone"),
    "in several": (database(zoneRedundant=True), PASS, "several"),
    "serverless in one zone": (database(SERVERLESS), FAIL, "one zone"),
    "paused": (database(SERVERLESS, status="Paused"), FAIL, "one zone"),
    "on other hardware": (database(CONFIDENTIAL), FAIL, "one zone"),
    "the tier by its name": (database({"name": "GP_S_Gen5_2"}, currentSku=None), FAIL, "one zone"),
    "Business Critical": (database(BUSINESS_CRITICAL), NOT_APPLICABLE, "not General Purpose"),
    "no SKU": (database({}), UNKNOWN, "which service tier"),
    "not said": (database(zoneRedundant=None), UNKNOWN, "whether it is zone-redundant"),
    "enters the tier": (database(currentSku=STANDARD), UNKNOWN, "a change is under way"),
    "a region without zones": (database(location="westus"), NOT_APPLICABLE, "westus has no"),
    "an unknown region": (database(location="atlantis"), UNKNOWN, "whether atlantis has"),
}
HYPERSCALE_CASES: Cases = {
    "in one zone": (database(HYPERSCALE), FAIL, "only in a new one"),
    "in several": (database(HYPERSCALE, zoneRedundant=True), PASS, "several"),
    "premium series": (database({"name": "HS_PRMS", "tier": "Hyperscale", "family": "PRMS"}), FAIL, "one zone"),
    "the tier by its name": (database({"name": "HS_S_Gen5"}, currentSku=None), FAIL, "one zone"),
    "a named replica": (database(HYPERSCALE, secondaryType="Named"), NOT_APPLICABLE, "a replica"),
    "General Purpose": (database(), NOT_APPLICABLE, "not Hyperscale"),
    "no SKU": (database(None), UNKNOWN, "which service tier"),
    "not said": (database(HYPERSCALE, zoneRedundant=0), UNKNOWN, "whether it is zone-redundant"),
    "enters the tier": (database(HYPERSCALE, currentSku=GENERAL_PURPOSE), UNKNOWN, "a change is under way"),
    "a region without zones": (database(HYPERSCALE, "westus"), NOT_APPLICABLE, "westus has no"),
}
TIER_CASES: Cases = {
    "Basic": (database(BASIC), FAIL, "Basic databases cannot be zone-redundant"),
    "Standard": (database(STANDARD), FAIL, "Standard databases cannot"),
    "Premium": (database(PREMIUM), PASS, "Premium databases can"),
    "General Purpose": (database(), PASS, "General Purpose databases can"),
    "Business Critical": (database(BUSINESS_CRITICAL), PASS, "Business Critical databases can"),
    "Hyperscale": (database(HYPERSCALE), PASS, "Hyperscale databases can"),
    "by its name": (database({"name": "Basic"}, currentSku=None), FAIL, "Basic databases cannot"),
    "lower case": (database({"name": "standard", "tier": "standard"}), FAIL, "Standard databases cannot"),
    "a warehouse": (database(WAREHOUSE), NOT_APPLICABLE, "no database of"),
    "the server's own": (database(SYSTEM), NOT_APPLICABLE, "no database of"),
    "in a pool": (database(STANDARD, elasticPoolId=POOL_ID), NOT_APPLICABLE, "elastic pool"),
    "properties that are a list": (database(BASIC) | {"properties": []}, UNKNOWN, "whether it stands alone"),
    "a tier of tomorrow": (database({"name": "XX_Gen9", "tier": "Extreme"}), UNKNOWN, "not known here"),
    "no SKU": (database(None), UNKNOWN, "which service tier"),
    "leaves the tier": (database(GENERAL_PURPOSE, currentSku=STANDARD), UNKNOWN, "a change is under way"),
    "for development": (database(BASIC) | {"tags": DEV}, NOT_APPLICABLE, "development or test"),
    "a region without zones": (database(BASIC, "westus"), NOT_APPLICABLE, "westus has no"),
    "an unknown region": (database(BASIC, "atlantis"), UNKNOWN, "whether atlantis has"),
}
POOL_CASES: Cases = {
    "General Purpose in one zone": (pool(), FAIL, "the General Purpose pool runs in one zone: the loss"),
    "Business Critical in one zone": (pool(BUSINESS_CRITICAL), FAIL, "the Business Critical pool"),
    "Premium in one zone": (pool({"name": "PremiumPool", "tier": "Premium"}), FAIL, "the Premium pool"),
    "Hyperscale in one zone": (pool(HYPERSCALE), FAIL, "the Hyperscale pool"),
    "Standard": (pool({"name": "StandardPool", "tier": "Standard"}), FAIL, "no pool of its tier can"),
    "Basic": (pool({"name": "BasicPool", "tier": "Basic"}), FAIL, "no pool of its tier can"),
    "the tier by its name": (pool({"name": "StandardPool"}), FAIL, "the Standard pool"),
    "on other hardware": (pool(CONFIDENTIAL), FAIL, "one zone"),
    "in several": (pool(zoneRedundant=True), PASS, "several"),
    "in several, whatever its tier": (pool(None, zoneRedundant=True), PASS, "several"),
    "no SKU": (pool(None), UNKNOWN, "which service tier"),
    "a tier of tomorrow": (pool({"name": "XX", "tier": "Extreme"}), UNKNOWN, "not known here"),
    "not said": (pool(zoneRedundant=None), UNKNOWN, "whether it is zone-redundant"),
    "a number": (pool(zoneRedundant=1), UNKNOWN, "whether it is zone-redundant"),
    "for development": (pool() | {"tags": DEV}, FAIL, "one zone"),
    "a region without zones": (pool(location="westus"), NOT_APPLICABLE, "westus has no"),
    "an unknown region": (pool(location="atlantis"), UNKNOWN, "whether atlantis has"),
}
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
    "a warehouse": (database(WAREHOUSE, currentBackupStorageRedundancy="Local"), NOT_APPLICABLE, "no database of"),
    "Hyperscale": (
        database(HYPERSCALE, currentBackupStorageRedundancy="Local", requestedBackupStorageRedundancy="Local"),
        FAIL,
        "one datacenter",
    ),
    "an unknown region": (database(location="atlantis", currentBackupStorageRedundancy="Local"), UNKNOWN, "48 hours"),
    "for development": (
        database(currentBackupStorageRedundancy="Local") | {"tags": DEV},
        NOT_APPLICABLE,
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
    "a warehouse": (database(WAREHOUSE), NOT_APPLICABLE, "no database of"),
    "for development": (database(failoverGroupId=GROUP_ID) | {"tags": DEV}, NOT_APPLICABLE, "development or test"),
}


TABLES: Mapping[Rule, Cases] = {
    business_critical_zones: REPLICATED_CASES,
    general_purpose_zones: GENERAL_PURPOSE_CASES,
    hyperscale_zones: HYPERSCALE_CASES,
    zonal_tier: TIER_CASES,
    elastic_pool_zones: POOL_CASES,
    backup_redundancy: BACKUP_CASES,
    failover_group: GROUP_CASES,
}
ROWS = [
    pytest.param(rule, *case, id=f"{rule.name}: {name}")
    for rule, cases in TABLES.items()
    for name, case in cases.items()
]


@pytest.mark.parametrize(("rule", "body", "status", "words"), ROWS)
def test_verdict(rule: Rule, body: Json, status: Status, words: str) -> None:
    found = judged(rule, used(body))
    assert found.status is status, found.because
    assert words in found.because


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
    found = judged(failover_group, used(database(), *links))
    assert found.status is status
    assert words in found.because


GROUPED = {
    "in step": ([link()], PASS, "replicated to another region"),
    "seeding": ([link(replicationState="SEEDING")], UNKNOWN, "not complete yet"),
    "suspended": ([link(replicationState="SUSPENDED")], UNKNOWN, "no copy of it that is kept in step"),
    "in its own region": ([link("West Europe")], UNKNOWN, "no copy of it that is kept in step"),
    "unreadable": ([link(None)], UNKNOWN, "whether it is replicated"),
}


@pytest.mark.parametrize(("links", "status", "words"), GROUPED.values(), ids=GROUPED)
def test_a_failover_group_is_a_copy_once_it_is_in_step(links: list[Json], status: Status, words: str) -> None:
    found = judged(failover_group, used(database(failoverGroupId=GROUP_ID), *links))
    assert found.status is status
    assert words in found.because


def test_links_that_were_not_read_are_unknown() -> None:
    for body in (database(), database(failoverGroupId=GROUP_ID)):
        unread = Resource.of(body, uses=[Use(Role.ADDITIONAL_DATASTORE, WORKSPACE_ID)])
        assert judged(failover_group, unread).status is UNKNOWN


FOLLOWING = {
    "master": (database(SYSTEM) | {"name": "master"}, "no database"),
    "master, its tier not said": (database(None) | {"name": "Master"}, "the server's own"),
    "a geo-secondary": (database(secondaryType="Geo"), "a replica"),
    "a standby": (database(secondaryType="Standby"), "a replica"),
    "a replica, its tier not said": (database(None, secondaryType="Geo"), "a replica"),
    "unused": (database(), "no workspace uses it"),
}
POOLED = {
    "in a pool": (database(IN_POOL, elasticPoolId=POOL_ID), "elastic pool"),
    "in a pool, by its SKU": (database(IN_POOL), "elastic pool"),
    "in a pool, as managed by it": (database(IN_POOL) | {"managedBy": POOL_ID}, "elastic pool"),
}
APART = FOLLOWING | POOLED
OF_POOLED = (failover_group, backup_redundancy)
"""What a database of a pool has for itself."""


@pytest.mark.parametrize("rule", ON_DATABASES, ids=lambda rule: rule.check.__name__)
@pytest.mark.parametrize("name", FOLLOWING)
def test_what_follows_something_else_is_not_judged(rule: Rule, name: str) -> None:
    body, _ = FOLLOWING[name]
    resource = Resource.of(body, {"replicationLinks": []}) if name == "unused" else used(body)
    assert judged(rule, resource).status is NOT_APPLICABLE


@pytest.mark.parametrize("rule", ON_DATABASES, ids=lambda rule: rule.check.__name__)
@pytest.mark.parametrize(("body", "_"), POOLED.values(), ids=POOLED)
def test_a_pool_decides_where_its_databases_run_and_nothing_else(rule: Rule, body: Json, _: str) -> None:
    assert (judged(rule, used(body)).status is NOT_APPLICABLE) is (rule not in OF_POOLED)


@pytest.mark.parametrize(("body", "words"), APART.values(), ids=APART)
def test_why_it_is_not_judged(body: Json, words: str) -> None:
    resource = Resource.of(body) if words == "no workspace uses it" else used(body)
    assert words in judged(zonal_tier, resource).because


OTHER_ROLES = [(), (Use(Role.DEFAULT_STORAGE, WORKSPACE_ID),), (Use(Role.DATABRICKS_EXTERNAL),)]


@pytest.mark.parametrize("uses", OTHER_ROLES, ids=["none", "default storage", "of Databricks"])
@pytest.mark.parametrize("rule", [*ON_DATABASES, elastic_pool_zones], ids=lambda rule: rule.check.__name__)
def test_only_what_a_connection_reads_is_judged(rule: Rule, uses: tuple[Use, ...]) -> None:
    body = pool() if rule is elastic_pool_zones else database(BUSINESS_CRITICAL)
    found = judged(rule, Resource.of(body, uses=uses))
    assert found.status is NOT_APPLICABLE
    assert "a datastore" in found.because


NAMES = {
    "GP_Gen5": "generalpurpose",
    "GP_S_Gen5_2": "generalpurpose",
    "gp_dc": "generalpurpose",
    "BC_M": "businesscritical",
    "HS_MOPRMS": "hyperscale",
    "Premium": "premium",
    "PremiumPool": "premium",
    "StandardPool": "standard",
    "BasicPool": "basic",
    "System": "system",
    "DataWarehouse": "datawarehouse",
    "ElasticPool": None,
    "": None,
    None: None,
}


@pytest.mark.parametrize(("name", "tier"), NAMES.items())
def test_the_name_of_a_sku_tells_its_tier(name: str | None, tier: str | None) -> None:
    assert tier_of(used(database({"name": name}))) == tier


def test_what_a_sku_says_comes_before_its_name() -> None:
    assert tier_of(used(database({"name": "GP_Gen5", "tier": "Hyperscale"}))) == "hyperscale"


@pytest.mark.parametrize("sku", [BASIC, STANDARD, PREMIUM, GENERAL_PURPOSE, BUSINESS_CRITICAL, HYPERSCALE])
def test_every_database_is_judged_by_one_of_the_rules_about_zones(sku: Mapping[str, Any]) -> None:
    statuses = [judged(rule, used(database(sku))).status for rule in (*ZONES, zonal_tier)]
    assert statuses.count(FAIL) == 1
