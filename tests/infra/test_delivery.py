"""What leads the templates to Azure: the workflow, the sign-in script, what the scanner is told to leave out."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.bicep.syntax import declarations
from local.bicep.template import deployed
from tests.infra.deployments import INFRA, made

ROOT = INFRA.parent
WORKFLOW = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
JOBS: dict[str, Any] = yaml.safe_load(WORKFLOW)["jobs"]


def test_actions_are_pinned_by_commit_and_say_their_version() -> None:
    uses = [line.strip() for line in WORKFLOW.splitlines() if "uses:" in line]
    assert uses
    pinned = re.compile(r"- uses: [\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [line for line in uses if not pinned.fullmatch(line)] == []


def test_only_the_deployment_may_ask_for_a_login_and_it_comes_last() -> None:
    assert yaml.safe_load(WORKFLOW)["permissions"] == {"contents": "read"}
    assert {name for name, job in JOBS.items() if "id-token" in job.get("permissions", {})} == {"deploy"}
    assert set(JOBS["deploy"]["needs"]) == JOBS.keys() - {"deploy"}
    assert "secrets." not in WORKFLOW


def test_the_workflow_knows_parameters_that_the_hub_has() -> None:
    given = (INFRA / "main.parameters.json").read_text(encoding="utf-8")
    variables = {name for name in JOBS["deploy"]["env"] if name.startswith("HA_BOT_")}
    assert {name for name in variables if f"${{{name}" not in given} == set()


def test_every_entry_is_compiled() -> None:
    commands = "\n".join(step.get("run", "") for step in JOBS["templates"]["steps"])
    entries = {*INFRA.rglob("main.bicep")} | {INFRA / "onboard.bicep"}
    assert {file for file in entries if str(file.relative_to(ROOT)) not in commands} == set()


def test_the_workflow_gives_the_hub_all_that_azd_gives_it_but_secrets() -> None:
    """What is not given is emptied by a deployment; of secrets, the ones in the vault stay."""
    parameters = json.loads((INFRA / "main.parameters.json").read_text(encoding="utf-8"))["parameters"]
    names = {re.findall(r"[A-Z_]{3,}", each["value"])[0] for each in parameters.values()}
    secrets = {name for name in names if name.endswith(("_WEBHOOK_URL", "_KEY", "_SECRET", "_TOKEN"))}
    assert names - secrets == {name for name in JOBS["deploy"]["env"] if name in names}


def test_the_slack_app_may_post_and_nothing_else_and_its_clicks_reach_the_app() -> None:
    manifest = yaml.safe_load((INFRA / "slack-app.yaml").read_text(encoding="utf-8"))
    assert manifest["oauth_config"]["scopes"] == {"bot": ["chat:write"]}
    interactivity = manifest["settings"]["interactivity"]
    route = interactivity["request_url"].removeprefix("https://NAME.azurewebsites.net/api/")
    assert f'@app.route("{route}", ' in (ROOT / "function_app.py").read_text(encoding="utf-8")


def test_what_the_scanner_leaves_out_has_its_reason() -> None:
    text = (INFRA / ".checkov.yaml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "CKV_" in line]
    assert lines
    assert [line for line in lines if not re.fullmatch(r"  - CKV_AZURE_\d+ +# .{4,}", line)] == []


def test_the_name_of_a_storage_account_fits() -> None:
    """What the scanner cannot judge, because it is an expression."""
    for way in ("hub", "workspace"):
        names = [each.id.rpartition("/")[2] for each in made(way) if each.type == "Microsoft.Storage/storageAccounts"]
        assert names
        assert all(re.fullmatch(r"[a-z0-9]{3,24}", name) for name in names)
        vaults = [each.id.rpartition("/")[2] for each in made(way) if each.type == "Microsoft.KeyVault/vaults"]
        assert all(re.fullmatch(r"[a-z][a-z0-9-]{1,22}[a-z0-9]", name) for name in vaults)


NAMES = {
    "storage": r"[a-z0-9]{3,24}",
    "registry": r"[a-z0-9]{5,50}",
    "vault": r"(?!.*--)[a-z][a-z0-9-]{1,22}[a-z0-9]",
    "logs": r"[a-z0-9][a-z0-9-]{2,61}[a-z0-9]",
    "workspace": r"[A-Za-z0-9][\w-]{2,32}",
}
"""What Azure takes as a name, by the symbols of the workspace template."""


@pytest.mark.parametrize("name", ["ml", "a" * 12, "ml-ops", "ml-prod-eu-1", "ML_Ops", "team-a-"])
def test_the_workspace_template_makes_names_that_azure_takes_of_any_name(name: str) -> None:
    parameters = {"name": name, "location": "westeurope", "secondRegion": "", "disasterRecoveryWorkspaceId": ""}
    made_of_it = deployed(INFRA / "workspace" / "main.bicep", parameters)
    names = {each.symbol: each.id.rpartition("/")[2] for each in made_of_it}
    assert {
        symbol: names[symbol] for symbol, pattern in NAMES.items() if not re.fullmatch(pattern, names[symbol])
    } == {}


def test_people_are_given_the_role_that_the_pages_ask_for() -> None:
    (role,) = json.loads((INFRA / "app-roles.json").read_text(encoding="utf-8"))
    assert (role["value"], role["isEnabled"], role["allowedMemberTypes"]) == ("approver", True, ["User"])


def test_the_sign_in_script_uses_outputs_of_the_hub_and_can_be_read(tmp_path: Path) -> None:
    script = INFRA / "sign-in.sh"
    assert subprocess.run(["/bin/bash", "-n", str(script)], cwd=tmp_path, check=False).returncode == 0
    used = set(re.findall(r"\$(HA_BOT_\w+|AZURE_\w+)", script.read_text(encoding="utf-8"))) - {"AZURE_ENV_NAME"}
    outputs = {each.name for each in declarations(INFRA / "main.bicep") if each.kind == "output"}
    assert used <= outputs


STAND_IN = """#!/bin/bash
case "$0 $*" in
  *"azd env get-values") cat "$ANSWERS/env" ;;
  *"azd env set "*) echo "$3=$4" >> "$ANSWERS/env" ;;
  *"azd provision --no-state") echo "$HA_BOT_SIGN_IN_CLIENT_ID $HA_BOT_SIGNING_KEY" >> "$ANSWERS/provisioned" ;;
  *"openssl rand "*) echo a-new-key ;;
  *"tenantId"*) echo tenant ;;
  *"az ad app list"*) echo client ;;
esac
"""
KNOWN = """AZURE_ENV_NAME=ha
HA_BOT_APP_URL=https://func.example
HA_BOT_PRINCIPAL_ID=principal
"""


def test_the_sign_in_script_makes_the_key_of_links_once(tmp_path: Path) -> None:
    """With commands that only answer: the first run gives the app its key, a second leaves the one in the vault."""
    for name in ("az", "azd", "openssl"):
        (tmp_path / name).write_text(STAND_IN)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "env").write_text(KNOWN)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "ANSWERS": str(tmp_path)}
    said = [
        subprocess.run(
            ["/bin/bash", INFRA / "sign-in.sh"], env=environment, check=True, capture_output=True, text=True
        ).stdout
        for _ in range(2)
    ]
    assert (tmp_path / "provisioned").read_text().splitlines() == ["client a-new-key", "client "]
    assert "a-new-key" not in (tmp_path / "env").read_text() + "".join(said)
