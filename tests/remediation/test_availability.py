"""The estimate of availability: published figures only, chosen by what the rules say, multiplied."""

from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.availability import SERVICES, Estimate, composite, estimate, minutes_a_month, part, shown
from rules import RULES_BY_NAME, RULES_BY_TYPE
from rules.model import Status

PASS, FAIL, NOT_APPLICABLE, UNKNOWN = Status.PASS, Status.FAIL, Status.NOT_APPLICABLE, Status.UNKNOWN
AKS = "microsoft.containerservice/managedclusters"
COSMOS_DB = "microsoft.documentdb/databaseaccounts"
SQL = "microsoft.sql/servers/databases"
POSTGRESQL = "microsoft.dbforpostgresql/flexibleservers"
MYSQL = "microsoft.dbformysql/flexibleservers"
TIER, ZONES = "aks/standard-tier", "aks/zone-spanning-pools"
SECOND, WRITES = "cosmos-db/second-region", "cosmos-db/multi-region-writes"
ELSEWHERE = "postgresql/standby-in-another-zone"

LEVELS: dict[str, tuple[str, Mapping[str, Status], str | None, str | None]] = {
    "a free cluster": (AKS, {TIER: FAIL, ZONES: PASS}, None, "99.95"),
    "a paid cluster in one zone": (AKS, {TIER: PASS, ZONES: FAIL}, "99.9", "99.95"),
    "a paid cluster where there are no zones": (AKS, {TIER: PASS, ZONES: NOT_APPLICABLE}, "99.9", "99.9"),
    "a cluster of which little is known": (AKS, {TIER: UNKNOWN, ZONES: PASS}, None, None),
    "an account in one region": (COSMOS_DB, {SECOND: FAIL, WRITES: NOT_APPLICABLE}, "99.99", "99.99"),
    "an account in zones": (COSMOS_DB, {"cosmos-db/zone-redundant": PASS, SECOND: FAIL}, "99.995", "99.995"),
    "an account that takes writes anywhere": (COSMOS_DB, {SECOND: PASS, WRITES: PASS}, "99.999", "99.999"),
    "a database in one zone": (SQL, {"sql-database/general-purpose-zones": FAIL}, "99.99", "99.995"),
    "a zone-redundant database": (SQL, {"sql-database/hyperscale-zones": PASS}, "99.995", "99.995"),
    "a server alone": (POSTGRESQL, {"postgresql/zone-redundant-standby": FAIL}, "99.9", "99.99"),
    "a server with a standby beside it": (POSTGRESQL, {ELSEWHERE: FAIL}, "99.95", "99.99"),
    "a server where there are no zones": (POSTGRESQL, {"postgresql/same-zone-standby": FAIL}, "99.9", "99.95"),
    "a MySQL server with a standby beside it": (
        MYSQL,
        {"mysql/zone-redundant-standby": FAIL, "mysql/same-zone-standby": PASS},
        "99.95",
        "99.99",
    ),
    "storage": ("microsoft.storage/storageaccounts", {"storage/zone-redundant": FAIL}, "99.9", "99.9"),
    "a registry below Premium": (
        "microsoft.containerregistry/registries",
        {"container-registry/premium-sku": FAIL},
        "99.9",
        "99.9",
    ),
    "what is retired": ("microsoft.dbformysql/servers", {"mysql/single-server-retired": FAIL}, None, None),
}


@pytest.mark.parametrize(("kind", "statuses", "now", "after"), LEVELS.values(), ids=LEVELS)
def test_the_level_follows_from_the_rules(
    kind: str, statuses: Mapping[str, Status], now: str | None, after: str | None
) -> None:
    found = part("/x", kind, statuses)
    assert found is not None
    assert [found.now.percent, found.after.percent] == [each and Decimal(each) for each in (now, after)]


def test_a_type_without_a_level_is_no_part() -> None:
    assert part("/x", "microsoft.machinelearningservices/workspaces/datastores", {}) is None
    assert estimate([None]) == Estimate(())


def test_every_type_that_rules_are_about_is_known_but_datastores() -> None:
    assert RULES_BY_TYPE.keys() - SERVICES.keys() == {"microsoft.machinelearningservices/workspaces/datastores"}
    assert SERVICES.keys() <= RULES_BY_TYPE.keys()


def test_levels_name_rules_of_their_type_and_the_last_is_given_always() -> None:
    for kind, service in SERVICES.items():
        named = {rule for level in service.levels for alternative in level.when for rule, _ in alternative}
        assert {RULES_BY_NAME[rule].applies_to.lower() for rule in named} <= {kind}
        assert [bool(level.when) for level in service.levels] == [True] * (len(service.levels) - 1) + [False]


def test_every_figure_has_a_source_and_a_date_and_the_best_comes_first() -> None:
    for service in SERVICES.values():
        assert service.url.startswith("https://")
        assert service.source
        assert service.as_of >= "2019-06"
        published = [level.percent for level in service.levels if level.percent is not None]
        assert published == sorted(published, reverse=True)
        assert all(99 <= percent < 100 for percent in published)


@given(st.sampled_from(sorted(SERVICES)), st.data())
def test_mending_never_lowers_a_level(kind: str, data: st.DataObject) -> None:
    rules = sorted(rule.name for rule in RULES_BY_TYPE[kind])
    found = part("/x", kind, data.draw(st.fixed_dictionaries({rule: st.sampled_from(Status) for rule in rules})))
    assert found is not None
    assert (found.after.percent or 0) >= (found.now.percent or 0)


def test_the_composite_is_the_product() -> None:
    assert composite([Decimal("99.9"), Decimal("99.99")]) == Decimal("99.89001")
    assert composite([Decimal("99.9"), None]) == Decimal("99.9")
    assert composite([None]) is None


def test_what_nothing_is_promised_of_is_named() -> None:
    cluster, vault = part("/aks", AKS, {TIER: FAIL}), part("/kv", "microsoft.keyvault/vaults", {})
    found = estimate([cluster, vault])
    assert [each.resource_id for each in found.unpublished] == ["/aks"]
    assert (found.now, found.after) == (Decimal("99.99"), Decimal("99.89001"))


SHOWN = {"99.79": ("99.79", 91), "99.7909": ("99.79", 91), "99.999": ("99.999", 1), "100": ("100", 0)}


@pytest.mark.parametrize(("percent", "text", "minutes"), [(each, *wanted) for each, wanted in SHOWN.items()])
def test_a_figure_is_never_rounded_in_its_favour(percent: str, text: str, minutes: int) -> None:
    assert (shown(Decimal(percent)), minutes_a_month(Decimal(percent))) == (text, minutes)
