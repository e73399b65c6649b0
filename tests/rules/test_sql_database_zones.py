"""SQL databases and elastic pools: zones, and service tiers that can have them."""

from collections.abc import Mapping
from typing import Any

import pytest

from rules.model import Rule, Status
from rules.sql_database.zones import (
    business_critical_zones,
    elastic_pool_zones,
    general_purpose_zones,
    hyperscale_zones,
    zonal_tier,
)
from tests.builders import Json
from tests.rules.examples.sql_database import (
    BASIC,
    BUSINESS_CRITICAL,
    CONFIDENTIAL,
    GENERAL_PURPOSE,
    HYPERSCALE,
    POOL_ID,
    PREMIUM,
    SERVERLESS,
    STANDARD,
    SYSTEM,
    WAREHOUSE,
    database,
    pool,
)
from tests.rules.sql_databases import DEV, FAIL, NO, PASS, UNKNOWN, Cases, verdict

REPLICATED_CASES: Cases = {
    "Business Critical in one zone": (database(BUSINESS_CRITICAL), FAIL, "one zone, though zones cost nothing"),
    "Premium in one zone": (database(PREMIUM), FAIL, "one zone"),
    "Business Critical in several": (database(BUSINESS_CRITICAL, zoneRedundant=True), PASS, "several"),
    "Premium in several": (database(PREMIUM, zoneRedundant=True), PASS, "several"),
    "upper case": (database({"name": "BC_GEN5", "tier": "BUSINESSCRITICAL"}), FAIL, "one zone"),
    "the tier by its name": (database({"name": "BC_Gen5"}, currentSku=None), FAIL, "one zone"),
    "General Purpose": (database(), NO, "neither Premium nor Business Critical"),
    "Hyperscale": (database(HYPERSCALE), NO, "neither"),
    "Standard": (database(STANDARD), NO, "neither"),
    "a warehouse": (database(WAREHOUSE), NO, "neither"),
    "a tier of tomorrow": (database({"name": "XX_Gen9", "tier": "Extreme"}), NO, "neither"),
    "no SKU": (database(None), UNKNOWN, "which service tier"),
    "a SKU that tells no tier": (database({"name": "XX_Gen9"}), UNKNOWN, "which service tier"),
    "a tier that is a number": (database({"name": 5, "tier": 5}), UNKNOWN, "which service tier"),
    "not said": (database(BUSINESS_CRITICAL, zoneRedundant=None), UNKNOWN, "whether it is zone-redundant"),
    "a text": (database(BUSINESS_CRITICAL, zoneRedundant="false"), UNKNOWN, "whether it is zone-redundant"),
    "leaves the tier": (database(BUSINESS_CRITICAL, currentSku=STANDARD), UNKNOWN, "a change is under way"),
    "what runs is not said": (database(BUSINESS_CRITICAL, currentSku=None), FAIL, "one zone"),
    "a pinned zone": (database(BUSINESS_CRITICAL, availabilityZone="1"), FAIL, "one zone"),
    "a region without zones": (database(PREMIUM, "westus"), NO, "westus has no"),
    "a region's display name": (database(PREMIUM, "West Europe"), FAIL, "one zone"),
    "an unknown region": (database(PREMIUM, "atlantis"), UNKNOWN, "whether atlantis has"),
    "no region": (database(PREMIUM, None), UNKNOWN, "whether its region has"),
    "for development": (database(PREMIUM) | {"tags": DEV}, FAIL, "one zone"),
    "no properties": (database(PREMIUM) | {"properties": None}, UNKNOWN, "whether it stands alone"),
    "in change": (database(PREMIUM, status="Scaling"), NO, "still changing"),
}
GENERAL_PURPOSE_CASES: Cases = {
    "in one zone": (database(), FAIL, "compute and files are in one zone"),
    "in several": (database(zoneRedundant=True), PASS, "several"),
    "serverless in one zone": (database(SERVERLESS), FAIL, "one zone"),
    "paused": (database(SERVERLESS, status="Paused"), FAIL, "one zone"),
    "on other hardware": (database(CONFIDENTIAL), FAIL, "one zone"),
    "the tier by its name": (database({"name": "GP_S_Gen5_2"}, currentSku=None), FAIL, "one zone"),
    "Business Critical": (database(BUSINESS_CRITICAL), NO, "not General Purpose"),
    "no SKU": (database({}), UNKNOWN, "which service tier"),
    "not said": (database(zoneRedundant=None), UNKNOWN, "whether it is zone-redundant"),
    "enters the tier": (database(currentSku=STANDARD), UNKNOWN, "a change is under way"),
    "a region without zones": (database(location="westus"), NO, "westus has no"),
    "an unknown region": (database(location="atlantis"), UNKNOWN, "whether atlantis has"),
}
HYPERSCALE_CASES: Cases = {
    "in one zone": (database(HYPERSCALE), FAIL, "only in a new one"),
    "in several": (database(HYPERSCALE, zoneRedundant=True), PASS, "several"),
    "premium series": (database({"name": "HS_PRMS", "tier": "Hyperscale", "family": "PRMS"}), FAIL, "one zone"),
    "the tier by its name": (database({"name": "HS_S_Gen5"}, currentSku=None), FAIL, "one zone"),
    "a named replica": (database(HYPERSCALE, secondaryType="Named"), NO, "a replica"),
    "General Purpose": (database(), NO, "not Hyperscale"),
    "no SKU": (database(None), UNKNOWN, "which service tier"),
    "not said": (database(HYPERSCALE, zoneRedundant=0), UNKNOWN, "whether it is zone-redundant"),
    "enters the tier": (database(HYPERSCALE, currentSku=GENERAL_PURPOSE), UNKNOWN, "a change is under way"),
    "a region without zones": (database(HYPERSCALE, "westus"), NO, "westus has no"),
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
    "a warehouse": (database(WAREHOUSE), NO, "no database of"),
    "the server's own": (database(SYSTEM), NO, "no database of"),
    "in a pool": (database(STANDARD, elasticPoolId=POOL_ID), NO, "elastic pool"),
    "properties that are a list": (database(BASIC) | {"properties": []}, UNKNOWN, "whether it stands alone"),
    "a tier of tomorrow": (database({"name": "XX_Gen9", "tier": "Extreme"}), UNKNOWN, "not known here"),
    "no SKU": (database(None), UNKNOWN, "which service tier"),
    "leaves the tier": (database(GENERAL_PURPOSE, currentSku=STANDARD), UNKNOWN, "a change is under way"),
    "for development": (database(BASIC) | {"tags": DEV}, NO, "development or test"),
    "a region without zones": (database(BASIC, "westus"), NO, "westus has no"),
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
    "a region without zones": (pool(location="westus"), NO, "westus has no"),
    "an unknown region": (pool(location="atlantis"), UNKNOWN, "whether atlantis has"),
}


TABLES: Mapping[Rule, Cases] = {
    business_critical_zones: REPLICATED_CASES,
    general_purpose_zones: GENERAL_PURPOSE_CASES,
    hyperscale_zones: HYPERSCALE_CASES,
    zonal_tier: TIER_CASES,
    elastic_pool_zones: POOL_CASES,
}
ROWS = [
    pytest.param(rule, *case, id=f"{rule.name}: {name}")
    for rule, cases in TABLES.items()
    for name, case in cases.items()
]


@pytest.mark.parametrize(("rule", "body", "status", "words"), ROWS)
def test_verdict(rule: Rule, body: Json, status: Status, words: str) -> None:
    found, because = verdict(rule, body)
    assert (found, words in because) == (status, True), because


ON_SINGLE_DATABASES = (business_critical_zones, general_purpose_zones, hyperscale_zones, zonal_tier)


@pytest.mark.parametrize("sku", [BASIC, STANDARD, PREMIUM, GENERAL_PURPOSE, BUSINESS_CRITICAL, HYPERSCALE])
def test_every_database_is_judged_by_one_of_the_rules_about_zones(sku: Mapping[str, Any]) -> None:
    statuses = [verdict(rule, database(sku))[0] for rule in ON_SINGLE_DATABASES]
    assert statuses.count(FAIL) == 1
