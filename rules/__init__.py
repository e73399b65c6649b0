"""What good looks like: the catalogue of rules, and `evaluate`, which holds a resource against it.

To add a rule: write it in the file of its service (some have several), and name it in RULES at the end of that file.
"""

from collections.abc import Mapping
from functools import lru_cache
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
from rules.gates import Gate, gates
from rules.model import Finding, Resource, Role, Rule, Status, not_applicable, unknown
from rules.scope import Mark, left_alone, mark

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


_tuple: Final = tuple.__new__
"""Makes a Finding in a third of the time that `Finding(…)` takes: this is done millions of times."""

RULES_BY_TYPE: Final = _by_type(CATALOGUE)
RULES_BY_NAME: Final = {rule.name: rule for rule in CATALOGUE}


def evaluate(resource: Resource) -> list[Finding]:
    """The verdict of every rule for the resource's type, in the catalogue's order; empty when there is none."""
    if resource.type not in RULES_BY_TYPE:
        return []
    return _judge(_gates_of_type(resource.type, resource.roles, resource.location, mark(resource)), resource)


def evaluate_with(rules: tuple[Rule, ...], resource: Resource) -> list[Finding]:
    """The verdict of each of these rules on a resource of their type."""
    return _judge(gates(rules, resource.roles, resource.location, mark(resource)), resource)


@lru_cache(maxsize=4096)
def _gates_of_type(kind: str, roles: frozenset[Role], location: str, marked: Mark) -> tuple[Gate, ...]:
    """The same for a whole type: found by its name, which is quicker than by its rules."""
    return gates(RULES_BY_TYPE[kind], roles, location, marked)


def _judge(found: tuple[Gate, ...], resource: Resource) -> list[Finding]:
    if reason := left_alone(resource):
        return [Finding(rule, resource, not_applicable(reason)) for rule, _, _ in found]
    findings = []
    for rule, check, settled in found:
        if settled is None:
            try:
                verdict = check(resource)
            except Exception as error:  # noqa: BLE001 - one bad rule must not silence the others; UNKNOWN is never fixed
                verdict = unknown(f"the rule could not be evaluated ({type(error).__name__})")
        else:
            verdict = settled
        findings.append(_tuple(Finding, (rule, resource, verdict)))
    return findings


def children_read(rules: tuple[Rule, ...], resource: Resource) -> frozenset[str]:
    """The child paths without which some of these rules cannot judge a resource that was read without any."""
    unclear = [rule for rule, _, verdict in evaluate_with(rules, resource) if verdict.status is Status.UNKNOWN]
    return frozenset(path for rule in unclear for path in rule.reads)
