"""Registries: Premium with a routed replica elsewhere passes, images in one region or without zones fail."""

from typing import Any

import pytest

from rules.container_registry import geo_replica, premium_sku, replica_routing, zonal_region
from rules.model import Resource, Status
from tests.builders import Json, judged, registry
from tests.rules.examples.container_registry import replica, replicated

CASES = {
    "Basic": (registry("Basic"), Status.FAIL, "is Basic"),
    "Standard": (registry("Standard"), Status.FAIL, "is Standard"),
    "Classic, long retired": (registry("Classic"), Status.FAIL, "is Classic"),
    "Premium": (registry("Premium"), Status.PASS, "is Premium"),
    "lower case": (registry("basic"), Status.FAIL, "is Basic"),
    "upper case": (registry("PREMIUM"), Status.PASS, "is Premium"),
    "no SKU": (registry() | {"sku": None}, Status.UNKNOWN, "did not say"),
    "a SKU without name": (registry(None), Status.UNKNOWN, "did not say"),
    "a tier, but no name": (registry() | {"sku": {"tier": "Premium"}}, Status.UNKNOWN, "did not say"),
    "an unheard-of name": (registry("Ultra"), Status.UNKNOWN, "not one of Azure's"),
    "an empty name": (registry(""), Status.UNKNOWN, "not one of Azure's"),
    "a name with more": (registry("Premium "), Status.UNKNOWN, "not one of Azure's"),
    "a number": (registry(3), Status.UNKNOWN, "not one of Azure's"),
    "a list": (registry(["Premium"]), Status.UNKNOWN, "not one of Azure's"),
    "a SKU that is text": (registry() | {"sku": "Premium"}, Status.UNKNOWN, "did not say"),
}


@pytest.mark.parametrize(("body", "status", "words"), CASES.values(), ids=CASES)
def test_sku(body: Json, status: Status, words: str) -> None:
    verdict = premium_sku.check(Resource.of(body))
    assert verdict.status is status
    assert words in verdict.because


def test_the_texts_promise_neither_zones_nor_a_better_sla() -> None:
    """Zone redundancy comes with every tier, and the SLA is the same."""
    texts = [premium_sku.check(Resource.of(body)).because for body, _, _ in CASES.values()]
    assert not [text for text in texts if "zone" in text.lower() or "SLA" in text]


def unread(sku: object = "Premium", **changes: Any) -> Resource:
    """A registry whose replicas were not read."""
    return Resource.of(registry(sku, **changes))


REPLICAS = {
    "only its own region": (replicated(), Status.FAIL, "every image is in one region: its loss"),
    "none at all": (Resource.of(registry("Premium"), {"replications": []}), Status.FAIL, "in one region"),
    "its own region by display name": (replicated(replica("second", "West Europe")), Status.FAIL, "in one region"),
    "another region": (replicated(replica("northeurope")), Status.PASS, "a replica in another region"),
    "another region by display name": (replicated(replica("second", "North Europe")), Status.PASS, "a replica"),
    "not routed": (replicated(replica("northeurope", routed=False)), Status.PASS, "a replica"),
    "being made": (replicated(replica("northeurope", state="Creating")), Status.UNKNOWN, "is not ready"),
    "being changed": (replicated(replica("northeurope", state="Updating")), Status.UNKNOWN, "is not ready"),
    "not made": (replicated(replica("northeurope", state="Failed")), Status.FAIL, "could not make"),
    "given up": (replicated(replica("northeurope", state="Canceled")), Status.FAIL, "could not make"),
    "one not made, one ready": (
        replicated(replica("northeurope", state="Failed"), replica("uksouth")),
        Status.PASS,
        "a replica",
    ),
    "one not made, one being made": (
        replicated(replica("northeurope", state="Failed"), replica("uksouth", state="Creating")),
        Status.UNKNOWN,
        "is not ready",
    ),
    "no state": (replicated(replica("northeurope", state=None)), Status.UNKNOWN, "does not say"),
    "a state that is a number": (replicated(replica("northeurope", state=1)), Status.UNKNOWN, "does not say"),
    "nowhere": (replicated(replica("northeurope", location="")), Status.UNKNOWN, "does not say"),
    "a region that is a number": (replicated(replica("northeurope", location=1)), Status.UNKNOWN, "does not say"),
    "not read": (unread(), Status.UNKNOWN, "could not be read"),
    "a child where a list should be": (
        Resource.of(registry("Premium"), {"replications": {}}),
        Status.UNKNOWN,
        "could not be read",
    ),
    "Standard": (replicated(sku="Standard"), Status.NOT_APPLICABLE, "only Premium"),
    "Basic, replicas not read": (unread("basic"), Status.NOT_APPLICABLE, "only Premium"),
    "no SKU": (unread(None), Status.UNKNOWN, "which SKU"),
    "an unheard-of SKU": (unread("Ultra"), Status.UNKNOWN, "which SKU"),
    "no region": (unread(location=None), Status.UNKNOWN, "or region"),
    "an unknown region": (replicated(location="atlantis"), Status.FAIL, "in one region"),
    "for development": (unread(tags={"environment": "dev"}), Status.NOT_APPLICABLE, "development or test"),
}


@pytest.mark.parametrize(("resource", "status", "words"), REPLICAS.values(), ids=REPLICAS)
def test_replica(resource: Resource, status: Status, words: str) -> None:
    verdict = judged(geo_replica, resource)
    assert verdict.status is status
    assert words in verdict.because


REGIONS = {
    "with zones": (unread(), Status.PASS, "westeurope has availability zones"),
    "with zones, though the property says no": (
        unread(properties={"zoneRedundancy": "Disabled"}),
        Status.PASS,
        "has availability zones",
    ),
    "without, Basic": (unread("Basic", location="westus"), Status.FAIL, "westus has no availability zones"),
    "without, Premium": (replicated(location="westus"), Status.FAIL, "westus has no availability zones"),
    "without, replicas not read": (unread(location="westus"), Status.UNKNOWN, "could not be read"),
    "a replica with zones": (replicated(replica("eastus"), location="westus"), Status.PASS, "a replica lies"),
    "a replica with zones being made": (
        replicated(replica("eastus", state="Creating"), location="westus"),
        Status.FAIL,
        "no availability zones",
    ),
    "a replica without zones": (replicated(replica("ukwest"), location="westus"), Status.FAIL, "no availability"),
    "a replica nobody knows where": (replicated(replica("a", 1), location="westus"), Status.FAIL, "no availability"),
    "unknown": (unread(location="atlantis"), Status.UNKNOWN, "whether atlantis has availability zones"),
    "what is no region": (unread(location="<!channel>"), Status.UNKNOWN, "whether its region has availability zones"),
    "none": (unread(location=None), Status.UNKNOWN, "whether its region has"),
    "no SKU": (unread(None, location="westus"), Status.UNKNOWN, "could not be read"),
}


@pytest.mark.parametrize(("resource", "status", "words"), REGIONS.values(), ids=REGIONS)
def test_region(resource: Resource, status: Status, words: str) -> None:
    verdict = judged(zonal_region, resource)
    assert verdict.status is status
    assert words in verdict.because


OFF = replica("northeurope", routed=False)
ROUTING = {
    "every replica": (replicated(replica("northeurope")), Status.PASS, "every replica gets traffic"),
    "one of two": (replicated(OFF), Status.FAIL, "1 of 2 replicas get no traffic"),
    "two of three": (replicated(OFF, replica("uksouth", routed=False)), Status.FAIL, "2 of 3 replicas"),
    "not said": (replicated(replica("northeurope", routed=None)), Status.UNKNOWN, "did not say"),
    "said as text": (replicated(replica("northeurope", routed="true")), Status.UNKNOWN, "did not say"),
    "being changed": (replicated(replica("northeurope", state="Updating", routed=False)), Status.UNKNOWN, "changing"),
    "failed, and off": (replicated(replica("northeurope", state="Failed", routed=False)), Status.FAIL, "1 of 2"),
    "one off, one not said": (replicated(OFF, replica("uksouth", routed=None)), Status.UNKNOWN, "did not say"),
    "only its own region": (replicated(), Status.NOT_APPLICABLE, "no replica in another region"),
    "not read": (unread(), Status.UNKNOWN, "could not be read"),
    "Basic": (unread("Basic"), Status.NOT_APPLICABLE, "only Premium"),
    "no SKU": (unread(None), Status.UNKNOWN, "could not be read"),
}


@pytest.mark.parametrize(("resource", "status", "words"), ROUTING.values(), ids=ROUTING)
def test_routing(resource: Resource, status: Status, words: str) -> None:
    verdict = judged(replica_routing, resource)
    assert verdict.status is status
    assert words in verdict.because
