"""What good looks like: the catalogue of rules, and `evaluate`, which holds a resource against it.

To add a rule: write it in the file of its service and name it here.
"""

from collections.abc import Mapping
from typing import Final

from rules.container_registry import premium_sku
from rules.databricks import disaster_recovery
from rules.model import Finding, Resource, Rule, Verdict, unknown
from rules.storage import zone_redundant

CATALOGUE: Final[tuple[Rule, ...]] = (
    premium_sku,
    zone_redundant,
    disaster_recovery,
)


def _by_type(catalogue: tuple[Rule, ...]) -> Mapping[str, tuple[Rule, ...]]:
    types = {rule.applies_to.lower() for rule in catalogue}
    return {kind: tuple(rule for rule in catalogue if rule.applies_to.lower() == kind) for kind in types}


RULES_BY_TYPE: Final = _by_type(CATALOGUE)
RULES_BY_NAME: Final = {rule.name: rule for rule in CATALOGUE}


def evaluate(resource: Resource) -> list[Finding]:
    """The verdict of every rule for the resource's type, in the catalogue's order; empty when there is none."""
    return [Finding(rule, resource, _judge(rule, resource)) for rule in RULES_BY_TYPE.get(resource.type, ())]


def _judge(rule: Rule, resource: Resource) -> Verdict:
    try:
        return rule.check(resource)
    except Exception as error:  # noqa: BLE001 - one bad rule must not silence the others; UNKNOWN is never fixed
        return unknown(f"the rule could not be evaluated ({type(error).__name__})")
