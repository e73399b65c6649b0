"""A person's decisions: yes to a plan, not yet, the wish to take a fix back, and that a finding is accepted for a time.
Each is recorded, and looked after by a check where it changes what is done.

No approval alone makes a write: the check that follows reads afresh, plans afresh, and begins the plan only if it is
the very one that was approved. What comes after the first write is sent as it stands in the case, because in between no
rule has a fault to plan for: also when a plan that failed in the middle is approved again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from remediation import cards, checks, outbox, undo
from remediation.cases import Approval, Case, Cause, Entry, State, same, unsent
from remediation.exemptions import LONGEST, did_you_mean
from remediation.plan import Plan
from remediation.policy import Exemption, Mode
from remediation.ports import Conflict, Services
from rules import RULES_BY_NAME
from rules.resource_id import ResourceId

TO_APPROVE: Final = (State.ASKED, State.FAILED)
UNDER_WAY: Final = (State.ASKED, *undo.UNDER_WAY)
LONGEST_SNOOZE: Final = timedelta(days=31)
"""What waits for longer is not asked later, it is accepted: that is an exemption."""
WANTED: Final = " wants the fix again"
"""Ends the reason of a case whose fix was taken back, once somebody wants it again."""


class NotPossible(Exception):
    """The decision cannot be taken; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who decides: a name for people, and the id of the account, where it is known."""

    name: str
    id: str = ""

    def __str__(self) -> str:
        return f"{self.name} ({self.id})" if self.id else self.name


def approve(
    services: Services, resource: ResourceId, rule: str, digest: str, person: Person, shown: Plan | None = None
) -> Case:
    """Approve the plan with this digest, also after it failed. Raises NotPossible when it is not what people were asked
    about (any more), nor what this person was shown: the plan for the resource as it is now."""
    _check(services, resource)
    cases = services.store.cases(str(resource))
    case = cases.get(rule)
    if case is not None and case.state is State.APPROVED and case.approval and case.approval.digest == digest:
        _record(services, case, "approved", case.approval.by)  # the crash of who approved may have come before
        _look_after(services, resource, case, "approved")
        raise NotPossible(f"{case.approval.by} has approved it already: the next check applies it")
    if case is None or case.state not in TO_APPROVE or case.plan is None:
        raise NotPossible(f"nobody is asked about {rule} on it: {_stands(case)}{_asked(cases)}")
    plan = shown or case.plan
    if plan.digest != digest:
        raise NotPossible(
            f"this is not the digest of the plan that people are asked about, which is by now {plan.digest} "
            f"({plan.title}): read the newest message about it before you approve that"
        )
    now = services.clock()
    begun = case if digest == case.plan.digest else unsent(case)
    approval = Approval(digest, str(person), now)
    approved = replace(begun, state=State.APPROVED, plan=plan, approval=approval, changed=now)
    return _decided(services, resource, approved, "approved", person)


def snooze(services: Services, resource: ResourceId, rule: str, until: datetime, person: Person) -> Case:
    """Have people asked again about a plan then, and not before. Raises NotPossible where nobody is asked."""
    _check_onboarded(services, resource)
    now, case = services.clock(), services.store.cases(str(resource)).get(rule)
    if case is None or case.state is not State.ASKED:
        raise NotPossible(f"nobody is asked about {rule} on it: {_stands(case)}")
    if until <= now:
        raise NotPossible(f"it can be put off to a time that is to come, and {until:%Y-%m-%d %H:%M} UTC is over")
    if until - now > LONGEST_SNOOZE:
        raise NotPossible(
            f"it can be put off by at most {LONGEST_SNOOZE.days} days: exempt it, if it is accepted longer"
        )
    stored = _stored(services, replace(case, snoozed=until))
    detail = {"by": person.name, "by_id": person.id, "until": until.isoformat()}
    key = same(case, "snoozed", until, person)
    services.store.append(Entry(case.resource_id, rule, now, "snoozed", detail, key))
    outbox.show(services, stored, f"snoozed {until.isoformat()}", cards.snoozed(stored, until, str(person)))
    return stored


def take_back(services: Services, resource: ResourceId, rule: str, person: Person) -> Case:
    """Have a confirmed fix, or what was done of one that failed, put to people for taking back. Raises NotPossible
    where there is none, or it cannot be.

    Taking back that a fix was taken back (`<rule>/undo`) needs no approval: its rule is judged again, as any other.
    """
    _check(services, resource)
    cases = services.store.cases(str(resource))
    done = cases.get(rule)
    if done is None or done.plan is None or not undo.can_be_taken_back(done):
        raise NotPossible(f"there is no confirmed fix of {rule} on it that could be taken back: {_stands(done)}")
    if undo.is_undo(rule):
        return _let_again(services, resource, cases.get(done.plan.takes_back), person)
    plan = undo.plan_of(done.plan)
    if plan is None:
        raise NotPossible(f"the bot cannot take this fix back; its undo: {done.plan.undo_note}")
    before = cases.get(plan.rule)
    if before is not None and before.state in UNDER_WAY:
        _record(services, before, "undo", before.cause.caller)  # as above
        _look_after(services, resource, before, "undo")
        raise NotPossible(f"it is being taken back already: {_stands(before)}")
    now, etag = services.clock(), before.etag if before else ""
    case = Case(plan.rule, str(resource), State.ASKED, now, now, Cause(caller=str(person)), plan=plan, etag=etag)
    return _decided(services, resource, case, "undo", person)


def _let_again(services: Services, resource: ResourceId, case: Case | None, person: Person) -> Case:
    if case is not None and case.state is State.CLOSED and case.reason.endswith(WANTED):
        _record(services, case, "wanted", case.reason.removesuffix(WANTED))  # as above
        _look_after(services, resource, case, "wanted")
        raise NotPossible("it is wanted again already: the next check treats the fault as any other")
    if case is None or case.state is not State.UNDONE:
        raise NotPossible(f"its fix is not held back: {_stands(case)}")
    again = replace(case, state=State.CLOSED, changed=services.clock(), reason=f"{person}{WANTED}")
    return _decided(services, resource, again, "wanted", person)


def exempt(
    services: Services, resource: ResourceId, rule: str, until: datetime, reason: str, person: Person
) -> Exemption:
    """Accept what a rule finds on a resource until then, also before it finds it. Raises NotPossible."""
    _check_onboarded(services, resource)
    now = services.clock()
    if rule not in RULES_BY_NAME:
        raise NotPossible(f"no rule is called {rule}{did_you_mean(rule)}")
    if until <= now:
        raise NotPossible(f"an exemption ends in the future, and {until:%Y-%m-%d %H:%M} UTC is over")
    if until - now > LONGEST:
        raise NotPossible(f"an exemption lasts at most {LONGEST.days} days: give it again then, if it is still wanted")
    return _exempted(services, resource, rule, Exemption(until, reason, str(person), ""), "exempted", person)


def end_exemption(services: Services, resource: ResourceId, rule: str, person: Person) -> Exemption:
    """Have a rule judge a resource again that a person had exempted. Raises NotPossible where nobody had."""
    _check_onboarded(services, resource)
    now, found = services.clock(), services.store.exemptions(str(resource)).get(rule)
    if found is None or found.until <= now:
        raise NotPossible(f"nobody has exempted it from {rule} here: the policy file or its tags may")
    ended = replace(found, until=now)
    return _exempted(services, resource, rule, ended, "exemption ended", person)


def _exempted(
    services: Services, resource: ResourceId, rule: str, exemption: Exemption, what: str, person: Person
) -> Exemption:
    """Once more is once: the row is the same, and so is the line of the journal but for its time."""
    now = services.clock()
    services.store.put_exemption(str(resource), rule, exemption)
    detail = {"by": person.name, "by_id": person.id, "until": exemption.until.isoformat(), "reason": exemption.reason}
    services.store.append(Entry(str(resource), rule, now, what, detail))
    checks.request(services, resource, Cause(event_id=f"{what} {rule} {exemption.until.isoformat()}"))
    return exemption


def _check(services: Services, resource: ResourceId) -> None:
    _check_onboarded(services, resource)
    if services.policy.mode is Mode.AUDIT:
        raise NotPossible("the bot is in audit mode and changes nothing: set the mode to enforce first")


def _check_onboarded(services: Services, resource: ResourceId) -> None:
    if resource.subscription not in services.policy.subscriptions:
        raise NotPossible(f"the subscription {resource.subscription} is not onboarded: the bot changes nothing there")


def _stands(case: Case | None) -> str:
    return "there is no such case" if case is None else f"its case is {case.state.lower()}"


def _asked(cases: Mapping[str, Case]) -> str:
    """What people are asked about on the resource, for who named something else."""
    rules = sorted(rule for rule, case in cases.items() if case.state in TO_APPROVE and case.plan is not None)
    return f"; to be approved there: {', '.join(rules)}" if rules else ""


def _decided(services: Services, resource: ResourceId, case: Case, what: str, person: Person) -> Case:
    stored = _stored(services, case)
    _record(services, stored, what, person.name, person.id)
    if what == "approved":
        outbox.show(services, stored, what, cards.approved(stored))
    _look_after(services, resource, stored, what)
    return stored


def _stored(services: Services, case: Case) -> Case:
    try:
        return services.store.put_case(case)
    except Conflict:
        raise NotPossible("it has changed at this very moment, perhaps by somebody's decision: look again") from None


def _record(services: Services, case: Case, what: str, by: str, by_id: str = "") -> None:
    """A decision, once: its case has the time of it. After it, because somebody else may have been faster."""
    at = case.approval.at if case.approval and what == "approved" else case.opened if what == "undo" else case.changed
    detail = {"by": by, "by_id": by_id, "digest": case.plan.digest if case.plan else ""}
    services.store.append(Entry(case.resource_id, case.rule, at, what, detail, same(case, what, at)))


def _look_after(services: Services, resource: ResourceId, case: Case, what: str) -> None:
    """Have the resource checked. Who decided is not who changed it: the cause stays what it was, with an id that the
    mark of a pending check knows again."""
    cause = Cause() if undo.is_undo(case.rule) else case.cause
    checks.request(services, resource, replace(cause, event_id=f"{what} {case.rule} {case.changed.isoformat()}"))
