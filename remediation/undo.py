"""Taking a fix back: a plan of its own, made from the one that was applied, put to people and applied like any other.

It is told apart by its rule, `<rule>/undo`, which fails until the values from before the fix are back. A fix that was
taken back is left so: its case says UNDONE, and nothing is fixed again until another plan would be made. All that is
needed stands in the fix's own plan, so a fix can be taken back when its rule is off, or no longer in the catalogue.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from remediation.alike import alike, holds
from remediation.cases import Case, Entry, State, same
from remediation.fixes import REMEDIATIONS
from remediation.plan import UNDO, Guidance, Plan, Remedy, Safety, Write, value_of
from remediation.ports import Services
from rules import RULES_BY_NAME
from rules.model import (
    Body,
    Finding,
    References,
    Resource,
    Rule,
    Severity,
    Status,
    Verdict,
    failed,
    not_applicable,
    passed,
    unknown,
)
from rules.scope import left_alone

_NONE: Final = object()
UNDER_WAY: Final = (State.APPROVED, State.FIXING)


def is_undo(rule_name: str) -> bool:
    """Whether a case or finding is about taking a fix back."""
    return rule_name.endswith(UNDO)


def plan_of(done: Plan) -> Plan | None:
    """The plan that takes back one that was applied; None where that cannot be done by a write.

    What a person had to know for the way there (that no conversion ended within 72 hours) counts for the way back.
    """
    if not done.undo:
        return None
    note = f"{done.undo_note[:1].upper()}{done.undo_note[1:]}"
    return replace(
        done,
        rule=f"{done.rule}{UNDO}",
        safety=Safety.APPROVE,
        title=f"Take back: {done.title}",
        writes=done.undo,
        undo=done.writes,
        undo_note="by applying the fix again",
        before=done.after,
        after=done.before,
        effect=f"The values from before the fix return, and the bot leaves it so. {note}.",
        cost=replace(
            done.cost,
            text=f"what the fix added ends: {done.cost.text}",
            monthly_usd=-done.cost.monthly_usd if done.cost.monthly_usd else done.cost.monthly_usd,
        ),
        code=replace(
            done.code,
            bicep="the lines as they were before the fix",
            terraform="the lines as they were before the fix",
            warning=f"Code that was changed with the fix makes it again: change it back before its next run. "
            f"{done.code.warning}".rstrip(),
        ),
        preconditions=tuple(each for each in done.preconditions if not each.checked),
        size="",  # of whatever size it is by now: what the fix added ends
    )


def plans(cases: Mapping[str, Case]) -> Mapping[str, Plan]:
    """The plan of every fix that is being taken back, by its own rule; none where that fix does not stand any more."""
    wanted = [case.rule for case in cases.values() if is_undo(case.rule) and case.state.is_open]
    fixes = {rule: cases.get(rule.removesuffix(UNDO)) for rule in wanted}
    made = {rule: plan_of(done.plan) for rule, done in fixes.items() if done and done.plan and _stands(done)}
    return {rule: plan for rule, plan in made.items() if plan}


def _stands(done: Case) -> bool:
    return done.state is State.UNDONE or can_be_taken_back(done)


def can_be_taken_back(case: Case) -> bool:
    """Whether a case is of a fix that was made, or was begun and failed."""
    return case.state is State.FIXED or (case.state is State.FAILED and case.is_begun)


def rest(plan: Plan, resource: Resource) -> Plan:
    """Of an undo plan what is not there yet: of a fix that failed in the middle, only what was sent is taken back. A
    write that has nothing to change may yet be needed after one that changes the same."""
    needed: list[Write] = []
    for write in plan.writes:
        is_there = write.verb != "POST" and holds(_target(write, plan, resource), write.body)
        if not is_there or any(each.resource_id == write.resource_id for each in needed):
            needed.append(write)
    return replace(plan, writes=tuple(needed)) if needed else plan


def reads(plans: Iterable[Plan]) -> frozenset[str]:
    """The child paths it takes to judge and to make these plans."""
    return frozenset(path for plan in plans for path in _reads(plan))


def _reads(plan: Plan) -> tuple[str, ...]:
    named = [path.rpartition(":")[0].partition("[")[0] for path in plan.after]
    replaced = [_below(write, plan) for write in plan.undo if _replaces(write)]
    return tuple(sorted({path for path in (*named, *replaced) if path}))


def findings(plans: Mapping[str, Plan], resource: Resource) -> Sequence[Finding]:
    """Whether the values that these plans want are there. Not by `evaluate_with`: what that works out for a rule it
    keeps, and these rules live for one check."""
    reason = left_alone(resource) if plans else None
    rules = [_rule(plan, resource) for plan in plans.values()]
    return [Finding(rule, resource, not_applicable(reason) if reason else rule.check(resource)) for rule in rules]


def _rule(plan: Plan, resource: Resource) -> Rule:
    def restored(resource: Resource) -> Verdict:
        if missing := [path for path in _reads(plan) if path not in resource.children]:
            return unknown(f"{' and '.join(missing)} cannot be read")
        if all(alike(value_of(resource, path), value) for path, value in plan.after.items()):
            return passed("it is as it was before the fix")
        return failed("it is not as it was before the fix")

    fixed = RULES_BY_NAME.get(plan.takes_back)
    restored.__doc__ = fixed.documentation if fixed else None
    return Rule(
        plan.rule,
        plan.title,
        fixed.severity if fixed else Severity.MEDIUM,
        resource.type,
        restored,
        reads=_reads(plan),
        references=fixed.references if fixed else References(),
    )


def held(findings: Iterable[Finding], cases: Mapping[str, Case]) -> frozenset[str]:
    """The rules that say nothing for now, because their fix is being taken back or has just been, or because it failed
    in the middle and somebody wants back what was done."""
    return frozenset(
        found.rule.name.removesuffix(UNDO)
        for found in findings
        if found.verdict.status is not Status.FAIL
        or cases[found.rule.name].state in UNDER_WAY
        or cases[found.rule.name.removesuffix(UNDO)].state is State.FAILED
    )


def remedy(plan: Plan, resource: Resource) -> Remedy:
    """The undo plan for the resource as it is now: with what it holds now as `before`, so that an approval of another
    state does not count. Bodies that are sent whole are made of what is there now: what others changed stays."""
    remediation = REMEDIATIONS.get(plan.takes_back)
    clean = remediation.clean if remediation else None
    writes = [_now(write, plan, resource, clean) for write in plan.writes]
    if any(write is None for write in writes):
        return Guidance(
            why_no_plan="The bot cannot take this fix back: somebody has changed since what it would send back whole.",
            steps=tuple(_by_hand(path, value) for path, value in plan.after.items()),
            cost=plan.cost.text,
            effort="minutes",
        )
    return replace(
        plan,
        before={path: value_of(resource, path) for path in plan.after},
        writes=tuple(write for write in writes if write is not None),
    )


def _now(write: Write, plan: Plan, resource: Resource, clean: Callable[[Body], Body] | None) -> Write | None:
    """A write of the undo, for what is there now; None where it would take others' changes with it."""
    sent = next((each for each in plan.undo if each.resource_id == write.resource_id), write)  # by the fix
    target = _target(write, plan, resource)
    if write.verb != "PUT" or clean is None or target is None:
        return write if _is_as_sent(sent, target) else None
    body = _put_back(clean(target), sent.body, write.body)
    return replace(write, body=body, etag=_etag(target) if sent.etag else "")


def _put_back(now: Any, sent: Any, former: Any) -> Any:
    """What is there now, with what a fix had changed as it was before: all else stays."""
    if not (isinstance(now, Mapping) and isinstance(sent, Mapping) and isinstance(former, Mapping)):
        return former
    changed = {name for name in {*sent, *former} if sent.get(name, _NONE) != former.get(name, _NONE)}
    kept = {name: value for name, value in now.items() if name not in changed}
    return kept | {name: _put_back(now.get(name), sent.get(name), former[name]) for name in changed if name in former}


def _by_hand(path: str, value: Any) -> str:
    if value is None:
        return f"Take {path} away: it was not set."
    return f"Set {path} back to {json.dumps(value, ensure_ascii=False)}."


def _is_as_sent(write: Write, target: Body | None) -> bool:
    """Whether what a fix sent whole is still there: what others have changed in it since would go with its undo."""
    if not _replaces(write):
        return True
    body = write.body if write.verb == "PUT" else _lists(write.body)
    return target is not None and holds(target, body)


def _replaces(write: Write) -> bool:
    """Whether a write sends more than its own change: all of a resource, or all of a list."""
    return write.verb == "PUT" or (write.verb == "PATCH" and bool(_lists(write.body)))


def _lists(body: Any) -> Any:
    """What of a body is a list, where it stands."""
    if not isinstance(body, Mapping):
        return body if isinstance(body, list) else None
    return {name: found for name, value in body.items() if (found := _lists(value))}


def _target(write: Write, plan: Plan, resource: Resource) -> Body | None:
    """The body of what a write is about: the resource, or a child of it."""
    below = _below(write, plan)
    return resource.child(below) if below else resource.body


def _below(write: Write, plan: Plan) -> str:
    return write.resource_id[len(plan.resource_id) + 1 :]


def _etag(body: Body | None) -> str:
    """AKS shows it at the top of a cluster, and among the properties of a pool."""
    places = (body or {}, (body or {}).get("properties") or {})
    return next((str(place["eTag"]) for place in places if place.get("eTag")), "")


def leave_undone(services: Services, closed: Case) -> None:
    """The values from before a fix are back: its own case says so, lest it be made again. Raises Conflict."""
    fixed = services.store.cases(closed.resource_id).get(closed.rule.removesuffix(UNDO))
    if fixed is not None and can_be_taken_back(fixed):
        detail = {"found": closed.reason}
        key = same(fixed, "undone", fixed.changed)
        services.store.append(Entry(fixed.resource_id, fixed.rule, closed.changed, "undone", detail, key))
        services.store.put_case(replace(fixed, state=State.UNDONE, changed=closed.changed, reason=closed.reason))
