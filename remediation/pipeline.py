"""The straight line: read, evaluate, decide, then carry out (`remediation.act`).

A check looks at the resource as it is now, so duplicate, late and reordered events are harmless. What a crash leaves
half done stands in the case; the next delivery of the same message goes on from there.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from remediation import act, checks, endings, following, judging, outbox, reader, telemetry, topology
from remediation.cases import Case, State
from remediation.checks import CheckRequest
from remediation.decide import Close, Decision, Fix, Limit, Situation, decide
from remediation.ports import Conflict, Gone, Operation, Progress, Refused, Services, Throttled, Unavailable
from rules.model import Finding, Resource, Status
from rules.scope import changing

log = logging.getLogger(__name__)

MOST_TRIES: Final = 100
"""Tries while Azure does not answer, throttles or is busy with another change: about a day."""
TO_SHOW: Final = timedelta(minutes=1)
"""How long what was sent may take to show where Azure tells how far it is: until then, what went before shows there."""
AUTHORIZATION: Final = "microsoft.authorization/"
"""How operations on locks and permissions begin."""
OVER: Final = "the scan {} found more newly at fault than the limits of the policy"
MOST_LOOKS: Final = 20
"""Looks at a resource that stays busy without our doing: some hours. Its next event brings it back."""


def check(services: Services, request: CheckRequest) -> None:
    """Check one resource. What cannot be done now is put off; raises what was put off too often: people are told."""
    if request.resource.subscription not in services.policy.subscriptions:
        log.error("%s: refused, its subscription is not onboarded", request.resource)
        return
    began = services.clock()
    with telemetry.about(correlation_id=request.cause.correlation, resource=str(request.resource)):
        log.info("%s: look %d, correlation %s", request.resource, request.looks + 1, telemetry.correlation())
        outcome = _look(services, request)
        telemetry.metric("check", (services.clock() - began).total_seconds(), outcome=outcome)


def _look(services: Services, request: CheckRequest) -> str:
    """Look once. Returns in a word how that ended."""
    services.store.clear_pending(request.resource)
    again = replace(request, looks=min(request.looks, MOST_LOOKS))  # a look that went through is no failed try
    try:
        delay = _check(services, request)
    except Gone:
        _forget(services, request)
        return "gone"
    except Refused as refused:
        outbox.tell_unreadable(services, request.resource, refused)
        return "refused"
    except (Throttled, Unavailable) as error:
        if request.looks >= MOST_TRIES:
            raise
        log.warning("%s: %s", request.resource, error)
        again, delay = request, max(error.retry_after or request.next_look, request.next_look)
    if delay is None:
        return "done"
    log.info("%s: looking again in %.0f s", request.resource, delay.total_seconds())
    checks.again(services, again, delay)
    return "put off"


def _check(services: Services, request: CheckRequest) -> timedelta | None:
    """Returns in how long to look again, None when all is said."""
    resource = reader.read(services, request.resource)
    if resource.type in topology.FOLLOWED:
        following.follow(services, request, resource)
    cases = services.store.cases(resource.id)
    resource, findings = judging.findings(services, request.resource, resource, cases)
    delay = _settle_all(services, request, findings, cases)
    endings.without_a_rule(services, resource, cases, findings)
    return delay if delay is not None and _worth_a_look(request, resource, cases) else None


def _settle_all(
    services: Services, request: CheckRequest, findings: Sequence[Finding], cases: Mapping[str, Case]
) -> timedelta | None:
    """Decide on each finding and carry it out, up to the first write: what comes after it was judged on a state that is
    no more, and has its turn on a fresh read."""
    delays = []
    for position, finding in enumerate(findings):
        with telemetry.about(rule=finding.rule.name):
            decision, delay = _settle(services, request, finding, cases)
        delays.append(delay)
        if isinstance(decision, Fix):
            left = any(_is_pending(later, cases) for later in findings[position + 1 :])
            delays.append(checks.FIRST_LOOK if left else None)
            break
    return min((delay for delay in delays if delay is not None), default=None)


def _is_pending(finding: Finding, cases: Mapping[str, Case]) -> bool:
    """Whether there is something to do about a finding."""
    case = cases.get(finding.rule.name)
    return finding.verdict.status is Status.FAIL or (case is not None and case.state.is_open)


def _forget(services: Services, request: CheckRequest) -> None:
    """The resource is gone: so are its cases, and what it used is used by it no more."""
    endings.close_all(services, services.store.cases(str(request.resource)), "it was deleted")
    if request.resource.type in topology.FOLLOWED:
        following.forget(services, request)


def _settle(
    services: Services, request: CheckRequest, finding: Finding, cases: Mapping[str, Case]
) -> tuple[Decision, timedelta | None]:
    """Decide on one finding and carry it out. Returns the decision, and in how long to look again."""
    case, now = cases.get(finding.rule.name), services.clock()
    operation = _operation(services, case)
    if operation is not None and operation.progress in (Progress.SUCCEEDED, Progress.FAILED):
        finding = reader.look_again(services, request.resource, finding)  # it may have ended after our read
        now = services.clock()
    if case is not None and operation is not None and operation.progress is Progress.SUCCEEDED:
        case = replace(case, ended=case.ended or now)  # stored with whatever is decided
    situation = Situation(
        finding,
        judging.remedy(services, request.resource, finding, cases),
        case,
        services.policy,
        now,
        request.delivery,
        operation,
        other_fix=any(other.state is State.FIXING for name, other in cases.items() if name != finding.rule.name),
        guard=judging.guarded(services, finding, case, now),
        limit=Limit(OVER.format(request.scan), shared=True, scan=request.scan) if request.scan else None,
        unblocked=request.cause.operation.lower().startswith(AUTHORIZATION),
    )
    decision = decide(situation)
    log.info("%s: %s %s: %s", request.resource, finding.rule.name, finding.verdict.status, _word(decision))
    try:
        return decision, act.carry_out(services, request, situation, decision)
    except Conflict:
        log.info("%s: %s is in another worker's hands", request.resource, finding.rule.name)
        return decision, None if isinstance(decision, Close) else request.next_look


def _operation(services: Services, case: Case | None) -> Operation | None:
    """The case's long-running operation. Looked at even if the rule passes: some services show what is wanted from the
    start, and take it back if they fail."""
    if case is None or case.state is not State.FIXING or case.sent is None or case.plan is None:
        return None
    operation = services.cloud.operation(case.operation) if case.operation else None
    write = case.plan.writes[case.step]
    ended = operation is None or operation.progress in (Progress.SUCCEEDED, Progress.UNKNOWN)
    if not write.progress or not ended or services.clock() - case.sent < TO_SHOW:
        return operation
    shown = services.cloud.progress(write)
    return operation if shown.progress is Progress.UNKNOWN else shown


def _word(decision: Decision) -> str:
    reason = getattr(decision, "reason", "")
    return f"{type(decision).__name__} ({reason})" if reason else type(decision).__name__


def _worth_a_look(request: CheckRequest, resource: Resource, cases: Mapping[str, Case]) -> bool:
    if (
        not changing(resource)
        or request.looks < MOST_LOOKS
        or any(case.state is State.FIXING for case in cases.values())
    ):
        return True
    log.warning("%s: still busy after %d looks; its next event brings it back", request.resource, request.looks)
    return False
