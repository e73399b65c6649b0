"""What the page shows: scores, the guide's table for each workspace, and what the bot did."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.cases import Case, Entry, State
from remediation.report import model
from remediation.report.model import MOST_FINDINGS, Remembered, report
from remediation.report.score import Score, score
from remediation.report.services import rows, unseen
from remediation.results import Result
from rules import CATALOGUE
from rules.model import Role, Severity, Status, Use
from rules.responsibility import TABLE, ByDefault, Manager
from tests.builders import DATABRICKS_ID, NOON, REGISTRY_ID, STORAGE_ID, VAULT_ID, WORKSPACE_ID
from tests.report_estate import a_report

PASS, FAIL, NOT_APPLICABLE, UNKNOWN = Status.PASS, Status.FAIL, Status.NOT_APPLICABLE, Status.UNKNOWN
TYPES = {rule.name: rule.applies_to.lower() for rule in CATALOGUE}
SEVERITIES = {rule.name: rule.severity for rule in CATALOGUE}
PREMIUM, ZONES, PURGE = "container-registry/premium-sku", "storage/zone-redundant", "key-vault/purge-protection"
OTHER_WORKSPACE = WORKSPACE_ID.replace("mlw", "mlw-2")
COMPUTE_ID = f"{WORKSPACE_ID}/computes/inference"


def result(rule: str, resource_id: str, *roles: Role, status: Status = FAIL, workspace: str = WORKSPACE_ID) -> Result:
    """A verdict on a resource that plays these roles."""
    uses = tuple(Use(role, workspace) for role in roles)
    return Result(
        resource_id, TYPES[rule], "westeurope", rule, rule, SEVERITIES[rule], status, "it is so", "APPROVE", uses
    )


def graded(*pairs: tuple[Severity, Status]) -> Score:
    """The score of checks of these severities."""
    sample = result(PREMIUM, REGISTRY_ID)
    return score(replace(sample, severity=severity, status=status) for severity, status in pairs)


SCORES: dict[str, tuple[Sequence[tuple[Severity, Status]], int | None]] = {
    "nothing": ([], None),
    "nothing that was judged": ([(Severity.HIGH, UNKNOWN), (Severity.HIGH, NOT_APPLICABLE)], None),
    "all well": ([(Severity.HIGH, PASS), (Severity.LOW, PASS)], 100),
    "all wrong": ([(Severity.LOW, FAIL)], 0),
    "a high one missed": ([(Severity.HIGH, FAIL), (Severity.MEDIUM, PASS), (Severity.LOW, PASS)], 50),
    "a low one missed": ([(Severity.HIGH, PASS), (Severity.MEDIUM, PASS), (Severity.LOW, FAIL)], 83),
    "what does not apply counts nothing": ([(Severity.LOW, PASS), (Severity.HIGH, NOT_APPLICABLE)], 100),
    "nor does what could not be judged": ([(Severity.LOW, PASS), (Severity.HIGH, UNKNOWN)], 100),
}


@pytest.mark.parametrize(("checks", "percent"), SCORES.values(), ids=SCORES)
def test_the_score_is_the_weighted_share_of_what_passed(
    checks: Sequence[tuple[Severity, Status]], percent: int | None
) -> None:
    assert graded(*checks).percent == percent


@given(st.lists(st.tuples(st.sampled_from(Severity), st.sampled_from(Status))))
def test_a_hundred_means_that_nothing_failed(checks: list[tuple[Severity, Status]]) -> None:
    found = graded(*checks)
    judged = [status for _, status in checks if status in (PASS, FAIL)]
    assert (found.percent == 100) is (bool(judged) and FAIL not in judged)
    assert found.passed + found.failures == len(judged)
    assert found.failures == sum(found.failed_at(severity) for severity in Severity)
    assert found.unknown == sum(status is UNKNOWN for _, status in checks)


def services(*results: Result, workspace: str = WORKSPACE_ID) -> list[str]:
    """The services in the table of a workspace."""
    return [row.service for row in rows(results, workspace)]


def test_a_service_stands_in_the_table_with_what_the_guide_says_and_what_is_so_today() -> None:
    (row,) = rows(
        [
            result(PREMIUM, REGISTRY_ID, Role.WORKSPACE_REGISTRY),
            result("container-registry/geo-replica", REGISTRY_ID, Role.WORKSPACE_REGISTRY, status=UNKNOWN),
            result("container-registry/zonal-region", REGISTRY_ID, Role.WORKSPACE_REGISTRY, status=PASS),
            result("container-registry/replica-routing", REGISTRY_ID, Role.WORKSPACE_REGISTRY, status=NOT_APPLICABLE),
        ],
        WORKSPACE_ID.upper(),
    )
    assert (row.service, row.managed_by, row.by_default) == ("Container registry", Manager.YOU, ByDefault.PARTLY)
    assert (row.passed, row.judged, row.worst) == (1, 2, Severity.HIGH)
    assert [[each.rule for each in part] for part in (row.failing, row.unknown)] == [
        [PREMIUM],
        ["container-registry/geo-replica"],
    ]


def test_a_role_says_which_service_it_is() -> None:
    default, datastore = (result(ZONES, STORAGE_ID, role) for role in (Role.DEFAULT_STORAGE, Role.ADDITIONAL_DATASTORE))
    assert services(default) == ["Default storage"]
    assert services(datastore) == [
        "Azure Blob container · Azure file share · Azure Data Lake Storage Gen2",
    ], "the same account may be all three"
    assert services(replace(default, uses=())) == []
    assert services(default, workspace=OTHER_WORKSPACE) == []


def test_a_workspace_needs_no_role_for_itself() -> None:
    assert services(result("workspace/zonal-region", WORKSPACE_ID)) == ["Azure Machine Learning workspace"]


def test_a_workspace_that_is_not_named_has_no_children() -> None:
    vault = result("key-vault/customer-managed-key", VAULT_ID, Role.WORKSPACE_VAULT, workspace="")
    assert services(vault, workspace="") == ["Key vault"]


def test_an_attached_cluster_says_what_its_compute_is() -> None:
    compute = result("compute/own-aks", COMPUTE_ID, status=PASS)
    cluster = result("aks/standard-tier", "/aks", Role.ATTACHED_AKS)
    attached, made_here = (
        "Azure Kubernetes Service, attached",
        "Azure Kubernetes Service, created by Azure Machine Learning",
    )
    assert services(compute, cluster) == [attached]
    assert services(compute, replace(cluster, uses=(Use(Role.AML_PROVISIONED_AKS, WORKSPACE_ID),))) == [made_here]
    assert services(compute) == [f"{attached} · {made_here}"], "nobody knows which"


def test_what_was_not_seen_is_named() -> None:
    shown = rows([result(ZONES, STORAGE_ID, Role.ADDITIONAL_DATASTORE)], WORKSPACE_ID)
    assert len(unseen(shown)) == len(TABLE) - 3
    assert "Azure file share" not in unseen(shown)
    assert unseen([]) == tuple(each.service for each in TABLE)


def test_a_shared_resource_counts_for_each_workspace_and_once_for_all() -> None:
    shared = result(PURGE, VAULT_ID, Role.WORKSPACE_VAULT)
    shared = replace(shared, uses=(*shared.uses, Use(Role.WORKSPACE_VAULT, OTHER_WORKSPACE)))
    found = report([shared, replace(shared, rule="key-vault/soft-delete", status=PASS)])
    assert [each.name for each in found.workspaces] == ["mlw", "mlw-2"]
    assert [each.score.failures for each in found.workspaces] == [1, 1]
    assert (found.score.failures, found.resources, found.unused) == (1, 1, 0)


def test_workspaces_are_told_apart_without_case_and_the_worst_come_first() -> None:
    well, bad = result(PURGE, VAULT_ID, Role.WORKSPACE_VAULT, status=PASS), result(PURGE, "/kv-2", Role.WORKSPACE_VAULT)
    found = report(
        [
            replace(well, uses=(Use(Role.WORKSPACE_VAULT, OTHER_WORKSPACE),)),
            result("workspace/zonal-region", WORKSPACE_ID, status=PASS),
            replace(bad, uses=(Use(Role.WORKSPACE_VAULT, WORKSPACE_ID.upper()),)),
            result("compute/own-aks", f"{WORKSPACE_ID}-3/computes/x", status=NOT_APPLICABLE),
            replace(bad, uses=(Use(Role.WORKSPACE_VAULT),)),
        ]
    )
    assert [(each.name, each.location, each.score.percent) for each in found.workspaces] == [
        ("mlw", "westeurope", 50),
        ("mlw-2", "", 100),
        ("mlw-3", "", None),
        ("A workspace that the input does not name", "", 0),
    ]


def test_what_azure_manages_for_something_else_is_no_workspace() -> None:
    managed = result(PURGE, VAULT_ID, Role.MANAGED_RG, workspace=DATABRICKS_ID, status=NOT_APPLICABLE)
    unused = result(PREMIUM, REGISTRY_ID)
    found = report([managed, unused, result("workspace/zonal-region", WORKSPACE_ID)])
    assert [each.name for each in found.workspaces] == ["mlw"]
    assert found.unused == 1


def test_the_estimate_is_of_a_workspace_and_all_it_stands_on() -> None:
    results = [
        result("workspace/zonal-region", WORKSPACE_ID),
        result(PURGE, VAULT_ID, Role.WORKSPACE_VAULT),
        result("key-vault/soft-delete", VAULT_ID, Role.WORKSPACE_VAULT, status=PASS),
    ]
    (workspace,) = report(results).workspaces
    assert [each.resource_id for each in workspace.estimate.parts] == [WORKSPACE_ID, VAULT_ID]
    assert workspace.estimate.now == Decimal("99.89001")


def test_the_worst_findings_come_first_and_what_could_not_be_judged_last() -> None:
    results = [
        result(PREMIUM, REGISTRY_ID, status=UNKNOWN),
        result("storage/zonal-region", STORAGE_ID),
        result(ZONES, STORAGE_ID),
        result(PURGE, VAULT_ID),
        result(PREMIUM, "/other", status=PASS),
    ]
    assert [each.result.rule for each in report(results).findings] == [ZONES, PURGE, "storage/zonal-region", PREMIUM]


def test_a_page_lists_so_many_findings_and_counts_all() -> None:
    found = report(result(PREMIUM, f"/r{number}") for number in range(MOST_FINDINGS + 3))
    assert (len(found.findings), found.unlisted, found.score.failures) == (MOST_FINDINGS, 3, MOST_FINDINGS + 3)


def test_a_finding_knows_its_case() -> None:
    case = Case(PREMIUM, REGISTRY_ID.upper(), State.ASKED, NOON, NOON)
    found = report([result(PREMIUM, REGISTRY_ID), result(PURGE, REGISTRY_ID)], Remembered(asked=[case]))
    assert {each.result.rule: each.case for each in found.findings} == {PREMIUM: case, PURGE: None}


def entry(what: str, rule: str = PREMIUM, by: str = "", minute: int = 0) -> Entry:
    detail = {"approved_by": by} if what == "started" else {}
    return Entry(REGISTRY_ID, rule, NOON + timedelta(minutes=minute), what, detail)


def test_what_the_bot_did_is_told_with_who_approved_it_newest_first() -> None:
    journal = [
        entry("started"),
        entry("sent"),
        entry("fixed", minute=1),
        entry("started", PURGE, "Ann"),
        entry("failed", PURGE),
        entry("started", f"{PREMIUM}/undo", "Ben"),
        entry("fixed", f"{PREMIUM}/undo"),
        entry("undone"),
        entry("fixed", ZONES),
    ]
    found = report([], Remembered(journal=journal))
    assert [(each.entry.what, each.entry.rule, each.approved_by) for each in found.actions] == [
        ("fixed", ZONES, ""),
        ("undone", PREMIUM, ""),
        ("failed", PURGE, "Ann"),
        ("fixed", PREMIUM, ""),
    ]
    assert [found.ended("fixed"), found.ended("failed"), found.ended("undone")] == [2, 1, 1]
    assert [found.ended("failed", unattended=each) for each in (True, False)] == [0, 1]


def test_the_estate_that_is_shown_is_judged() -> None:
    found = a_report()
    assert [each.name for each in found.workspaces] == ["research-lab", "churn-prod", "vision-prod"]
    assert found.score.percent == found.trend[-1][1] == 71
    assert model.report([]).workspaces == ()
