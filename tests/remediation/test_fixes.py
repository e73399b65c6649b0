"""What holds for all remediations, on every example that a rule fails."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given

from remediation.api_versions import api_version
from remediation.fixes import REMEDIATIONS
from remediation.plan import Guidance, Plan, Remedy, Safety, value_of
from rules import RULES_BY_TYPE, evaluate
from rules.model import Resource, Status
from rules.resource_id import ResourceId
from tests.remediation.applying import altered, differences, read, seeded, send
from tests.rules.examples import EXAMPLES
from tests.rules.spoiling import spoiled

ACTIONS = {"startAccountMigration": "accountMigrations/write"}
"""POST actions whose permission is not named `<name>/action`."""


def remedies() -> Iterator[tuple[Resource, Remedy]]:
    for example in EXAMPLES:
        for found in evaluate(example):
            if found.verdict.status is Status.FAIL and found.rule.name in REMEDIATIONS:
                yield example, REMEDIATIONS[found.rule.name].remedy(found)


PLANS = [(example, made) for example, made in remedies() if isinstance(made, Plan)]
ADVICE = [made for _, made in remedies() if isinstance(made, Guidance)]
every_plan = pytest.mark.parametrize(
    ("example", "made"), PLANS, ids=[f"{number}: {made.title}" for number, (_, made) in enumerate(PLANS)]
)

SAFE = [made for _, made in PLANS if made.safety is Safety.SAFE]
every_promise = pytest.mark.parametrize("made", [made for _, made in PLANS], ids=range(len(PLANS)))


@given(spoiled())
def test_no_planner_raises_for_what_its_rule_says_has_failed(resource: Resource) -> None:
    for found in evaluate(resource):
        if found.verdict.status is Status.FAIL and found.rule.name in REMEDIATIONS:
            made = REMEDIATIONS[found.rule.name].remedy(found)
            assert isinstance(made, Guidance) or made.digest == Plan.from_json(made.to_json()).digest


@every_plan
def test_a_plan_makes_its_own_rule_pass(example: Resource, made: Plan) -> None:
    azure, _ = seeded(example)
    send(azure, made.writes)
    verdicts = {found.rule.name: found.verdict for found in evaluate(read(azure, example))}
    assert verdicts[made.rule].status is Status.PASS, verdicts[made.rule]


@every_plan
def test_a_plan_changes_only_what_it_touches(example: Resource, made: Plan) -> None:
    azure, before = seeded(example)
    send(azure, made.writes)
    changed = differences(before, read(azure, example))
    assert changed
    assert [path for path in changed if not path.startswith(made.touches)] == []


FOLLOWS = {
    "sku.tier": "sku.name",
    "properties.secondaryEndpoints": "sku.name",
    "properties.statusOfSecondary": "sku.name",
    "replications": "sku.name",
    "properties.failoverPolicies": "properties.locations",
    "properties.readLocations": "properties.locations",
    "properties.backupPolicy.continuousModeProperties": "properties.backupPolicy.type",
    "properties.backupPolicy.periodicModeProperties": "properties.backupPolicy.type",
    "properties.highAvailability.standbyAvailabilityZone": "properties.highAvailability.mode",
    "properties.highAvailability.state": "properties.highAvailability.mode",
}
"""What Azure changes by itself, with what."""


@every_plan
def test_a_plan_changes_only_the_values_that_it_tells(example: Resource, made: Plan) -> None:
    """A PUT that left out the labels and taints of a pool would take them away, within what it touches."""
    azure, before = seeded(example)
    send(azure, made.writes)
    told = {path.replace(":", ".") for path in made.after}
    assert [path for path in map(as_told, differences(before, read(azure, example))) if not is_told(path, told)] == []


def as_told(path: str) -> str:
    """A difference as plans write it: a pool's value by itself is the one that its cluster shows."""
    return re.sub(r"^agentPools(\[[^]]+\])\.properties", r"properties.agentPoolProfiles\1", path.replace(":", "."))


def is_told(path: str, told: set[str]) -> bool:
    """Whether a value is told, is an item that is told as new, or follows from one that is told."""
    if path in told or (path.endswith("]") and any(each.startswith(f"{path}.") for each in told)):
        return True
    cause = FOLLOWS.get(path.partition("[")[0])
    return cause is not None and any(each.startswith(cause) for each in told)


@every_plan
def test_undo_restores_the_resource_or_says_that_it_cannot(example: Resource, made: Plan) -> None:
    azure, before = seeded(example)
    send(azure, made.writes)
    if not made.undo:
        assert "cannot" in made.undo_note
        return
    send(azure, made.undo)
    assert differences(before, read(azure, example)) == []


@every_plan
def test_a_plan_tells_the_values_before_and_after(example: Resource, made: Plan) -> None:
    azure, before = seeded(example)
    assert made.before == {path: value_of(before, path) for path in made.before}
    assert made.before.keys() == made.after.keys()
    send(azure, made.writes)
    assert made.after == {path: value_of(read(azure, example), path) for path in made.after}


@every_plan
def test_planning_twice_gives_the_same_digest_and_another_state_another(example: Resource, made: Plan) -> None:
    azure, before = seeded(example)
    remediation = REMEDIATIONS[made.rule]
    assert remediation.planner(before) == remediation.planner(read(azure, example))
    for path, value in made.before.items():
        for other in others(made.after[path] if value is None else value):
            again = planned_again(made, pools_alike(altered(before, path, other)))
            assert again is None or again.digest != made.digest, (path, other)


def others(value: object) -> Sequence[object]:
    """Values that differ from one of a resource."""
    if isinstance(value, bool):
        return [not value]
    return [value + 1] if isinstance(value, int) else ["Another"]


def planned_again(made: Plan, resource: Resource) -> Plan | None:
    """The plan for the same rule in another state of its resource, None where there is none."""
    (found,) = [each for each in evaluate(resource) if each.rule.name == made.rule]
    if found.verdict.status is not Status.FAIL:
        return None
    again = REMEDIATIONS[made.rule].remedy(found)
    return again if isinstance(again, Plan) else None


def pools_alike(resource: Resource) -> Resource:
    """A cluster whose pools read by themselves say what the cluster says of them, as AKS keeps them."""
    if "agentPools" not in resource.children:
        return resource
    shown = {each["name"]: each for each in resource.body["properties"]["agentPoolProfiles"]}
    pools = [
        {**each, "properties": each["properties"] | {**shown[each["name"]]}}
        for each in resource.collection("agentPools") or ()
    ]
    return replace(resource, children={**resource.children, "agentPools": pools})


@every_plan
def test_a_plan_is_what_its_remediation_promises(example: Resource, made: Plan) -> None:
    remediation = REMEDIATIONS[made.rule]
    assert (made.safety, made.touches) == (remediation.safety, remediation.touches)
    assert made.resource_id == example.id
    assert remediation.safety is not Safety.GUIDE


SOURCE = re.compile(r"list price|Learn|retail prices|US\$[\d.]+ an hour")


@every_promise
def test_a_plan_names_its_estimates_as_such(made: Plan) -> None:
    assert made.cost.text == "none" or ("estimate" in made.cost.text and SOURCE.search(made.cost.text))
    assert made.downtime
    assert made.duration
    assert made.code.bicep
    assert made.code.terraform


@pytest.mark.parametrize("made", SAFE, ids=range(len(SAFE)))
def test_a_safe_plan_leaves_nothing_for_a_person_to_confirm(made: Plan) -> None:
    assert made.to_confirm == ()
    assert made.undo


@every_plan
def test_a_plan_writes_to_its_own_resource_with_the_pinned_version(example: Resource, made: Plan) -> None:
    for write in made.writes + made.undo:
        target = write.resource_id.rsplit("/", 1)[0] if write.verb == "POST" else write.resource_id
        parsed = ResourceId.parse(target)
        assert target == example.id or target.startswith(f"{example.id}/")
        assert parsed is not None
        assert write.api_version == api_version(parsed.type)


@every_promise
def test_a_plan_needs_what_it_sends(made: Plan) -> None:
    """The action that Azure asks for: `…/write` of the target's type, or that of the POST."""
    needs = {need.lower() for need in REMEDIATIONS[made.rule].needs}
    for write in made.writes:
        target, _, action = write.resource_id.rpartition("/") if write.verb == "POST" else (write.resource_id, "", "")
        parsed = ResourceId.parse(target)
        assert parsed is not None
        wanted = ACTIONS.get(action, f"{action}/action") if action else "write"
        assert f"{parsed.type}/{wanted}".lower() in needs


@pytest.mark.parametrize("made", ADVICE, ids=range(len(ADVICE)))
def test_guidance_says_what_to_do(made: Guidance) -> None:
    assert made.why_no_plan.endswith(".") or made.why_no_plan[0].isupper()
    assert made.steps
    assert [step for step in made.steps if not step.endswith(".")] == []
    assert made.cost
    assert made.effort


def test_every_checked_type_has_a_pinned_version() -> None:
    assert [kind for kind in RULES_BY_TYPE if not api_version(kind)] == []
