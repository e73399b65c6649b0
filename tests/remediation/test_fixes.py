"""The remediations: what exactly they would send, and what holds for all of them."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given

from local.azure.bodies import merge_patch
from remediation.api_versions import API_VERSIONS
from remediation.fixes import REMEDIATIONS
from remediation.plan import Guidance, Plan, Safety, Write
from rules import RULES_BY_TYPE, evaluate
from rules.databricks import DR_TAG
from rules.model import Resource, Status, value_at
from rules.resource_id import ResourceId
from tests.builders import (
    REGISTRY_ID,
    STORAGE_ID,
    Json,
    databricks,
    default_storage,
    finding,
    guidance,
    plan,
    registry,
    storage_account,
)
from tests.rules.bodies import BODIES, as_used, spoiled_bodies


def upgrade(sku: str) -> Plan:
    return plan(finding("container-registry/premium-sku", Resource.of(registry(sku))))


def conversion(sku: str = "Standard_LRS", **properties: Any) -> Plan:
    return plan(finding("storage/zone-redundant", default_storage(storage_account(sku, properties=properties))))


def set_sku(name: str) -> Write:
    return Write("PATCH", REGISTRY_ID, "2025-11-01", {"sku": {"name": name}})


def migrate(target: str) -> Write:
    body = {"properties": {"targetSkuName": target}}
    return Write("POST", f"{STORAGE_ID}/startAccountMigration", "2026-04-01", body)


UPGRADES = {"Basic": "about +US$45", "Standard": "about +US$30", "basic": "about +US$45", "Classic": "list price"}


@pytest.mark.parametrize(("tier", "cost"), UPGRADES.items())
def test_a_registry_is_upgraded_to_premium(tier: str, cost: str) -> None:
    made = upgrade(tier)
    assert made.safety is Safety.SAFE
    assert made.writes == (set_sku("Premium"),)
    assert made.undo == (set_sku(tier),)
    assert (made.before, made.after) == ({"sku.name": tier}, {"sku.name": "Premium"})
    assert made.title == f"Upgrade container registry crml from {tier} to Premium"
    assert cost in made.cost
    assert "estimate" in made.cost


def test_the_case_of_ids_changes_no_digest() -> None:
    """A read and a list may write one id in two ways: that is no other plan, and asks for no other approval."""
    shouted = registry() | {"id": REGISTRY_ID.upper()}
    assert plan(finding("container-registry/premium-sku", Resource.of(shouted))).digest == upgrade("Basic").digest


def test_an_upgrade_promises_neither_zones_nor_a_better_sla() -> None:
    text = upgrade("Basic").to_json()
    assert "zone" not in text.lower()
    assert "SLA" not in text


CONVERSIONS = {
    "Standard_LRS": "Standard_ZRS",
    "standard_lrs": "Standard_ZRS",
    "StandardV2_LRS": "StandardV2_ZRS",
    "STANDARDV2_LRS": "StandardV2_ZRS",
}


@pytest.mark.parametrize(("before", "target"), CONVERSIONS.items())
def test_an_account_is_converted_after_approval(before: str, target: str) -> None:
    made = conversion(before)
    assert made.safety is Safety.APPROVE
    assert made.writes == (migrate(target),)
    assert made.undo == (migrate(before),)
    assert (made.before, made.after) == ({"sku.name": before}, {"sku.name": target})
    assert target in made.code.bicep
    assert "deletes it and its data" in made.code.warning
    assert made.preconditions


NOT_CONVERTIBLE = {
    "NFS 3.0": ({"isNfsV3Enabled": True}, "NFS 3.0 is enabled"),
    "blocked": ({"isSkuConversionBlocked": True}, "a conversion is blocked"),
    "failed over": ({"lastGeoFailoverTime": "2026-01-01T00:00:00Z"}, "through a failover"),
}


@pytest.mark.parametrize(("properties", "reason"), NOT_CONVERTIBLE.values(), ids=NOT_CONVERTIBLE)
def test_an_account_that_azure_would_not_convert_is_for_people(properties: Json, reason: str) -> None:
    account = default_storage(storage_account(properties=properties))
    advice = guidance(finding("storage/zone-redundant", account))
    assert reason in advice.why_no_plan
    assert len(advice.steps) == 3


def test_an_account_that_azure_would_convert_has_a_plan() -> None:
    assert conversion(isNfsV3Enabled=False, isSkuConversionBlocked=False, lastGeoFailoverTime=None) == conversion()


def test_a_second_databricks_workspace_is_for_people() -> None:
    advice = guidance(finding("databricks/disaster-recovery", Resource.of(databricks())))
    assert f"Set the tag {DR_TAG} on dbml" in advice.steps[-1]
    assert "estimate" in advice.cost


@given(spoiled_bodies())
def test_no_planner_raises_for_what_its_rule_says_has_failed(body: Json) -> None:
    for found in evaluate(as_used(body)):
        if found.verdict.status is Status.FAIL:
            made = REMEDIATIONS[found.rule.name].planner(found.resource)
            assert isinstance(made, Guidance) or made.digest == Plan.from_json(made.to_json()).digest


def plans() -> Iterator[tuple[Json, Plan]]:
    for body in BODIES:
        for found in evaluate(as_used(body)):
            if found.verdict.status is Status.FAIL:
                made = REMEDIATIONS[found.rule.name].planner(found.resource)
                if isinstance(made, Plan):
                    yield body, made


PLANS = list(plans())
every_plan = pytest.mark.parametrize(
    ("body", "made"), PLANS, ids=[f"{number}: {made.title}" for number, (_, made) in enumerate(PLANS)]
)


def sent(body: Json, writes: tuple[Write, ...]) -> Json:
    """The resource after Azure has done what the writes ask for."""
    for write in writes:
        change = {"sku": {"name": value_at(write.body, "properties.targetSkuName")}}
        body = merge_patch(body, change if write.verb == "POST" else write.body)
    return body


@every_plan
def test_a_plan_makes_its_own_rule_pass(body: Json, made: Plan) -> None:
    verdicts = {found.rule.name: found.verdict.status for found in evaluate(as_used(sent(body, made.writes)))}
    assert verdicts[made.rule] is Status.PASS


@every_plan
def test_a_plan_changes_only_what_it_touches(body: Json, made: Plan) -> None:
    after = sent(body, made.writes)
    assert changes(body, after)
    assert all(path.startswith(made.touches) for path in changes(body, after))


@every_plan
def test_undo_restores_the_resource(body: Json, made: Plan) -> None:
    assert sent(sent(body, made.writes), made.undo) == body


@every_plan
def test_a_plan_tells_the_values_before_and_after(body: Json, made: Plan) -> None:
    assert made.before == {path: value_at(body, path) for path in made.before}
    assert made.after == {path: value_at(sent(body, made.writes), path) for path in made.before}


@every_plan
def test_a_plan_is_what_its_remediation_promises(body: Json, made: Plan) -> None:
    remediation = REMEDIATIONS[made.rule]
    assert (made.safety, made.touches) == (remediation.safety, remediation.touches)
    assert made.resource_id == body["id"]


@every_plan
def test_a_plan_writes_to_its_own_resource_with_the_pinned_version(body: Json, made: Plan) -> None:
    for write in made.writes + made.undo:
        target = write.resource_id.rsplit("/", 1)[0] if write.verb == "POST" else write.resource_id
        parsed = ResourceId.parse(target)
        assert target == body["id"]
        assert parsed is not None
        assert write.api_version == API_VERSIONS[parsed.type]


def test_every_checked_type_has_a_pinned_version() -> None:
    assert set(RULES_BY_TYPE) <= set(API_VERSIONS)


def changes(one: Mapping[str, Any], other: Mapping[str, Any], above: str = "") -> list[str]:
    """The paths at which two bodies differ."""
    found = []
    for name in sorted({*one, *other}):
        before, after, path = one.get(name), other.get(name), f"{above}{name}"
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            found += changes(before, after, f"{path}.")
        elif before != after:
            found.append(path)
    return found
