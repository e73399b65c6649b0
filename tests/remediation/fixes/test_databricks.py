"""Databricks: what people are told."""

import pytest

from rules.databricks import DR_TAG
from rules.model import Resource
from tests.builders import DATABRICKS_ID, databricks, finding, guidance
from tests.rules.examples.databricks import attached, datastore, of_mode


def test_a_second_databricks_workspace_is_for_people() -> None:
    advice = guidance(finding("databricks/disaster-recovery", Resource.of(databricks())))
    assert f"Set the tag {DR_TAG} on dbml" in advice.steps[-1]
    assert "estimate" in advice.cost


CHOICES = {"westeurope": "Standard_GZRS for a copy in northeurope", "italynorth": "no known pair"}


@pytest.mark.parametrize(("location", "words"), CHOICES.items())
def test_the_redundancy_of_the_dbfs_root_is_for_people(location: str, words: str) -> None:
    advice = guidance(finding("databricks/root-storage", attached(of_mode("Hybrid", location=location))))
    assert "Choose Standard_ZRS" in advice.steps[0]
    assert words in advice.steps[0]
    assert "storageAccountSkuName: { value: 'Standard_ZRS' }" in advice.steps[1]
    assert 'storage_account_sku_name = "Standard_ZRS"' in advice.steps[1]
    assert "replace the workspace" in advice.steps[2]


def test_data_in_the_dbfs_root_is_for_people() -> None:
    advice = guidance(finding("databricks/data-outside-dbfs", datastore(of_mode("Hybrid"))))
    tag = f"--resource-id {DATABRICKS_ID} --tags ha-bot-dbfs-root=no-production-data)"
    assert tag in advice.steps[-1]
    assert "Delta deep clone" in advice.steps[2]
