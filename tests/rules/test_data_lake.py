"""Data Lake Storage Gen1 is retired: accounts of it that are used, and datastores that point at one."""

import pytest

from rules.data_lake import datastore_type, gen1_retired
from rules.model import Resource, Role, Status, Use
from tests.builders import WORKSPACE_ID, Json, judged
from tests.rules.examples.data_lake import account, datastore

ACCOUNTS = {
    "as a datastore": (account(), Role.ADDITIONAL_DATASTORE, Status.FAIL, "retired on 2024-02-29"),
    "whatever its region": (
        account() | {"location": "atlantis"},
        Role.ADDITIONAL_DATASTORE,
        Status.FAIL,
        "retired on 2024-02-29",
    ),
    "whatever it says": (account() | {"properties": None}, Role.ADDITIONAL_DATASTORE, Status.FAIL, "retired"),
    "for development": (
        account() | {"tags": {"env": "dev"}},
        Role.ADDITIONAL_DATASTORE,
        Status.FAIL,
        "nobody can read",
    ),
    "of a cluster": (account(), Role.HDINSIGHT_STORAGE, Status.NOT_APPLICABLE, "a datastore"),
    "of nobody": (account(), None, Status.NOT_APPLICABLE, "a datastore"),
}


@pytest.mark.parametrize(("body", "role", "status", "words"), ACCOUNTS.values(), ids=ACCOUNTS)
def test_an_account_that_is_used_is_the_failure(body: Json, role: Role | None, status: Status, words: str) -> None:
    verdict = judged(gen1_retired, Resource.of(body, uses=[Use(role, WORKSPACE_ID)] if role else ()))
    assert verdict.status is status
    assert words in verdict.because


DATASTORES = {
    "Gen1": (datastore(storeName="lakeml"), Status.FAIL, "jobs that read from it fail"),
    "in lower case": (datastore("azuredatalakegen1"), Status.FAIL, "Gen1"),
    "Gen2": (datastore("AzureDataLakeGen2", accountName="st", filesystem="data"), Status.PASS, "not point at"),
    "blobs": (datastore("AzureBlob"), Status.PASS, "not point at"),
    "files": (datastore("AzureFile"), Status.PASS, "not point at"),
    "OneLake": (datastore("OneLake"), Status.PASS, "not point at"),
    "a type of tomorrow": (datastore("AzureMoon"), Status.PASS, "not point at"),
    "no type": (datastore(None), Status.UNKNOWN, "did not say"),
    "a type that is a number": (datastore(1), Status.UNKNOWN, "did not say"),
    "no properties": (datastore() | {"properties": None}, Status.UNKNOWN, "did not say"),
}


@pytest.mark.parametrize(("body", "status", "words"), DATASTORES.values(), ids=DATASTORES)
def test_a_datastore_points_at_what_still_exists(body: Json, status: Status, words: str) -> None:
    verdict = judged(datastore_type, Resource.of(body))
    assert verdict.status is status
    assert words in verdict.because
