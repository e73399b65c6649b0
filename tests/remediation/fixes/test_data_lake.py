"""Data Lake Storage Gen1: what people are told."""

import pytest

from rules.model import Resource, Role, Use
from tests.builders import WORKSPACE_ID, finding, guidance
from tests.rules.examples.data_lake import account, datastore


def test_an_account_of_the_retired_service_is_for_people() -> None:
    used = Resource.of(account(), uses=[Use(Role.ADDITIONAL_DATASTORE, WORKSPACE_ID)])
    advice = guidance(finding("data-lake/gen1-retired", used))
    assert "retired" in advice.why_no_plan
    assert "lakeml" in advice.steps[0]
    assert "--hns true" in advice.steps[1]
    assert "estimate" in advice.cost


def test_a_datastore_on_it_is_replaced_by_people() -> None:
    advice = guidance(finding("data-lake/datastore-type", Resource.of(datastore())))
    assert advice.steps[1].endswith("--file datastore.yml --resource-group rg-ml --workspace-name mlw.")
    assert advice.steps[-1].endswith("--name lake --resource-group rg-ml --workspace-name mlw.")


@pytest.mark.parametrize("identity", ["", "not/an/id", None])
def test_an_id_that_cannot_be_read_leaves_gaps_in_commands(identity: object) -> None:
    advice = guidance(finding("data-lake/datastore-type", Resource.of(datastore() | {"id": identity})))
    assert advice.steps[-1].endswith("--name NAME --resource-group GROUP --workspace-name WORKSPACE.")
