"""Application Insights and Log Analytics: what exactly would be sent, and what people are told."""

import pytest

from remediation.fixes.app_insights import APART, GROUPS, second_regions
from remediation.plan import Safety, Write
from rules.model import Resource
from rules.regions import REGIONS
from tests.builders import finding, guidance, plan
from tests.rules.examples.app_insights import LOGS_ID, component, logs


def test_a_classic_component_is_for_people() -> None:
    advice = guidance(finding("app-insights/workspace-based", component()))
    assert "Somebody has to choose" in advice.why_no_plan
    assert "open appi-ml, Properties, Migrate to Workspace-based" in " ".join(advice.steps)


def keep(days: float) -> Write:
    return Write("PATCH", LOGS_ID, "2026-03-01", {"properties": {"retentionInDays": days}})


@pytest.mark.parametrize("tier", ["PerGB2018", "pergb2018", "CapacityReservation", "LACluster", "PerNode"])
@pytest.mark.parametrize("days", [7, 30, 89])
def test_logs_are_kept_longer(tier: str, days: int) -> None:
    made = plan(finding("app-insights/retention", logs(days, tier)))
    assert made.safety is Safety.APPROVE
    assert made.writes == (keep(90),)
    assert made.undo == (keep(days),)
    assert f"back to {days} days; Azure then deletes" in made.undo_note
    assert (made.before, made.after) == ({"properties.retentionInDays": days}, {"properties.retentionInDays": 90})
    assert made.title == f"Keep the logs of Log Analytics workspace log-ml for 90 days instead of {days}"
    assert made.to_confirm == ("no rule on personal data asks for an earlier deletion",)


FIXED = {
    "Free": (logs(7, "Free"), "pricing tier"),
    "Standard": (logs(30, "Standard"), "pricing tier"),
    "no tier": (logs(30, None), "pricing tier"),
    "switched over": (logs(30, failover={"state": "Active"}), "switched over"),
    "switching back": (logs(30, failover={"state": "Deactivating"}), "switched over"),
}


@pytest.mark.parametrize(("resource", "why"), FIXED.values(), ids=FIXED)
def test_a_retention_that_azure_would_not_change_is_for_people(resource: Resource, why: str) -> None:
    advice = guidance(finding("app-insights/retention", resource))
    assert why in advice.why_no_plan
    assert "90 days" in advice.steps[-1]


def test_a_workspace_that_is_not_switched_over_has_a_plan() -> None:
    assert plan(finding("app-insights/retention", logs(failover={"state": "Inactive"}))).writes == (keep(90),)


SECOND = {
    "westeurope": ("francecentral", "northeurope", "uksouth"),
    "swedencentral": ("francecentral", "northeurope", "uksouth", "westeurope"),
    "eastus": ("canadacentral", "centralus", "westus", "westus2"),
    "southcentralus": ("canadacentral", "centralus", "westus", "westus2"),
    "westus": ("canadacentral", "centralus", "eastus", "eastus2", "westus2"),
    "southindia": ("centralindia",),
    "chilecentral": (),
    "": (),
}


@pytest.mark.parametrize(("location", "expected"), SECOND.items())
def test_the_regions_a_workspace_may_be_replicated_to(location: str, expected: tuple[str, ...]) -> None:
    assert second_regions(location) == expected


def test_only_known_regions_are_named() -> None:
    """Sweden South is restricted, and Azure's list of regions leaves it out."""
    named = {name for group in GROUPS for regions in group for name in regions.split()} | APART
    assert named - REGIONS.keys() == {"swedensouth"}


@pytest.mark.parametrize(
    ("location", "named"),
    [
        ("westeurope", "for westeurope: francecentral, northeurope, uksouth."),
        ("chilecentral", "for chilecentral: none."),
        ("", "for its region: none."),
    ],
)
def test_replication_is_for_people(location: str, named: str) -> None:
    advice = guidance(finding("app-insights/workspace-replication", logs(location=location)))
    assert "dataCollectionEndpoints" in advice.why_no_plan
    assert named in advice.steps[0]
    assert any("second component" in step for step in advice.steps)


def test_a_daily_cap_is_for_people() -> None:
    advice = guidance(finding("app-insights/daily-cap", logs(quota=5)))
    assert "budget" in advice.why_no_plan
    assert "open log-ml, Usage and estimated costs, Daily Cap" in advice.steps[0]
