"""The zones of node pools: what people are told."""

from tests.remediation.fixes.aks_plans import advised
from tests.rules.examples.aks import cluster, pool, resource


def test_zones_are_for_people_and_name_the_pools() -> None:
    found = resource(cluster(pool(), pool("cpu", "User", availabilityZones=None)))
    advice = advised("zone-spanning-pools", found)
    assert "node pool cpu" in advice.steps[0]
    assert "--zones 1 2 3" in advice.steps[2]
