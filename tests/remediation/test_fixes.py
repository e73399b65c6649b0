"""What holds for all remediations, on every example that a rule fails."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given

from remediation.api_versions import api_version
from remediation.fixes import REMEDIATIONS
from remediation.plan import Guidance, Plan, Remedy, Safety, value_of
from rules import RULES_BY_TYPE, evaluate
from rules.model import Resource, Status
from rules.resource_id import ResourceId
from tests.remediation.applying import differences, read, seeded, send
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
    path = next(iter(made.before))
    assert replace(made, before={**made.before, path: "another"}).digest != made.digest


@every_plan
def test_a_plan_is_what_its_remediation_promises(example: Resource, made: Plan) -> None:
    remediation = REMEDIATIONS[made.rule]
    assert (made.safety, made.touches) == (remediation.safety, remediation.touches)
    assert made.resource_id == example.id
    assert remediation.safety is not Safety.GUIDE


@every_promise
def test_a_plan_names_its_estimates_as_such(made: Plan) -> None:
    assert "estimate" in made.cost.text or made.cost.text == "none"
    assert made.downtime
    assert made.duration
    assert made.code.bicep
    assert made.code.terraform


@every_promise
def test_a_safe_plan_leaves_nothing_for_a_person_to_confirm(made: Plan) -> None:
    if made.safety is Safety.SAFE:
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
