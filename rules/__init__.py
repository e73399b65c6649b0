"""What good looks like: the catalogue of rules, and `evaluate`, which holds a resource against it.

To add a rule: write it in the file of its service, and name it in RULES at the end of that file.
"""

from collections.abc import Mapping
from typing import Final

from rules import (
    aks,
    app_insights,
    compute,
    container_instances,
    container_registry,
    cosmos_db,
    data_lake,
    databricks,
    hdinsight,
    key_vault,
    mysql,
    postgresql,
    sql_database,
    storage,
    workspace,
)
from rules.gates import gates
from rules.model import Finding, Resource, Rule, Verdict, not_applicable, unknown
from rules.scope import left_alone

CATALOGUE: Final[tuple[Rule, ...]] = (
    *workspace.RULES,
    *compute.RULES,
    *storage.RULES,
    *key_vault.RULES,
    *container_registry.RULES,
    *app_insights.RULES,
    *cosmos_db.RULES,
    *aks.RULES,
    *databricks.RULES,
    *container_instances.RULES,
    *hdinsight.RULES,
    *data_lake.RULES,
    *sql_database.RULES,
    *postgresql.RULES,
    *mysql.RULES,
)


def _by_type(catalogue: tuple[Rule, ...]) -> Mapping[str, tuple[Rule, ...]]:
    types = {rule.applies_to.lower() for rule in catalogue}
    return {kind: tuple(rule for rule in catalogue if rule.applies_to.lower() == kind) for kind in types}


RULES_BY_TYPE: Final = _by_type(CATALOGUE)
RULES_BY_NAME: Final = {rule.name: rule for rule in CATALOGUE}


def evaluate(resource: Resource) -> list[Finding]:
    """The verdict of every rule for the resource's type, in the catalogue's order; empty when there is none."""
    rules = RULES_BY_TYPE.get(resource.type)
    return [] if rules is None else evaluate_with(rules, resource)


def evaluate_with(rules: tuple[Rule, ...], resource: Resource) -> list[Finding]:
    """The verdict of each of these rules on a resource of their type."""
    if reason := left_alone(resource):
        verdict = not_applicable(reason)
        return [Finding(rule, resource, verdict) for rule in rules]
    return [Finding(rule, resource, settled or _judge(rule, resource)) for rule, _, settled in gates(rules, resource)]


def children_read(resource: Resource) -> frozenset[str]:
    """The child paths that the rules for this resource need, judging by its own body and roles."""
    if left_alone(resource):
        return frozenset()
    found = gates(RULES_BY_TYPE.get(resource.type, ()), resource)
    return frozenset(path for rule, _, settled in found if settled is None for path in rule.reads)


def _judge(rule: Rule, resource: Resource) -> Verdict:
    try:
        return rule.check(resource)
    except Exception as error:  # noqa: BLE001 - one bad rule must not silence the others; UNKNOWN is never fixed
        return unknown(f"the rule could not be evaluated ({type(error).__name__})")
