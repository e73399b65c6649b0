"""AKS clusters: an API server with an SLA."""

import pytest

from rules.aks.tier import standard_tier
from rules.model import Resource, Role, Status, Use
from tests.builders import Json, judged
from tests.rules.aks_clusters import AUTOMATIC, verdict
from tests.rules.examples.aks import cluster

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


@pytest.mark.parametrize(("body", "status", "words"), STANDARD_TIER.values(), ids=STANDARD_TIER)
def test_standard_tier(body: Json, status: Status, words: str) -> None:
    found, because = verdict(standard_tier, body)
    assert found is status, because
    assert words in because


def test_a_cluster_is_judged_whatever_it_is_used_for() -> None:
    used = Resource.of(cluster(tier="Free"), uses=[Use(Role.ATTACHED_AKS)])
    assert judged(standard_tier, used).status is Status.FAIL
