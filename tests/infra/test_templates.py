"""The templates in `infra/`: what they would send is what Azure publishes, what the code needs, and what we preach."""

import copy
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
import yaml

from local import infra, role
from local.bicep.syntax import declarations
from local.bicep.template import Deployed
from local.contracts import SPECS, SPECS_ABSENT
from local.role import OPERATIONS
from remediation import access_settings, policy_settings, wiring
from remediation.adapters import channels
from remediation.adapters.scan_tables import PARTS, SCANS
from remediation.adapters.tables import TABLES
from remediation.intake import CHECKED_TYPES
from rules import CATALOGUE, evaluate
from rules.model import Status
from tests.builders import sample_events
from tests.infra.bodies import Shapes
from tests.infra.deployments import ENTRIES, INFRA, SECRET, TOKEN, WAYS, as_read, made

HUBS = [way for way in WAYS if way.startswith("hub")]
ONBOARDINGS = [way for way in WAYS if way.startswith("onboarding")]


@cache
def shapes() -> Shapes:
    return Shapes()


def of_type(way: str, kind: str) -> list[Deployed]:
    return [each for each in made(way) if each.type == kind]


def settings(way: str) -> Mapping[str, str]:
    found: Mapping[str, str] = next(each for each in made(way) if each.symbol == "settings").body["properties"]
    return found


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


@pytest.mark.parametrize("way", HUBS)
def test_event_grid_may_write_dead_letters_and_events_and_nothing_else(way: str) -> None:
    scopes = {
        each.id.partition("/providers/Microsoft.Authorization")[0].partition("/default/")[2]
        for each in of_type(way, "Microsoft.Authorization/roleAssignments")
        if "events" in each.body["properties"]["principalId"]
    }
    assert scopes == {"containers/dead-letters", "queues/events"}


def test_the_app_has_every_setting() -> None:
    """But the audience, which follows from the end point, Slack's API, which is another one for GovSlack, the role,
    which `app-roles.json` names, and that people are signed in: the platform says so itself, and a setting would go on
    saying it when that is switched off.
    """
    modules = (wiring, channels, access_settings, policy_settings)
    names = {value for module in modules for value in vars(module).values() if isinstance(value, str)}
    left_out = {wiring.ARM_AUDIENCE, channels.SLACK_API, access_settings.APPROVER_ROLE, access_settings.EASY_AUTH}
    known = {name for name in names if re.fullmatch("HA_BOT_[A-Z_]+", name)}
    given = settings("hub with everything").keys() | settings("hub with a Slack app").keys()
    assert {name for name in given if name.startswith("HA_BOT_")} == known - left_out


@pytest.mark.parametrize("way", HUBS)
def test_the_app_starts_with_its_settings_once_the_vault_has_answered(way: str) -> None:
    answered = {
        name: SECRET if value.startswith("@Microsoft.KeyVault(SecretUri=") else value
        for name, value in settings(way).items()
    }
    assert [str(problem) for problem in wiring.problems(answered | in_their_form(answered))] == []
    assert wiring.STORAGE not in answered


def in_their_form(answered: Mapping[str, str]) -> dict[str, str]:
    url = "https://x.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/w?sig=secret"
    known = {wiring.TEAMS: url, channels.SLACK_TOKEN: TOKEN}
    return {name: value for name, value in known.items() if name in answered}


CHATS = {
    "hub": {channels.TEAMS},
    "hub without zones": {channels.SLACK},
    "hub with a Slack app": {channels.TEAMS, channels.SLACK_TOKEN, channels.SLACK_CHANNEL},
}


@pytest.mark.parametrize(("way", "wanted"), CHATS.items(), ids=CHATS)
def test_only_the_channel_that_is_wanted_is_set(way: str, wanted: set[str]) -> None:
    every = {channels.TEAMS, channels.SLACK, channels.SLACK_TOKEN, channels.SLACK_CHANNEL}
    assert every & settings(way).keys() == wanted


@pytest.mark.parametrize("way", ["hub", "hub without zones"])
def test_what_is_not_given_is_left_in_the_vault_as_it_is(way: str) -> None:
    assert of_type(way, "Microsoft.KeyVault/vaults/secrets") == []


@pytest.mark.parametrize(("way", "secret"), [("hub with everything", SECRET), ("hub with a Slack app", TOKEN)])
def test_a_secret_is_nowhere_but_in_the_vault(way: str, secret: str) -> None:
    holders = {each.type for each in made(way) if secret in json.dumps(each.body)}
    assert holders == {"Microsoft.KeyVault/vaults/secrets"}


SECRETS = "Webhook|SigningKey|Secret|BotToken"


def test_secrets_are_secure_parameters_and_no_output_names_one() -> None:
    for file in INFRA.rglob("*.bicep"):
        found = declarations(file)
        secure = {each.name for each in found if each.kind == "param" and "secure" in each.decorators}
        assert {each.name for each in found if each.kind == "param" and re.search(SECRETS, each.name)} == secure
        outputs = [(each.node.text or b"").decode() for each in found if each.kind == "output"]
        assert [text for text in outputs for name in secure if name in text] == []


@pytest.mark.parametrize("way", HUBS)
def test_the_apps_storage_is_reached_by_identity_only(way: str) -> None:
    account = of_type(way, "Microsoft.Storage/storageAccounts")[0].body["properties"]
    assert (account["allowSharedKeyAccess"], account["allowBlobPublicAccess"]) == (False, False)
    assert wiring.STORAGE not in settings(way)
    assert not any("AccountKey" in value for value in settings(way).values())


def test_people_sign_in_without_a_secret_and_headers_are_checked_by_the_platform() -> None:
    signed = next(each for each in made("hub with everything") if each.symbol == "signIn").body["properties"]
    assert signed["platform"]["enabled"] is True
    directory = signed["identityProviders"]["azureActiveDirectory"]["registration"]
    assert directory["clientSecretSettingName"] in settings("hub with everything")
    assert [each.symbol for each in made("hub") if each.symbol == "signIn"] == []


def now() -> datetime:
    return datetime.now(UTC)


def test_people_and_events_come_by_https_only() -> None:
    """What the scanner cannot look at: its check breaks on a resource with a condition."""
    bodies = {each.symbol: each.body["properties"] for each in made("hub with everything") if "Web" in each.type}
    assert bodies["app"]["httpsOnly"] is True
    assert bodies["signIn"]["httpSettings"]["requireHttps"] is True


def test_where_people_sign_in_nothing_is_missing_for_approvals_once_the_platform_says_so() -> None:
    answered = {
        name: SECRET if value.startswith("@Microsoft.KeyVault(SecretUri=") else value
        for name, value in settings("hub with everything").items()
    }
    assert access_settings.missing(access_settings.access(answered, now)) == [access_settings.NO_EASY_AUTH]
    told = access_settings.access(answered | {access_settings.PLATFORM_AUTH: "True"}, now)
    assert access_settings.missing(told) == []
    assert told.slack_approvers == {"U012AB3CD"}


def test_where_nobody_signs_in_the_app_needs_no_key() -> None:
    wanted = {access_settings.SIGNING_KEY, access_settings.PUBLIC_URL, access_settings.SLACK_SIGNING}
    assert wanted & settings("hub").keys() == set()


@pytest.mark.parametrize("way", ["hub with everything", "hub with a Slack app"])
def test_what_a_setting_takes_from_the_vault_is_put_there(way: str) -> None:
    references = [value for value in settings(way).values() if "secrets/" in value]
    secrets = [each.id.rpartition("/")[2] for each in of_type(way, "Microsoft.KeyVault/vaults/secrets")]
    assert sorted(value.rpartition("secrets/")[2].rstrip(")") for value in references) == sorted(secrets)


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


@pytest.mark.parametrize("way", ONBOARDINGS)
def test_events_are_filtered_tried_again_and_kept_when_they_cannot_be_delivered(way: str) -> None:
    heard = [each for each in made(way) if each.symbol == "heard"]
    assert heard
    for each in heard:
        properties = each.body["properties"]
        (only,) = properties["filter"]["advancedFilters"]
        assert 0 < len(only["values"]) <= infra.MOST_VALUES
        assert max(map(len, only["values"])) <= 512
        assert properties["retryPolicy"] == {"maxDeliveryAttempts": 30, "eventTimeToLiveInMinutes": 1440}
        letters = properties.get("deadLetterWithResourceIdentity", properties)["deadLetterDestination"]["properties"]
        assert letters["blobContainerName"] == wiring.DEAD_LETTERS_CONTAINER
        assert ("destination" in properties) != ("deliveryWithResourceIdentity" in properties)


@pytest.mark.parametrize("way", ONBOARDINGS)
def test_storage_is_written_to_by_the_topics_identity_where_there_is_a_topic(way: str) -> None:
    extension = "extension" in way
    for each in [each for each in made(way) if each.symbol == "heard"]:
        assert each.type == ("Microsoft.EventGrid/eventSubscriptions" if extension else EVENTS)
        assert ("deadLetterWithResourceIdentity" in each.body["properties"]) is not extension
        assert extension or "StorageQueue" not in json.dumps(each.body["properties"].get("destination", {}))


def test_the_extension_form_needs_no_topic_of_its_own() -> None:
    kinds = {each.type for each in made("onboarding in the extension form")}
    assert {"Microsoft.EventGrid/systemTopics", "Microsoft.Resources/resourceGroups"} & kinds == set()
    (heard,) = of_type("onboarding in the extension form", "Microsoft.EventGrid/eventSubscriptions")
    assert heard.id.startswith("/subscriptions/00000000-0000-4000-8000-000000000001/providers/Microsoft.EventGrid/")


def _heard(operation: str) -> bool:
    (heard,) = of_type("onboarding to look", EVENTS)
    values = heard.body["properties"]["filter"]["advancedFilters"][0]["values"]
    return any(operation.lower().startswith(value.lower()) for value in values)


@pytest.mark.parametrize("kind", sorted({rule.applies_to for rule in CATALOGUE} | CHECKED_TYPES))
def test_the_filter_lets_through_every_type_that_is_checked(kind: str) -> None:
    assert _heard(f"{kind}/write")
    assert _heard(f"{kind.upper()}/DELETE")


@pytest.mark.parametrize("rule", [rule for rule in CATALOGUE if rule.reads], ids=lambda rule: rule.name)
def test_the_filter_lets_through_the_children_that_rules_read(rule: Any) -> None:
    assert all(_heard(f"{rule.applies_to}/{path.split('/')[0]}/write") for path in rule.reads)


@pytest.mark.parametrize(
    "operation",
    [
        "Microsoft.Resources/deployments/write",
        "Microsoft.Authorization/roleAssignments/write",
        "Microsoft.MachineLearningServices/workspaces/jobs/write",
        "Microsoft.Compute/virtualMachines/write",
    ],
)
def test_the_filter_keeps_the_flood_out(operation: str) -> None:
    assert not _heard(operation)


def test_types_beyond_the_limit_go_to_a_second_event_subscription(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(infra, "MOST_VALUES", 10)
    parts = infra.events()["operations"]
    assert [len(part) for part in parts[:-1]] == [10] * (len(parts) - 1)
    assert [each for part in parts for each in part] == list(infra.operations())


def test_a_topic_that_is_there_is_left_as_it_is() -> None:
    kinds = [each.type for each in made("onboarding with a topic that is there")]
    assert "Microsoft.EventGrid/systemTopics" not in kinds
    assert "Microsoft.Resources/resourceGroups" not in kinds


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


def test_samples_of_events_pass_the_filter_as_they_pass_intake() -> None:
    """Microsoft's samples and the capture: no change of a resource that intake would check is filtered out."""
    operations = [str(data["operationName"]) for each in sample_events().values() if (data := _data(each))]
    checked = [each for each in operations if each.lower().rpartition("/")[0] in CHECKED_TYPES]
    assert all(map(_heard, checked))


def _data(payload: Any) -> dict[str, Any]:
    event = payload[0] if isinstance(payload, list) and payload else payload
    data = event.get("data", {}) if isinstance(event, dict) else {}
    return data if data.get("operationName") else {}
