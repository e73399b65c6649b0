"""What the tests of the plans for storage accounts share."""

from remediation.plan import Plan
from rules.model import Resource
from tests.builders import finding, guidance, plan

API = "2026-04-01"


def made(rule: str, resource: Resource) -> Plan:
    return plan(finding(f"storage/{rule}", resource))


def advice(rule: str, resource: Resource) -> str:
    """All of the guidance in one text."""
    found = guidance(finding(f"storage/{rule}", resource))
    assert "estimate" in found.cost or found.cost.startswith("none")
    return "\n".join((found.why_no_plan, *found.steps))


def to_confirm(found: Plan) -> str:
    return "\n".join(found.to_confirm)
