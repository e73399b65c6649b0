"""What of a plan's writes people see, and the commands they may copy."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from remediation.by_hand import REST, body_lines, command_lines
from remediation.plan import Plan, Write
from tests.builders import STORAGE_ID, SUBSCRIPTION, finding, plan
from tests.remediation.test_fixes import PLANS
from tests.rules.examples.aks import CLUSTER_ID, cluster, pool, resource, scaled

PUTS = [(made, write) for _, made in PLANS for write in made.writes if write.verb == "PUT"]
OTHERS = [(made, write) for _, made in PLANS for write in made.writes if write.verb != "PUT"]
every_put = pytest.mark.parametrize(("made", "write"), PUTS, ids=range(len(PUTS)))
every_other = pytest.mark.parametrize(("made", "write"), OTHERS, ids=range(len(OTHERS)))


def put(path: str, body: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Plan, Write]:
    """A plan that puts one thing of a cluster, or of an account, with these values in it."""
    made = plan(finding("aks/standard-tier", resource(cluster(tier="Free"))))
    write = Write("PUT", path, "2026-05-01", body, "e")
    owner = CLUSTER_ID if path.startswith(CLUSTER_ID) else STORAGE_ID
    return replace(made, resource_id=owner, writes=(write,), before=before, after=after), write


@every_put
def test_of_a_put_only_what_it_changes_is_shown(made: Plan, write: Write) -> None:
    """What is made anew was not read: all of its body is the change."""
    shown, by_hand = body_lines(made, write), " ".join(command_lines(made, write))
    if made.rule == "container-registry/geo-replica":
        assert [json.loads(line) for line in shown] == [write.body]
        assert by_hand.startswith("az rest --method put")
        return
    assert shown[-1] == REST
    assert [line for line in shown[:-1] if " → " not in line] == []
    assert json.dumps(write.body) not in by_hand
    assert "az rest" not in by_hand


@every_other
def test_of_another_write_all_is_shown(made: Plan, write: Write) -> None:
    assert [json.loads(line) for line in body_lines(made, write)] == [write.body]
    (line,) = command_lines(made, write)
    url = f"{write.resource_id}?api-version={write.api_version}"
    body = ["--body", json.dumps(write.body)]
    assert shlex.split(line) == ["az", "rest", "--method", write.verb.lower(), "--url", url, *body]


def test_a_command_changes_nothing_that_somebody_changed_since() -> None:
    made, write = OTHERS[0]
    (line,) = command_lines(made, replace(write, etag="abc"))
    assert shlex.split(line)[6:8] == ["--headers", 'If-Match="abc"']


def test_several_puts_show_each_its_own_change() -> None:
    found = resource(cluster(pool(), pool("cpu", "User", count=1), pool("gpu", "User", **scaled(1, 4))))
    made = plan(finding("aks/user-pool-size", found))
    cpu, gpu = made.writes
    assert body_lines(made, cpu) == ["properties.agentPoolProfiles[cpu].count: 1 → 2", REST]
    assert body_lines(made, gpu) == ["properties.agentPoolProfiles[gpu].minCount: 1 → 2", REST]
    of_cluster = ("--subscription", SUBSCRIPTION, "--resource-group", "rg-ml", "--cluster-name", "aksml", "--name")
    options = ("--update-cluster-autoscaler", "--min-count", "2", "--max-count", "4")
    command = ("az", "aks", "nodepool", "update", *of_cluster, "gpu", *options)
    assert tuple(shlex.split(command_lines(made, gpu)[-1])) == command
    assert command_lines(made, cpu)[-1].endswith("--name cpu --node-count 2")


POOL = f"{CLUSTER_ID}/agentPools/cpu"
CPU = "properties.agentPoolProfiles[cpu]"
BLOBS = "blobServices/default:properties"
KEEP = {f"{BLOBS}.containerDeleteRetentionPolicy.{name}": value for name, value in (("enabled", True), ("days", 7))}
CASES: Mapping[str, tuple[tuple[Plan, Write], str]] = {
    "a tier": (put(CLUSTER_ID, {}, {"sku.tier": "Free"}, {"sku.tier": "Standard"}), "--name aksml --tier standard"),
    "the autoscaler off": (
        put(POOL, {"properties": {}}, {f"{CPU}.enableAutoScaling": True}, {f"{CPU}.enableAutoScaling": False}),
        "--name cpu --disable-cluster-autoscaler",
    ),
    "the autoscaler on": (
        put(
            POOL,
            {"properties": {"minCount": 1, "maxCount": 2}},
            {},
            {f"{CPU}.enableAutoScaling": True, f"{CPU}.minCount": 1, f"{CPU}.maxCount": 2},
        ),
        "--name cpu --enable-cluster-autoscaler --min-count 1 --max-count 2",
    ),
    "containers": (
        put(f"{STORAGE_ID}/blobServices/default", {}, {}, KEEP),
        "--account-name stml --enable-container-delete-retention true --container-delete-retention-days 7",
    ),
    "a value with no option": (put(CLUSTER_ID, {}, {}, {"sku.name": "Base"}), f"# {REST}: in the portal"),
    "a value that is taken away": (
        put(f"{STORAGE_ID}/blobServices/default", {}, KEEP, {f"{BLOBS}.isVersioningEnabled": None}),
        f"# {REST}: in the portal",
    ),
    "a pool's other value": (put(POOL, {}, {}, {f"{CPU}.mode": "System"}), f"# {REST}: in the portal"),
    "a type with no command": (put(f"{CLUSTER_ID}/others/a", {}, {}, {"a": 1}), f"# {REST}: in the portal"),
    "no resource": (put("/x", {}, {}, {"a": 1}), f"# {REST}: in the portal"),
    "no values": (put(CLUSTER_ID, {"a": "b"}, {}, {}), f"# {REST}: in the portal"),
}


@pytest.mark.parametrize(("planned", "end"), CASES.values(), ids=CASES)
def test_people_get_the_services_own_command_or_the_portal(planned: tuple[Plan, Write], end: str) -> None:
    made, write = planned
    *told, last = command_lines(made, write)
    assert last.endswith(end)
    assert [line for line in told if not line.startswith("# ")] == []
    assert body_lines(made, write)[-1] == REST


def test_a_line_to_copy_runs_nothing_else() -> None:
    made, write = put(CLUSTER_ID, {}, {"sku.tier": "a\nid"}, {"sku.tier": "'; $(id)"})
    told, command = command_lines(made, write)
    assert told == '# sku.tier: "a\\nid" → "\'; $(id)"'
    assert shlex.split(command)[-2:] == ["--tier", "'; $(id)"]
