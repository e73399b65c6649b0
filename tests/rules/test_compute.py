"""Computes: dedicated nodes, AKS clusters of one's own, attached for production."""

import pytest

from rules.compute import dedicated_cluster, own_aks, production_aks
from rules.model import Resource, Status
from tests.builders import Json, judged
from tests.rules.examples.compute import aks, cluster, compute, kubernetes

DEV: Json = {"stage": "test"}
DEDICATED = {
    "dedicated": (cluster(), Status.PASS, "nodes are dedicated"),
    "lower case": (cluster("dedicated"), Status.PASS, "nodes are dedicated"),
    "low-priority": (cluster("LowPriority"), Status.FAIL, "take them back at any time"),
    "low-priority, upper case": (cluster("LOWPRIORITY"), Status.FAIL, "take them back at any time"),
    "null": (cluster(None), Status.PASS, "which is Azure's default"),
    "never set": (compute("AmlCompute", {"vmSize": "Standard_DS3_v2"}), Status.PASS, "which is Azure's default"),
    "a priority not known": (cluster("Spot"), Status.UNKNOWN, "dedicated or low-priority"),
    "a number": (cluster(1), Status.UNKNOWN, "dedicated or low-priority"),
    "no settings": (compute("AmlCompute"), Status.UNKNOWN, "dedicated or low-priority"),
    "settings that are a list": (compute("AmlCompute", ["Dedicated"]), Status.UNKNOWN, "dedicated or low-priority"),
    "a compute instance": (compute("ComputeInstance", {}), Status.NOT_APPLICABLE, "no compute cluster"),
    "a Kubernetes cluster": (kubernetes(), Status.NOT_APPLICABLE, "no compute cluster"),
    "no kind": (compute(None), Status.UNKNOWN, "which kind of compute"),
    "a kind that is a number": (compute(1), Status.UNKNOWN, "which kind of compute"),
    "no properties": (cluster() | {"properties": None}, Status.UNKNOWN, "which kind of compute"),
    "development": (cluster("LowPriority", tags=DEV), Status.NOT_APPLICABLE, "development or test"),
}


@pytest.mark.parametrize(("body", "status", "words"), DEDICATED.values(), ids=DEDICATED)
def test_nodes_are_dedicated(body: Json, status: Status, words: str) -> None:
    verdict = judged(dedicated_cluster, Resource.of(body))
    assert verdict.status is status
    assert words in verdict.because


OWN = {
    "attached": (aks(), Status.PASS, "was attached"),
    "created": (aks(isAttachedCompute=False), Status.FAIL, "created the AKS cluster"),
    "created, lower case": (
        compute("aks", {}, isAttachedCompute=False),
        Status.FAIL,
        "created the AKS cluster",
    ),
    "created, development": (aks(tags=DEV, isAttachedCompute=False), Status.FAIL, "created the AKS cluster"),
    "null": (aks(isAttachedCompute=None), Status.UNKNOWN, "attached or created"),
    "a text": (aks(isAttachedCompute="false"), Status.UNKNOWN, "attached or created"),
    "a Kubernetes cluster": (kubernetes(), Status.PASS, "only attached it"),
    "a Kubernetes cluster, not said": (kubernetes(isAttachedCompute=None), Status.PASS, "only attached it"),
    "a compute cluster": (cluster(), Status.NOT_APPLICABLE, "no Kubernetes cluster"),
    "a kind not known": (compute("Another"), Status.NOT_APPLICABLE, "no Kubernetes cluster"),
    "no kind": (compute(None), Status.UNKNOWN, "which kind of compute"),
}


@pytest.mark.parametrize(("body", "status", "words"), OWN.values(), ids=OWN)
def test_the_aks_cluster_is_ones_own(body: Json, status: Status, words: str) -> None:
    verdict = judged(own_aks, Resource.of(body))
    assert verdict.status is status
    assert words in verdict.because


PURPOSE = {
    "fast": (aks(), Status.PASS, "for production"),
    "dense": (aks("DenseProd"), Status.PASS, "for production"),
    "upper case": (aks("FASTPROD"), Status.PASS, "for production"),
    "test": (aks("DevTest"), Status.FAIL, "attached as DevTest"),
    "test, lower case": (aks("devtest"), Status.FAIL, "attached as DevTest"),
    "test, created": (aks("DevTest", isAttachedCompute=False), Status.FAIL, "attached as DevTest"),
    "null": (aks(None), Status.PASS, "Azure's default"),
    "never set": (compute("AKS", {}), Status.PASS, "Azure's default"),
    "a purpose not known": (aks("SlowProd"), Status.UNKNOWN, "for which purpose"),
    "a list": (aks(["FastProd"]), Status.UNKNOWN, "for which purpose"),
    "no settings": (compute("AKS"), Status.UNKNOWN, "for which purpose"),
    "a Kubernetes cluster": (kubernetes(), Status.NOT_APPLICABLE, "only computes of the type AKS"),
    "no kind": (compute(None), Status.UNKNOWN, "which kind of compute"),
    "development": (aks("DevTest", tags=DEV), Status.NOT_APPLICABLE, "development or test"),
}


@pytest.mark.parametrize(("body", "status", "words"), PURPOSE.values(), ids=PURPOSE)
def test_the_aks_cluster_is_attached_for_production(body: Json, status: Status, words: str) -> None:
    verdict = judged(production_aks, Resource.of(body))
    assert verdict.status is status
    assert words in verdict.because
