"""Carrying out decisions: claim, record, send, verify, tell.

Order matters for crashes. A case is claimed before anything is sent, so two workers never send one plan. People are
told, and the journal is written, before a case is closed: a notice has a deterministic id and a line of the journal a
key, so doing it twice is doing it once; the other way round, a crash in between would leave a closed case that nobody
heard of.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any, Final

from remediation import cards, endings, limits, outbox, proposals, reader, record
from remediation.api_versions import api_version
from remediation.cases import Case, State, opened, unsent
from remediation.checks import CheckRequest
from remediation.decide import ACCEPTED, Accept, Ask, Close, Decision, Fix, GiveUp, Situation, Skip, Tell, Wait, decide
from remediation.plan import Plan, Write
from remediation.ports import Answer, CloudError, Gone, Progress, Refused, Services, Stale, Throttled
from rules.model import Finding, Status
from rules.scope import changing

log = logging.getLogger(__name__)

TAKES_TIME: Final = timedelta(minutes=1)
"""How long Azure works on a fix before people hear that it was begun by itself."""
LONGEST_PAUSE: Final = timedelta(hours=1)
"""Between two looks at what Azure works on for hours or days."""


def carry_out(services: Services, request: CheckRequest, situation: Situation, decision: Decision) -> timedelta | None:
    """Do what was decided. Returns in how long to look again; raises Conflict when another worker was faster."""
    match decision:
        case Fix(plan, step):
            return _fix(services, request, situation, plan, step)
        case Ask() | Tell():
            proposals.put(services, request.cause, situation, decision)
        case Accept(exemption):
            proposals.accept(services, request.cause, situation, exemption)
        case GiveUp(case, plan, reason):
            endings.fail(services, situation.finding, case, plan, reason)
        case Close(case, fixed):
            endings.close(services, situation.finding, case, fixed)
        case Wait():
            _keep(services, situation)
            return _pause(request, situation)
        case Skip():  # pragma: no branch
            pass
    return None


def _keep(services: Services, situation: Situation) -> None:
    """Remember when Azure was first seen to have finished, and tell those who were not asked that it takes its time."""
    case, operation = situation.case, situation.operation
    if case is None or case.plan is None or case.sent is None or operation is None:
        return
    if operation.progress is Progress.SUCCEEDED and case.ended == situation.now:
        services.store.put_case(case)
    elif operation.progress is Progress.RUNNING and case.step == 0 and situation.now - case.sent >= TAKES_TIME:
        outbox.tell(services, case, "started", cards.started(situation.finding, case.plan, case), situation.finding)


def _pause(request: CheckRequest, situation: Situation) -> timedelta:
    """How long to wait for the next look: what Azure has worked on for long is looked at less often."""
    case = situation.case
    if case is None or case.state is not State.FIXING:
        return request.next_look
    return max(request.next_look, min((situation.now - (case.sent or case.changed)) / 8, LONGEST_PAUSE))


def _fix(services: Services, request: CheckRequest, situation: Situation, plan: Plan, step: int) -> timedelta | None:
    """Send one write of the plan, and go on to the next if Azure has finished it at once."""
    if situation.case is not None and situation.case.sent is not None:
        record.sent(services, situation.case)
    case = _claim(services, request, situation, plan, step)
    if step == 0 and (limit := limits.reached(services, request.resource, situation, plan)):
        held = replace(situation, case=case, limit=limit)
        return carry_out(services, request, held, decide(held))
    if step == 0:
        record.line(services, case, "started", (case.changed,), **_evidence(situation.finding, case, plan))
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
    record.sent(services, case)
    again = replace(situation, case=case, now=now, operation=None)
    if answer.operation or answer.status == ACCEPTED:
        return _follow_up(services, request, again, plan, answer)
    if step + 1 < len(plan.writes):
        return _fix(services, request, again, plan, step + 1)
    return _verify(services, request, again)


def _send(services: Services, request: CheckRequest, finding: Finding, write: Write) -> Answer:
    if not reader.is_as_planned(services, request.resource, finding, write):
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
            record.line(services, case, "put off", step=case.step, error=str(error))
            return _overtaken(services, request, situation, case, plan, error)
        case Throttled():
            record.line(services, case, "put off", step=case.step, error=str(error))
            services.store.put_case(replace(case, owner=""))  # nothing was sent: whoever comes next may
            raise error
        case _:
            record.line(services, case, "unanswered", step=case.step, error=str(error))
            raise error
    return None


def _not_found(
    services: Services, request: CheckRequest, situation: Situation, case: Case, plan: Plan, gone: Gone
) -> None:
    """404 to a write: the resource is gone, or only what the write names. Raises Gone in the first case, and Throttled
    where that cannot be asked now."""
    case = services.store.put_case(replace(case, owner=""))
    try:
        services.cloud.read(request.resource, api_version(request.resource.type))
    except (Gone, Throttled):
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
        endings.close(services, finding, case, fixed=lost)
    else:
        _refused(services, finding, case, plan, str(stale))
    return None


def _follow_up(
    services: Services, request: CheckRequest, situation: Situation, plan: Plan, answer: Answer
) -> timedelta:
    """Azure works on it. Who approved it hears that it has begun; what runs by itself is told of when it is done."""
    case = situation.case
    if case is not None and case.approved(plan) and case.step == 0:
        told = outbox.tell(services, case, "started", cards.started(situation.finding, plan, case), situation.finding)
        services.store.put_case(replace(case, told=told))
    return answer.retry_after or request.next_look


def _claim(services: Services, request: CheckRequest, situation: Situation, plan: Plan, step: int) -> Case:
    finding = situation.finding
    case = opened(finding, State.FIXING, request.cause, situation.now, situation.case)
    goes_on = step > 0 and situation.case is not None and situation.case.state is State.FIXING
    claimed = replace(
        unsent(case),
        plan=plan,
        attempts=case.attempts if goes_on else case.attempts + 1,
        step=step,
        owner=request.delivery,
        reason="",
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


def _refused(services: Services, finding: Finding, case: Case, plan: Plan, error: str, request_id: str = "") -> None:
    """Azure said no to a write, and would say so again."""
    detail = {"step": case.step, "error": error, "request_id": request_id}
    record.line(services, case, "refused", (case.attempts, case.step), **detail)
    endings.fail(services, finding, case, plan, error)
