"""A person's decisions: yes to a plan, and the wish to take a fix back. Each is recorded, then looked after by a check.

Nothing stored is executed: the check that follows reads afresh, plans afresh, and applies the plan only if it is the
very one that was approved.
"""

from dataclasses import dataclass, replace

from remediation import checks, undo
from remediation.cases import Approval, Case, Cause, Entry, State
from remediation.policy import Mode
from remediation.ports import Conflict, Services
from rules.resource_id import ResourceId


class NotPossible(Exception):
    """The decision cannot be taken; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who decides: a name for people, and the id of the account, where it is known."""

    name: str
    id: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.id})" if self.id else self.name


def approve(services: Services, resource: ResourceId, rule: str, digest: str, person: Person) -> Case:
    """Approve the plan with this digest. Raises NotPossible when it is not what people were asked about (any more)."""
    case = _asked(services, resource, rule)
    if services.policy.mode is Mode.AUDIT:
        raise NotPossible("the bot is in audit mode and changes nothing: set the mode to enforce first")
    if case.plan is None or case.plan.digest != digest:
        raise NotPossible("the plan is another one by now: look at the newest message about it")
    now = services.clock()
    approved = replace(case, state=State.APPROVED, approval=Approval(digest, str(person), now), changed=now)
    return _decided(services, resource, approved, "approved", person)


def take_back(services: Services, resource: ResourceId, rule: str, person: Person) -> Case:
    """Have a confirmed fix put to people for taking back. Raises NotPossible where there is none, or it cannot be."""
    cases = services.store.cases(str(resource))
    done = cases.get(rule)
    if done is None or done.state is not State.FIXED or done.plan is None:
        raise NotPossible(f"there is no confirmed fix of {rule} on it that could be taken back")
    plan = undo.plan_of(done.plan)
    if plan is None:
        raise NotPossible(f"this fix cannot be taken back: {done.plan.undo_note}")
    now, before = services.clock(), cases.get(plan.rule)
    if before is not None and before.state.is_open:
        raise NotPossible("people are being asked about it already")
    etag = before.etag if before else ""
    case = Case(plan.rule, str(resource), State.ASKED, now, now, Cause(caller=str(person)), plan=plan, etag=etag)
    return _decided(services, resource, case, "asked to take back", person)


def _asked(services: Services, resource: ResourceId, rule: str) -> Case:
    case = services.store.cases(str(resource)).get(rule)
    if case is None or case.state is not State.ASKED:
        raise NotPossible(f"nobody is asked about {rule} on it: {_stands(case)}")
    return case


def _stands(case: Case | None) -> str:
    return "there is no such case" if case is None else f"the case is {case.state.lower()}"


def _decided(services: Services, resource: ResourceId, case: Case, what: str, person: Person) -> Case:
    try:
        stored = services.store.put_case(case)
    except Conflict:
        raise NotPossible("somebody else has decided at the same moment: look again") from None
    digest = case.plan.digest if case.plan else ""
    detail = {"by": person.name, "by_id": person.id, "digest": digest}
    services.store.append(Entry(case.resource_id, case.rule, services.clock(), what, detail))
    checks.request(
        services, resource, Cause(event_id=f"{what}-{case.rule}-{case.changed.isoformat()}", caller=str(person))
    )
    return stored
