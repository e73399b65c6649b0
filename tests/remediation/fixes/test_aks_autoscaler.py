"""The autoscaler of node pools: what exactly would be sent."""

from tests.remediation.fixes.aks_plans import planned, put
from tests.rules.examples.aks import cluster, pool, resource, scaled


def test_the_autoscaler_starts_from_what_is_there() -> None:
    system, cpu = pool(), pool("cpu", "User", count=600)
    made = planned("autoscaler", resource(cluster(system, cpu, pool("gpu", "User", **scaled()))))
    on = {"enableAutoScaling": True}
    assert made.writes == (
        put(system, etag="etag-of-system", **on, minCount=3, maxCount=6),
        put(cpu, etag="etag-of-cpu", **on, minCount=600, maxCount=1000),
    )
    assert made.undo == (put(system, enableAutoScaling=False), put(cpu, enableAutoScaling=False))
    assert made.before["properties.agentPoolProfiles[cpu].minCount"] is None
    form = "enableAutoScaling: true, minCount: {}, maxCount: {}"
    assert made.code.bicep == f"system: {form.format(3, 6)}; cpu: {form.format(600, 1000)}"
    assert "cpu: auto_scaling_enabled = true and min_count = 600 and max_count = 1000" in made.code.terraform
    assert "at most 403 more nodes of size Standard_D4s_v5" in made.cost.text


def test_an_autoscaler_that_was_never_set_is_switched_off_again_in_words() -> None:
    """Azure keeps what a PUT does not say."""
    shown = pool()
    del shown["enableAutoScaling"]
    made = planned("autoscaler", resource(cluster(shown)))
    assert made.undo == (put(shown, enableAutoScaling=False),)
    assert made.code.bicep == "enableAutoScaling: true, minCount: 3, maxCount: 6"
