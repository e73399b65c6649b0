"""Default storage: copies in several zones pass, copies in one datacenter fail where there are zones."""

import pytest

from rules.model import Resource, Role, Status, Use
from rules.storage import zone_redundant
from tests.builders import WORKSPACE_ID, default_storage, storage_account

CONVERTING = {"accountMigrationInProgress": True}
CASES = {
    "locally redundant": (storage_account("Standard_LRS"), Status.FAIL, "one datacenter"),
    "locally redundant, provisioned": (storage_account("StandardV2_LRS"), Status.FAIL, "one datacenter"),
    "zone-redundant": (storage_account("Standard_ZRS"), Status.PASS, "several availability zones"),
    "zone-redundant, provisioned": (storage_account("StandardV2_ZRS"), Status.PASS, "several"),
    "zones and another region": (storage_account("Standard_GZRS"), Status.PASS, "several"),
    "readable in another region": (storage_account("Standard_RAGZRS"), Status.PASS, "several"),
    "another region, no zones": (storage_account("Standard_GRS"), Status.NOT_APPLICABLE, "not locally redundant"),
    "readable there, no zones": (storage_account("Standard_RAGRS"), Status.NOT_APPLICABLE, "not locally redundant"),
    "premium blobs": (storage_account("Premium_LRS"), Status.NOT_APPLICABLE, "not locally redundant"),
    "lower case": (storage_account("standard_lrs", "storagev2"), Status.FAIL, "standard_lrs"),
    "upper case": (storage_account("STANDARD_ZRS", "STORAGEV2"), Status.PASS, "STANDARD_ZRS"),
    "files only": (storage_account(kind="FileStorage"), Status.NOT_APPLICABLE, "kind FileStorage"),
    "the old kind": (storage_account(kind="Storage"), Status.NOT_APPLICABLE, "kind Storage"),
    "no kind": (storage_account(kind=None), Status.UNKNOWN, "did not say"),
    "a kind that is a number": (storage_account(kind=2), Status.UNKNOWN, "did not say"),
    "no SKU": (storage_account(None), Status.UNKNOWN, "did not say"),
    "a SKU that is a list": (storage_account(["Standard_LRS"]), Status.UNKNOWN, "did not say"),
    "a conversion is running": (storage_account(properties=CONVERTING), Status.NOT_APPLICABLE, "in progress"),
    "none is running": (storage_account(properties={"accountMigrationInProgress": False}), Status.FAIL, "datacenter"),
    "not said whether": (storage_account(properties={"accountMigrationInProgress": "true"}), Status.FAIL, "datacenter"),
    "a region without zones": (storage_account(location="westus"), Status.NOT_APPLICABLE, "westus has no"),
    "a region's display name": (storage_account(location="West Europe"), Status.FAIL, "datacenter"),
    "an unknown region": (storage_account(location="atlantis"), Status.UNKNOWN, "region atlantis has"),
    "no region": (storage_account(location=None), Status.UNKNOWN, "(none given)"),
    "zone-redundant anywhere": (storage_account("Standard_ZRS", location="atlantis"), Status.PASS, "several"),
}


@pytest.mark.parametrize(("body", "status", "words"), CASES.values(), ids=CASES)
def test_verdict(body: dict[str, object], status: Status, words: str) -> None:
    verdict = zone_redundant.check(default_storage(body))
    assert verdict.status is status
    assert words in verdict.because


OTHER_USES = {
    "of no workspace": (),
    "a datastore": (Use(Role.ADDITIONAL_DATASTORE, WORKSPACE_ID),),
    "of a cluster": (Use(Role.HDINSIGHT_STORAGE),),
}


@pytest.mark.parametrize("uses", OTHER_USES.values(), ids=OTHER_USES)
def test_an_account_that_is_no_default_storage_is_not_judged(uses: tuple[Use, ...]) -> None:
    verdict = zone_redundant.check(Resource.of(storage_account(), uses=uses))
    assert verdict.status is Status.NOT_APPLICABLE
    assert "default storage" in verdict.because


def test_one_workspace_that_uses_it_as_default_storage_is_enough() -> None:
    uses = [Use(Role.ADDITIONAL_DATASTORE, WORKSPACE_ID), Use(Role.DEFAULT_STORAGE, WORKSPACE_ID)]
    assert zone_redundant.check(Resource.of(storage_account(), uses=uses)).status is Status.FAIL
