"""Databricks: what people are told."""

from rules.databricks import DR_TAG
from rules.model import Resource
from tests.builders import databricks, finding, guidance


def test_a_second_databricks_workspace_is_for_people() -> None:
    advice = guidance(finding("databricks/disaster-recovery", Resource.of(databricks())))
    assert f"Set the tag {DR_TAG} on dbml" in advice.steps[-1]
    assert "estimate" in advice.cost
