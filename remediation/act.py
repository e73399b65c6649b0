"""Carrying out decisions: claim, record, send, verify, tell.

Order matters for crashes. A case is claimed before anything is sent, so two workers never send one plan. People are
told before a case is closed, because a notice has a deterministic id and telling twice is telling once; the other way
round, a crash in between would leave a closed case that nobody heard of.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any, Final

from remediation import cards, outbox, reader, undo
from remediation.cards import Card
from remediation.cases import Case, Cause, Entry, State, opened
from remediation.checks import CheckRequest
from remediation.decide import Ask, Close, Decision, Fix, GiveUp, Situation, Skip, Tell, Wait, decide
from remediation.plan import Guidance, Plan, Remedy
from remediation.ports import Answer, CloudError, Conflict, Refused, Services, Stale, Throttled
from rules.model import Finding, Status

log = logging.getLogger(__name__)

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
    if case is None or case.sent is None:
        return request.next_look
    return max(request.next_look, min((situation.now - case.sent) / 8, LONGEST_PAUSE))


def _fix(services: Services, request: CheckRequest, situation: Situation, plan: Plan, step: int) -> timedelta | None:
    """Send one write of the plan, and go on to the next if Azure has finished it at once."""
    case = _claim(services, request, situation, plan, step)
    if step == 0:
        _record(services, case, "started", **_evidence(situation.finding, case, plan))
    try:
        answer = services.cloud.send(plan.writes[step])
    except Refused as refused:
        _refused(services, situation.finding, case, plan, refused, refused.request_id)
        return None
    except Throttled as throttled:
        if isinstance(throttled, Stale) and step > 0:  # what is left of the plan can be sent no more
            _refused(services, situation.finding, case, plan, throttled)
            return None
        services.store.put_case(replace(case, owner=""))  # nothing was sent: whoever comes next may
        raise
    now = services.clock()
    case = services.store.put_case(replace(case, sent=now, changed=now, operation=answer.operation))
    _record(services, case, "sent", step=step, status=answer.status, request_id=answer.request_id)
    again = replace(situation, case=case, now=now, operation=None)
    if answer.operation:
        return _follow_up(services, request, again, plan, answer)
    if step + 1 < len(plan.writes):
        return _fix(services, request, again, plan, step + 1)
    return _verify(services, request, again)


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
    attempts = case.attempts + 1 if step == 0 else case.attempts
    claimed = replace(
        case, plan=plan, attempts=attempts, step=step, owner=request.delivery, sent=None, operation="", reason=""
    )
    return services.store.put_case(claimed)


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
    case = opened(finding, state, cause, situation.now, situation.case)
    plan = remedy if isinstance(remedy, Plan) else None
    case = services.store.put_case(replace(case, plan=plan, told=(), reason=_asked_again(situation.case, plan)))
    proposed = {"plan": plan.to_json(), "digest": plan.digest} if plan else {}
    _record(services, case, state.lower(), found=finding.verdict.because, cause=asdict(case.cause), **proposed)
    cause = case.cause if undo.is_undo(case.rule) else cause
    told = outbox.tell(services, case, plan.digest if plan else "", _proposal(finding, case, remedy, cause))
    services.store.put_case(replace(case, told=told))


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


def _refused(
    services: Services, finding: Finding, case: Case, plan: Plan, error: CloudError, request_id: str = ""
) -> None:
    """Azure said no to a write, and would say so again."""
    _record(services, case, "refused", step=case.step, error=str(error), request_id=request_id)
    _fail(services, finding, case, plan, str(error))


def _fail(services: Services, finding: Finding, case: Case, plan: Plan, reason: str) -> None:
    """The fix did not work: say why, and leave the resource alone for a while."""
    failed = replace(case, state=State.FAILED, reason=reason, changed=services.clock())
    told = outbox.tell(services, failed, reason.partition(":")[0], cards.failure(finding, plan, failed))
    services.store.put_case(replace(failed, told=told))
    _record(services, failed, "failed", reason=reason)


def _close(services: Services, finding: Finding, case: Case, fixed: bool) -> None:
    """The case is over. People hear of it when it was our doing."""
    state = State.FIXED if fixed else State.CLOSED
    closed = replace(case, state=state, reason=finding.verdict.because, changed=services.clock())
    if fixed and case.plan is not None:
        closed = replace(closed, told=outbox.tell(services, closed, "", cards.fixed(finding, case.plan, closed)))
    if undo.is_undo(case.rule) and finding.verdict.status is Status.PASS:
        undo.leave_undone(services, closed)
    services.store.put_case(closed)
    _record(services, closed, state.lower(), found=finding.verdict.because)


def close_all(services: Services, cases: Mapping[str, Case], reason: str) -> None:
    """Close every case given that stands, without a message."""
    for case in cases.values():
        if case.state.is_open or case.state is State.UNDONE:
            closed = replace(case, state=State.CLOSED, reason=reason, changed=services.clock())
            try:
                services.store.put_case(closed)
            except Conflict:
                continue  # another worker has seen more of it
            _record(services, closed, "closed", reason=reason)


def without_a_rule(cases: Mapping[str, Case], findings: Iterable[Finding]) -> Mapping[str, Case]:
    """Cases that no rule asks about: of checks that could not be processed, and of rules that are off or gone. That a
    person took a fix back is remembered for when its rule is on again."""
    names = {finding.rule.name for finding in findings}
    return {name: case for name, case in cases.items() if name not in names and case.state is not State.UNDONE}


def _record(services: Services, case: Case, what: str, **detail: Any) -> None:
    services.store.append(Entry(case.resource_id, case.rule, services.clock(), what, detail))
