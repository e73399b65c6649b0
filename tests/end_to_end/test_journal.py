"""A person decides by command, the host carries it out, and the journal tells of it: by command and over HTTP."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from local.demo.stage import GROUP, PROJECT, Stage, stage
from remediation import wiring
from rules.values import value_at
from tests.builders import event

REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/acrbroken"
RULE, UNDO = "container-registry/premium-sku", "container-registry/premium-sku/undo"
SECRET = "secret-in-a-webhook"


@dataclass(frozen=True, slots=True)
class Desk:
    """The app at work, and a person at a terminal of another machine with its settings."""

    running: Stage
    settings: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One command."""
        return subprocess.run(
            [sys.executable, "-m", "local", *arguments, "--settings", str(self.settings)],
            cwd=PROJECT,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.settings.parent), "LOGNAME": "somebody"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def journal(self, *arguments: str) -> list[dict[str, Any]]:
        """The entries as JSON."""
        done = self.run("journal", "--json", *arguments)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def get(self, key: str = "", **asked: str) -> requests.Response:
        """The HTTP route."""
        url = f"{self.running.host.url}/api/journal"
        return requests.get(url, params=asked, headers={"x-functions-key": key} if key else {}, timeout=30)

    def headlines(self) -> list[str]:
        """What Teams was told."""
        told = [message.text for message in self.running.chat.messages if message.channel_kind == "teams"]
        return [text.split(" · ")[0] for text in told]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A registry whose last change failed: people are asked before it is upgraded."""
    folder = tmp_path_factory.mktemp("desk")
    with stage(lambda _: None, log=folder / "host.log") as running:
        names = (wiring.STORAGE, wiring.SUBSCRIPTIONS, wiring.MODE)
        values = {name: running.settings[name] for name in names} | {wiring.TEAMS: f"@Microsoft.KeyVault({SECRET})"}
        (folder / "local.settings.json").write_text(json.dumps({"Values": values}))
        running.azure.seed(
            REGISTRY,
            {
                "location": "eastus2",
                "sku": {"name": "Basic"},
                "tags": {"environment": "test"},
                "properties": {"provisioningState": "Failed"},
            },
        )
        notified = {"aeg-event-type": "Notification"}
        requests.post(running.webhook, json=[event(REGISTRY)], headers=notified, timeout=30).raise_for_status()
        running.settle()
        yield Desk(running, folder / "local.settings.json")


@pytest.fixture(scope="module")
def decided(desk: Desk) -> Desk:
    """Approved, taken back, and that approved as well; each by command."""
    (asked,) = desk.journal("--resource", REGISTRY)
    assert asked["what"] == "asked"
    done = desk.run("approve", REGISTRY, RULE, asked["detail"]["digest"], "--by", "Ann")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Approved: Upgrade container registry acrbroken from Basic to Premium.")
    desk.running.settle()
    assert desk.headlines() == ["APPROVAL NEEDED", "FIXED"]
    done = desk.run("undo", REGISTRY, RULE, "--by", "Ben")
    assert (done.returncode, done.stderr) == (0, "")
    assert "People are asked: Take back: Upgrade container registry acrbroken" in done.stdout
    desk.running.settle()
    *_, again = desk.journal("--rule", UNDO)
    command = f"python -m local approve {REGISTRY} {UNDO} {again['detail']['digest']} --by NAME"
    assert command in done.stdout, "which is the command to approve it with"
    assert desk.run(*command.split()[3:-1], "Ann").returncode == 0
    desk.running.settle()
    assert desk.headlines()[2:] == ["APPROVAL NEEDED", "TAKEN BACK"]
    assert value_at(desk.running.azure.body(REGISTRY) or {}, "sku.name") == "Basic"
    return desk


def test_the_journal_holds_the_whole_story(decided: Desk) -> None:
    entries = decided.journal("--resource", REGISTRY, "--limit", "1000")
    assert [(entry["what"], entry["rule"].removeprefix(RULE)) for entry in entries] == [
        ("asked", ""),
        ("approved", ""),
        ("started", ""),
        ("sent", ""),
        ("fixed", ""),
        ("undo", "/undo"),
        ("asked", "/undo"),
        ("approved", "/undo"),
        ("started", "/undo"),
        ("sent", "/undo"),
        ("undone", ""),
        ("fixed", "/undo"),
    ]
    assert decided.journal() == entries, "there is no other resource"
    assert decided.journal("--rule", RULE, "--since", "1h", "--limit", "2") == [entries[4], entries[10]]


def test_an_entry_tells_who_what_and_how_it_ended(decided: Desk) -> None:
    by_name = {entry["what"]: entry["detail"] for entry in decided.journal("--rule", RULE)}
    started, sent = by_name["started"], by_name["sent"]
    assert started["cause"]["caller"]
    assert "Basic" in started["found"]
    assert (started["plan"]["before"], started["plan"]["after"]) == ({"sku.name": "Basic"}, {"sku.name": "Premium"})
    assert started["plan"]["writes"][0]["body"] == {"sku": {"name": "Premium"}}
    assert started["approved_by"] == "Ann (somebody)"
    assert by_name["approved"] == {"by": "Ann", "by_id": "somebody", "digest": started["digest"]}
    assert (len(sent["request_id"]), sent["status"]) == (36, 200)
    assert by_name["fixed"] == {"found": "the registry is Premium"}


def test_people_read_it_as_a_list(decided: Desk) -> None:
    done = decided.run("journal", "--rule", RULE, "--limit", "6")
    assert done.returncode == 0
    assert done.stderr == "These are the newest 6; there may be more: see --limit and --since.\n"
    assert [line.split("  ")[1] for line in done.stdout.splitlines() if line.startswith("20")] == [
        "asked",
        "approved",
        "started",
        "sent",
        "fixed",
        "undone",
    ]
    for text in (
        "approved by   Ann (somebody)",
        "plan          Upgrade container registry acrbroken from Basic to Premium",
        'value         sku.name: "Basic" → "Premium"',
        f"write         PATCH {REGISTRY}?api-version=",
        "request id    ",
        "found         the registry is Premium",
    ):
        assert f"    {text}" in done.stdout


def test_whoever_reads_the_list_may_stop_early(decided: Desk) -> None:
    command = f"{sys.executable} -m local journal --json --settings {decided.settings} | head -n 1"
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (len(done.stdout.splitlines()), done.stderr) == (1, "")


def test_nothing_found_is_said_beside_the_list(desk: Desk) -> None:
    done = desk.run("journal", "--rule", "aks/autoscaler", "--since", "2026-01-01")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "There is no such entry since 2026-01-01 00:00:00 UTC; --since looks further back.\n"
    done = desk.run("journal", "--resource", f"{REGISTRY}x")
    assert done.stderr.startswith("There is no such entry;")


def test_the_route_answers_the_same(decided: Desk) -> None:
    answer = decided.get(decided.running.host.function_key, resource=REGISTRY)
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (200, "application/json")
    assert answer.json() == {"entries": decided.journal("--resource", REGISTRY)}
    by_address = decided.get(code=decided.running.host.function_key, rule=RULE, since="1h", limit="2")
    assert by_address.json() == {"entries": decided.journal("--rule", RULE, "--limit", "2")}


def test_nothing_secret_is_in_it(decided: Desk) -> None:
    text = decided.get(decided.running.host.function_key).text
    secrets = ("claims", "http://schemas", "AccountKey", "sig=", SECRET, decided.running.host.function_key)
    assert [secret for secret in secrets if secret in text] == []


@pytest.mark.parametrize("key", ["", "wrong"])
def test_the_route_is_closed_without_its_key(desk: Desk, key: str) -> None:
    assert desk.get(key).status_code == 401


def test_nothing_but_reading_is_there(desk: Desk) -> None:
    url, key = f"{desk.running.host.url}/api/journal", {"x-functions-key": desk.running.host.function_key}
    assert requests.post(url, headers=key, json={}, timeout=30).status_code == 404


BAD: dict[str, tuple[Mapping[str, str], str]] = {
    "resource": ({"resource": "acr"}, "resource: 'acr' is not the id of a resource; give all of it"),
    "rule": ({"rule": "container-registry/premium"}, f"did you mean {RULE}?"),
    "since": ({"since": "soon"}, "since: 'soon' is no time; give a span as 30m, 24h or 7d"),
    "limit": ({"limit": "1001"}, "limit: '1001' is not a whole number from 1 to 1000"),
    "name": ({"resources": "x"}, "'resources' cannot be asked for; there are resource, rule, since, limit"),
}


@pytest.mark.parametrize(("asked", "says"), BAD.values(), ids=BAD)
def test_the_route_says_what_to_change(desk: Desk, asked: Mapping[str, str], says: str) -> None:
    answer = desk.get(desk.running.host.function_key, **asked)
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (400, "application/problem+json")
    problem = answer.json()
    assert (problem["status"], problem["title"]) == (400, "Bad Request")
    assert says in problem["detail"]


def test_a_decision_that_is_not_possible_says_why(decided: Desk) -> None:
    for arguments, says in (
        (
            ["approve", REGISTRY, RULE, "no-digest", "--by", "Ann"],
            "nobody is asked about container-registry/premium-sku",
        ),
        (["undo", REGISTRY, RULE, "--by", "Ann"], "there is no confirmed fix of container-registry/premium-sku"),
    ):
        done = decided.run(*arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"Not possible: {says}")
