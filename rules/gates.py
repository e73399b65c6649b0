"""What can be said of a rule before it looks at the body: the roles it is about, zones, production.

The answer depends on little (type, roles, region, tags), so it is worked out once for each combination and kept: most
rules that do not apply to a resource cost nothing.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from rules.model import Resource, Role, Rule, Verdict, not_applicable, unknown
from rules.regions import region, shown
from rules.scope import Mark

ROLE_NAMES: Final[Mapping[Role, str]] = {
    Role.DEFAULT_STORAGE: "default storage",
    Role.ADDITIONAL_DATASTORE: "a datastore",
    Role.WORKSPACE_VAULT: "key vault",
    Role.WORKSPACE_REGISTRY: "container registry",
    Role.WORKSPACE_APPINSIGHTS: "Application Insights",
    Role.TELEMETRY_STORE: "telemetry store",
    Role.CMK_VAULT: "vault of its customer-managed key",
    Role.CMK_BYO: "store of its encrypted metadata",
    Role.MANAGED_COMPUTE: "managed compute",
    Role.ATTACHED_AKS: "attached AKS cluster",
    Role.AML_PROVISIONED_AKS: "AKS cluster made by Azure Machine Learning",
    Role.ATTACHED_DATABRICKS: "attached Databricks",
    Role.ATTACHED_HDINSIGHT: "attached HDInsight",
    Role.HDINSIGHT_STORAGE: "storage of attached HDInsight",
    Role.DATABRICKS_EXTERNAL: "external storage of Databricks",
    Role.ACI_ENDPOINT: "container instance of an endpoint",
    Role.MANAGED_RG: "a managed resource group",
}
"""What people call a role, as in "used by mlw as …"."""

NOT_PRODUCTION: Final[Mapping[Mark, str]] = {
    Mark.DEV_TEST: "a tag marks it as development or test",
    Mark.SAID_DEV_TEST: "the policy says it is for development or test",
}


class Gate(NamedTuple):
    """One rule for resources of one kind: `settled` is its verdict where that is clear before looking at the body."""

    rule: Rule
    check: Callable[[Resource], Verdict]
    settled: Verdict | None


@lru_cache(maxsize=4096)
def gates(rules: tuple[Rule, ...], roles: frozenset[Role], location: str, mark: Mark) -> tuple[Gate, ...]:
    """The gates of the rules, in their order, for resources with these roles in this region, so marked."""
    return tuple(Gate(rule, rule.check, _settled(rule, roles, location, mark)) for rule in rules)


def _settled(rule: Rule, roles: frozenset[Role], location: str, mark: Mark) -> Verdict | None:
    if mark is Mark.DATABRICKS:
        return not_applicable("Databricks manages it")
    if Role.MANAGED_RG in roles:
        return not_applicable("it lies in a resource group that Azure manages")
    if rule.roles and not roles & rule.roles:
        return not_applicable(f"no workspace uses it as {_names(rule.roles)}")
    if rule.production and mark in NOT_PRODUCTION:
        return not_applicable(NOT_PRODUCTION[mark])
    if not rule.zonal:
        return None
    if (place := region(location)) is None:
        return unknown(f"it is not known whether {shown(location)} has availability zones")
    return None if place.zones else not_applicable(f"{location} has no availability zones")


def _names(roles: frozenset[Role]) -> str:
    """`default storage, a datastore or key vault`."""
    *others, last = [name for role, name in ROLE_NAMES.items() if role in roles]
    return f"{', '.join(others)} or {last}" if others else last
