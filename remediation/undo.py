"""Taking a fix back: a plan of its own, made from the one that was applied, put to people and applied like any other.

It is told apart by its rule, `<rule>/undo`, which fails until the values from before the fix are back. A fix that was
taken back is left so: its case says UNDONE, and nothing is fixed again until another plan would be made.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace

from remediation.cases import Case, State
from remediation.fixes import REMEDIATIONS
from remediation.plan import Guidance, Plan, Remedy, Safety, Write, value_of
from remediation.ports import Conflict, Services
from rules import RULES_BY_NAME
from rules.model import Finding, Resource, Rule, Verdict, failed, passed

log = logging.getLogger(__name__)

SUFFIX = "/undo"


def reads(cases: Mapping[str, Case]) -> frozenset[str]:
    """The child paths it takes to tell whether the fixes that are being taken back are."""
    rules = [case.rule.removesuffix(SUFFIX) for case in cases.values() if is_undo(case.rule) and case.state.is_open]
    return frozenset(path for rule in rules for path in _reads(rule))


def _reads(rule: str) -> tuple[str, ...]:
    return (*RULES_BY_NAME[rule].reads, *REMEDIATIONS[rule].reads)


def findings(resource: Resource, cases: Mapping[str, Case]) -> list[Finding]:
    """One for every fix of the resource that is being taken back."""
    return [
        finding(case.plan, resource)
        for case in cases.values()
        if is_undo(case.rule) and case.state.is_open and case.plan
    ]


def is_undo(rule_name: str) -> bool:
    """Whether a case or finding is about taking a fix back."""
    return rule_name.endswith(SUFFIX)


def finding(plan: Plan, resource: Resource) -> Finding:
    """Whether the values that an undo plan wants are there; `plan` is that plan."""
    original = RULES_BY_NAME[plan.rule.removesuffix(SUFFIX)]

    def restored(resource: Resource) -> Verdict:
        """The values from before the fix are back."""
        if all(value_of(resource, path) == value for path, value in plan.after.items()):
            return passed("it is as it was before the fix")
        return failed("the fix is to be taken back")

    rule = Rule(
        plan.rule,
        plan.title,
        original.severity,
        original.applies_to,
        restored,
        reads=_reads(original.name),
        references=original.references,
    )
    return Finding(rule, resource, restored(resource))


def remedy(stored: Plan, resource: Resource) -> Remedy:
    """The undo plan for the resource as it is now: with what it holds now as `before`, so that an approval of another
    state does not count."""
    if reason := _changed_since(stored, resource):
        return Guidance(
            why_no_plan=f"The fix cannot be taken back by the bot: {reason}.",
            steps=tuple(f"Set {path} back to {value!r} by hand." for path, value in stored.after.items()),
            cost=stored.cost.text,
            effort="minutes",
        )
    return replace(stored, before={path: value_of(resource, path) for path in stored.after})


def plan_of(done: Plan) -> Plan | None:
    """The plan that takes back one that was applied; None where that cannot be done by a write."""
    if not done.undo:
        return None
    return replace(
        done,
        rule=f"{done.rule}{SUFFIX}",
        safety=Safety.APPROVE,
        title=f"Take back: {done.title}",
        writes=done.undo,
        undo=done.writes,
        undo_note="by applying the fix again",
        before=done.after,
        after=done.before,
        effect=f"The values from before the fix return. {done.undo_note[:1].upper()}{done.undo_note[1:]}.",
        cost=replace(
            done.cost,
            text=f"what the fix added ends: {done.cost.text}",
            monthly_usd=-done.cost.monthly_usd if done.cost.monthly_usd else None,
        ),
        code=replace(done.code, bicep="the line as it was before", terraform="the line as it was before"),
        preconditions=(),
    )


def _changed_since(stored: Plan, resource: Resource) -> str:
    """A PUT sends a whole body back, as it was before the fix: what others changed since would go with it."""
    for write in stored.undo:  # what the fix had sent
        if write.verb == "PUT" and not _is_as_sent(write, resource):
            return "somebody has changed it since"
    return ""


def _is_as_sent(write: Write, resource: Resource) -> bool:
    target = _target(write, resource)
    return target is not None and _holds(target, write.body)


def _target(write: Write, resource: Resource) -> object:
    """The body of what a write is about: the resource, or a child of it that was read."""
    below = write.resource_id[len(resource.id) + 1 :]
    if not below:
        return resource.body
    collection, _, name = below.rpartition("/")
    named = [item for item in resource.collection(collection) or () if str(item.get("name")).lower() == name.lower()]
    return resource.child(below) or next(iter(named), None)


def _holds(found: object, wanted: object) -> bool:
    """Whether a body has everything that another has."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(_holds(found.get(name), value) for name, value in wanted.items())
    return found == wanted


def leave_undone(services: Services, closed: Case) -> None:
    """A fix was taken back and that is confirmed: its own case says so, lest it be made again."""
    if not is_undo(closed.rule):
        return
    original = services.store.cases(closed.resource_id).get(closed.rule.removesuffix(SUFFIX))
    if original is not None:
        try:
            services.store.put_case(replace(original, state=State.UNDONE, changed=closed.changed, reason=closed.reason))
        except Conflict:
            log.info("%s: another worker has seen more of %s", closed.resource_id, original.rule)
