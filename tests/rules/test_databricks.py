"""Databricks: a second workspace is named, the DBFS root is zone-redundant, and people say that no data lies there."""

from typing import Any

import pytest

from rules.databricks import DR_TAG, NO_DATA, ROOT_TAG, data_outside_dbfs, disaster_recovery, root_storage
from rules.model import Resource, Role, Status, Use
from tests.builders import DATABRICKS_ID, REGISTRY_ID, TWIN_ID, WORKSPACE_ID, Json, databricks, judged
from tests.rules.examples.databricks import attached, datastore, of_mode

DISASTER_RECOVERY = {
    "no tags": (databricks(), Status.FAIL, "no disaster-recovery workspace"),
    "other tags": (databricks({"team": "ml"}), Status.FAIL, "no disaster-recovery workspace"),
    "tags that are a list": (databricks([DR_TAG]), Status.FAIL, "no disaster-recovery workspace"),
    "the id of another workspace": (databricks({DR_TAG: TWIN_ID}), Status.PASS, "is dbml-dr"),
    "a tag in upper case": (databricks({DR_TAG.upper(): TWIN_ID}), Status.PASS, "is dbml-dr"),
    "an id in upper case": (databricks({DR_TAG: TWIN_ID.upper()}), Status.PASS, "is DBML-DR"),
    "an empty tag": (databricks({DR_TAG: ""}), Status.FAIL, "does not hold"),
    "a tag that is null": (databricks({DR_TAG: None}), Status.FAIL, "no disaster-recovery workspace"),
    "a tag that is no id": (databricks({DR_TAG: "dbml-dr"}), Status.FAIL, "does not hold"),
    "the id of something else": (databricks({DR_TAG: REGISTRY_ID}), Status.FAIL, "does not hold"),
    "a part of a workspace": (databricks({DR_TAG: f"{TWIN_ID}/virtualNetworkPeerings/a"}), Status.FAIL, "not hold"),
    "its own id": (databricks({DR_TAG: DATABRICKS_ID}), Status.FAIL, "this workspace itself"),
    "its own id in upper case": (databricks({DR_TAG: DATABRICKS_ID.upper()}), Status.FAIL, "this workspace itself"),
    "development": (databricks({"environment": "dev"}), Status.NOT_APPLICABLE, "development or test"),
}


@pytest.mark.parametrize(("body", "status", "words"), DISASTER_RECOVERY.values(), ids=DISASTER_RECOVERY)
def test_a_second_workspace_is_named(body: Json, status: Status, words: str) -> None:
    verdict = judged(disaster_recovery, Resource.of(body))
    assert verdict.status is status
    assert words in verdict.because


def with_parameters(parameters: Any, mode: object = "Hybrid") -> Json:
    return databricks(properties={"computeMode": mode, "parameters": parameters})


ROOT_STORAGE = {
    "geo-redundant": (of_mode("Hybrid"), Status.FAIL, "Standard_GRS: the loss of one zone"),
    "readable elsewhere": (of_mode("Hybrid", "Standard_RAGRS"), Status.FAIL, "Standard_RAGRS: the loss"),
    "locally redundant": (of_mode("Hybrid", "Standard_LRS"), Status.FAIL, "Standard_LRS: the loss"),
    "premium": (of_mode("Hybrid", "Premium_LRS"), Status.FAIL, "Premium_LRS: the loss"),
    "zones": (of_mode("Hybrid", "Standard_ZRS"), Status.PASS, "Standard_ZRS, with copies in several"),
    "zones and another region": (of_mode("Hybrid", "Standard_GZRS"), Status.PASS, "Standard_GZRS, with"),
    "zones, readable elsewhere": (of_mode("Hybrid", "Standard_RAGZRS"), Status.PASS, "Standard_RAGZRS, with"),
    "premium zones": (of_mode("Hybrid", "Premium_ZRS"), Status.PASS, "Premium_ZRS, with"),
    "lower case": (of_mode("hybrid", "standard_lrs"), Status.FAIL, "Standard_LRS: the loss"),
    "null": (of_mode("Hybrid", None), Status.FAIL, "Standard_GRS (Azure's default)"),
    "never set": (with_parameters({}), Status.FAIL, "Standard_GRS (Azure's default)"),
    "no parameters": (with_parameters(None), Status.FAIL, "Standard_GRS (Azure's default)"),
    "parameters that are a list": (with_parameters([]), Status.UNKNOWN, "which redundancy"),
    "a parameter that is a text": (with_parameters({"storageAccountSkuName": "a"}), Status.UNKNOWN, "which redundancy"),
    "no mode": (of_mode(None), Status.FAIL, "Standard_GRS: the loss of one zone"),
    "no mode, never set": (with_parameters({}, None), Status.UNKNOWN, "which redundancy"),
    "a mode not known, never set": (with_parameters({}, "Other"), Status.UNKNOWN, "which redundancy"),
    "a redundancy not known": (of_mode("Hybrid", "Standard_XRS"), Status.UNKNOWN, "which redundancy"),
    "a number": (of_mode("Hybrid", 1), Status.UNKNOWN, "which redundancy"),
    "serverless": (of_mode("Serverless", None), Status.NOT_APPLICABLE, "no DBFS root"),
    "serverless, lower case": (of_mode("serverless"), Status.NOT_APPLICABLE, "no DBFS root"),
    "a region without zones": (of_mode("Hybrid", location="westus"), Status.NOT_APPLICABLE, "westus has no"),
    "an unknown region": (of_mode("Hybrid", location="atlantis"), Status.UNKNOWN, "whether atlantis has"),
    "development": (of_mode("Hybrid", tags={"env": "dev"}), Status.FAIL, "Standard_GRS: the loss"),
}


@pytest.mark.parametrize(("body", "status", "words"), ROOT_STORAGE.values(), ids=ROOT_STORAGE)
def test_the_dbfs_root_is_zone_redundant(body: Json, status: Status, words: str) -> None:
    verdict = judged(root_storage, attached(body))
    assert verdict.status is status
    assert words in verdict.because


def tagged(value: object) -> Json:
    return of_mode("Hybrid", tags={ROOT_TAG: value})


DBFS = {
    "no tags": (of_mode("Hybrid"), Status.FAIL, "nobody has said"),
    "other tags": (of_mode("Hybrid", tags={"team": "ml"}), Status.FAIL, "nobody has said"),
    "a tag that is null": (tagged(None), Status.FAIL, "nobody has said"),
    "said so": (tagged(NO_DATA), Status.PASS, "as its tag says"),
    "said so in other cases": (tagged(" No-Production-Data "), Status.PASS, "as its tag says"),
    "an empty tag": (tagged(""), Status.FAIL, "does not say no-production-data"),
    "another value": (tagged("some"), Status.FAIL, "does not say no-production-data"),
    "no mode": (of_mode(None), Status.FAIL, "nobody has said"),
    "serverless": (of_mode("Serverless"), Status.NOT_APPLICABLE, "no DBFS root"),
    "development": (of_mode("Hybrid", tags={"env": "dev"}), Status.NOT_APPLICABLE, "development or test"),
}


@pytest.mark.parametrize(("body", "status", "words"), DBFS.values(), ids=DBFS)
def test_people_say_that_no_data_lies_in_the_dbfs_root(body: Json, status: Status, words: str) -> None:
    verdict = judged(data_outside_dbfs, datastore(body))
    assert verdict.status is status
    assert words in verdict.because


@pytest.mark.parametrize("uses", [(), (Use(Role.DATABRICKS_EXTERNAL, WORKSPACE_ID),)], ids=["none", "another"])
def test_a_workspace_in_no_such_role_is_judged_for_its_second_workspace_only(uses: tuple[Use, ...]) -> None:
    resource = Resource.of(of_mode("Hybrid"), uses=uses)
    assert judged(root_storage, resource).status is Status.NOT_APPLICABLE
    assert judged(data_outside_dbfs, resource).status is Status.NOT_APPLICABLE
    assert judged(disaster_recovery, resource).status is Status.FAIL
