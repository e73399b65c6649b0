"""The table of responsibilities names every service of Microsoft's page, and every rule of the catalogue."""

import pytest

from remediation.api_versions import api_version
from rules import CATALOGUE, RULES_BY_NAME
from rules.model import Role, Rule
from rules.responsibility import TABLE, ByDefault, Group, Manager, Responsibility

SERVICES = {
    Group.INFRASTRUCTURE: [
        "Azure Machine Learning workspace",
        "Cosmos DB of a workspace with a customer-managed key",
        "Default storage",
        "Key vault",
        "Container registry",
        "Application Insights with its Log Analytics workspace",
    ],
    Group.COMPUTE: [
        "Compute instance",
        "Compute cluster",
        "Azure Kubernetes Service, attached",
        "Azure Kubernetes Service, created by Azure Machine Learning",
        "Azure Databricks",
        "Azure Container Instances",
        "Azure HDInsight",
    ],
    Group.DATA_STORES: [
        "Azure Blob container",
        "Azure file share",
        "Azure Data Lake Storage Gen2",
        "Azure Data Lake Storage Gen1",
        "Azure SQL Database",
        "Azure SQL Database, elastic pool",
        "Azure Database for PostgreSQL, flexible server",
        "Azure Database for PostgreSQL, single server",
        "Azure Database for MySQL, flexible server",
        "Azure Database for MySQL, single server",
        "Databricks file system",
    ],
}
MICROSOFTS = ["Azure Machine Learning workspace", "Compute instance", "Compute cluster"]
every_row = pytest.mark.parametrize("row", TABLE, ids=lambda row: row.service)
every_rule = pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.name)


def about(row: Responsibility, rule: Rule) -> bool:
    """Whether a rule looks at what a row is about, in a role that the row is about."""
    types = [kind.lower() for kind in row.types]
    return rule.applies_to.lower() in types and (not rule.roles or not rule.roles.isdisjoint(row.roles))


def test_every_service_of_microsofts_page_is_there_in_its_group() -> None:
    assert [(row.group, row.service) for row in TABLE] == [
        (group, service) for group, services in SERVICES.items() for service in services
    ]


def test_microsoft_manages_what_its_page_says() -> None:
    assert [row.service for row in TABLE if row.managed_by is Manager.MICROSOFT] == MICROSOFTS


def test_only_the_key_vault_is_highly_available_by_default() -> None:
    """The ticks of the page of 2025-06: workspace, Cosmos DB and compute cluster have lost those of earlier ones."""
    assert [row.service for row in TABLE if row.by_default is ByDefault.YES] == ["Key vault"]


def test_every_role_is_in_some_row() -> None:
    assert {role for row in TABLE for role in row.roles} == set(Role)


@every_row
def test_the_rules_of_a_row_exist_and_are_named_once(row: Responsibility) -> None:
    assert [name for name in row.rules if name not in RULES_BY_NAME] == []
    assert len(set(row.rules)) == len(row.rules)


@every_row
def test_the_rules_of_a_row_are_about_its_types(row: Responsibility) -> None:
    types = [kind.lower() for kind in row.types]
    found = [RULES_BY_NAME[name] for name in row.rules if name in RULES_BY_NAME]
    assert [rule.name for rule in found if rule.applies_to.lower() not in types] == []


@every_rule
def test_a_rule_watches_a_row_that_is_about_its_type_and_roles(rule: Rule) -> None:
    assert [row.service for row in TABLE if rule.name in row.rules and about(row, rule)]


@every_row
def test_a_row_that_no_rule_watches_says_why(row: Responsibility) -> None:
    assert row.rules or "Nothing can be set, so no rule watches it." in row.notes


@every_row
def test_a_row_speaks_in_sentences(row: Responsibility) -> None:
    texts = (row.because, row.yours, *row.notes)
    assert [text for text in texts if not text.endswith(".") or "\n" in text or text.strip() != text] == []
    assert row.because.count(". ") == 0
    assert row.yours.count(". ") < 2


@every_row
def test_the_types_of_a_row_can_be_read(row: Responsibility) -> None:
    assert row.types
    assert [kind for kind in row.types if not api_version(kind.lower())] == []
