"""AKS clusters and another region: what people are told."""

from rules.aks import DR_TAG
from rules.model import Resource
from tests.remediation.fixes.aks_plans import advised
from tests.rules.examples.aks import cluster


def test_a_second_cluster_is_for_people() -> None:
    advice = advised("second-region", Resource.of(cluster()))
    assert f"Set the tag {DR_TAG} on aksml" in advice.steps[-1]
    assert "estimate" in advice.cost
