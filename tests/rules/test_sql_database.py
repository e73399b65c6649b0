"""SQL databases and elastic pools: what holds whatever the rule is about, and what tells a service tier."""

import pytest

from rules.model import Resource, Role, Rule, Use
from rules.sql_database import RULES
from rules.sql_database.database import DATABASE, POOL, tier_of
from rules.sql_database.geo import backup_redundancy, failover_group
from rules.sql_database.zones import zonal_tier
from tests.builders import WORKSPACE_ID, Json, judged
from tests.rules.examples.sql_database import (
    BUSINESS_CRITICAL,
    IN_POOL,
    POOL_ID,
    SYSTEM,
    database,
    pool,
    used,
)
from tests.rules.sql_databases import NO

ON_DATABASES = [rule for rule in RULES if rule.applies_to == DATABASE]

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
    assert judged(rule, resource).status is NO


@pytest.mark.parametrize("rule", ON_DATABASES, ids=lambda rule: rule.check.__name__)
@pytest.mark.parametrize(("body", "_"), POOLED.values(), ids=POOLED)
def test_a_pool_decides_where_its_databases_run_and_nothing_else(rule: Rule, body: Json, _: str) -> None:
    assert (judged(rule, used(body)).status is NO) is (rule not in OF_POOLED)


@pytest.mark.parametrize(("body", "words"), APART.values(), ids=APART)
def test_why_it_is_not_judged(body: Json, words: str) -> None:
    resource = Resource.of(body) if words == "no workspace uses it" else used(body)
    assert words in judged(zonal_tier, resource).because


OTHER_ROLES = [(), (Use(Role.DEFAULT_STORAGE, WORKSPACE_ID),), (Use(Role.DATABRICKS_EXTERNAL),)]


@pytest.mark.parametrize("uses", OTHER_ROLES, ids=["none", "default storage", "of Databricks"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.check.__name__)
def test_only_what_a_connection_reads_is_judged(rule: Rule, uses: tuple[Use, ...]) -> None:
    body = pool() if rule.applies_to == POOL else database(BUSINESS_CRITICAL)
    found = judged(rule, Resource.of(body, uses=uses))
    assert found.status is NO
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
