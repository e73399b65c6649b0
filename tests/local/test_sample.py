"""`sample`: resources of every type, healthy and not, the same for the same seed, that `evaluate` takes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.evaluate import judge
from local.sample import samples
from local.sample_types import SAMPLES
from rules import CATALOGUE, RULES_BY_NAME
from rules.model import Role
from rules.resource_id import ResourceId

ROOT = Path(__file__).resolve().parents[2]
TYPES = sorted({rule.applies_to for rule in CATALOGUE})
MANY = list(samples(150 * len(TYPES)))
RETIRED = {
    "Microsoft.DataLakeStore/accounts",
    "Microsoft.DBforMySQL/servers",
    "Microsoft.DBforPostgreSQL/servers",
}
"""That there is one is the failure."""


def _verdicts() -> list[dict[str, Any]]:
    results = list(judge(json.dumps(line).encode() for line in MANY))
    assert [result for result in results if "error" in result] == []
    return [verdict for result in results for verdict in result["verdicts"]]


def test_every_type_appears_and_equally_often() -> None:
    found = [line["resource"]["type"] for line in samples(2 * len(TYPES))]
    assert sorted(found) == sorted(2 * TYPES)


def test_ids_are_those_of_their_types_and_none_comes_twice() -> None:
    parsed = [ResourceId.parse(line["id"]) for line in MANY]
    assert [found and found.type for found in parsed] == [line["resource"]["type"].lower() for line in MANY]
    assert len({line["id"] for line in MANY}) == len(MANY)


def test_a_seed_makes_the_same_resources_and_another_makes_others() -> None:
    assert list(samples(100, 7)) == list(samples(100, 7))
    assert list(samples(100, 7)) != list(samples(100, 8))
    assert list(samples(50, 7)) == list(samples(100, 7))[:50]


def test_children_and_roles_are_those_that_rules_know() -> None:
    read = {rule.applies_to: set[str]() for rule in CATALOGUE}
    for rule in CATALOGUE:
        read[rule.applies_to] |= set(rule.reads)
    assert [line for line in MANY if not read[line["resource"]["type"]] <= line["children"].keys()] == []
    assert {role for line in MANY for role in line["roles"]} == {role for rule in CATALOGUE for role in rule.roles}
    assert all(role in list(Role) for line in MANY for role in line["roles"])


@pytest.mark.parametrize("status", ["PASS", "FAIL"])
def test_the_samples_of_every_type_are_healthy_and_not(status: str) -> None:
    found = {RULES_BY_NAME[verdict["rule"]].applies_to for verdict in _verdicts() if verdict["status"] == status}
    assert SAMPLES.keys() - found - (RETIRED if status == "PASS" else set()) == set()


def _run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "local", "sample", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False)


def test_the_command_writes_json_lines() -> None:
    done = _run("--count", "30", "--seed", "5")
    assert done.returncode == 0
    assert [json.loads(line) for line in done.stdout.splitlines()] == list(samples(30, 5))
    assert _run("--count", "0").stdout == b""


@pytest.mark.parametrize("count", ["-1", "many", "1.5"])
def test_a_count_is_a_whole_number(count: str) -> None:
    done = _run(f"--count={count}")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"is no whole number" in done.stderr
