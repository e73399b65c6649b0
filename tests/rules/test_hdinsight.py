"""HDInsight: clusters are in a zone of one's choice, in the regions where HDInsight offers zones."""

import pytest

from rules.hdinsight import zonal
from rules.model import Resource, Status
from tests.builders import Json, judged
from tests.rules.examples.hdinsight import cluster

CASES = {
    "null": (cluster(), Status.FAIL, "has no zone, Azure's default"),
    "never set": (
        {name: value for name, value in cluster().items() if name != "zones"},
        Status.FAIL,
        "has no zone, Azure's default",
    ),
    "an empty list": (cluster([]), Status.FAIL, "has no zone"),
    "a display name": (cluster(location="East US 2"), Status.FAIL, "has no zone"),
    "one zone": (cluster(["1"]), Status.PASS, "in one availability zone"),
    "two zones": (cluster(["1", "2"]), Status.UNKNOWN, "which zone"),
    "a zone that is a number": (cluster([1]), Status.UNKNOWN, "which zone"),
    "a zone without a name": (cluster([""]), Status.UNKNOWN, "which zone"),
    "zones that are a text": (cluster("1"), Status.UNKNOWN, "which zone"),
    "zones, but not for HDInsight": (
        cluster(location="swedencentral"),
        Status.NOT_APPLICABLE,
        "offers no availability zones in swedencentral",
    ),
    "no zones": (cluster(location="westus"), Status.NOT_APPLICABLE, "offers no availability zones in westus"),
    "an unknown region": (cluster(location="atlantis"), Status.UNKNOWN, "not known whether HDInsight"),
    "no region": (cluster(location=None), Status.UNKNOWN, "not known whether HDInsight"),
    "in a zone anywhere": (cluster(["1"], location="atlantis"), Status.UNKNOWN, "not known whether HDInsight"),
    "no properties": (cluster() | {"properties": None}, Status.FAIL, "has no zone"),
    "development": (cluster(tags={"env": "dev"}), Status.FAIL, "has no zone"),
}


@pytest.mark.parametrize(("body", "status", "words"), CASES.values(), ids=CASES)
def test_verdict(body: Json, status: Status, words: str) -> None:
    verdict = judged(zonal, Resource.of(body))
    assert verdict.status is status
    assert words in verdict.because
