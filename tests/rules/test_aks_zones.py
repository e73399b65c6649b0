"""AKS clusters: node pools that survive the loss of a zone."""

import pytest

from rules.aks.zones import zone_spanning_pools
from rules.model import Status
from tests.builders import Json
from tests.rules.aks_clusters import AUTOMATIC, STOPPED, verdict, without
from tests.rules.examples.aks import cluster, pool

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


@pytest.mark.parametrize(("body", "status", "words"), ZONE_SPANNING_POOLS.values(), ids=ZONE_SPANNING_POOLS)
def test_zone_spanning_pools(body: Json, status: Status, words: str) -> None:
    found, because = verdict(zone_spanning_pools, body)
    assert found is status, because
    assert words in because
