"""AKS clusters: what exactly would be sent, and what people are told."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.fixes.aks import POOL_READ_ONLY, READ_ONLY
from remediation.plan import Guidance, Plan, Safety, Write
from rules import evaluate
from rules.aks import DR_TAG
from rules.model import Resource, Status
from tests.builders import Json, finding, guidance, plan, remedy
from tests.remediation.applying import read, seeded, send
from tests.rules.examples.aks import CLUSTER_ID, cluster, pool, read_pool, resource, scaled
from tests.rules.shapes import SHAPES
from tests.rules.spoiling import paths_of, replaced

VERSION = "2026-05-01"
SECRET = "s3cr3t-of-a-test"
STOPPED = {"powerState": {"code": "Stopped"}}


def planned(rule: str, found: Resource) -> Plan:
    return plan(finding(f"aks/{rule}", found))


def advised(rule: str, found: Resource) -> Guidance:
    return guidance(finding(f"aks/{rule}", found))


def put(shown: Json, *, etag: str = "", **changed: Any) -> Write:
    """The PUT of a pool: all that was read and may be sent, and what changes."""
    kept = {name: value for name, value in shown.items() if name not in ("name", *POOL_READ_ONLY)}
    where = f"{CLUSTER_ID}/agentPools/{shown['name']}"
    return Write("PUT", where, VERSION, {"properties": kept | changed}, etag)


# The tier


def test_a_cluster_moves_to_the_standard_tier_after_approval() -> None:
    """The whole cluster goes back, with nothing in it that only Azure sets."""
    made = planned("standard-tier", resource(cluster(tier="Free")))
    assert made.safety is Safety.APPROVE
    (write,) = made.writes
    assert (write.verb, write.resource_id, write.api_version) == ("PUT", CLUSTER_ID, VERSION)
    assert write.etag == "etag-of-cluster"
    shown = {name: value for name, value in pool().items() if name not in POOL_READ_ONLY}
    assert write.body == {
        "location": "westeurope",
        "tags": None,
        "sku": {"name": "Base", "tier": "Standard"},
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "kubernetesVersion": "1.33",
            "dnsPrefix": "aksml",
            "agentPoolProfiles": [shown],
            "nodeResourceGroup": "MC_rg-ml_aksml_westeurope",
            "networkProfile": {"networkPlugin": "azure", "loadBalancerSku": "standard"},
        },
    }
    assert made.undo == (Write("PUT", CLUSTER_ID, VERSION, {**write.body, "sku": {"name": "Base", "tier": "Free"}}),)
    assert (made.before, made.after) == ({"sku.tier": "Free"}, {"sku.tier": "Standard"})
    assert made.cost.monthly_usd == 73
    assert "delete it" in made.code.warning
    assert len(made.to_confirm) == 1


FULL = {
    "identity": {
        "type": "UserAssigned",
        "principalId": "p",
        "userAssignedIdentities": {"/x": {"principalId": "p", "clientId": "c"}},
    },
    "properties": {
        "addonProfiles": {"azurepolicy": {"enabled": True, "identity": {"clientId": "c"}}},
        "networkProfile": {"loadBalancerProfile": {"effectiveOutboundIPs": [{"id": "/ip"}], "managedOutboundIPs": {}}},
        "podIdentityProfile": {"userAssignedIdentities": [{"name": "n", "provisioningState": "Assigned"}]},
        "oidcIssuerProfile": {"enabled": True, "issuerURL": "https://x/"},
        "identityProfile": {"kubeletidentity": {"clientId": "c"}},
        "ingressProfile": {"webAppRouting": None},
        "agentPoolProfiles": [pool(vnetSubnetID="/subnet", localDNSProfile={"mode": "Preferred", "state": "Enabled"})],
    },
}


def test_what_only_azure_sets_is_left_out_however_deep_it_is() -> None:
    body = cluster(tier="Free")
    body |= {"identity": FULL["identity"], "properties": body["properties"] | FULL["properties"]}
    made = planned("standard-tier", resource(body))
    sent = made.writes[0].body
    assert sent["identity"] == {"type": "UserAssigned", "userAssignedIdentities": {"/x": {}}}
    properties = sent["properties"]
    assert properties["addonProfiles"] == {"azurepolicy": {"enabled": True}}
    assert properties["networkProfile"] == {"loadBalancerProfile": {"managedOutboundIPs": {}}}
    assert properties["podIdentityProfile"] == {"userAssignedIdentities": [{"name": "n"}]}
    assert properties["oidcIssuerProfile"] == {"enabled": True}
    assert properties["ingressProfile"] == {"webAppRouting": None}
    assert properties["identityProfile"] == {"kubeletidentity": {"clientId": "c"}}
    assert properties["agentPoolProfiles"][0]["localDNSProfile"] == {"mode": "Preferred"}
    confirm = " ".join(made.to_confirm)
    assert "subnets/join/action" in confirm
    assert "userAssignedIdentities/assign/action" in confirm


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


NOT_WRITTEN_BACK = {
    "no SKU": ({"sku": None}, "did not say its SKU"),
    "no tier": ({"sku": {"name": "Base"}}, "did not say its SKU"),
    "Automatic": ({"sku": {"name": "Automatic", "tier": "Free"}}, "not a Base cluster"),
    "no eTag": ({"eTag": None}, "no eTag"),
    "no location": ({"location": None}, "did not show all of it"),
    "stopped": (cluster(**STOPPED, tier="Free"), "is stopped"),
    "no pools": (cluster(agentPoolProfiles=None, tier="Free"), "did not show all of it"),
}


@pytest.mark.parametrize(("changes", "reason"), NOT_WRITTEN_BACK.values(), ids=NOT_WRITTEN_BACK)
def test_a_cluster_that_is_not_all_there_is_not_written_back(changes: Json, reason: str) -> None:
    advice = advised("standard-tier", Resource.of(cluster(tier="Free") | changes))
    assert reason in advice.why_no_plan
    assert "az aks update --resource-group rg-ml --name aksml --tier standard" in advice.steps[0]


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


PROXY = {"httpProxyConfig": {"httpProxy": f"http://user:{SECRET}@proxy.example:8080/"}}


def test_a_cluster_behind_a_proxy_with_a_password_is_for_people() -> None:
    advice = advised("standard-tier", resource(cluster(tier="Free", **PROXY)))
    assert "names a user" in advice.why_no_plan
    assert "--tier standard" in advice.steps[0]
    plain = {"httpProxyConfig": {"httpProxy": "http://proxy.example:8080/", "noProxy": ["me@example.com"]}}
    assert planned("standard-tier", resource(cluster(tier="Free", **plain))).writes


def test_a_pool_with_a_password_is_for_people() -> None:
    shown = pool(count=1, nodeLabels={"from": f"https://user:{SECRET}@example.com"})
    assert "names a user" in advised("system-pool-size", resource(cluster(shown))).why_no_plan


# The size of pools


def test_a_system_pool_gets_its_missing_nodes_after_approval() -> None:
    shown = pool(count=1)
    made = planned("system-pool-size", resource(cluster(shown, pool("cpu", "User"))))
    assert made.safety is Safety.APPROVE
    assert made.writes == (put(shown, etag="etag-of-system", count=3),)
    assert made.undo == (put(shown),)
    path = "properties.agentPoolProfiles[system].count"
    assert (made.before, made.after) == ({path: 1}, {path: 3})
    assert "up to 2 more nodes of size Standard_D4s_v5" in made.cost.text
    assert made.cost.monthly_usd is None
    assert made.to_confirm == ("quota and subnets have room for 2 more nodes",)
    assert made.code.terraform == "node_count = 3"


LIMITS = {
    "room above": ((1, 6), {"minCount": 3}),
    "no room above": ((2, 2), {"minCount": 3, "maxCount": 3}),
    "just room": ((1, 3), {"minCount": 3}),
}


@pytest.mark.parametrize(("limits", "changed"), LIMITS.values(), ids=LIMITS)
def test_a_pool_that_scales_itself_gets_a_higher_minimum(limits: tuple[int, int], changed: Mapping[str, int]) -> None:
    """Its number of nodes is the autoscaler's: Azure adds what the minimum asks for."""
    shown = pool(**scaled(*limits))
    made = planned("system-pool-size", resource(cluster(shown)))
    assert made.writes == (put(shown, etag="etag-of-system", **changed),)
    assert "minCount" in made.code.bicep


def test_of_several_system_pools_one_that_can_be_written_gets_all_that_is_missing() -> None:
    first, second = pool("a", count=1, eTag=None), pool("b", count=1)
    made = planned("system-pool-size", resource(cluster(first, second)))
    assert made.writes == (put(second, etag="etag-of-b", count=2),)


def test_every_small_user_pool_gets_a_second_node() -> None:
    cpu, gpu = pool("cpu", "User", count=1), pool("gpu", "User", vmSize="Standard_NC6s_v3", **scaled(1, 4))
    spot, idle = pool("spot", "User", count=1, scaleSetPriority="Spot"), pool("idle", "User", **scaled(0))
    made = planned("user-pool-size", resource(cluster(pool(), cpu, gpu, spot, idle)))
    assert made.writes == (put(cpu, etag="etag-of-cpu", count=2), put(gpu, etag="etag-of-gpu", minCount=2))
    assert made.undo == (put(cpu), put(gpu))
    assert "up to 2 more nodes (estimate" in made.cost.text
    assert made.title == "Scale node pools cpu, gpu of AKS cluster aksml to 2 nodes"


def test_the_autoscaler_starts_from_what_is_there() -> None:
    system, cpu = pool(), pool("cpu", "User", count=600)
    made = planned("autoscaler", resource(cluster(system, cpu, pool("gpu", "User", **scaled()))))
    on = {"enableAutoScaling": True}
    assert made.writes == (
        put(system, etag="etag-of-system", **on, minCount=3, maxCount=6),
        put(cpu, etag="etag-of-cpu", **on, minCount=600, maxCount=1000),
    )
    assert made.undo == (put(system, enableAutoScaling=False), put(cpu, enableAutoScaling=False))
    assert made.before["properties.agentPoolProfiles[cpu].minCount"] is None
    form = "enableAutoScaling: true, minCount: {}, maxCount: {}"
    assert made.code.bicep == f"system: {form.format(3, 6)}; cpu: {form.format(600, 1000)}"
    assert "cpu: auto_scaling_enabled = true and min_count = 600 and max_count = 1000" in made.code.terraform
    assert "at most 403 more nodes of size Standard_D4s_v5" in made.cost.text


def test_an_autoscaler_that_was_never_set_is_switched_off_again_in_words() -> None:
    """Azure keeps what a PUT does not say."""
    shown = pool()
    del shown["enableAutoScaling"]
    made = planned("autoscaler", resource(cluster(shown)))
    assert made.undo == (put(shown, enableAutoScaling=False),)
    assert made.code.bicep == "enableAutoScaling: true, minCount: 3, maxCount: 6"


def test_a_pool_in_a_network_of_its_own_asks_for_rights_on_it() -> None:
    confirm = planned("system-pool-size", resource(cluster(pool(count=1, vnetSubnetID="/subnet")))).to_confirm
    assert any("subnets/join/action" in text for text in confirm)


SOUND = pool(count=1)
OBSTACLES = {
    "not read": (Resource.of(cluster(SOUND)), "could not be read by itself"),
    "not among them": (Resource.of(cluster(SOUND), {"agentPools": [read_pool(pool("b"))]}), "could not be read"),
    "empty": (Resource.of(cluster(SOUND), {"agentPools": [{"name": "system"}]}), "could not be read by itself"),
    "no name": (resource(cluster(pool("System", count=1))), "could not be read by itself"),
    "no eTag": (resource(cluster(pool(count=1, eTag=None))), "no eTag for node pool system"),
    "failed": (resource(cluster(pool(count=1, provisioningState="Failed"))), "did not succeed"),
    "an availability set": (resource(cluster(pool(count=1, type="AvailabilitySet"))), "no scale set"),
    "another type by itself": (
        Resource.of(cluster(SOUND), {"agentPools": [read_pool(pool(count=1, type="VirtualMachines"))]}),
        "no scale set",
    ),
    "another size by itself": (Resource.of(cluster(SOUND), {"agentPools": [read_pool(pool())]}), "different sizes"),
    "scaling by itself": (
        Resource.of(cluster(SOUND), {"agentPools": [read_pool(pool(count=1, enableAutoScaling=True))]}),
        "different sizes",
    ),
    "no maximum": (resource(cluster(pool(**scaled(1, None)))), "did not say how many nodes"),
}


@pytest.mark.parametrize(("found", "reason"), OBSTACLES.values(), ids=OBSTACLES)
def test_a_pool_that_is_not_all_there_is_not_written_back(found: Resource, reason: str) -> None:
    assert reason in advised("system-pool-size", found).why_no_plan


def test_one_pool_that_cannot_be_written_leaves_all_to_people() -> None:
    """Half of a plan would not make the rule pass."""
    found = resource(cluster(pool(), pool("cpu", "User", count=1), pool("gpu", "User", count=1, eTag=None)))
    assert len(advised("user-pool-size", found).steps) == 2


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


def test_a_size_that_is_no_name_is_not_repeated() -> None:
    made = planned("system-pool-size", resource(cluster(pool(count=1, vmSize="größe"))))
    assert "up to 2 more nodes (estimate" in made.cost.text


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


# What is for people


def test_zones_are_for_people_and_name_the_pools() -> None:
    found = resource(cluster(pool(), pool("cpu", "User", availabilityZones=None)))
    advice = advised("zone-spanning-pools", found)
    assert "node pool cpu" in advice.steps[0]
    assert "--zones 1 2 3" in advice.steps[2]


def test_a_second_cluster_is_for_people() -> None:
    advice = advised("second-region", Resource.of(cluster()))
    assert f"Set the tag {DR_TAG} on aksml" in advice.steps[-1]
    assert "estimate" in advice.cost
