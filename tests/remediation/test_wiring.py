"""Settings: good ones build the services; each bad one is one line that names it and the fix, never its value."""

import base64
import logging
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import hypothesis
import pytest
from azure.identity import DefaultAzureCredential, ManagedIdentityCredential
from hypothesis import given
from hypothesis import strategies as st

from remediation import policy_settings, wiring
from remediation.adapters.arm import Arm
from remediation.adapters.queues import Queues
from remediation.adapters.slack import SlackWebhook
from remediation.adapters.tables import Tables
from remediation.adapters.teams import Teams
from remediation.cards import Card, Tone
from remediation.policy import Mode, Policy
from remediation.wiring import Problem, SettingsError, build, check, credential, problems
from rules.resource_id import ResourceId
from tests.builders import OTHER_SUBSCRIPTION, REGISTRY_ID, SUBSCRIPTION
from tests.remediation.scripted import Reply, ScriptedServer

SECRET = "8Xr2-very-secret"
KEY = base64.b64encode(b"key").decode()
TEAMS_URL = f"https://x.01.environment.api.powerplatform.com:443/powerautomate/workflows/a?sig={SECRET}"
SLACK_URL = f"https://hooks.slack.com/services/T0/B0/{SECRET}"
CONNECTION = f"DefaultEndpointsProtocol=https;AccountName=stbot;AccountKey={KEY};EndpointSuffix=core.windows.net"
IDENTITY = {"IDENTITY_ENDPOINT": "http://127.0.0.1:1/token", "IDENTITY_HEADER": "header"}
GOOD = {wiring.SUBSCRIPTIONS: SUBSCRIPTION, wiring.TEAMS: TEAMS_URL, wiring.STORAGE: CONNECTION, **IDENTITY}
WITHOUT_STORAGE = {name: value for name, value in GOOD.items() if name != wiring.STORAGE}
BY_NAME = {f"{wiring.STORAGE}__accountName": "stbot"}
QUEUE_URI = {f"{wiring.STORAGE}__queueServiceUri": "https://stbot.queue.core.chinacloudapi.cn"}
TABLE_URI = {f"{wiring.STORAGE}__tableServiceUri": "https://stbot.table.core.chinacloudapi.cn"}
BLOB_URI = {f"{wiring.STORAGE}__blobServiceUri": "https://stbot.blob.core.chinacloudapi.cn"}
EITHER = f"{wiring.TEAMS} or {wiring.SLACK}"
NAMES = [*GOOD, *BY_NAME, *QUEUE_URI, *TABLE_URI, *BLOB_URI, wiring.DEAD_LETTERS,
         wiring.MODE, wiring.SLACK, wiring.CHAT_HOSTS, wiring.ARM_ENDPOINT, wiring.CLIENT_ID]  # fmt: skip


@pytest.fixture(autouse=True)
def loggers_as_before() -> Iterator[None]:
    """Building the services quietens loggers; other tests listen to them."""
    before = {name: logging.getLogger(name).level for name in wiring.QUIET}
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


REFERENCE = f"@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/{SECRET})"
BAD: dict[str, tuple[str, str, str, str]] = {
    "no subscription": (wiring.SUBSCRIPTIONS, "", wiring.SUBSCRIPTIONS, "is missing; set it to the subscription ids"),
    "commas only": (wiring.SUBSCRIPTIONS, " , ", wiring.SUBSCRIPTIONS, "is missing"),
    "a subscription's name": (wiring.SUBSCRIPTIONS, SECRET, wiring.SUBSCRIPTIONS, "list UUIDs"),
    "one that is none": (wiring.SUBSCRIPTIONS, f"{SUBSCRIPTION},{SECRET}", wiring.SUBSCRIPTIONS, "list UUIDs"),
    "one that goes on": (wiring.SUBSCRIPTIONS, f"{SUBSCRIPTION}{SECRET}", wiring.SUBSCRIPTIONS, "list UUIDs"),
    "a path": (wiring.SUBSCRIPTIONS, f"/subscriptions/{SUBSCRIPTION}", wiring.SUBSCRIPTIONS, "list UUIDs"),
    "another mode": (wiring.MODE, SECRET, wiring.MODE, "must be audit"),
    "ARM over http": (wiring.ARM_ENDPOINT, f"http://{SECRET}.example", wiring.ARM_ENDPOINT, "must be an https URL"),
    "ARM without scheme": (wiring.ARM_ENDPOINT, f"{SECRET}.example", wiring.ARM_ENDPOINT, "must be an https URL"),
    "ARM without host": (wiring.ARM_ENDPOINT, f"https:///{SECRET}", wiring.ARM_ENDPOINT, "must be an https URL"),
    "ARM with a bad port": (wiring.ARM_ENDPOINT, f"https://x:{SECRET}", wiring.ARM_ENDPOINT, "must be an https URL"),
    "ARM that is no URL": (wiring.ARM_ENDPOINT, f"https://[{SECRET}", wiring.ARM_ENDPOINT, "must be an https URL"),
    "no channel": (wiring.TEAMS, "", EITHER, "set at least one webhook URL"),
    "a blank channel": (wiring.TEAMS, " \n", EITHER, "set at least one webhook URL"),
    "Teams unresolved": (wiring.TEAMS, REFERENCE, wiring.TEAMS, "let the app's identity read that secret"),
    "Slack unresolved": (wiring.SLACK, REFERENCE, wiring.SLACK, "let the app's identity read that secret"),
    "Teams elsewhere": (wiring.TEAMS, f"https://example.com/?sig={SECRET}", wiring.TEAMS, "the host example.com"),
    "Teams retired": (wiring.TEAMS, f"https://x.webhook.office.com/{SECRET}", wiring.TEAMS, "add its host to"),
    "Teams over http": (wiring.TEAMS, TEAMS_URL.replace("https", "http"), wiring.TEAMS, "not begin with https"),
    "Teams with a user": (wiring.TEAMS, f"https://{SECRET}@x.environment.api.powerplatform.com/", wiring.TEAMS, "URL"),
    "Teams that is no URL": (wiring.TEAMS, f"https://[{SECRET}", wiring.TEAMS, "copy the webhook's URL again"),
    "Slack elsewhere": (wiring.SLACK, f"https://slack.com/{SECRET}", wiring.SLACK, "the host slack.com is not"),
    "Slack over http": (wiring.SLACK, SLACK_URL.replace("https", "http"), wiring.SLACK, "not begin with https"),
    "Slack in the place of Teams": (wiring.TEAMS, SLACK_URL, wiring.TEAMS, "the host hooks.slack.com is not"),
    "no storage": (wiring.STORAGE, "", wiring.STORAGE, "is missing; set a connection string"),
    "storage that is no connection": (wiring.STORAGE, SECRET, wiring.STORAGE, "is no storage connection string"),
    "storage without key": (wiring.STORAGE, f"AccountName={SECRET}", wiring.STORAGE, "is no storage connection string"),
    "storage with a broken key": (wiring.STORAGE, CONNECTION.replace(KEY, f"{SECRET}@"), wiring.STORAGE, "is no"),
    "storage with a mark in its key": (wiring.STORAGE, CONNECTION.replace(KEY, f"{KEY}@"), wiring.STORAGE, "is no"),
    "storage with a broken key in lower case": (
        wiring.STORAGE, CONNECTION.lower().replace(KEY.lower(), f"{SECRET}@"), wiring.STORAGE, "is no"),
    "a container with a capital": (wiring.DEAD_LETTERS, "Dead-letters", wiring.DEAD_LETTERS, "3 to 63 of a-z"),
    "a container with two hyphens": (wiring.DEAD_LETTERS, "dead--letters", wiring.DEAD_LETTERS, "single hyphens"),
    "a short container": (wiring.DEAD_LETTERS, "dl", wiring.DEAD_LETTERS, "must be the name of a blob container"),
    "a long container": (wiring.DEAD_LETTERS, "d" * 64, wiring.DEAD_LETTERS, "must be the name of a blob container"),
    "storage unresolved": (wiring.STORAGE, REFERENCE, wiring.STORAGE, "is no storage connection string"),
}  # fmt: skip


@pytest.mark.parametrize(("setting", "value", "named", "fix"), BAD.values(), ids=BAD)
def test_a_bad_setting_is_one_line_that_names_it_and_the_fix(setting: str, value: str, named: str, fix: str) -> None:
    with pytest.raises(SettingsError) as raised:
        check(GOOD | {setting: value})
    (problem,) = raised.value.problems
    assert problem.setting == named
    assert fix in problem.fix
    assert str(raised.value) == f"{named}: {problem.fix}"
    assert "\n" not in str(problem)
    assert SECRET not in str(problem)


VALUES = st.text() | st.sampled_from([value for _, value, _, _ in BAD.values()] + list(GOOD.values()))


@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3))
@hypothesis.settings(deadline=None)
def test_whatever_the_settings_are_they_are_refused_or_build_the_services(changes: dict[str, str]) -> None:
    found = problems(GOOD | changes)
    assert len({problem.setting for problem in found}) == len(found)
    if not found:
        assert build(GOOD | changes).chats


def test_all_problems_are_found_at_once() -> None:
    found = problems({wiring.MODE: "x", wiring.ARM_ENDPOINT: "x"})
    assert [problem.setting for problem in found] == [
        wiring.SUBSCRIPTIONS,
        wiring.MODE,
        wiring.ARM_ENDPOINT,
        EITHER,
        wiring.STORAGE,
    ]


def test_an_error_lists_its_problems_in_one_line() -> None:
    assert str(SettingsError([Problem("A", "do this"), Problem("B", "do that")])) == "A: do this; B: do that"


def test_nothing_is_built_of_bad_settings() -> None:
    with pytest.raises(SettingsError):
        build({})


IDENTITY_STORAGE = {
    "by name": BY_NAME,
    "by addresses": QUEUE_URI | TABLE_URI | BLOB_URI,
    "by name, queues elsewhere": BY_NAME | QUEUE_URI,
    "by name, no other address": BY_NAME | dict.fromkeys(QUEUE_URI, ""),
}


@pytest.mark.parametrize("storage", IDENTITY_STORAGE.values(), ids=IDENTITY_STORAGE)
def test_storage_may_be_reached_by_identity(storage: dict[str, str]) -> None:
    services = build(WITHOUT_STORAGE | storage)
    assert isinstance(services.queue, Queues)
    assert isinstance(services.store, Tables)


@pytest.mark.parametrize("storage", [QUEUE_URI | BLOB_URI, TABLE_URI | BLOB_URI, QUEUE_URI | TABLE_URI])
def test_half_a_storage_is_none(storage: dict[str, str]) -> None:
    (problem,) = problems(WITHOUT_STORAGE | storage)
    assert str(problem).startswith(f"{wiring.STORAGE}: is missing")


@pytest.mark.parametrize("uri", [f"http://{SECRET}.example", f"https://[{SECRET}", "https://", SECRET])
@pytest.mark.parametrize("name", [*QUEUE_URI, *TABLE_URI, *BLOB_URI])
def test_storage_by_identity_is_reached_over_https(name: str, uri: str) -> None:
    (problem,) = problems(WITHOUT_STORAGE | BY_NAME | {name: uri})
    assert problem.setting == wiring.STORAGE
    assert problem.fix.startswith("its service URIs must be https URLs")
    assert SECRET not in str(problem)


CONTAINERS = {
    "a connection": ({wiring.STORAGE: CONNECTION}, "https://stbot.blob.core.windows.net/scans"),
    "a name": (BY_NAME, "https://stbot.blob.core.windows.net/scans"),
    "an address": (QUEUE_URI | TABLE_URI | BLOB_URI, "https://stbot.blob.core.chinacloudapi.cn/scans"),
    "Azurite": ({wiring.STORAGE: "UseDevelopmentStorage=true"}, "http://127.0.0.1:10000/devstoreaccount1/scans"),
}


@pytest.mark.parametrize(("storage", "url"), CONTAINERS.values(), ids=CONTAINERS)
def test_a_container_lies_in_the_storage(storage: dict[str, str], url: str) -> None:
    settings = WITHOUT_STORAGE | storage
    with wiring.blobs(settings, wiring.credential(settings), wiring.SCANS_CONTAINER) as container:
        assert container.url == url


@pytest.mark.parametrize("value", ["UseDevelopmentStorage=true", "usedevelopmentstorage=TRUE;", CONNECTION])
def test_storage_may_be_reached_by_a_connection_string(value: str) -> None:
    assert isinstance(build(GOOD | {wiring.STORAGE: value}).queue, Queues)


@pytest.mark.parametrize("storage", [WITHOUT_STORAGE | BY_NAME, GOOD], ids=["by identity", "by connection string"])
@pytest.mark.parametrize(("value", "name"), [("", "dead-letters"), (" given-up ", "given-up")])
def test_dead_letters_are_in_the_same_storage(storage: dict[str, str], value: str, name: str) -> None:
    settings = storage | {wiring.DEAD_LETTERS: value}
    assert problems(settings) == []
    with wiring.blobs(settings, credential(settings), wiring.dead_letters(settings)) as client:
        assert client.url == f"https://stbot.blob.core.windows.net/{name}"


def test_good_settings_build_everything() -> None:
    services = build(GOOD | {wiring.SLACK: SLACK_URL, wiring.MODE: " Enforce "})
    assert isinstance(services.cloud, Arm)
    assert isinstance(services.chats["Teams"], Teams)
    assert isinstance(services.chats["Slack"], SlackWebhook)
    assert services.policy == Policy(frozenset({SUBSCRIPTION}), Mode.ENFORCE)
    assert services.clock().utcoffset() is not None


CHANNELS = {
    "Teams only": ({wiring.TEAMS: TEAMS_URL}, ["Teams"]),
    "Slack only": ({wiring.TEAMS: "", wiring.SLACK: SLACK_URL}, ["Slack"]),
    "both": ({wiring.SLACK: SLACK_URL}, ["Teams", "Slack"]),
}


@pytest.mark.parametrize(("settings", "names"), CHANNELS.values(), ids=CHANNELS)
def test_a_channel_is_what_has_a_webhook(settings: dict[str, str], names: list[str]) -> None:
    assert list(build(GOOD | settings).chats) == names


@pytest.mark.parametrize(
    ("names", "hint"),
    [("container-registry/premium", "; did you mean container-registry/premium-sku?"), ("x", "by commas")],
)
def test_only_rules_that_there_are_can_be_off(names: str, hint: str) -> None:
    (problem,) = problems(GOOD | {wiring.RULES_OFF: f" Container-Registry/Premium-SKU,{names}"})
    assert problem.setting == wiring.RULES_OFF
    assert problem.fix.endswith(hint)


@pytest.mark.parametrize("url", ["", "https://example.com/", "@Microsoft.KeyVault(SecretUri=x)"])
def test_who_posts_nothing_needs_no_channel(url: str) -> None:
    settings = GOOD | {wiring.TEAMS: url, wiring.SLACK: ""}
    assert build(settings, chats=False).chats == {}
    with pytest.raises(SettingsError):
        build(settings)


def test_a_webhook_is_called_without_the_line_break_behind_it() -> None:
    with ScriptedServer(Reply(200, b"ok")) as server:
        settings = {wiring.TEAMS: f" {server.url}/{SECRET}\n", wiring.CHAT_HOSTS: "127.0.0.1"}
        build(GOOD | settings).chats["Teams"].post(Card(Tone.INFO, "LABEL", "Title", "Summary."))
    assert [asked.path for asked in server.asked] == [f"/{SECRET}"]


@pytest.mark.parametrize("value", [None, "", "audit", "AUDIT"])
def test_the_mode_is_audit_unless_set_otherwise(value: str | None) -> None:
    settings = GOOD if value is None else GOOD | {wiring.MODE: value}
    assert build(settings).policy.mode is Mode.AUDIT


def test_subscriptions_are_a_list_in_any_case() -> None:
    lettered = SUBSCRIPTION.replace("0000", "abcd")
    listed = f" {lettered.upper()} ,{OTHER_SUBSCRIPTION},"
    assert build(GOOD | {wiring.SUBSCRIPTIONS: listed}).policy.subscriptions == {lettered, OTHER_SUBSCRIPTION}


ENDPOINTS = ["", "https://management.chinacloudapi.cn", "http://127.0.0.1:8080", "http://localhost:8080/"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_resource_manager_may_be_another_cloud_or_this_machine(endpoint: str) -> None:
    assert isinstance(build(GOOD | {wiring.ARM_ENDPOINT: endpoint, wiring.ARM_AUDIENCE: endpoint}).cloud, Arm)


@pytest.mark.parametrize("audience", ["", "https://management.example"])
def test_resource_manager_is_asked_with_a_token_for_its_audience(
    audience: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = ResourceId.parse(REGISTRY_ID)
    assert registry is not None
    token = b'{"access_token": "t", "expires_on": "4102444800", "resource": "x", "token_type": "Bearer"}'
    with ScriptedServer(Reply(body=token), Reply()) as server:
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"{server.url}/token")
        monkeypatch.setenv("IDENTITY_HEADER", "header")
        changes = {wiring.ARM_ENDPOINT: server.url, wiring.ARM_AUDIENCE: audience, wiring.CLIENT_ID: "of-the-bot"}
        build(GOOD | changes).cloud.read(registry, "2025-11-01")
    asked = parse_qs(urlsplit(server.asked[0].path).query)
    assert (asked["resource"], asked["client_id"]) == ([audience or server.url], ["of-the-bot"])
    assert server.asked[1].path.startswith(REGISTRY_ID)


def test_a_chat_of_ones_own_is_allowed_by_name() -> None:
    hosts = {wiring.CHAT_HOSTS: "127.0.0.1, Chat.Example.com ,"}
    assert problems(GOOD | hosts | {wiring.TEAMS: "http://127.0.0.1:9000/x"}) == []
    assert problems(GOOD | hosts | {wiring.SLACK: "https://chat.example.com/x"}) == []
    assert problems(GOOD | hosts | {wiring.SLACK: "https://other.example.com/x"}) != []


def test_an_app_in_azure_is_its_managed_identity() -> None:
    assert isinstance(wiring.credential(GOOD), ManagedIdentityCredential)
    assert isinstance(wiring.credential(GOOD | {wiring.CLIENT_ID: SUBSCRIPTION}), ManagedIdentityCredential)


def test_elsewhere_it_is_whoever_is_logged_in() -> None:
    assert isinstance(wiring.credential({}), DefaultAzureCredential)


def test_libraries_that_log_urls_are_quiet(caplog: pytest.LogCaptureFixture) -> None:
    for name in wiring.QUIET:
        caplog.set_level(logging.INFO, logger=name)  # as a host may have them
    build(GOOD)
    assert [name for name in wiring.QUIET if logging.getLogger(name).isEnabledFor(logging.INFO)] == []


BROKEN = "mode: audit\nrules:\n- {effect: fixx}\n- {rules: [x/y], effect: ask}\n"


def test_a_broken_policy_file_is_a_problem_for_each_line(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(BROKEN, encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        check(GOOD | {wiring.POLICY: str(file)})
    assert [problem.setting for problem in raised.value.problems] == ["own.yaml:3", "own.yaml:4"]
    assert "did you mean fix?" in raised.value.problems[0].fix


UNREADABLE = {
    "not there": ("no.yaml", "not there"),
    "a folder": ("rules", "cannot be read"),
    "no path": ("\0", "cannot"),
}


@pytest.mark.parametrize(("named", "words"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_policy_file_that_cannot_be_read_is_a_problem(named: str, words: str) -> None:
    (problem,) = problems(GOOD | {wiring.POLICY: named})
    assert problem.setting == wiring.POLICY
    assert words in problem.fix


def test_the_policy_file_beside_the_app_need_not_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(policy_settings, "APP", tmp_path)
    assert build(GOOD).policy == Policy(frozenset({SUBSCRIPTION}))
    (tmp_path / "policy.yaml").write_text("mode: enforce", encoding="utf-8")
    assert build(GOOD).policy.mode is Mode.ENFORCE


def test_the_settings_win_over_the_policy_file(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("mode: enforce\nrules: [{effect: ask}]", encoding="utf-8")
    off = "container-registry/premium-sku"
    settings = GOOD | {wiring.POLICY: f" {file} ", wiring.MODE: "Audit", wiring.RULES_OFF: off}
    policy = build(settings).policy
    assert (policy.mode, policy.off, len(policy.overrides)) == (Mode.AUDIT, frozenset({off}), 1)
    assert policy.subscriptions == {SUBSCRIPTION}
    assert (wiring.mode(settings), wiring.mode(settings | {wiring.MODE: ""})) == ("audit", "enforce")


def test_what_is_perhaps_not_meant_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "policy.yaml"
    where = f"{{subscriptions: [{OTHER_SUBSCRIPTION}]}}"
    file.write_text(f"exemptions: [{{where: {where}, until: 2020-01-01, reason: x}}]", encoding="utf-8")
    build(GOOD | {wiring.POLICY: str(file)})
    said = [record.message for record in caplog.records if record.name == "remediation.wiring"]
    assert [message.split(";")[0] for message in said] == [
        "policy.yaml line 1: the exemption ended on 2020-01-01 23:59 UTC",
        f"policy.yaml line 1: the subscription {OTHER_SUBSCRIPTION} is not onboarded",
    ]
