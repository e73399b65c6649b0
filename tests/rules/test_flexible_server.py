"""Flexible servers: what holds for MySQL and PostgreSQL alike."""

from collections.abc import Callable

import pytest

from rules import mysql, postgresql
from rules.model import Resource, Role, Rule, Status, Use
from tests.builders import WORKSPACE_ID, Json, azure, judged
from tests.rules.examples.flexible_server import used
from tests.rules.examples.mysql import body as mysql_server
from tests.rules.examples.postgresql import body as postgresql_server

type Body = Callable[..., Json]

SERVERS = ((mysql, mysql_server), (postgresql, postgresql_server))
RULES = {rule.name: (rule, body) for service, body in SERVERS for rule in service.RULES}
OF_FLEXIBLE_SERVERS = {name: pair for name, pair in RULES.items() if pair[0].applies_to.endswith("/flexibleServers")}
STANDBYS = (
    (mysql.zone_redundant_standby, mysql.WORDS, mysql_server),
    (mysql.same_zone_standby, mysql.WORDS, mysql_server),
    (postgresql.zone_redundant_standby, postgresql.WORDS, postgresql_server),
    (postgresql.standby_in_another_zone, postgresql.WORDS, postgresql_server),
)
NOT_READY = {
    f"{rule.name}: {state}": (rule, body, state) for rule, words, body in STANDBYS for state in sorted(words.not_ready)
}


@pytest.mark.parametrize(("rule", "body"), RULES.values(), ids=RULES)
@pytest.mark.parametrize("uses", [(), (Use(Role.CMK_BYO, WORKSPACE_ID),)], ids=["of no workspace", "in another role"])
def test_a_server_that_no_workspace_reads_from_is_not_judged(rule: Rule, body: Body, uses: tuple[Use, ...]) -> None:
    server = azure("/".join((rule.applies_to, "dbml"))) | body("Disabled") | {"type": rule.applies_to}
    verdict = judged(rule, Resource.of(server, uses=uses))
    assert verdict.status is Status.NOT_APPLICABLE
    assert "no workspace uses it as a datastore" in verdict.because


@pytest.mark.parametrize(("rule", "body", "state"), NOT_READY.values(), ids=NOT_READY)
def test_a_standby_that_cannot_take_over_is_no_pass(rule: Rule, body: Body, state: str) -> None:
    server = body(highAvailability={"mode": "ZoneRedundant", "state": state})
    verdict = judged(rule, used(server))
    assert verdict.status is Status.UNKNOWN
    assert "cannot take over right now" in verdict.because


@pytest.mark.parametrize("state", ["Updating", "Provisioning", "Starting", "Stopping", "Restarting", "Dropping"])
@pytest.mark.parametrize(("rule", "body"), OF_FLEXIBLE_SERVERS.values(), ids=OF_FLEXIBLE_SERVERS)
def test_a_server_that_azure_is_changing_is_not_judged(rule: Rule, body: Body, state: str) -> None:
    assert judged(rule, used(body("Disabled", state=state))).status is Status.NOT_APPLICABLE
