"""Carrying out decisions: claim, record, send, verify, tell.

Order matters for crashes. A case is claimed before anything is sent, so two workers never send one plan. People are
told before a case is closed, because a notice has a deterministic id and telling twice is telling once; the other way
round, a crash in between would leave a closed case that nobody heard of.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from remediation import cards, outbox, reader
from remediation.cards import Card
from remediation.cases import Case, Cause, Entry, State, opened
from remediation.checks import CheckRequest
from remediation.decide import Ask, Close, Decision, Fix, GiveUp, Situation, Skip, Tell, Wait, decide
from remediation.plan import Guidance, Plan, Remedy
from remediation.ports import Conflict, Refused, Services, Throttled
from rules import RULES_BY_NAME
from rules.model import Finding

log = logging.getLogger(__name__)


def carry_out(services: Services, request: CheckRequest, situation: Situation, decision: Decision) -> timedelta | None:
    """Do what was decided. Returns in how long to look again; raises Conflict when another worker was faster."""
    match decision:
        case Fix(plan):
            return _fix(services, request, situation, plan)
        case Ask(plan):
            _put_to_people(services, request.cause, situation, State.ASKED, plan)
        case Tell(remedy):
            _put_to_people(services, request.cause, situation, State.TOLD, remedy)
        case GiveUp(case, plan, reason):
            _fail(services, situation.finding, case, plan, reason)
        case Close(case, fixed):
            _close(services, situation.finding, case, fixed)
        case Wait():
            return request.next_look
        case Skip():  # pragma: no branch
            pass
    return None


def _fix(services: Services, request: CheckRequest, situation: Situation, plan: Plan) -> timedelta | None:
    case = _claim(services, request, situation, plan)
    _record(services, case, "started", found=situation.finding.verdict.because, plan=plan.to_json())
    try:
        answers = [services.cloud.send(write) for write in plan.writes]
    except Refused as refused:
        _record(services, case, "refused", error=str(refused), request_id=refused.request_id)
        _fail(services, situation.finding, case, plan, str(refused))
        return None
    except Throttled:
        services.store.put_case(replace(case, owner=""))  # nothing was sent: whoever comes next may
        raise
    now, last = services.clock(), answers[-1]
    case = services.store.put_case(replace(case, sent=now, changed=now, operation=last.operation))
    _record(services, case, "sent", request_ids=[answer.request_id for answer in answers])
    if last.operation:
        return last.retry_after or request.next_look
    return _verify(services, request, replace(situation, case=case))


def _claim(services: Services, request: CheckRequest, situation: Situation, plan: Plan) -> Case:
    finding = situation.finding
    case = opened(finding, State.FIXING, request.cause, situation.now, situation.case)
    claimed = replace(
        case, plan=plan, attempts=case.attempts + 1, owner=request.delivery, sent=None, operation="", reason=""
    )
    return services.store.put_case(claimed)


def _verify(services: Services, request: CheckRequest, situation: Situation) -> timedelta | None:
    """Fixed is what a fresh read says, and nothing else."""
    try:
        finding = reader.look_again(services, request.resource, situation.finding)
    except Refused as refused:
        log.error("%s: the fix cannot be verified: %s", request.resource, refused)
        return request.next_look
    again = replace(situation, finding=finding, now=services.clock())
    return carry_out(services, request, again, decide(again))


def _put_to_people(services: Services, cause: Cause, situation: Situation, state: State, remedy: Remedy) -> None:
    """Ask or tell, once for each plan. The case comes first: its incident is part of the notice's id."""
    finding = situation.finding
    case = opened(finding, state, cause, situation.now, situation.case)
    plan = remedy if isinstance(remedy, Plan) else None
    case = services.store.put_case(replace(case, plan=plan, told=()))
    _record(services, case, state.lower(), found=finding.verdict.because, plan=plan.to_json() if plan else None)
    told = outbox.tell(services, case, plan.digest if plan else "", _proposal(finding, state, remedy, cause))
    services.store.put_case(replace(case, told=told))


def _proposal(finding: Finding, state: State, remedy: Remedy, cause: Cause) -> Card:
    match remedy:
        case Guidance():
            return cards.guidance(finding, remedy, cause)
        case Plan():  # pragma: no branch
            make: Callable[[Finding, Plan, Cause], Card] = cards.approval if state is State.ASKED else cards.audit
            return make(finding, remedy, cause)


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
    services.store.put_case(closed)
    _record(services, closed, state.lower(), found=finding.verdict.because)


def close_all(services: Services, cases: Mapping[str, Case], reason: str) -> None:
    """Close every open case given, without a message."""
    for case in cases.values():
        if case.state.is_open:
            closed = replace(case, state=State.CLOSED, reason=reason, changed=services.clock())
            try:
                services.store.put_case(closed)
            except Conflict:
                continue  # another worker has seen more of it
            _record(services, closed, "closed", reason=reason)


def resolved_by_check(cases: Mapping[str, Case]) -> Mapping[str, Case]:
    """Cases that no rule opened (a check that could not be processed): a check that goes through resolves them."""
    return {name: case for name, case in cases.items() if name not in RULES_BY_NAME}


def _record(services: Services, case: Case, what: str, **detail: Any) -> None:
    services.store.append(Entry(case.resource_id, case.rule, services.clock(), what, detail))
