"""Container groups: those that can be in a zone of one's choice are."""

import pytest

from rules.container_instances import zonal
from rules.model import Resource, Status
from tests.builders import Json, judged
from tests.rules.examples.container_instances import container_group

CASES = {
    "null": (container_group(), Status.FAIL, "has no zone, Azure's default"),
    "never set": (
        {name: value for name, value in container_group().items() if name != "zones"},
        Status.FAIL,
        "has no zone, Azure's default",
    ),
    "an empty list": (container_group([]), Status.FAIL, "has no zone"),
    "one zone": (container_group(["1"]), Status.PASS, "pinned to one availability zone"),
    "two zones": (container_group(["1", "2"]), Status.UNKNOWN, "which zone"),
    "a zone that is a number": (container_group([1]), Status.UNKNOWN, "which zone"),
    "a zone without a name": (container_group([""]), Status.UNKNOWN, "which zone"),
    "zones that are a text": (container_group("1"), Status.UNKNOWN, "which zone"),
    "lower case": (container_group(sku="standard", priority="regular"), Status.FAIL, "has no zone"),
    "no priority": (container_group(priority=None), Status.FAIL, "has no zone"),
    "no restart policy": (container_group(restartPolicy=None), Status.FAIL, "has no zone"),
    "restarted on failure": (container_group(restartPolicy="OnFailure"), Status.FAIL, "has no zone"),
    "spot": (container_group(priority="Spot"), Status.NOT_APPLICABLE, "spot containers"),
    "confidential": (container_group(sku="Confidential"), Status.NOT_APPLICABLE, "the Confidential SKU"),
    "dedicated": (container_group(sku="dedicated"), Status.NOT_APPLICABLE, "the Dedicated SKU"),
    "runs once": (container_group(restartPolicy="Never"), Status.NOT_APPLICABLE, "runs once"),
    "of a deployment script": (container_group(name="k3x7azscripts"), Status.NOT_APPLICABLE, "a deployment script"),
    "no SKU": (container_group(sku=None), Status.UNKNOWN, "whether its SKU is Standard"),
    "a SKU not specified": (container_group([], sku="NotSpecified"), Status.UNKNOWN, "whether its SKU is Standard"),
    "a SKU that is a number": (container_group(sku=1), Status.UNKNOWN, "whether its SKU is Standard"),
    "no SKU, one zone": (container_group(["3"], sku=None), Status.PASS, "pinned to one availability zone"),
    "no properties": (container_group() | {"properties": None}, Status.UNKNOWN, "whether its SKU is Standard"),
    "a region without zones": (container_group(location="westus"), Status.NOT_APPLICABLE, "westus has no"),
    "an unknown region": (container_group(location="atlantis"), Status.UNKNOWN, "whether atlantis has"),
    "development": (container_group(tags={"env": "dev"}), Status.FAIL, "has no zone"),
}


@pytest.mark.parametrize(("body", "status", "words"), CASES.values(), ids=CASES)
def test_verdict(body: Json, status: Status, words: str) -> None:
    verdict = judged(zonal, Resource.of(body))
    assert verdict.status is status
    assert words in verdict.because
