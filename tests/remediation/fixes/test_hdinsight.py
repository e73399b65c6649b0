"""HDInsight: what people are told."""

from tests.builders import finding, guidance
from tests.rules.examples.hdinsight import attached, cluster


def test_a_cluster_in_a_zone_is_for_people() -> None:
    advice = guidance(finding("hdinsight/zonal", attached(cluster())))
    assert "definition of hdiml" in advice.steps[0]
    assert "Ambari and the Hive metastore" in advice.steps[1]
    assert 'zones: ["1"]' in advice.steps[2]
    assert "standby cluster" in advice.steps[3]
    assert "estimate" in advice.cost
