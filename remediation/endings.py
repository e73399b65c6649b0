"""The end of a case: fixed, failed, healed, gone, or wanted no more. People hear of it where they wait for it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from remediation import cards, outbox, record, telemetry, undo
from remediation.cases import MOST_REPAIRS, Case, Repair, State
from remediation.plan import Plan
from remediation.ports import Conflict, Services
from rules import RULES_BY_NAME
from rules.model import Finding, References, Resource, Rule, Severity, Status, not_applicable

OFF: Final = "its rule was switched off before it was finished"


def fail(services: Services, finding: Finding, case: Case, plan: Plan, reason: str) -> None:
    """The fix did not work: say why, and leave the resource alone for a while."""
    failed = replace(case, state=State.FAILED, reason=reason, changed=services.clock())
    card = cards.failure(finding, plan, failed, services.access.link(failed))
    told = outbox.tell(services, failed, reason.partition(":")[0], card, finding)
    record.sent(services, case)
    approved = case.approval.at if case.approval else ""
    record.line(services, failed, "failed", (case.attempts, case.step, approved, reason), reason=reason)
    services.store.put_case(replace(failed, told=told))


def close(services: Services, finding: Finding, case: Case, fixed: bool) -> None:
    """The case is over. People hear of it when it was our doing, or when they wait for it."""
    state = State.FIXED if fixed else State.CLOSED
    closed = replace(case, state=state, reason=finding.verdict.because, changed=services.clock())
    if fixed and not undo.is_undo(case.rule):
        repair = Repair(closed.changed, cards.changed_by(case.cause))
        closed = replace(closed, repairs=(*case.repairs, repair)[-MOST_REPAIRS:])
    if fixed and case.plan is not None:
        card = cards.fixed(finding, case.plan, closed, services.access.link(closed))
        told = outbox.tell(services, closed, "", card, finding)
        closed = replace(closed, told=told)
    else:
        _say_closed(services, case, closed, f"{_why_closed(finding, case)}: {finding.verdict.because}")
    if undo.is_undo(case.rule) and finding.verdict.status is Status.PASS:
        undo.leave_undone(services, closed)
    record.sent(services, case)
    record.line(services, closed, state.lower(), (state,), found=finding.verdict.because)
    services.store.put_case(closed)
    if fixed:
        telemetry.time_to_fix(case.cause.at, closed.changed, case.rule)


def _why_closed(finding: Finding, case: Case) -> str:
    if finding.verdict.status is Status.FAIL:
        return "The policy switches its rule off here"
    if finding.verdict.status is not Status.PASS:
        return "The rule does not judge it any more"
    if case.state is State.FIXING and case.owner:
        return "It is well, and nobody knows whether the bot did it, because the answer to its write was lost"
    return "Somebody else has put it right"


def is_awaited(case: Case) -> bool:
    """Whether people wait to hear how it ends: somebody approved it, or it may have changed something."""
    match case.state:
        case State.APPROVED:
            return True
        case State.FIXING:
            return case.approval is not None or case.is_begun or case.owner != ""
        case _:
            return case.is_half_done


def tell_closed(services: Services, closed: Case, why: str) -> None:
    outbox.tell(services, closed, f"closed {closed.attempts}", cards.closed(closed, why))


def _say_closed(services: Services, before: Case, closed: Case, why: str) -> None:
    """Where nobody waits for the end, nobody is told; but what was said of it shows that it is over."""
    if is_awaited(before):
        tell_closed(services, closed, why)
    else:
        outbox.show(services, closed, "closed", cards.closed(closed, why))


def close_all(services: Services, cases: Mapping[str, Case], reason: str) -> None:
    """Close every case given that stands. People hear of those whose end they wait for."""
    for case in cases.values():
        if case.state.is_open or case.state in (State.UNDONE, State.EXEMPT):
            closed = replace(case, state=State.CLOSED, reason=reason, changed=services.clock())
            _say_closed(services, case, closed, reason)
            record.sent(services, case)
            record.line(services, closed, "closed", ("CLOSED",), reason=reason)
            with suppress(Conflict):  # another worker has seen more of it
                services.store.put_case(closed)


def without_a_rule(
    services: Services, resource: Resource, cases: Mapping[str, Case], findings: Sequence[Finding]
) -> None:
    """End the cases that no rule asks about: of checks that could not be processed, and of rules that are off or gone.
    A plan that was approved or begun is told of as failed. That a person took a fix back is remembered for when its
    rule is on again, and so is a plan that failed in the middle, which may be taken back."""
    names = {finding.rule.name for finding in findings}
    left = {name: case for name, case in cases.items() if name not in names and not _is_kept(case)}
    for case in left.values():
        if case.state in undo.UNDER_WAY and case.plan is not None:
            with suppress(Conflict):
                fail(services, _silent(case.plan, resource), case, case.plan, OFF)
    ended = {name: case for name, case in left.items() if case.state not in undo.UNDER_WAY or case.plan is None}
    close_all(services, ended, "a check went through, and no rule is about it")


def _is_kept(case: Case) -> bool:
    return case.state is State.UNDONE or (case.state is State.FAILED and case.is_begun)


def _silent(plan: Plan, resource: Resource) -> Finding:
    """What is found by a rule that is off or gone: nothing."""
    known = RULES_BY_NAME.get(plan.takes_back or plan.rule)
    verdict = not_applicable("nothing is said of it while its rule is off")
    severity, references = (known.severity, known.references) if known else (Severity.MEDIUM, References())
    return Finding(
        Rule(plan.rule, plan.title, severity, resource.type, lambda _: verdict, references=references),
        resource,
        verdict,
    )
