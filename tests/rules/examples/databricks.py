"""Databricks workspaces, healthy and not."""

from rules.databricks import DR_TAG
from rules.model import Resource
from tests.builders import DATABRICKS_ID, TWIN_ID, databricks

EXAMPLES = (
    Resource.of(databricks()),
    Resource.of(databricks({DR_TAG: TWIN_ID})),
    Resource.of(databricks({DR_TAG: DATABRICKS_ID})),
    Resource.of(databricks({DR_TAG: "none"})),
)
