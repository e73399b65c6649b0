"""The sizes of node pools: what exactly would be sent, and what is left to people."""

from collections.abc import Mapping

import pytest

from remediation.plan import Safety
from rules.model import Resource
from tests.remediation.fixes.aks_plans import SECRET, advised, planned, put
from tests.rules.examples.aks import cluster, pool, read_pool, resource, scaled


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


def test_a_pool_in_a_network_of_its_own_asks_for_rights_on_it() -> None:
    confirm = planned("system-pool-size", resource(cluster(pool(count=1, vnetSubnetID="/subnet")))).to_confirm
    assert any("subnets/join/action" in text for text in confirm)


def test_a_size_that_is_no_name_is_not_repeated() -> None:
    made = planned("system-pool-size", resource(cluster(pool(count=1, vmSize="größe"))))
    assert "up to 2 more nodes (estimate" in made.cost.text


def test_a_pool_with_a_password_is_for_people() -> None:
    shown = pool(count=1, nodeLabels={"from": f"https://user:{SECRET}@example.com"})
    assert "names a user" in advised("system-pool-size", resource(cluster(shown))).why_no_plan


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
