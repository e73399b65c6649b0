"""Bad settings give one clear line that names the setting and the fix, and never the secret."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.azure import AzureServer, SimulatedAzure
from local.azurite import Azurite
from local.demo.stage import PROJECT, SUBSCRIPTION
from local.functions_host.process import FunctionsHost, HostFailed

WEBHOOK = "https://example.environment.api.powerplatform.com/workflows/x?sig=very-secret"


@pytest.fixture(scope="module")
def connection() -> Iterator[str]:
    with Azurite() as azurite:
        yield azurite.connection_string


def _line_of_the_failure(settings: dict[str, str]) -> str:
    good = {"HA_BOT_SUBSCRIPTIONS": SUBSCRIPTION, "HA_BOT_TEAMS_WEBHOOK_URL": WEBHOOK}
    with pytest.raises(HostFailed) as failed, FunctionsHost(PROJECT, good | settings):
        pass
    return str(failed.value)


@pytest.mark.parametrize(
    ("setting", "value", "fix"),
    [
        ("HA_BOT_TEAMS_WEBHOOK_URL", "", "set at least one webhook URL"),
        ("HA_BOT_TEAMS_WEBHOOK_URL", "https://example.com/?sig=very-secret", "copy the webhook's URL again"),
        ("HA_BOT_SUBSCRIPTIONS", "production", "list UUIDs"),
        ("HA_BOT_MODE", "full", "must be audit"),
        ("AzureWebJobsStorage", "AccountName=x", "is no storage connection string"),
    ],
)
def test_a_bad_setting_is_one_line(connection: str, setting: str, value: str, fix: str) -> None:
    line = _line_of_the_failure({"AzureWebJobsStorage": connection, setting: value})
    assert setting in line
    assert fix in line
    assert "\n" not in line.strip()
    assert "very-secret" not in line


def test_an_app_with_a_broken_policy_does_not_start(connection: str, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("mode: audit\nlimits: {scan_shares: 1}\n", encoding="utf-8")
    line = _line_of_the_failure({"AzureWebJobsStorage": connection, "HA_BOT_POLICY": str(file)})
    assert "policy.yaml:2: limits.scan_shares: there is no such member; did you mean scan_share?" in line
    assert "\n" not in line.strip()


@pytest.mark.parametrize("key", ["abc", "A" * 86 + "=="])
def test_a_wrong_storage_key_is_one_line(connection: str, key: str) -> None:
    wrong = re.sub("AccountKey=[^;]*", f"AccountKey={key}", connection)
    line = _line_of_the_failure({"AzureWebJobsStorage": wrong})
    assert "AzureWebJobsStorage" in line
    assert "connection string" in line
    assert "\n" not in line.strip()


def _serve(environment: dict[str, str], *arguments: str, cwd: Path = PROJECT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local", "serve", *arguments]
    return subprocess.run(
        command,
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(PROJECT), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_serve_says_what_is_missing(tmp_path: Path) -> None:
    done = _serve({}, "--settings", str(tmp_path / "none.json"))
    assert done.returncode == 2
    assert "copy local.settings.example.json" in done.stderr
    done = _serve({"HA_BOT_SUBSCRIPTIONS": SUBSCRIPTION}, "--settings", str(tmp_path / "none.json"))
    assert done.returncode == 2
    assert {"HA_BOT_TEAMS_WEBHOOK_URL", "AzureWebJobsStorage"} <= set(re.findall(r"\b\w+\b", done.stderr))


def test_serve_names_a_subscription_that_cannot_be_read(connection: str, tmp_path: Path) -> None:
    azure = SimulatedAzure()
    with AzureServer(azure) as server:
        azure.forbid(azure.bot, "*")
        environment = {
            "HA_BOT_SUBSCRIPTIONS": SUBSCRIPTION,
            "HA_BOT_TEAMS_WEBHOOK_URL": WEBHOOK,
            "AzureWebJobsStorage": connection,
            "HA_BOT_ARM_ENDPOINT": server.url,
            **server.identity_environment,
        }
        done = _serve(environment, "--settings", str(tmp_path / "none.json"))
    assert done.returncode == 2
    assert f"HA_BOT_SUBSCRIPTIONS: {SUBSCRIPTION} cannot be read" in done.stderr
    assert "Reader" in done.stderr
    assert "very-secret" not in done.stderr
