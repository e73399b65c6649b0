"""`policy check`: whether a policy file is good, and what it means for a resource."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.__main__ import main
from rules import evaluate
from rules.model import Status
from tests.builders import OTHER_SUBSCRIPTION, REGISTRY_ID, SUBSCRIPTION, databricks, registry, storage_account
from tests.rules.examples import EXAMPLES

ROOT = Path(__file__).resolve().parents[2]
PREMIUM = "container-registry/premium-sku"
END = f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%d}"
POLICY = f"""\
mode: enforce
rules:
- {{rules: [container-registry/*], effect: ask, reason: it is new}}
environments:
  dev_test: {{resource_groups: [rg-ml]}}
exemptions:
- where: {{subscriptions: [{SUBSCRIPTION}]}}
  rules: [storage/*, {PREMIUM}]
  until: {END}
  reason: accepted
  by: platform team
routes:
- {{channels: [slack], severities: [HIGH]}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A policy file."""
    file = tmp_path / "own.yaml"
    file.write_text(POLICY, encoding="utf-8")
    return file


def given(tmp_path: Path, content: object) -> str:
    """A file with a resource."""
    path = tmp_path / "resource.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2), encoding="utf-8")
    return str(path)


def check(*arguments: object) -> int:
    return main(["policy", "check", *map(str, arguments)])


def result(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    """What the command says as JSON."""
    assert check(*arguments, "--json") == 0
    return dict(json.loads(capsys.readouterr().out))


def test_the_policy_that_is_shipped_is_good(capsys: pytest.CaptureFixture[str]) -> None:
    assert check() == 0
    assert (
        capsys.readouterr().out == "policy.yaml is good. Its mode is audit: nothing is changed, whatever the effect.\n"
    )


def test_a_file_that_is_not_good_says_all_that_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("moode: audit\nrules: [{effect: fixx}]\n", encoding="utf-8")
    assert check(file) == 1
    assert capsys.readouterr().out.splitlines() == [
        "own.yaml:1: moode: there is no such member; did you mean mode?",
        'own.yaml:2: rules[0].effect: "fixx" is none of fix, ask, tell, off; did you mean fix?',
        "own.yaml is not good: 2 to mend. The app does not start with it.",
    ]
    assert check(file, "--json", "--resource", given(tmp_path, registry())) == 1
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert [(each["line"], each["where"]) for each in problems] == [(1, "moode"), (2, "rules[0].effect")]


def test_a_resource_is_shown_with_what_the_policy_means_for_it(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(file, "--resource", given(tmp_path, registry()), "--rule", PREMIUM.upper()) == 0
    *head, columns, row = capsys.readouterr().out.splitlines()
    assert head == [
        "own.yaml is good. Its mode is enforce.",
        "",
        REGISTRY_ID,
        "environment: dev_test (own.yaml line 5)",
    ]
    assert columns.split() == ["rule", "verdict", "then", "effect", "why", "exempt", "channels"]
    assert re.split(" {2,}", row) == [
        PREMIUM,
        "FAIL",
        "-",
        "ask",
        "own.yaml line 3 (it is new)",
        f"until {END}T23:59:59+00:00: accepted (own.yaml line 7, platform team)",
        "Slack",
    ]
    assert columns.index("channels") == row.index("Slack")


def test_the_same_as_json(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = result(capsys, file, "--resource", given(tmp_path, registry(tags={"ha-bot": "audit"})))
    (resource,) = found["resources"]
    premium, replica = resource["rules"][:2]
    assert (found["file"], found["mode"], found["problems"], found["warnings"]) == ("own.yaml", "enforce", [], [])
    assert (resource["id"], resource["environment"]) == (REGISTRY_ID, "dev_test")
    assert (premium["verdict"], premium["effect"], premium["why"]) == ("FAIL", "tell", "its tag ha-bot is audit")
    assert premium["exemption"]["source"] == "own.yaml line 7"
    assert premium["channels"] == ["Slack"]
    assert (replica["verdict"], replica["exemption"]) == ("NOT_APPLICABLE", None)


THEN = {
    "fixed": ("mode: enforce", "fixes it"),
    "in audit mode": ("mode: audit", "tells"),
    "asked by the policy": (
        "mode: enforce\nrules: [{effect: ask, reason: new}]",
        "asks: a person has to decide: own.yaml line 2 (new)",
    ),
    "told by the policy": (
        "mode: enforce\nrules: [{effect: tell}]",
        "tells: the bot may only tell of it: own.yaml line 2",
    ),
    "off": ("mode: enforce\nrules: [{effect: off}]", "-"),
    "too costly": (
        "mode: enforce\nlimits: {monthly_usd_per_change: 1}",
        "asks: it may cost more than the US$1 a month that the policy allows",
    ),
}


@pytest.mark.parametrize(("policy", "then"), THEN.values(), ids=THEN)
def test_what_would_be_done_is_said(policy: str, then: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(policy, encoding="utf-8")
    (resource,) = result(capsys, file, "--resource", given(tmp_path, registry()))["resources"]
    assert resource["rules"][0]["then"] == then
    assert resource["rules"][1]["then"] == "-"


def test_what_depends_on_what_was_not_given_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = [finding for resource in EXAMPLES for finding in evaluate(replace(resource, children={}))]
    failed = next(each for each in found if each.rule.name == "aks/autoscaler" and each.verdict.status is Status.FAIL)
    (resource,) = result(capsys, "--resource", given(tmp_path, failed.resource.body))["resources"]
    thens = {each["rule"]: each["then"] for each in resource["rules"]}
    assert thens["aks/autoscaler"] == "depends on agentPools, which was not given"


ENVIRONMENTS = {"its tags": {"env": "dev"}, "nothing says otherwise": None}


@pytest.mark.parametrize(("why", "tags"), ENVIRONMENTS.items())
def test_without_the_policy_s_word_tags_tell_the_environment(
    why: str, tags: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (resource,) = result(capsys, "--resource", given(tmp_path, databricks(tags)))["resources"]
    assert resource["environment_why"] == why


def test_several_resources_may_be_given_as_evaluate_reads_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrapped = {"id": 1, "resource": storage_account(), "roles": ["default_storage"]}
    lines = "\n".join(map(json.dumps, (wrapped, {"type": "Microsoft.Network/virtualNetworks"})))
    path = given(tmp_path, lines)
    storage, network = result(capsys, "--resource", path)["resources"]
    assert {each["verdict"] for each in storage["rules"] if each["rule"] == "storage/zone-redundant"} == {"FAIL"}
    assert (network["id"], network["rules"]) == (None, [])
    assert check("--resource", path) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[-3:] == ["A resource without an id", "environment: production (nothing says otherwise)",
                          "No rule is about it."]  # fmt: skip
    assert any(line.split()[:1] == ["storage/zone-redundant"] and " no " in line for line in shown)


@pytest.mark.parametrize(("content", "words"), [("{}", "no resource"), ("", "there is no resource in it")])
def test_what_is_no_resource_is_said(
    content: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check("--resource", given(tmp_path, content)) == 1
    assert words in capsys.readouterr().out


def test_what_cannot_be_read_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path / "none.yaml") == 2
    assert "none.yaml: No such file or directory; name a file that can be read" in capsys.readouterr().err
    assert check("--resource", tmp_path / "none.json") == 2
    assert "none.json: No such file" in capsys.readouterr().err
    assert check("--resource", given(tmp_path, [registry()])) == 2
    assert "one JSON array" in capsys.readouterr().err
    assert check("--rule", "container-registry/premium") == 2
    assert f"did you mean {PREMIUM}?" in capsys.readouterr().err


def test_warnings_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HA_BOT_SUBSCRIPTIONS", SUBSCRIPTION)
    file = tmp_path / "own.yaml"
    file.write_text(f"rules: [{{effect: ask, where: {{subscriptions: [{OTHER_SUBSCRIPTION}]}}}}]", encoding="utf-8")
    assert check(file) == 0
    assert f"Warning: own.yaml line 1: the subscription {OTHER_SUBSCRIPTION} is not" in capsys.readouterr().out


def test_nothing_in_a_name_speaks_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    end = datetime.now(UTC) + timedelta(days=30)
    tags = {"ha-bot-exempt": "*", "ha-bot-exempt-until": f"{end:%Y-%m-%d}", "ha-bot-exempt-reason": "a\x1b[2Jb"}
    check("--resource", given(tmp_path, registry(tags=tags)))
    assert "a?[2Jb" in capsys.readouterr().out


def test_a_resource_may_come_from_standard_input() -> None:
    command = [sys.executable, "-m", "local", "policy", "check", "--resource", "-"]
    done = subprocess.run(
        command,
        input=json.dumps(registry(), indent=1),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert REGISTRY_ID in done.stdout
