"""AKS clusters: what holds of plans whatever they change."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.fixes.aks.cluster import POOL_READ_ONLY, READ_ONLY
from remediation.plan import Plan
from rules import evaluate
from rules.model import Resource, Status
from tests.builders import Json, finding, remedy
from tests.remediation.applying import read, seeded, send
from tests.remediation.fixes.aks_plans import SECRET, advised, planned
from tests.rules.examples.aks import CLUSTER_ID, cluster, pool, resource, scaled
from tests.rules.shapes import SHAPES
from tests.rules.spoiling import paths_of, replaced

READ_BY_AZURE = {"apiVersion", "status.provisioningError"}
"""Read-only in the published shape, but no member of a body, or in one that is left out altogether."""


@pytest.mark.skipif(not SHAPES, reason="the published shapes are not at hand")
@pytest.mark.parametrize(
    ("kind", "paths"),
    [
        ("microsoft.containerservice/managedclusters", READ_ONLY),
        ("microsoft.containerservice/managedclusters/agentpools", [f"properties.{path}" for path in POOL_READ_ONLY]),
    ],
)
def test_all_that_the_published_shape_marks_read_only_is_left_out(kind: str, paths: Iterable[str]) -> None:
    document = SHAPES[kind].document
    marked = {path.replace("[]", "") for path in read_only(document, document)}
    assert {path for path in marked if not path.endswith(tuple(READ_BY_AZURE))} - {
        *paths,
        "id",
        "type",
        "systemData",
    } == set()


def read_only(document: Any, schema: Any, above: str = "", seen: tuple[str, ...] = ()) -> Iterable[str]:
    """The paths that a published shape marks as read-only."""
    if reference := schema.get("$ref"):
        if reference not in seen:
            inner = document["$defs"][reference.rsplit("/", 1)[-1]]
            yield from read_only(document, inner, above, (*seen, reference))
        return
    marked = schema.get("x-readonly", ())
    yield from (f"{above}{name}" for name in marked)
    for name, inner in schema.get("properties", {}).items():
        if name not in marked:
            yield from read_only(document, inner, f"{above}{name}.", seen)
    for step, name in (("additionalProperties", "*."), ("items", "")):
        if isinstance(inner := schema.get(step), dict):
            yield from read_only(document, inner, f"{above}{name}", seen)


logins = st.builds(
    "{}://{}:{}@proxy.example:8080/{}".format,
    st.sampled_from(["http", "https", "HTTP", "amqps"]),
    st.text("abc.%", max_size=4),
    st.just(SECRET),
    st.sampled_from(["", "path"]),
)
FAILING = ("standard-tier", "system-pool-size", "user-pool-size", "autoscaler")
BEFORE_URL = st.sampled_from(["", "see ", '{"proxy": "'])


@given(st.data())
def test_a_login_in_a_url_is_neither_stored_nor_sent(data: st.DataObject) -> None:
    """Wherever in the cluster it is: `httpProxyConfig.httpProxy` is one such place."""
    body = cluster(
        pool(count=1, nodeLabels={"a": "b"}, nodeTaints=["a=b:NoSchedule"]),
        pool("cpu", "User", count=1),
        tier="Free",
        httpProxyConfig={"httpProxy": "http://proxy.example/", "noProxy": ["a"]},
    )
    kept = {"id", "type", "name", "mode", "sku", "tier"}
    inner = [*paths_of(body)]
    leaves = [path for path in inner if not any(other[:-1] == path for other in inner)]
    paths = [path for path in leaves if not kept & {*path}]
    text = data.draw(BEFORE_URL) + data.draw(logins)
    found = resource(replaced(body, data.draw(st.sampled_from(paths)), text))
    for judged in evaluate(found):
        if judged.rule.name.removeprefix("aks/") in FAILING and judged.verdict.status is Status.FAIL:
            made = remedy(judged)
            assert SECRET not in (made.to_json() if isinstance(made, Plan) else str(made))


COMMANDS = {
    "scale": ("system-pool-size", pool(count=1), "nodepool scale", "--name system --node-count 3."),
    "raise": ("system-pool-size", pool(**scaled(1, 6)), "--update-cluster-autoscaler", "--min-count 3 --max-count <as"),
    "raise both": ("system-pool-size", pool(**scaled(1, 2)), "--update-cluster-autoscaler", "3 --max-count 3."),
    "switch on": ("autoscaler", pool(), "--enable-cluster-autoscaler", "--min-count 3 --max-count 6."),
    "count unknown": ("autoscaler", pool(count=None), "--enable-cluster-autoscaler", "--min-count"),
    "an availability set": (
        "autoscaler",
        pool(type="AvailabilitySet"),
        "retired",
        "--name aksml --migrate-vmas-to-vms.",
    ),
    "no scale set": ("system-pool-size", pool(count=1, type="VirtualMachines"), "Replace system", "nodepool add"),
    "no name": ("autoscaler", pool("System"), "--name <pool>", "--min-count 3"),
}


@pytest.mark.parametrize(("rule", "shown", "first", "last"), COMMANDS.values(), ids=COMMANDS)
def test_people_get_the_command(rule: str, shown: Json, first: str, last: str) -> None:
    (step,) = advised(rule, Resource.of(cluster(shown))).steps
    assert first in step
    assert last in step


def test_the_second_of_two_plans_starts_from_what_the_first_made() -> None:
    """Each plan writes pools whole: made before the other was sent, it would take that back."""
    azure, before = seeded(resource(cluster(pool(count=1))))
    send(azure, planned("autoscaler", before).writes)
    after = read(azure, before)
    assert remedy(finding("aks/system-pool-size", after)) != remedy(finding("aks/system-pool-size", before))
    send(azure, planned("system-pool-size", after).writes)
    (shown,) = read(azure, before).body["properties"]["agentPoolProfiles"]
    assert (shown["enableAutoScaling"], shown["minCount"], shown["maxCount"]) == (True, 3, 3)


def test_the_simulated_azure_shows_a_pool_and_its_cluster_alike() -> None:
    """As AKS does: a pool's PUT shows in the cluster, whose own eTag stays, and the cluster's PUT in its pools."""
    azure, before = seeded(resource(cluster(pool(count=1))))
    answer = azure.request("PUT", f"{CLUSTER_ID}/agentPools/cpu", {"properties": {"count": 2, "mode": "User"}})
    after = read(azure, before)
    assert answer.status == 201
    assert [(each["name"], each["count"]) for each in after.body["properties"]["agentPoolProfiles"]] == [
        ("system", 1),
        ("cpu", 2),
    ]
    assert after.get("eTag") == before.get("eTag")
    shown = [{**each, "count": 5} for each in after.body["properties"]["agentPoolProfiles"]]
    body = {"location": "westeurope", "properties": {**after.body["properties"], "agentPoolProfiles": shown}}
    assert azure.request("PUT", CLUSTER_ID, body).status == 200
    pools = read(azure, before).collection("agentPools") or ()
    assert [each["properties"]["count"] for each in pools] == [5, 5]
    assert (azure.body(CLUSTER_ID) or {})["eTag"] != before.get("eTag")
