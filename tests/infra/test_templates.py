"""The templates in `infra/`: what they would send is what Azure publishes, what the code needs, and what we preach."""

import copy
import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
import yaml

from local import infra, role
from local.bicep.syntax import declarations
from local.contracts import SPECS, SPECS_ABSENT
from local.role import OPERATIONS
from remediation import wiring
from remediation.adapters.scan_tables import PARTS, SCANS
from remediation.adapters.tables import TABLES
from rules import evaluate
from rules.model import Status
from tests.infra.bodies import Shapes
from tests.infra.deployments import ENTRIES, HUBS, INFRA, ONBOARDINGS, WAYS, as_read, made, of_type


@cache
def shapes() -> Shapes:
    return Shapes()


def test_every_template_is_used_by_some_way() -> None:
    reached = {each.file.resolve() for way in WAYS for each in made(way)}
    entries = {(INFRA / entry).resolve() for entry in ENTRIES}
    assert reached | entries == {file.resolve() for file in INFRA.rglob("*.bicep")}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_sent_has_the_published_shape(way: str) -> None:
    known = [each for each in made(way) if shapes().knows(each)]
    assert known
    assert [problem for each in known for problem in shapes().problems(each)] == []


@pytest.mark.skipif(not SPECS.is_dir(), reason=SPECS_ABSENT)
@pytest.mark.parametrize("way", WAYS)
def test_no_resource_is_without_a_shape(way: str) -> None:
    assert [each.type for each in made(way) if not shapes().knows(each)] == []


def _set(*path: str, to: object) -> Callable[[dict[str, Any]], None]:
    def change(body: dict[str, Any]) -> None:
        for name in path[:-1]:
            body = body.setdefault(name, {})
        body[path[-1]] = to

    return change


def _left_out(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda body: body.pop(name)


PLAN, SITE, QUERY = "Microsoft.Web/serverfarms", "Microsoft.Web/sites", "Microsoft.Insights/scheduledQueryRules"
EVENTS = "Microsoft.EventGrid/systemTopics/eventSubscriptions"
SABOTAGED: dict[str, tuple[str, Callable[[dict[str, Any]], None]]] = {
    "an unknown property": (SITE, _set("properties", "functionAppConfig", "runtimes", to={})),
    "an unknown property at the top": (PLAN, _set("plan", to="x")),
    "a value outside an enum": (QUERY, _set("kind", to="LogAlerts")),
    "a value outside an enum, further down": (
        SITE,
        _set("properties", "functionAppConfig", "deployment", "storage", "authentication", "type", to="Identity"),
    ),
    "a missing property": (PLAN, _left_out("location")),
    "a read-only property": (SITE, _set("properties", "state", to="Running")),
    "a wrong type": (PLAN, _set("properties", "reserved", to="true")),
    "an unknown end point": (EVENTS, _set("properties", "destination", "endpointType", to="AzureFunctions")),
    "another end point's property": (EVENTS, _set("properties", "destination", "properties", "queueName", to="x")),
    "an unknown filter": (
        EVENTS,
        _set("properties", "filter", "advancedFilters", to=[{"operatorType": "StartsWith", "key": "x", "values": []}]),
    ),
}


@pytest.mark.parametrize(("kind", "change"), SABOTAGED.values(), ids=SABOTAGED)
def test_a_broken_body_is_found(kind: str, change: Callable[[dict[str, Any]], None]) -> None:
    way = "onboarding to look" if kind == EVENTS else "hub"
    resource = of_type(way, kind)[0]
    assert shapes().problems(resource) == []
    body = copy.deepcopy(resource.body)
    change(body)
    assert shapes().problems(replace(resource, body=body))


def test_another_api_version_and_an_unknown_type_are_found() -> None:
    plan = of_type("hub", PLAN)[0]
    assert "api-version is 2020-01-01" in shapes().problems(replace(plan, api_version="2020-01-01"))[0]
    assert shapes().problems(replace(plan, type="Microsoft.Web/farms")) == ["plan: no shape of Microsoft.Web/farms"]


OPEN = {
    "hub": {"app-insights/workspace-replication"},
    "hub without zones": {"app-insights/workspace-replication"},
    "workspace alone": {
        "app-insights/workspace-replication",
        "container-registry/geo-replica",
        "workspace/disaster-recovery",
    },
    "workspace without zones": {"workspace/zonal-region"},
}
"""What is left to people: a region to copy to, a second workspace, a region with zones. docs/deploy.md says so."""


@pytest.mark.parametrize("way", WAYS)
def test_what_is_deployed_passes_our_own_rules(way: str) -> None:
    findings = [finding for resource in as_read(way) for finding in evaluate(resource)]
    judged = {each.rule.name: each.verdict.status for each in findings}
    assert {name for name, status in judged.items() if status is Status.FAIL} == OPEN.get(way, set())
    assert [name for name, status in judged.items() if status is Status.UNKNOWN] == []
    assert way in ONBOARDINGS or Status.PASS in judged.values()


@pytest.mark.parametrize(
    ("way", "sku", "plan"), [("hub", "Standard_ZRS", True), ("hub without zones", "Standard_LRS", False)]
)
def test_the_hub_is_spread_over_zones_where_there_are_zones(way: str, sku: str, plan: bool) -> None:
    assert of_type(way, "Microsoft.Storage/storageAccounts")[0].body["sku"]["name"] == sku
    assert of_type(way, PLAN)[0].body["properties"]["zoneRedundant"] is plan


@pytest.mark.parametrize("way", HUBS)
def test_the_hub_has_every_queue_table_and_container(way: str) -> None:
    app = infra.app()
    made_here = {
        kind: sorted(each.id.rpartition("/")[2] for each in of_type(way, f"Microsoft.Storage/storageAccounts/{kind}"))
        for kind in ("queueServices/queues", "tableServices/tables", "blobServices/containers")
    }
    assert list(made_here.values()) == [app["queues"], app["tables"], app["containers"]]
    assert {"events", "checks", "notices", "events-poison", "checks-poison", "notices-poison"} <= set(app["queues"])
    assert set(app["tables"]) == {*TABLES, SCANS, PARTS}
    assert {wiring.DEAD_LETTERS_CONTAINER, wiring.SCANS_CONTAINER} < set(app["containers"])


def test_people_and_events_come_by_https_only() -> None:
    """What the scanner cannot look at: its check breaks on a resource with a condition."""
    bodies = {each.symbol: each.body["properties"] for each in made("hub with everything") if "Web" in each.type}
    assert bodies["app"]["httpsOnly"] is True
    assert bodies["signIn"]["httpSettings"]["requireHttps"] is True


@pytest.mark.parametrize(
    ("way", "kinds"),
    [("onboarding to look", ["reader"]), ("onboarding to fix, by queue", ["reader", "remediator"])],
)
def test_the_bot_is_granted_what_the_remediations_declare_and_no_more(way: str, kinds: list[str]) -> None:
    wanted = {"reader": role.reader(), "remediator": role.remediator()}
    definitions = of_type(way, "Microsoft.Authorization/roleDefinitions")
    granted = [each.body["properties"]["permissions"][0] for each in definitions]
    assert [each["actions"] for each in granted] == [wanted[kind]["Actions"] for kind in kinds]
    assert not any(each["dataActions"] for each in granted)
    assignments = of_type(way, "Microsoft.Authorization/roleAssignments")
    assert [each.body["properties"]["roleDefinitionId"] for each in assignments] == [each.id for each in definitions]


@pytest.mark.parametrize("way", WAYS)
def test_no_role_has_a_wildcard_but_to_ask_how_operations_go_on(way: str) -> None:
    for each in of_type(way, "Microsoft.Authorization/roleDefinitions"):
        actions = each.body["properties"]["permissions"][0]["actions"]
        assert [action for action in actions if "*" in action and not OPERATIONS.fullmatch(action)] == []


def test_functions_that_templates_name_are_there() -> None:
    app = infra.app()
    named = {app["eventFunction"], app["heartbeatFunction"], *app["poisonFunctions"]}
    assert named <= infra.functions()
    queries = [each.body["properties"]["criteria"]["allOf"][0]["query"] for each in of_type("hub", QUERY)]
    quoted = {name for query in queries for name in re.findall(r"'([a-z_]+)'", query)}
    assert quoted == {app["heartbeatFunction"], *app["poisonFunctions"]}


def test_alerts_reach_somebody_where_an_address_is_given() -> None:
    (people,) = of_type("hub with everything", "Microsoft.Insights/actionGroups")
    assert [each["emailAddress"] for each in people.body["properties"]["emailReceivers"]] == ["operators@example.com"]
    rules = of_type("hub with everything", QUERY)
    assert [each.body["properties"]["actions"]["actionGroups"] for each in rules] == [[people.id]] * 3
    assert of_type("hub", "Microsoft.Insights/actionGroups")[0].body["properties"]["emailReceivers"] == []


def test_azd_gives_the_hub_every_parameter_that_it_must_have() -> None:
    given = json.loads((INFRA / "main.parameters.json").read_text(encoding="utf-8"))["parameters"]
    parameters = [each for each in declarations(INFRA / "main.bicep") if each.kind == "param"]
    required = {each.name for each in parameters if len(each.node.named_children) < 3}
    assert required <= given.keys() <= {each.name for each in parameters}
    assert all(re.fullmatch(r"\$\{[A-Z_]+(=\w*)?\}", each["value"]) for each in given.values())


def test_azd_finds_the_app_by_its_tag() -> None:
    services = yaml.safe_load((INFRA.parent / "azure.yaml").read_text(encoding="utf-8"))["services"]
    tags = of_type("hub", SITE)[0].body["tags"]
    assert {name: each["host"] for name, each in services.items()} == {tags["azd-service-name"]: "function"}


def test_parameters_of_the_entries_say_what_they_are() -> None:
    for entry in ENTRIES:
        parameters = [each for each in declarations(INFRA / entry) if each.kind == "param"]
        assert [each.name for each in parameters if "description" not in each.decorators] == []
