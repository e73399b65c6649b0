"""Workspaces: a second one is named, the region has zones, and who can change the stores of encrypted metadata."""

from typing import Any

import pytest

from rules.model import Resource, Status
from rules.workspace import DR_TAG, customer_managed_key_stores, disaster_recovery, zonal_region
from tests.builders import REGISTRY_ID, WORKSPACE_ID, Json, judged
from tests.rules.examples.workspace import MANAGED_GROUP, OWN_COSMOS_DB, kept_in, with_own_key, workspace

TWIN_ID = f"{WORKSPACE_ID}-dr"
DISASTER_RECOVERY = {
    "no tags": (workspace(), Status.FAIL, "no disaster-recovery workspace"),
    "other tags": (workspace(tags={"team": "ml"}), Status.FAIL, "no disaster-recovery workspace"),
    "tags that are a list": (workspace(tags=[DR_TAG]), Status.FAIL, "no disaster-recovery workspace"),
    "another workspace": (workspace(tags={DR_TAG: TWIN_ID}), Status.PASS, "is mlw-dr"),
    "upper case": (workspace(tags={DR_TAG.upper(): TWIN_ID.upper()}), Status.PASS, "is MLW-DR"),
    "an empty tag": (workspace(tags={DR_TAG: ""}), Status.FAIL, "does not hold"),
    "something else": (workspace(tags={DR_TAG: REGISTRY_ID}), Status.FAIL, "does not hold"),
    "a compute": (workspace(tags={DR_TAG: f"{TWIN_ID}/computes/cpt"}), Status.FAIL, "does not hold"),
    "itself": (workspace(tags={DR_TAG: WORKSPACE_ID}), Status.FAIL, "names this workspace itself"),
    "a hub": (workspace("Hub"), Status.FAIL, "no disaster-recovery workspace"),
    "a feature store": (workspace("FeatureStore"), Status.FAIL, "no disaster-recovery workspace"),
    "a kind not yet known": (workspace("Lake"), Status.FAIL, "no disaster-recovery workspace"),
    "no kind": (workspace(None), Status.FAIL, "no disaster-recovery workspace"),
    "an empty kind": (workspace(""), Status.FAIL, "no disaster-recovery workspace"),
    "a project": (workspace("Project"), Status.NOT_APPLICABLE, "its hub is judged"),
    "a project in lower case": (workspace("project"), Status.NOT_APPLICABLE, "its hub is judged"),
    "a project with a second one": (workspace("Project", {DR_TAG: TWIN_ID}), Status.NOT_APPLICABLE, "its hub"),
    "a kind that is a list": (workspace(["Project"]), Status.UNKNOWN, "which kind"),
    "development": (workspace(tags={"environment": "dev"}), Status.NOT_APPLICABLE, "development or test"),
    "production": (workspace(tags={"environment": "production"}), Status.FAIL, "no disaster-recovery workspace"),
}


@pytest.mark.parametrize(("body", "status", "words"), DISASTER_RECOVERY.values(), ids=DISASTER_RECOVERY)
def test_a_second_workspace_is_named(body: Json, status: Status, words: str) -> None:
    verdict = judged(disaster_recovery, Resource.of(body))
    assert verdict.status is status
    assert words in verdict.because


ZONAL_REGION = {
    "zones": (workspace(), Status.PASS, "westeurope has availability zones"),
    "zones, no pair": (workspace(location="italynorth"), Status.PASS, "italynorth has"),
    "a display name": (workspace(location="West Europe"), Status.PASS, "westeurope has"),
    "no zones": (workspace(location="northcentralus"), Status.FAIL, "northcentralus has no availability zones"),
    "no zones, a hub": (workspace("Hub", location="West US"), Status.FAIL, "westus has no"),
    "no zones, a feature store": (workspace("FeatureStore", location="westus"), Status.FAIL, "westus has no"),
    "no zones, no kind": (workspace(None, location="westus"), Status.FAIL, "westus has no"),
    "no zones, development": (workspace(tags={"env": "dev"}, location="westus"), Status.FAIL, "westus has no"),
    "no zones, a project": (workspace("Project", location="westus"), Status.NOT_APPLICABLE, "its hub is judged"),
    "a kind that is a number": (workspace(1), Status.UNKNOWN, "which kind"),
    "an unknown region": (workspace(location="atlantis"), Status.UNKNOWN, "not known whether its region"),
    "no region": (workspace(location=None), Status.UNKNOWN, "not known whether its region"),
    "a region that is a list": (workspace(location=["westeurope"]), Status.UNKNOWN, "not known whether its region"),
}


@pytest.mark.parametrize(("body", "status", "words"), ZONAL_REGION.values(), ids=ZONAL_REGION)
def test_the_region_has_zones(body: Json, status: Status, words: str) -> None:
    verdict = judged(zonal_region, Resource.of(body))
    assert verdict.status is status
    assert words in verdict.because


def placed(group: str) -> str:
    """A Cosmos DB account in another resource group."""
    return OWN_COSMOS_DB.replace("/rg-ml/", f"/{group}/")


def service_side(value: Any) -> Json:
    return kept_in(None, enableServiceSideCMKEncryption=value)


GROUP_ID = f"/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/{MANAGED_GROUP}"
KEY_STORES = {
    "no key": (workspace(), Status.NOT_APPLICABLE, "no customer-managed key"),
    "no key: null": (workspace(encryption=None), Status.NOT_APPLICABLE, "no customer-managed key"),
    "a key not in use": (with_own_key("Disabled"), Status.NOT_APPLICABLE, "no customer-managed key"),
    "a project": (with_own_key() | {"kind": "Project"}, Status.NOT_APPLICABLE, "its hub is judged"),
    "in the managed group": (with_own_key(), Status.FAIL, "only Microsoft can change"),
    "lower case": (with_own_key("enabled"), Status.FAIL, "only Microsoft can change"),
    "a hub": (with_own_key() | {"kind": "Hub"}, Status.FAIL, "only Microsoft can change"),
    "named, in the managed group": (kept_in(placed(MANAGED_GROUP)), Status.FAIL, "only Microsoft can change"),
    "in upper case": (kept_in(placed(MANAGED_GROUP).upper()), Status.FAIL, "only Microsoft can change"),
    "the group by its id": (
        kept_in(placed("rg-of-microsoft"), serviceProvisionedResourceGroup=f"{GROUP_ID}/../rg-of-microsoft"),
        Status.FAIL,
        "only Microsoft can change",
    ),
    "the group not named": (
        kept_in(placed(MANAGED_GROUP), serviceProvisionedResourceGroup=None),
        Status.FAIL,
        "only Microsoft can change",
    ),
    "development": (with_own_key() | {"tags": {"env": "dev"}}, Status.FAIL, "only Microsoft can change"),
    "an account of one's own": (kept_in(OWN_COSMOS_DB), Status.PASS, "is checked by itself"),
    "of one's own, no managed group": (
        kept_in(OWN_COSMOS_DB, serviceProvisionedResourceGroup=None),
        Status.PASS,
        "is checked by itself",
    ),
    "with Microsoft": (service_side(True), Status.PASS, "on Microsoft's side"),
    "not said whether with Microsoft": (service_side(None), Status.FAIL, "only Microsoft can change"),
    "with Microsoft: a text": (service_side("true"), Status.UNKNOWN, "encrypted on Microsoft's side"),
    "an account that is no id": (kept_in("cosmosml"), Status.UNKNOWN, "which Cosmos DB account"),
    "an account that is a list": (kept_in([OWN_COSMOS_DB]), Status.UNKNOWN, "which Cosmos DB account"),
    "no status": (with_own_key(None), Status.UNKNOWN, "is in use"),
    "another status": (with_own_key("Rotating"), Status.UNKNOWN, "is in use"),
    "encryption that is a text": (workspace(encryption="Enabled"), Status.UNKNOWN, "is in use"),
    "no properties": (workspace() | {"properties": None}, Status.UNKNOWN, "how its metadata is encrypted"),
}


@pytest.mark.parametrize(("body", "status", "words"), KEY_STORES.values(), ids=KEY_STORES)
def test_the_stores_of_encrypted_metadata(body: Json, status: Status, words: str) -> None:
    verdict = judged(customer_managed_key_stores, Resource.of(body))
    assert verdict.status is status
    assert words in verdict.because
