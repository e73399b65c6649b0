"""Computes: what people are told."""

from remediation.plan import Guidance
from rules.model import Resource
from tests.builders import Json, finding, guidance
from tests.rules.examples.compute import aks, cluster

WHERE = "--resource-group rg-ml --workspace-name mlw"


def advised(rule: str, body: Json) -> Guidance:
    return guidance(finding(f"compute/{rule}", Resource.of(body)))


def test_a_cluster_is_created_anew_with_dedicated_nodes() -> None:
    advice = advised("dedicated-cluster", cluster("LowPriority"))
    assert f"--tier dedicated --size <VM size> --min-instances 0 --max-instances <nodes> {WHERE})" in advice.steps[1]
    assert f"(az ml compute delete --name cpt {WHERE})" in advice.steps[3]
    assert "exemption" in advice.steps[-1]


def test_models_move_to_an_aks_cluster_of_ones_own() -> None:
    advice = advised("own-aks", aks(isAttachedCompute=False))
    assert "--tier standard --node-count 3 --zones 1 2 3" in advice.steps[0]
    assert advice.steps[2].endswith(f"--namespace <namespace> {WHERE}).")
    assert "2026-06-30" in advice.steps[3]


def test_a_test_cluster_is_attached_anew() -> None:
    advice = advised("production-aks", aks("DevTest"))
    assert "at least three nodes" in advice.steps[0]
    assert f"(az ml compute detach --name cpt {WHERE})" in advice.steps[4]
    assert "clusterPurpose FastProd" in advice.steps[5]


def test_names_in_a_command_are_quoted_for_the_shell() -> None:
    advice = advised("dedicated-cluster", cluster("LowPriority") | {"name": "a;b"})
    assert "--name 'a;b' " in advice.steps[3]


def test_without_a_readable_id_people_say_where_it_is() -> None:
    advice = advised("dedicated-cluster", cluster("LowPriority") | {"id": "cpt"})
    assert "--resource-group <group> --workspace-name <workspace>" in advice.steps[3]
