"""AKS clusters: a second cluster that people tell of."""

import pytest

from rules.aks.region import DR_TAG, second_region
from rules.model import Status
from tests.builders import Json
from tests.rules.aks_clusters import verdict
from tests.rules.examples.aks import CLUSTER_ID, SECOND_ID, cluster

SECOND_REGION = {
    "no tag": (cluster(), Status.FAIL, "no disaster-recovery cluster"),
    "another cluster": (cluster(tags={DR_TAG: SECOND_ID}), Status.PASS, "aksml-dr"),
    "itself": (cluster(tags={DR_TAG: CLUSTER_ID}), Status.FAIL, "names this cluster itself"),
    "no id": (cluster(tags={DR_TAG: "later"}), Status.FAIL, "does not hold the resource id"),
    "development": (cluster(tags={"env": "test"}), Status.NOT_APPLICABLE, "development or test"),
}


@pytest.mark.parametrize(("body", "status", "words"), SECOND_REGION.values(), ids=SECOND_REGION)
def test_second_region(body: Json, status: Status, words: str) -> None:
    found, because = verdict(second_region, body)
    assert found is status, because
    assert words in because
