"""Databricks: a workspace passes when its tag names another workspace."""

import pytest

from rules.databricks import DR_TAG, disaster_recovery
from rules.model import Resource, Status
from tests.builders import DATABRICKS_ID, REGISTRY_ID, TWIN_ID, databricks

CASES = {
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
}


@pytest.mark.parametrize(("body", "status", "words"), CASES.values(), ids=CASES)
def test_verdict(body: dict[str, object], status: Status, words: str) -> None:
    verdict = disaster_recovery.check(Resource.of(body))
    assert verdict.status is status
    assert words in verdict.because
