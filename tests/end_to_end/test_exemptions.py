"""A person accepts a finding by command: the app leaves it alone until that ends, and reminds people before."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from local.demo.stage import GROUP, PROJECT, Stage, stage
from remediation import wiring
from tests.builders import event

REGISTRY = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/acraccepted"
RULE = "container-registry/premium-sku"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The app, and a registry that is Basic."""
    with stage(lambda _: None, log=tmp_path_factory.mktemp("exempt") / "host.log") as running:
        ready = {"tags": {"stage": "test"}, "properties": {"provisioningState": "Succeeded"}}
        body = {"location": "eastus2", "sku": {"name": "Basic"}, **ready}
        running.azure.seed(REGISTRY, body)
        yield running


def decide(running: Stage, settings: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One command of somebody with the app's settings."""
    names = (wiring.STORAGE, wiring.SUBSCRIPTIONS, wiring.MODE)
    settings.write_text(json.dumps({"Values": {name: running.settings[name] for name in names}}))
    command = [sys.executable, "-m", "local", "exempt", REGISTRY, RULE, *arguments, "--by", "Ann"]
    return subprocess.run(
        [*command, "--settings", str(settings)], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False
    )


def change(running: Stage) -> None:
    """Somebody writes the registry, and the app sees it."""
    notified = {"aeg-event-type": "Notification"}
    requests.post(running.webhook, json=[event(REGISTRY)], headers=notified, timeout=30).raise_for_status()
    running.settle()


def told(running: Stage) -> list[str]:
    return [message.text.split(" · ")[0] for message in running.chat.messages if message.channel_kind == "teams"]


def test_what_is_exempt_is_left_alone_and_people_are_reminded(running: Stage, tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    until = f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}"
    done = decide(running, settings, "--until", until, "--reason", "it is replaced next week")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Exempt from {RULE} until {until} 23:59 UTC.")
    change(running)
    assert (running.azure.writes(), told(running)) == ([], [])
    url, key = f"{running.host.url}/admin/functions/remind", {"x-functions-key": running.host.master_key}
    requests.post(url, headers=key, json={}, timeout=30).raise_for_status()
    running.settle()
    assert told(running) == ["EXEMPTION ENDS"], "and nothing waits for people"
    done = decide(running, settings, "--end")
    assert (done.returncode, done.stderr) == (0, "")
    running.settle()
    assert told(running) == ["EXEMPTION ENDS", "FIXED AUTOMATICALLY"]
    done = decide(running, settings, "--end")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nobody has exempted it" in done.stderr
