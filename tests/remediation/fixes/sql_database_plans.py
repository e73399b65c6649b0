"""What the tests of the plans for SQL databases share."""

from remediation.plan import Guidance, Plan
from tests.builders import Json, finding, guidance, plan
from tests.rules.examples.sql_database import used

VERSION = "2025-01-01"


def made(rule: str, body: Json) -> Plan:
    return plan(finding(f"sql-database/{rule}", used(body)))


def told(rule: str, body: Json) -> Guidance:
    return guidance(finding(f"sql-database/{rule}", used(body)))


def assert_a_replica_takes_over(advice: Guidance, option: str) -> None:
    create, wait, switch, *_ = advice.steps
    assert "--resource-group rg-ml --server sqlml --name features --partner-server NEW_SERVER" in create
    assert option in create
    assert "CATCH_UP" in wait
    assert "set-primary --resource-group GROUP --server NEW_SERVER --name features." in switch
