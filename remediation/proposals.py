"""What is put to people: asked, told, or left alone because somebody accepts it. Once for each plan."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from remediation import cards, endings, outbox, record, undo
from remediation.cards import Card
from remediation.cases import Case, Cause, Entry, State, opened, same, unsent
from remediation.decide import Ask, Situation, Tell
from remediation.plan import Guidance, Plan
from remediation.policy import Exemption
from remediation.ports import Services
from rules.model import Finding


def put(services: Services, cause: Cause, situation: Situation, decision: Ask | Tell) -> None:
    """Ask or tell, once for each plan. The case comes first: its incident is part of the notice's id."""
    finding, before, plan = situation.finding, situation.case, _plan(decision)
    state = State.ASKED if isinstance(decision, Ask) else State.TOLD
    again = before is not None and before.state is state and not before.told and _digest(before.plan) == _digest(plan)
    since = before.changed if before is not None and again else situation.now  # a crash came before the message
    case = unsent(opened(finding, state, cause, since, before))
    reason = _asked_again(before, plan) or decision.because
    scan = decision.limit.scan if decision.limit else ""
    case = services.store.put_case(
        replace(case, plan=plan, told=(), reason=reason, until=None, snoozed=None, scan=scan)
    )
    evidence = {"found": finding.verdict.because, "cause": asdict(case.cause), **_proposed(plan)}
    record.line(services, case, state.lower(), (case.changed, _digest(plan)), **evidence)
    cause = case.cause if undo.is_undo(case.rule) else cause
    told = _tell(services, finding, case, cause, decision)
    services.store.put_case(replace(case, told=told if scan or decision.limit is None else ()))


def accept(services: Services, cause: Cause, situation: Situation, exemption: Exemption) -> None:
    """Remember who accepts it, until when and why. Whoever waited for the end of a plan hears that it is not wanted."""
    before, now = situation.case, situation.now
    case = unsent(opened(situation.finding, State.EXEMPT, cause, now, before))
    by = f", {exemption.by}" if exemption.by else ""
    reason = f"{exemption.reason} ({exemption.source}{by})"
    case = replace(case, told=(), approval=None, until=exemption.until, reason=reason)
    if before is not None and endings.is_awaited(before):
        endings.tell_closed(services, case, f"It is accepted until {exemption.until:%d %b %Y}: {reason}")
    else:
        outbox.show(services, case, f"exempt {exemption.until.isoformat()} {reason}", cards.exempt(case))
    key = same(replace(case, opened=exemption.until), "exempt", reason)  # the incident begins only when this is stored
    detail = {"until": exemption.until.isoformat(), "reason": reason}
    services.store.append(Entry(case.resource_id, case.rule, now, "exempt", detail, key))
    services.store.put_case(case)


def _plan(decision: Ask | Tell) -> Plan | None:
    remedy = decision.plan if isinstance(decision, Ask) else decision.remedy
    return remedy if isinstance(remedy, Plan) else None


def _digest(plan: Plan | None) -> str:
    return plan.digest if plan else ""


def _proposed(plan: Plan | None) -> Mapping[str, Any]:
    return {"plan": plan.to_json(), "digest": plan.digest} if plan else {}


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


def _tell(services: Services, finding: Finding, case: Case, cause: Cause, decision: Ask | Tell) -> tuple[str, ...]:
    if decision.limit is not None and decision.limit.scan:
        return outbox.tell_scan_limit(services, decision.limit.scan, decision.limit.text)
    if decision.limit is not None:
        return outbox.tell_limit(services, finding, decision.limit.text)
    card = _card(finding, case, cause, decision, services.access.link(case))
    return outbox.tell(services, case, _digest(_plan(decision)), card, finding)


def _card(finding: Finding, case: Case, cause: Cause, decision: Ask | Tell, link: str) -> Card:
    if isinstance(decision, Ask):
        if decision.undone:
            return cards.keeps_undone(finding, decision.plan, cause, decision.undone, link)
        return cards.approval(finding, decision.plan, cause, case.reason, link)
    if isinstance(decision.remedy, Guidance):
        return cards.guidance(finding, decision.remedy, cause)
    return cards.told(finding, decision.remedy, cause, case.reason)
