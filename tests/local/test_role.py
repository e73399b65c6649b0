"""`role`: what the catalogue needs, and nothing that the bot must not be able to do."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.role import NotGranted, reader, remediator
from remediation.fixes import REMEDIATIONS
from remediation.plan import Guidance, Remediation, Safety
from rules import CATALOGUE
from rules.model import Resource, Rule, Severity, Verdict, passed
from tests.builders import OTHER_SUBSCRIPTION, SUBSCRIPTION

ROOT = Path(__file__).resolve().parents[2]


def _check(_: Resource) -> Verdict:
    return passed("all is well")


def _plan(_: Resource) -> Guidance:
    return Guidance("Nothing can be sent.", ("Wait.",), "none", "none")


def _rule(*reads: str) -> Rule:
    return Rule("test/rule", "A rule", Severity.LOW, "Microsoft.Test/things", _check, reads)


def _fix(*needs: str, safety: Safety = Safety.APPROVE, reads: tuple[str, ...] = ()) -> Remediation:
    return Remediation(_rule(), safety, _plan, ("sku",), needs, reads)


def _lowered(definition: dict[str, Any]) -> set[str]:
    return {action.lower() for action in definition["Actions"]}


def test_the_reader_reads_every_type_and_every_child_that_rules_read() -> None:
    actions = _lowered(reader())
    for rule in CATALOGUE:
        assert f"{rule.applies_to}/read".lower() in actions
        for path in rule.reads:
            assert "/".join((rule.applies_to, *path.split("/")[::2], "read")).lower() in actions
    assert actions >= {need.lower() for each in REMEDIATIONS.values() for need in each.needs if need.endswith("/read")}
    assert [action for action in actions if not action.endswith("/read")] == []


@pytest.mark.parametrize(
    "action",
    [
        "Microsoft.MachineLearningServices/workspaces/datastores/read",
        "Microsoft.MachineLearningServices/workspaces/connections/read",
        "Microsoft.MachineLearningServices/workspaces/computes/read",
        "Microsoft.ResourceGraph/resources/read",
        "Microsoft.Resources/subscriptions/resourceGroups/read",
        "Microsoft.Authorization/locks/read",
    ],
)
def test_the_reader_sees_roles_and_locks(action: str) -> None:
    assert action in reader()["Actions"]


CHILDREN = {
    "things": "Microsoft.Test/things/things/read",
    "blobServices/default": "Microsoft.Test/things/blobServices/read",
    "pools/one/nodes": "Microsoft.Test/things/pools/nodes/read",
    "providers/Microsoft.Insights/settings/default": "Microsoft.Insights/settings/read",
}


@pytest.mark.parametrize(("path", "action"), CHILDREN.items())
def test_a_child_is_read_by_the_action_of_its_type(path: str, action: str) -> None:
    assert action in reader([_rule(path)], [])["Actions"]
    assert action in reader([], [_fix(reads=(path,))])["Actions"]


def test_the_remediator_has_every_other_action_that_remediations_need() -> None:
    needed = {need.lower() for each in REMEDIATIONS.values() for need in each.needs if not need.endswith("/read")}
    assert _lowered(remediator(linked=True)) == needed


def test_the_remediator_may_be_limited_to_what_is_safe() -> None:
    fixes = [_fix("Microsoft.Test/things/write", "Microsoft.Test/things/read", safety=Safety.SAFE), _fix("A.B/c/write")]
    assert remediator(Safety.SAFE, fixes)["Actions"] == ["Microsoft.Test/things/write"]
    assert remediator(Safety.APPROVE, fixes)["Actions"] == ["A.B/c/write", "Microsoft.Test/things/write"]
    assert remediator(Safety.SAFE)["Name"] != remediator()["Name"] != reader()["Name"]


def test_an_action_is_named_once_whatever_its_case() -> None:
    assert remediator(Safety.APPROVE, [_fix("A.B/c/write"), _fix("a.b/C/Write")])["Actions"] == ["A.B/c/write"]


def test_the_reader_may_ask_how_a_write_went_on() -> None:
    """Where something is written, and nowhere else: a wildcard that matches nothing is refused by Azure."""
    assert "Microsoft.Test/locations/*/read" in reader([], [_fix("Microsoft.Test/things/write")])["Actions"]
    assert "Microsoft.Test/locations/*/read" not in reader([], [_fix("Microsoft.Test/things/read"), _fix()])["Actions"]
    assert {action for action in reader()["Actions"] if "*" in action} == {
        f"Microsoft.{service}/locations/*/read"
        for service in (
            "ContainerRegistry",
            "ContainerService",
            "DBforMySQL",
            "DBforPostgreSQL",
            "DocumentDB",
            "KeyVault",
            "OperationalInsights",
            "Sql",
            "Storage",
        )
    }
    assert [action for action in remediator(linked=True)["Actions"] if "*" in action] == []


LINKED = {
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
    "Microsoft.Network/virtualNetworks/subnets/join/action",
}


def test_identities_and_subnets_are_granted_only_where_they_are_asked_for() -> None:
    assert LINKED & {*remediator()["Actions"]} == set()
    assert {*remediator(linked=True)["Actions"]} == {*remediator()["Actions"]} | LINKED
    assert remediator(Safety.SAFE, linked=True) == remediator(Safety.SAFE)


@pytest.mark.parametrize(
    "action",
    [
        "*",
        "Microsoft.Test/*/write",
        "Microsoft.Test/*/read",
        "Microsoft.Test/locations/*",
        "Microsoft.Test/locations/*/write",
        "Microsoft.Test/locations/*/*/read",
        "*/locations/*/read",
        "Microsoft.Test/things/delete",
        "Microsoft.Authorization/locks/delete",
        "Microsoft.Authorization/locks/write",
        "Microsoft.Authorization/roleAssignments/write",
        "Microsoft.Authorization/roleAssignments/read",
        "Microsoft.Storage/storageAccounts/listKeys/action",
        "Microsoft.Storage/storageAccounts/regenerateKey/action",
        "Microsoft.Storage/storageAccounts/failover/action",
    ],
)
def test_what_the_bot_must_not_do_is_refused(action: str) -> None:
    with pytest.raises(NotGranted, match="must not be able"):
        _ = (remediator(Safety.APPROVE, [_fix(action)]), reader([], [_fix(action)]))


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local", "role", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_the_command_prints_what_az_takes() -> None:
    done = _run("remediator", "--safety", "SAFE", "--subscription", SUBSCRIPTION, OTHER_SUBSCRIPTION.upper())
    definition = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert definition["AssignableScopes"] == [f"/subscriptions/{each}" for each in (SUBSCRIPTION, OTHER_SUBSCRIPTION)]
    assert definition.items() >= remediator(Safety.SAFE).items()
    assert definition["IsCustom"] is True
    assert definition["DataActions"] == definition["NotActions"] == definition["NotDataActions"] == []


def test_the_command_grants_linked_rights_on_demand() -> None:
    plain, linked = (
        _run("remediator", "--subscription", SUBSCRIPTION),
        _run("remediator", "--linked", "--subscription", SUBSCRIPTION),
    )
    assert {*json.loads(linked.stdout)["Actions"]} - {*json.loads(plain.stdout)["Actions"]} == LINKED


WRONG = {
    "linked rights of the reader": (("reader", "--subscription", SUBSCRIPTION, "--linked"), "--linked"),
    "no subscription": (("reader",), "--subscription"),
    "a name": (("reader", "--subscription", "Production"), "az account list"),
    "an id within text": (("reader", "--subscription", f"/subscriptions/{SUBSCRIPTION}"), "must be subscription ids"),
    "a limit of the reader": (("reader", "--subscription", SUBSCRIPTION, "--safety", "SAFE"), "--safety"),
    "no class": (("remediator", "--subscription", SUBSCRIPTION, "--safety", "GUIDE"), "invalid choice"),
    "no kind": (("owner", "--subscription", SUBSCRIPTION), "invalid choice"),
}


@pytest.mark.parametrize(("arguments", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said(arguments: tuple[str, ...], words: str) -> None:
    done = _run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
