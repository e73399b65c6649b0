"""`onboard` against the simulated Azure: what is in the way, what would be created, and the command that does it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from local import onboard
from local.azure import BOT, AzureServer, SimulatedAzure
from local.azure.callers import Caller
from local.onboard import Wish
from remediation import wiring

ROOT = Path(__file__).resolve().parents[2]
SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
SCOPE = f"/subscriptions/{SUBSCRIPTION}"
HUB = f"{SCOPE}/resourceGroups/rg-hub/providers"
FUNCTION = f"{HUB}/Microsoft.Web/sites/func-bot/functions/on_resource_event"
IDENTITY = f"{HUB}/Microsoft.ManagedIdentity/userAssignedIdentities/id-events"
OUTPUTS = {
    "HA_BOT_PRINCIPAL_ID": "00000000-0000-4000-8000-00000000000b",
    "HA_BOT_APP_ID": f"{HUB}/Microsoft.Web/sites/func-bot",
    "HA_BOT_STORAGE_ID": f"{HUB}/Microsoft.Storage/storageAccounts/stbot",
    "HA_BOT_EVENTS_IDENTITY_ID": IDENTITY,
}
TOPIC = f"{SCOPE}/resourceGroups/rg-events/providers/Microsoft.EventGrid/systemTopics/evgt"

type Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def server() -> Iterator[AzureServer]:
    with AzureServer(SimulatedAzure()) as running:
        running.azure.seed(OUTPUTS["HA_BOT_APP_ID"], {"location": "westeurope"})
        running.azure.seed(FUNCTION, {"properties": {}})
        yield running


@pytest.fixture
def run(server: AzureServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command with the login of the simulated Azure."""
    for name, value in server.identity_environment.items():
        monkeypatch.setenv(name, value)

    def ran(outputs: Mapping[str, str] = OUTPUTS, **changes: Any) -> tuple[int, str, str]:
        wish = Wish(
            **{"subscription": SUBSCRIPTION, "mode": "audit", "delivery": "function"}
            | {"location": "westeurope"}
            | changes
        )
        environment = {**server.identity_environment, wiring.ARM_ENDPOINT: server.url, **outputs}
        status = onboard.main(wish, environment)
        return status, *capsys.readouterr()

    return ran


def seed_topic(azure: SimulatedAzure, *identities: str, source: str = SCOPE) -> None:
    body = {"location": "global", "properties": {"source": source}}
    given: dict[str, Any] = {"identity": {"userAssignedIdentities": {key: {} for key in identities}}}
    azure.seed(TOPIC, body | (given if identities else {}))


def test_it_shows_what_it_would_create_and_the_command(run: Run) -> None:
    status, out, err = run()
    assert (status, err) == (0, "")
    changes = [line.split(" ", 2)[:2] for line in map(str.strip, out.splitlines()) if line.startswith(("+", "="))]
    assert changes == [
        ["+", "Microsoft.Authorization/roleDefinitions"],
        ["+", "Microsoft.Authorization/roleAssignments"],
        ["+", "Microsoft.Resources/resourceGroups"],
        ["+", "Microsoft.EventGrid/systemTopics"],
        ["+", "Microsoft.EventGrid/systemTopics/eventSubscriptions"],
    ]
    assert f"az deployment sub create --subscription {SUBSCRIPTION} --name ha-bot-onboard" in out
    assert "mode=audit delivery=function" in out
    assert f"python -m local scan --subscription {SUBSCRIPTION}" in out


def test_it_writes_nothing(run: Run, server: AzureServer) -> None:
    run()
    assert {each.method for each in server.azure.log} == {"GET"}


def test_what_is_there_already_is_marked(run: Run, server: AzureServer) -> None:
    server.azure.seed(f"{SCOPE}/resourceGroups/rg-ha-bot-events", {"location": "westeurope"})
    assert "= Microsoft.Resources/resourceGroups rg-ha-bot-events" in run()[1]


def test_enforce_grants_the_remediator_too(run: Run) -> None:
    out = run(mode="enforce")[1]
    assert out.count("roleDefinitions") == 2
    assert f"HA Remediation Bot Remediator ({SUBSCRIPTION})" in out


def test_a_topic_that_is_there_is_used(run: Run, server: AzureServer) -> None:
    seed_topic(server.azure, IDENTITY.upper())
    status, out, _ = run()
    assert status == 0
    assert "topicName=evgt topicGroup=rg-events topicExists=true" in out
    assert "Microsoft.EventGrid/systemTopics evgt" not in out


def test_the_extension_form_does_without_a_topic(run: Run, server: AzureServer) -> None:
    _bare_topic(server.azure)
    status, out, _ = run(extension=True)
    assert status == 0
    assert "topicName=\n" in out
    assert "systemTopics" not in out


def test_a_topic_of_something_else_is_none_of_ours(run: Run, server: AzureServer) -> None:
    seed_topic(server.azure, source=f"{HUB}/Microsoft.Storage/storageAccounts/st")
    assert "topicName" not in run()[1]


def _bare_topic(azure: SimulatedAzure) -> None:
    seed_topic(azure)


def _forbidden(azure: SimulatedAzure) -> None:
    azure.forbid(BOT, "Microsoft.Authorization/roleAssignments/*")


def _not_registered(azure: SimulatedAzure) -> None:
    azure.unregister("Microsoft.EventGrid")


def _not_deployed(azure: SimulatedAzure) -> None:
    azure.request("DELETE", FUNCTION)


IN_THE_WAY: dict[str, tuple[Callable[[SimulatedAzure], None], str]] = {
    "a topic without the identity": (
        _bare_topic,
        f"run az eventgrid system-topic update --subscription {SUBSCRIPTION} --resource-group rg-events --name evgt "
        f"--mi-user-assigned {IDENTITY}",
    ),
    "a right that the login has not": (
        _forbidden,
        "your login may not Microsoft.Authorization/roleAssignments/write in the subscription; have an Owner run this",
    ),
    "Event Grid is not registered": (
        _not_registered,
        f"run az provider register --namespace Microsoft.EventGrid --subscription {SUBSCRIPTION} --wait",
    ),
    "the app is not deployed": (_not_deployed, "run azd deploy, or use --delivery queue"),
}


@pytest.mark.parametrize(("break_it", "words"), IN_THE_WAY.values(), ids=IN_THE_WAY)
def test_what_is_in_the_way_is_named_with_its_fix(
    run: Run, server: AzureServer, break_it: Callable[[SimulatedAzure], None], words: str
) -> None:
    break_it(server.azure)
    status, out, err = run()
    assert status == 1
    assert words in err
    assert err.count("·") == 1
    assert "az deployment" not in out


def test_a_queue_needs_no_function(run: Run, server: AzureServer) -> None:
    _not_deployed(server.azure)
    assert run(delivery="queue")[0] == 0


def test_a_hub_that_is_not_known_is_named(run: Run) -> None:
    status, out, err = run(outputs={"HA_BOT_APP_ID": "x"})
    assert (status, out) == (2, "")
    assert "HA_BOT_PRINCIPAL_ID, HA_BOT_STORAGE_ID, HA_BOT_EVENTS_IDENTITY_ID: not set; deploy the hub" in err


def test_what_is_no_subscription_is_refused(run: Run) -> None:
    status, _, err = run(subscription="production")
    assert status == 2
    assert "--subscription production: must be a subscription id" in err


def test_a_subscription_that_cannot_be_read_is_named(run: Run, server: AzureServer) -> None:
    server.azure.forbid(BOT, "Microsoft.EventGrid/systemTopics/read")
    status, _, err = run()
    assert status == 2
    assert "systemTopics: cannot be read (AuthorizationFailed" in err


def test_somebody_who_is_not_logged_in_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], server: AzureServer
) -> None:
    refusing = {"IDENTITY_ENDPOINT": f"{server.url}/nowhere", "IDENTITY_HEADER": "x"}
    for name, value in refusing.items():
        monkeypatch.setenv(name, value)
    wish = Wish(SUBSCRIPTION, "audit", "function", "westeurope")
    assert onboard.main(wish, {**OUTPUTS, **refusing, wiring.ARM_ENDPOINT: server.url}) == 2
    assert "Azure login: there is none on this machine" in capsys.readouterr().err


@pytest.mark.parametrize("status", [0, 3])
def test_apply_runs_the_command_and_then_the_first_scan(
    run: Run, server: AzureServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """The Azure CLI stands at the edge: here a script that notes what it was asked."""
    asked = tmp_path / "asked"
    cli = tmp_path / "az"
    cli.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {asked}\nexit {status}\n', encoding="utf-8")
    cli.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv(wiring.ARM_ENDPOINT, server.url)
    registry = f"{HUB}/Microsoft.ContainerRegistry/registries/cr"
    server.azure.seed(registry, {"location": "westeurope", "sku": {"name": "Basic"}, "properties": {}})
    found, out, _ = run(apply=True)
    words = asked.read_text(encoding="utf-8").splitlines()
    assert words[:3] == ["deployment", "sub", "create"]
    assert (ROOT / words[words.index("--template-file") + 1]).is_file()
    assert f"botPrincipalId={OUTPUTS['HA_BOT_PRINCIPAL_ID']}" in words
    assert (found, "azd env set HA_BOT_SUBSCRIPTIONS" in out) == (status, status == 0)
    assert ("container-registry/premium-sku" in out) is (status == 0), "the first scan follows, and only what was done"


def test_apply_without_the_azure_cli_says_so(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    status, _, err = run(apply=True)
    assert (status, "The Azure CLI is not on this machine" in err) == (2, True)


PERMISSIONS: dict[str, tuple[dict[str, Any], bool]] = {
    "everything": ({"actions": ["*"]}, True),
    "a wildcard": ({"actions": ["Microsoft.EventGrid/*"]}, True),
    "left out again": ({"actions": ["*"], "notActions": ["microsoft.eventgrid/*/write"]}, False),
    "only reading": ({"actions": ["*/read"]}, False),
    "nothing said": ({}, False),
}


@pytest.mark.parametrize(("permission", "allowed"), PERMISSIONS.values(), ids=PERMISSIONS)
def test_an_entry_of_the_permissions(permission: dict[str, Any], allowed: bool) -> None:
    assert onboard._allows(permission, "Microsoft.EventGrid/systemTopics/write") is allowed


def test_the_command_line_tells_how() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HA_BOT_")}
    command = [sys.executable, "-m", "local", "onboard", "--subscription", SUBSCRIPTION]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, "azd env get-values" in done.stderr) == (2, True)


def test_permissions_of_callers_are_listed_as_azure_lists_them(server: AzureServer) -> None:
    caller: Caller = BOT
    server.azure.forbid(caller, "A.B/*")
    server.azure.forbid(caller, "C.D/write")
    server.azure.grant(caller, "C.D/write")
    answer = server.azure.request("GET", f"{SCOPE}/providers/Microsoft.Authorization/permissions", caller=caller)
    assert answer.body["value"][0]["notActions"] == ["A.B/*"]
