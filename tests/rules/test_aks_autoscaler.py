"""AKS clusters: node pools that get nodes when pods wait for them."""

import pytest

from rules.aks.autoscaler import autoscaler
from rules.model import Status
from tests.builders import Json
from tests.rules.aks_clusters import STOPPED, USER, machines, verdict, without
from tests.rules.examples.aks import cluster, pool, scaled

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


@pytest.mark.parametrize(("body", "status", "words"), AUTOSCALER.values(), ids=AUTOSCALER)
def test_autoscaler(body: Json, status: Status, words: str) -> None:
    found, because = verdict(autoscaler, body)
    assert found is status, because
    assert words in because
