"""Registries: Premium passes, lesser tiers fail, and anything else is not judged."""

import pytest

from rules.container_registry import premium_sku
from rules.model import Resource, Status
from tests.builders import registry

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
def test_verdict(body: dict[str, object], status: Status, words: str) -> None:
    verdict = premium_sku.check(Resource.of(body))
    assert verdict.status is status
    assert words in verdict.because


def test_the_texts_promise_neither_zones_nor_a_better_sla() -> None:
    """Zone redundancy comes with every tier, and the SLA is the same."""
    texts = [premium_sku.check(Resource.of(body)).because for body, _, _ in CASES.values()]
    assert not [text for text in texts if "zone" in text.lower() or "SLA" in text]
