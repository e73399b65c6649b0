"""Storage accounts: what exactly would be sent."""

from typing import Any

import pytest

from remediation.plan import Plan, Safety, Write
from tests.builders import STORAGE_ID, Json, default_storage, finding, guidance, plan, storage_account


def conversion(sku: str = "Standard_LRS", **properties: Any) -> Plan:
    return plan(finding("storage/zone-redundant", default_storage(storage_account(sku, properties=properties))))


def migrate(target: str) -> Write:
    body = {"properties": {"targetSkuName": target}}
    return Write("POST", f"{STORAGE_ID}/startAccountMigration", "2026-04-01", body)


CONVERSIONS = {
    "Standard_LRS": "Standard_ZRS",
    "standard_lrs": "Standard_ZRS",
    "StandardV2_LRS": "StandardV2_ZRS",
    "STANDARDV2_LRS": "StandardV2_ZRS",
}


@pytest.mark.parametrize(("before", "target"), CONVERSIONS.items())
def test_an_account_is_converted_after_approval(before: str, target: str) -> None:
    made = conversion(before)
    assert made.safety is Safety.APPROVE
    assert made.writes == (migrate(target),)
    assert made.undo == (migrate(before),)
    assert (made.before, made.after) == ({"sku.name": before}, {"sku.name": target})
    assert target in made.code.bicep
    assert "deletes it and its data" in made.code.warning
    assert made.to_confirm


NOT_CONVERTIBLE = {
    "NFS 3.0": ({"isNfsV3Enabled": True}, "NFS 3.0 is enabled"),
    "blocked": ({"isSkuConversionBlocked": True}, "a conversion is blocked"),
    "failed over": ({"lastGeoFailoverTime": "2026-01-01T00:00:00Z"}, "through a failover"),
}


@pytest.mark.parametrize(("properties", "reason"), NOT_CONVERTIBLE.values(), ids=NOT_CONVERTIBLE)
def test_an_account_that_azure_would_not_convert_is_for_people(properties: Json, reason: str) -> None:
    account = default_storage(storage_account(properties=properties))
    advice = guidance(finding("storage/zone-redundant", account))
    assert reason in advice.why_no_plan
    assert len(advice.steps) == 3


def test_an_account_that_azure_would_convert_has_a_plan() -> None:
    assert conversion(isNfsV3Enabled=False, isSkuConversionBlocked=False, lastGeoFailoverTime=None) == conversion()
