"""Carrying out decisions: claim, record, send, verify, tell.

Order matters for crashes. A case is claimed before anything is sent, so two workers never send one plan. People are
told, and the journal is written, before a case is closed: a notice has a deterministic id and a line of the journal a
key, so doing it twice is doing it once; the other way round, a crash in between would leave a closed case that nobody
heard of.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any, Final

from remediation import cards, outbox, reader, undo
from remediation.api_versions import api_version
from remediation.cards import Card
from remediation.cases import Case, Cause, Entry, State, opened, same
from remediation.checks import CheckRequest
from remediation.decide import ACCEPTED, Ask, Close, Decision, Fix, GiveUp, Situation, Skip, Tell, Wait, decide
from remediation.plan import Guidance, Plan, Remedy, Write
from remediation.ports import Answer, CloudError, Conflict, Gone, Refused, Services, Stale, Throttled
from rules import RULES_BY_NAME
from rules.model import Finding, References, Resource, Rule, Severity, Status, not_applicable
from rules.scope import changing

log = logging.getLogger(__name__)

OFF: Final = "its rule was switched off before it was finished"
LONGEST_PAUSE: Final = timedelta(hours=1)
"""Between two looks at what Azure works on for hours or days."""


def carry_out(services: Services, request: CheckRequest, situation: Situation, decision: Decision) -> timedelta | None:
    """Do what was decided. Returns in how long to look again; raises Conflict when another worker was faster."""
    match decision:
        case Fix(plan, step):
            return _fix(services, request, situation, plan, step)
        case Ask(plan):
            _put_to_people(services, request.cause, situation, State.ASKED, plan)
        case Tell(remedy):
            _put_to_people(services, request.cause, situation, State.TOLD, remedy)
        case GiveUp(case, plan, reason):
            _fail(services, situation.finding, case, plan, reason)
        case Close(case, fixed):
            _close(services, situation.finding, case, fixed)
        case Wait():
            return _pause(request, situation)
        case Skip():  # pragma: no branch
            pass
    return None


def _pause(request: CheckRequest, situation: Situation) -> timedelta:
    """How long to wait for the next look: what Azure has worked on for long is looked at less often."""
    case = situation.case
    if case is None or case.state is not State.FIXING:
        return request.next_look
    return max(request.next_look, min((situation.now - (case.sent or case.changed)) / 8, LONGEST_PAUSE))


def _fix(services: Services, request: CheckRequest, situation: Situation, plan: Plan, step: int) -> timedelta | None:
    """Send one write of the plan, and go on to the next if Azure has finished it at once."""
    if situation.case is not None and situation.case.sent is not None:
        _record_sent(services, situation.case)
    case = _claim(services, request, situation, plan, step)
    if step == 0:
        _record(services, case, "started", (case.changed,), **_evidence(situation.finding, case, plan))
    try:
        answer = _send(services, request, situation.finding, plan.writes[step])
    except CloudError as error:
        return _not_sent(services, request, situation, case, plan, error)
    now = services.clock()
    case = services.store.put_case(
        replace(
            case,
            sent=now,
            changed=now,
            operation=answer.operation,
            status=answer.status,
            request_id=answer.request_id,
        )
    )
    _record_sent(services, case)
    again = replace(situation, case=case, now=now, operation=None)
    if answer.operation or answer.status == ACCEPTED:
        return _follow_up(services, request, again, plan, answer)
    if step + 1 < len(plan.writes):
        return _fix(services, request, again, plan, step + 1)
    return _verify(services, request, again)


def _send(services: Services, request: CheckRequest, finding: Finding, write: Write) -> Answer:
    if not reader.is_as_planned(services, request.resource, finding.resource, write):
        raise Stale(reason="somebody has changed it since it was read")
    return services.cloud.send(write)


def _not_sent(
    services: Services, request: CheckRequest, situation: Situation, case: Case, plan: Plan, error: CloudError
) -> timedelta | None:
    """A write was not accepted. Raises what puts it off, and Gone."""
    match error:
        case Refused():
            _refused(services, situation.finding, case, plan, str(error), error.request_id)
        case Gone():
            _not_found(services, request, situation, case, plan, error)
        case Stale() if case.step > 0:
            _record(services, case, "put off", step=case.step, error=str(error))
            return _overtaken(services, request, situation, case, plan, error)
        case Throttled():
            _record(services, case, "put off", step=case.step, error=str(error))
            services.store.put_case(replace(case, owner=""))  # nothing was sent: whoever comes next may
            raise error
        case _:
            _record(services, case, "unanswered", step=case.step, error=str(error))
            raise error
    return None


def _not_found(
    services: Services, request: CheckRequest, situation: Situation, case: Case, plan: Plan, gone: Gone
) -> None:
    """404 to a write: the resource is gone, or only what the write names. Raises Gone in the first case."""
    case = services.store.put_case(replace(case, owner=""))
    try:
        services.cloud.read(request.resource, api_version(request.resource.type))
    except Gone:
        raise
    except CloudError as error:
        log.warning("%s: it cannot be read whether it is there: %s", request.resource, error)
    _refused(services, situation.finding, case, plan, f"NotFound: {gone}")


def _overtaken(
    services: Services, request: CheckRequest, situation: Situation, case: Case, plan: Plan, stale: Stale
) -> timedelta | None:
    """A later write of a plan can be sent no more: another change came first. That may have been the very same write,
    whose answer was lost."""
    before = situation.case
    lost = before is not None and before.sent is None and before.step == case.step and before.owner == request.delivery
    finding = reader.look_again(services, request.resource, situation.finding)
    if changing(finding.resource):
        return request.next_look
    if finding.verdict.status is Status.PASS:
        _close(services, finding, case, fixed=lost)
    else:
        _refused(services, finding, case, plan, str(stale))
    return None


def _follow_up(
    services: Services, request: CheckRequest, situation: Situation, plan: Plan, answer: Answer
) -> timedelta:
    """Azure works on it. Who approved it hears that it has begun; what runs by itself is told of when it is done."""
    case = situation.case
    if case is not None and case.approved(plan) and case.step == 0:
        told = outbox.tell(services, case, "started", cards.started(situation.finding, plan, case))
        services.store.put_case(replace(case, told=told))
    return answer.retry_after or request.next_look


def _claim(services: Services, request: CheckRequest, situation: Situation, plan: Plan, step: int) -> Case:
    finding = situation.finding
    case = opened(finding, State.FIXING, request.cause, situation.now, situation.case)
    goes_on = step > 0 and situation.case is not None and situation.case.state is State.FIXING
    claimed = replace(
        _unsent(case),
        plan=plan,
        attempts=case.attempts if goes_on else case.attempts + 1,
        step=step,
        owner=request.delivery,
        reason="",
    )
    return services.store.put_case(claimed)


def _unsent(case: Case) -> Case:
    """The case before anything of its plan is sent."""
    return replace(case, step=0, owner="", sent=None, operation="", status=0, request_id="")


def _evidence(finding: Finding, case: Case, plan: Plan) -> Mapping[str, Any]:
    """What the journal holds of a fix that begins: who caused it, what was found, what is done, who approved it."""
    approval = case.approved(plan)
    return {
        "found": finding.verdict.because,
        "cause": asdict(case.cause),
        "plan": plan.to_json(),
        "digest": plan.digest,
        "approved_by": approval.by if approval else "",
        "approved_at": approval.at.isoformat() if approval else "",
    }


def _verify(services: Services, request: CheckRequest, situation: Situation) -> timedelta | None:
    """Fixed is what a fresh read says, and nothing else."""
    try:
        finding = reader.look_again(services, request.resource, situation.finding)
    except Refused as refused:
        log.error("%s: the fix cannot be verified: %s", request.resource, refused)
        return request.next_look
    again = replace(situation, finding=finding, now=services.clock(), operation=None)
    return carry_out(services, request, again, decide(again))


def _put_to_people(services: Services, cause: Cause, situation: Situation, state: State, remedy: Remedy) -> None:
    """Ask or tell, once for each plan. The case comes first: its incident is part of the notice's id."""
    finding = situation.finding
    plan, before = remedy if isinstance(remedy, Plan) else None, situation.case
    again = before is not None and before.state is state and not before.told and _digest(before.plan) == _digest(plan)
    since = before.changed if before is not None and again else situation.now  # a crash came before the message
    case = _unsent(opened(finding, state, cause, since, before))
    case = services.store.put_case(replace(case, plan=plan, told=(), reason=_asked_again(before, plan)))
    proposed = {"plan": plan.to_json(), "digest": plan.digest} if plan else {}
    _record(
        services,
        case,
        state.lower(),
        (case.changed, _digest(plan)),
        found=finding.verdict.because,
        cause=asdict(case.cause),
        **proposed,
    )
    cause = case.cause if undo.is_undo(case.rule) else cause
    told = outbox.tell(services, case, plan.digest if plan else "", _proposal(finding, case, remedy, cause))
    services.store.put_case(replace(case, told=told))


def _digest(plan: Plan | None) -> str:
    return plan.digest if plan else ""


def _asked_again(before: Case | None, plan: Plan | None) -> str:
    """Why people are asked although somebody had approved; empty where nobody had, or where they heard what became of
    it."""
    if before is None or before.approval is None or plan is None:
        return ""
    if before.state is State.ASKED and not before.told:
        return before.reason  # a crash came before the message
    if before.state not in (State.APPROVED, State.FIXING):
        return ""
    if before.approved(plan):
        return f"{before.approval.by} approved it, but audit mode was set before it was applied"
    return f"{before.approval.by} approved another plan, but the resource has changed since"


def _proposal(finding: Finding, case: Case, remedy: Remedy, cause: Cause) -> Card:
    match remedy:
        case Guidance():
            return cards.guidance(finding, remedy, cause)
        case Plan() if case.state is State.ASKED:
            return cards.approval(finding, remedy, cause, case.reason)
        case Plan():  # pragma: no branch
            return cards.audit(finding, remedy, cause)


def _refused(services: Services, finding: Finding, case: Case, plan: Plan, error: str, request_id: str = "") -> None:
    """Azure said no to a write, and would say so again."""
    _record(services, case, "refused", (case.attempts, case.step), step=case.step, error=error, request_id=request_id)
    _fail(services, finding, case, plan, error)


def _fail(services: Services, finding: Finding, case: Case, plan: Plan, reason: str) -> None:
    """The fix did not work: say why, and leave the resource alone for a while."""
    failed = replace(case, state=State.FAILED, reason=reason, changed=services.clock())
    told = outbox.tell(services, failed, reason.partition(":")[0], cards.failure(finding, plan, failed))
    _record_sent(services, case)
    approved = case.approval.at if case.approval else ""
    _record(services, failed, "failed", (case.attempts, case.step, approved, reason), reason=reason)
    services.store.put_case(replace(failed, told=told))


def _close(services: Services, finding: Finding, case: Case, fixed: bool) -> None:
    """The case is over. People hear of it when it was our doing, or when they wait for it."""
    state = State.FIXED if fixed else State.CLOSED
    closed = replace(case, state=state, reason=finding.verdict.because, changed=services.clock())
    if fixed and case.plan is not None:
        closed = replace(closed, told=outbox.tell(services, closed, "", cards.fixed(finding, case.plan, closed)))
    elif _is_awaited(case):
        _tell_closed(services, closed, f"{_why_closed(finding, case)}: {finding.verdict.because}")
    if undo.is_undo(case.rule) and finding.verdict.status is Status.PASS:
        undo.leave_undone(services, closed)
    _record_sent(services, case)
    _record(services, closed, state.lower(), (state,), found=finding.verdict.because)
    services.store.put_case(closed)


def _why_closed(finding: Finding, case: Case) -> str:
    if finding.verdict.status is not Status.PASS:
        return "The rule does not judge it any more"
    if case.state is State.FIXING and case.owner:
        return "It is well, and nobody knows whether the bot did it, because the answer to its write was lost"
    return "Somebody else has put it right"


def _is_awaited(case: Case) -> bool:
    """Whether people wait to hear how it ends: somebody approved it, or it may have changed something."""
    match case.state:
        case State.APPROVED:
            return True
        case State.FIXING:
            return case.approval is not None or case.is_begun or case.owner != ""
        case _:
            return case.is_half_done


def _tell_closed(services: Services, closed: Case, why: str) -> None:
    outbox.tell(services, closed, f"closed {closed.attempts}", cards.closed(closed, why))


def close_all(services: Services, cases: Mapping[str, Case], reason: str) -> None:
    """Close every case given that stands. People hear of those whose end they wait for."""
    for case in cases.values():
        if case.state.is_open or case.state is State.UNDONE:
            closed = replace(case, state=State.CLOSED, reason=reason, changed=services.clock())
            if _is_awaited(case):
                _tell_closed(services, closed, reason)
            _record_sent(services, case)
            _record(services, closed, "closed", ("CLOSED",), reason=reason)
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
                _fail(services, _silent(case.plan, resource), case, case.plan, OFF)
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


def _record_sent(services: Services, case: Case) -> None:
    """That a write was sent, and Azure's id of it: again, where it may be that a crash came before."""
    if case.sent is not None:
        detail = {"step": case.step, "status": case.status, "request_id": case.request_id}
        key = same(case, "sent", case.step, case.sent)
        services.store.append(Entry(case.resource_id, case.rule, case.sent, "sent", detail, key))


def _record(services: Services, case: Case, what: str, apart: Iterable[object] = (), **detail: Any) -> None:
    """A line of the journal; `apart` tells it from others of its kind in the incident: none, it is told once anyway."""
    key = same(case, what, *parts) if (parts := tuple(apart)) else ""
    services.store.append(Entry(case.resource_id, case.rule, services.clock(), what, detail, key))
