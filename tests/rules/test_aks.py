"""AKS clusters: an API server with an SLA, and node pools that survive the loss of a node or a zone."""

from typing import Any

import pytest

from rules import RULES_BY_NAME
from rules.aks import DR_TAG
from rules.model import Resource, Role, Status, Use
from tests.builders import Json, judged
from tests.rules.examples.aks import CLUSTER_ID, SECOND_ID, cluster, pool, scaled

STOPPED: Json = {"powerState": {"code": "Stopped"}}
AUTOMATIC = {"sku": {"name": "Automatic", "tier": "Standard"}}
USER = pool("cpu", "User")


def user(**properties: Any) -> Json:
    """A cluster with a sound system pool and one user pool."""
    return cluster(pool(), pool("cpu", "User", **properties))


def machines(**scale: object) -> Json:
    """What a pool of single virtual machines has instead of a count."""
    return {"type": "VirtualMachines", "count": None, "virtualMachinesProfile": {"scale": scale}}


def without(name: str, shown: Json) -> Json:
    """A pool of which Azure does not show one property."""
    return {member: value for member, value in shown.items() if member != name}


NO_SKU = {member: value for member, value in cluster().items() if member != "sku"}
STANDARD_TIER = {
    "Free": (cluster(tier="Free"), Status.FAIL, "in the Free tier"),
    "Standard": (cluster(), Status.PASS, "Standard tier"),
    "Premium": (cluster(tier="Premium"), Status.PASS, "Premium tier"),
    "lower case": (cluster(tier="free"), Status.FAIL, "Free tier"),
    "no SKU": (NO_SKU, Status.FAIL, "Azure's default is Free"),
    "a SKU that is null": (NO_SKU | {"sku": None}, Status.FAIL, "Azure's default is Free"),
    "no SKU, no properties": (NO_SKU | {"properties": None}, Status.UNKNOWN, "did not say in which pricing tier"),
    "no SKU, a list of properties": (NO_SKU | {"properties": []}, Status.UNKNOWN, "did not say in which pricing tier"),
    "Standard, no properties": (cluster() | {"properties": None}, Status.PASS, "Standard tier"),
    "a SKU that is a list": (cluster() | {"sku": ["Free"]}, Status.UNKNOWN, "did not say in which pricing tier"),
    "no tier": (cluster() | {"sku": {"name": "Base"}}, Status.FAIL, "Azure's default is Free"),
    "a tier of old": (cluster(tier="Paid"), Status.PASS, "Standard tier"),
    "a tier of tomorrow": (cluster(tier="Ultimate"), Status.UNKNOWN, "not one of Azure's"),
    "a tier that is a number": (cluster(tier=1), Status.UNKNOWN, "not one of Azure's"),
    "Automatic": (cluster() | AUTOMATIC, Status.PASS, "Standard tier"),
    "development": (cluster(tier="Free", tags={"env": "dev"}), Status.NOT_APPLICABLE, "development or test"),
}

ONE: Json = {"availabilityZones": ["1"]}
TWO: Json = {"availabilityZones": ["2"]}
NOWHERE: Json = {"availabilityZones": None}
ZONE_SPANNING_POOLS = {
    "three zones": (cluster(), Status.PASS, "every node pool"),
    "two zones": (cluster(pool(availabilityZones=["1", "2"])), Status.PASS, "every node pool"),
    "the same zone twice": (cluster(pool(availabilityZones=["1", "1"])), Status.FAIL, "node pool system is not"),
    "one zone": (cluster(pool(**ONE)), Status.FAIL, "node pool system is not spread"),
    "null": (cluster(pool(**NOWHERE)), Status.FAIL, "node pool system is not spread"),
    "no zones": (cluster(pool(availabilityZones=[])), Status.FAIL, "node pool system is not spread"),
    "never set": (cluster(without("availabilityZones", pool())), Status.FAIL, "node pool system is not spread"),
    "placed by Azure": (cluster(pool(availabilityZones=["auto"])), Status.PASS, "every node pool"),
    "a pool in each zone": (cluster(pool("a", **ONE), pool("b", **TWO)), Status.PASS, "every node pool"),
    "two pools in one zone": (cluster(pool("a", **ONE), pool("b", **ONE)), Status.FAIL, "node pools a, b are not"),
    "a pool in another zone of another size": (
        cluster(pool("a", **ONE), pool("b", **TWO, vmSize="Standard_D8s_v5")),
        Status.FAIL,
        "node pools a, b are not",
    ),
    "a pool in another zone in another mode": (
        cluster(pool("a", **ONE), pool("b", "User", **TWO)),
        Status.FAIL,
        "node pools a, b are not",
    ),
    "a pool without zones beside others": (
        cluster(pool("a", **ONE), pool("b", **TWO), pool("c", **NOWHERE)),
        Status.FAIL,
        "node pool c is not",
    ),
    "only the stopped one": (cluster(pool(), pool("b", "User", **ONE, **STOPPED)), Status.PASS, "every node pool"),
    "many": (
        cluster(*(pool(f"pool{number}", "User", **NOWHERE) for number in range(7))),
        Status.FAIL,
        "node pools pool0, pool1, pool2, pool3, pool4 and 2 more are not",
    ),
    "a name that Azure would not allow": (cluster(pool("a\nb", **NOWHERE)), Status.FAIL, "pool (without a name) is"),
    "zones are a text": (cluster(pool(availabilityZones="1,2")), Status.UNKNOWN, "which zones"),
    "zones are numbers": (cluster(pool(availabilityZones=[1, 2])), Status.UNKNOWN, "which zones"),
    "no pools": (cluster(agentPoolProfiles=None), Status.UNKNOWN, "which node pools"),
    "pools are texts": (cluster(agentPoolProfiles=["system"]), Status.UNKNOWN, "which node pools"),
    "an empty list": (cluster(agentPoolProfiles=[]), Status.NOT_APPLICABLE, "no running node pool"),
    "a stopped cluster": (cluster(pool(**NOWHERE), **STOPPED), Status.NOT_APPLICABLE, "no running node pool"),
    "system nodes that AKS runs": (cluster(agentPoolProfiles=None) | AUTOMATIC, Status.NOT_APPLICABLE, "no running"),
    "Automatic, pools are texts": (cluster(agentPoolProfiles=["a"]) | AUTOMATIC, Status.UNKNOWN, "which node pools"),
    "no zones in the region": (cluster(pool(**NOWHERE)) | {"location": "westus"}, Status.NOT_APPLICABLE, "westus has"),
    "an unknown region": (cluster(pool(**NOWHERE)) | {"location": "atlantis"}, Status.UNKNOWN, "whether atlantis has"),
    "no region": (cluster(pool(**NOWHERE)) | {"location": None}, Status.UNKNOWN, "whether its region has"),
}

SYSTEM_POOL_SIZE = {
    "three": (cluster(), Status.PASS, "keep 3 nodes"),
    "two": (cluster(pool(count=2)), Status.FAIL, "node pool system keeps 2 of the 3"),
    "one": (cluster(pool(count=1)), Status.FAIL, "keeps 1 of the 3"),
    "two pools together": (cluster(pool("a", count=2), pool("b", count=1)), Status.PASS, "keep 3 nodes"),
    "two pools, too few": (cluster(pool("a", count=1), pool("b", count=1)), Status.FAIL, "pools a, b together keep 2"),
    "a minimum of three": (cluster(pool(count=5, **scaled(3))), Status.PASS, "keep 3 nodes"),
    "a minimum of two": (cluster(pool(count=5, **scaled(2))), Status.FAIL, "keeps 2 of the 3"),
    "user pools do not count": (cluster(pool(count=1), USER), Status.FAIL, "node pool system keeps 1"),
    "mode in lower case": (cluster(pool(mode="system", count=1)), Status.FAIL, "keeps 1"),
    "scaling never set": (cluster(without("enableAutoScaling", pool(count=1))), Status.FAIL, "keeps 1"),
    "scaling null": (cluster(pool(enableAutoScaling=None)), Status.PASS, "keep 3"),
    "scaling a text": (
        cluster(pool(enableAutoScaling="true")),
        Status.UNKNOWN,
        "how many nodes there are in node pool",
    ),
    "no minimum": (cluster(pool(**scaled(None))), Status.UNKNOWN, "how many nodes"),
    "no count": (cluster(pool(count=None)), Status.UNKNOWN, "how many nodes"),
    "a count that is a text": (cluster(pool(count="3")), Status.UNKNOWN, "how many nodes"),
    "a count that is a flag": (cluster(pool(count=True)), Status.UNKNOWN, "how many nodes"),
    "a count below zero": (cluster(pool(count=-1)), Status.UNKNOWN, "how many nodes"),
    "one of two not said": (cluster(pool("a"), pool("b", count=None)), Status.UNKNOWN, "in node pools a, b"),
    "machines": (cluster(pool(**machines(manual=[{"count": 2}, {"count": 1}]))), Status.PASS, "keep 3"),
    "machines, too few": (cluster(pool(**machines(manual=[{"count": 2}]))), Status.FAIL, "keeps 2"),
    "machines that scale": (cluster(pool(**machines(autoscale=[{"minCount": 3}]))), Status.PASS, "keep 3"),
    "machines, not said": (cluster(pool(**machines())), Status.UNKNOWN, "how many nodes"),
    "machines, no count": (cluster(pool(**machines(manual=[{}]))), Status.UNKNOWN, "how many nodes"),
    "machines, a text": (cluster(pool(**machines(autoscale="yes"))), Status.UNKNOWN, "how many nodes"),
    "no mode": (cluster(pool(mode=None)), Status.UNKNOWN, "in which mode"),
    "no pools": (cluster(agentPoolProfiles=None), Status.UNKNOWN, "which node pools"),
    "no system pool": (cluster(USER), Status.NOT_APPLICABLE, "no running system pool"),
    "a stopped cluster": (cluster(pool(count=1), **STOPPED), Status.NOT_APPLICABLE, "no running system pool"),
    "Automatic": (cluster(pool(count=1)) | AUTOMATIC, Status.NOT_APPLICABLE, "AKS Automatic"),
    "development": (cluster(pool(count=1), tags={"env": "dev"}), Status.FAIL, "keeps 1"),
}

USER_POOL_SIZE = {
    "two": (user(count=2), Status.PASS, "at least two"),
    "one": (user(count=1), Status.FAIL, "node pool cpu keeps one node only"),
    "two pools": (
        cluster(pool("cpu", "User", count=1), pool("gpu", "User", count=1)),
        Status.FAIL,
        "pools cpu, gpu keep one",
    ),
    "one of two": (cluster(USER, pool("gpu", "User", count=1)), Status.FAIL, "node pool gpu keeps one"),
    "a minimum of one": (user(count=4, **scaled(1)), Status.FAIL, "node pool cpu keeps one"),
    "a minimum of two": (user(count=4, **scaled(2)), Status.PASS, "at least two"),
    "may scale to zero": (user(count=1, **scaled(0)), Status.NOT_APPLICABLE, "always has nodes"),
    "scaled to zero by hand": (user(count=0), Status.NOT_APPLICABLE, "always has nodes"),
    "one to zero, one sound": (cluster(USER, pool("gpu", "User", **scaled(0))), Status.PASS, "at least two"),
    "Spot": (user(count=1, scaleSetPriority="Spot"), Status.NOT_APPLICABLE, "always has nodes"),
    "Spot, not said": (user(count=None, scaleSetPriority="spot"), Status.NOT_APPLICABLE, "always has nodes"),
    "regular": (user(count=1, scaleSetPriority="Regular"), Status.FAIL, "keeps one"),
    "stopped": (user(count=1, **STOPPED), Status.NOT_APPLICABLE, "always has nodes"),
    "a gateway": (cluster(pool(), pool("gate", "Gateway", count=1)), Status.NOT_APPLICABLE, "always has nodes"),
    "system pools only": (cluster(), Status.NOT_APPLICABLE, "always has nodes"),
    "no count": (user(count=None), Status.UNKNOWN, "in node pool cpu"),
    "no mode": (cluster(pool(mode=None), USER), Status.UNKNOWN, "in which mode"),
    "no pools": (cluster(agentPoolProfiles=None), Status.UNKNOWN, "which node pools"),
}

NAP = {"nodeProvisioningProfile": {"mode": "Auto"}}
AUTOSCALER = {
    "off": (cluster(), Status.FAIL, "node pool system does not scale by itself, which is Azure's default"),
    "null": (cluster(pool(enableAutoScaling=None)), Status.FAIL, "does not scale"),
    "never set": (cluster(without("enableAutoScaling", pool())), Status.FAIL, "does not scale"),
    "on": (cluster(pool(**scaled())), Status.PASS, "every node pool"),
    "on in one of two": (cluster(pool(**scaled()), USER), Status.FAIL, "node pool cpu does not"),
    "off in both": (cluster(pool(), USER), Status.FAIL, "node pools system, cpu do not scale"),
    "a text": (cluster(pool(enableAutoScaling="on")), Status.UNKNOWN, "autoscaler is on for node pool system"),
    "node auto-provisioning": (cluster(**NAP), Status.PASS, "auto-provisioning"),
    "node auto-provisioning, no pools": (cluster(agentPoolProfiles=None, **NAP), Status.PASS, "auto-provisioning"),
    "auto-provisioning that is a list": (
        cluster(nodeProvisioningProfile=[]),
        Status.UNKNOWN,
        "auto-provisioning is on",
    ),
    "provisioning by hand": (cluster(nodeProvisioningProfile={"mode": "Manual"}), Status.FAIL, "does not scale"),
    "a gateway": (cluster(pool(**scaled()), pool("gate", "Gateway")), Status.PASS, "every node pool"),
    "scaled to zero by hand": (cluster(pool(**scaled()), pool("b", "User", count=0)), Status.PASS, "every node pool"),
    "machines": (cluster(pool(**machines(manual=[{"count": 3}]))), Status.FAIL, "does not scale"),
    "machines that scale": (cluster(pool(**machines(autoscale=[{"minCount": 3}]))), Status.PASS, "every node pool"),
    "machines, none of which scale": (cluster(pool(**machines(autoscale=[]))), Status.FAIL, "does not scale"),
    "machines, a text": (cluster(pool(**machines(autoscale="yes"))), Status.UNKNOWN, "autoscaler is on"),
    "machines, no profile": (cluster(pool(type="VirtualMachines")), Status.UNKNOWN, "autoscaler is on"),
    "machines, a profile that is a list": (
        cluster(pool(type="VirtualMachines", virtualMachinesProfile=[])),
        Status.UNKNOWN,
        "autoscaler is on",
    ),
    "only a gateway": (cluster(pool("gate", "Gateway")), Status.NOT_APPLICABLE, "could scale"),
    "a stopped cluster": (cluster(**STOPPED), Status.NOT_APPLICABLE, "could scale"),
    "no pools": (cluster(agentPoolProfiles=None), Status.UNKNOWN, "which node pools"),
    "development": (cluster(tags={"env": "dev"}), Status.NOT_APPLICABLE, "development or test"),
}

SECOND_REGION = {
    "no tag": (cluster(), Status.FAIL, "no disaster-recovery cluster"),
    "another cluster": (cluster(tags={DR_TAG: SECOND_ID}), Status.PASS, "aksml-dr"),
    "itself": (cluster(tags={DR_TAG: CLUSTER_ID}), Status.FAIL, "names this cluster itself"),
    "no id": (cluster(tags={DR_TAG: "later"}), Status.FAIL, "does not hold the resource id"),
    "development": (cluster(tags={"env": "test"}), Status.NOT_APPLICABLE, "development or test"),
}

CASES = {
    f"{rule}: {name}": (f"aks/{rule}", *case)
    for rule, cases in (
        ("standard-tier", STANDARD_TIER),
        ("zone-spanning-pools", ZONE_SPANNING_POOLS),
        ("system-pool-size", SYSTEM_POOL_SIZE),
        ("user-pool-size", USER_POOL_SIZE),
        ("autoscaler", AUTOSCALER),
        ("second-region", SECOND_REGION),
    )
    for name, case in cases.items()
}


@pytest.mark.parametrize(("rule", "body", "status", "words"), CASES.values(), ids=CASES)
def test_verdict(rule: str, body: dict[str, Any], status: Status, words: str) -> None:
    verdict = judged(RULES_BY_NAME[rule], Resource.of(body))
    assert verdict.status is status, verdict
    assert words in verdict.because


def test_a_cluster_is_judged_whatever_it_is_used_for() -> None:
    used = Resource.of(cluster(tier="Free"), uses=[Use(Role.ATTACHED_AKS)])
    assert judged(RULES_BY_NAME["aks/standard-tier"], used).status is Status.FAIL
