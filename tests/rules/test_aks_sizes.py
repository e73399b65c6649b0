"""AKS clusters: node pools that survive the loss of a node."""

from typing import Any

import pytest

from rules.aks.sizes import system_pool_size, user_pool_size
from rules.model import Status
from tests.builders import Json
from tests.rules.aks_clusters import AUTOMATIC, STOPPED, USER, machines, verdict, without
from tests.rules.examples.aks import cluster, pool, scaled


def user(**properties: Any) -> Json:
    """A cluster with a sound system pool and one user pool."""
    return cluster(pool(), pool("cpu", "User", **properties))


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


@pytest.mark.parametrize(("body", "status", "words"), SYSTEM_POOL_SIZE.values(), ids=SYSTEM_POOL_SIZE)
def test_system_pool_size(body: Json, status: Status, words: str) -> None:
    found, because = verdict(system_pool_size, body)
    assert found is status, because
    assert words in because


@pytest.mark.parametrize(("body", "status", "words"), USER_POOL_SIZE.values(), ids=USER_POOL_SIZE)
def test_user_pool_size(body: Json, status: Status, words: str) -> None:
    found, because = verdict(user_pool_size, body)
    assert found is status, because
    assert words in because
