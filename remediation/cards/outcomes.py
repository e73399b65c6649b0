"""How a fix went: under way, confirmed, failed, or no longer wanted."""

import math
import shlex
from collections.abc import Sequence
from typing import Final

from remediation.cards.buttons import to_try_again, to_undo
from remediation.cards.model import Card, Fact, Link, Section, Tone
from remediation.cards.parts import (
    about,
    advice_on,
    approved_by,
    change,
    code_change,
    label_of,
    links_of,
    named,
    portal_url,
    sentence,
    subject,
    to_review,
    what_was_sent,
    when,
)
from remediation.cases import Case
from remediation.plan import Plan, Safety
from rules.model import Finding, Status

BY_ITSELF: Final = (
    "with the next change of this resource, or at night: an hour from now at the earliest, a day where Azure forbids it"
)
BY_APPROVAL: Final = "when somebody approves the plan again, once its reason is gone"


def fixed(finding: Finding, plan: Plan, case: Case, link: str = "") -> Card:
    """Our fix was applied and a fresh read confirmed it; `link` is where it can be taken back."""
    rule, resource = finding.rule, finding.resource
    took = f", within {math.ceil((case.changed - case.sent).total_seconds())} s of the change" if case.sent else ""
    return Card(
        Tone.GOOD,
        label_of(_fixed(plan, case), rule),
        f"{subject(resource)}: {change(plan)}",
        sentence(finding.verdict.because),
        facts=(
            *about(finding, case.cause),
            *approved_by(plan, case),
            Fact("Confirmed", f"by a fresh read, {when(case.changed)}{took}"),
            Fact("Cost", plan.cost.text),
            Fact("Downtime", plan.downtime),
            Fact("Undo", plan.undo_note),
        ),
        sections=(Section("What it brings", (plan.effect,)), *code_change(plan), what_was_sent(plan, plan.writes)),
        links=(*to_review(link if plan.undo and not plan.takes_back else "", "Undo"), *links_of(rule, resource)),
        buttons=to_undo(plan, link),
    )


def _fixed(plan: Plan, case: Case) -> str:
    if plan.takes_back:
        return "TAKEN BACK"
    return "FIXED" if case.approved(plan) else "FIXED AUTOMATICALLY"


def started(finding: Finding, plan: Plan, case: Case) -> Card:
    """An approved plan was sent, and Azure works on it."""
    return Card(
        Tone.INFO,
        label_of("FIX STARTED", finding.rule),
        plan.title,
        "Azure has accepted it and works on it. You hear of its end, whichever way it ends.",
        facts=(
            *about(finding, case.cause),
            *approved_by(plan, case),
            Fact("Time", plan.duration),
            Fact("Downtime", plan.downtime),
        ),
        sections=(what_was_sent(plan, plan.writes[: case.step + 1]),),
        links=links_of(finding.rule, finding.resource),
    )


def failure(finding: Finding, plan: Plan, case: Case, link: str = "") -> Card:
    """Our fix did not work: Azure refused it, or a fresh read does not confirm it; `link` is where it can be approved
    again."""
    code = case.reason.partition(":")[0]
    return Card(
        Tone.BAD,
        label_of("FIX FAILED", finding.rule),
        f"Could not {plan.title[:1].lower()}{plan.title[1:]}",
        f"{sentence(finding.verdict.because)} {_still(finding)} as of {when(case.changed)}.",
        facts=(
            *about(finding, case.cause),
            *approved_by(plan, case),
            Fact("Reason", case.reason),
            *_so_far(plan, case),
            Fact("Tries", str(case.attempts)),
            Fact("Next try", BY_ITSELF if plan.safety is Safety.SAFE and not plan.to_confirm else BY_APPROVAL),
        ),
        sections=(
            *advice_on(code),
            *([what_was_sent(plan, plan.writes[: case.step + 1])] if case.attempts else ()),
        ),
        links=(*to_review(link, "Review and try again"), *links_of(finding.rule, finding.resource)),
        buttons=to_try_again(plan, link),
    )


def _still(finding: Finding) -> str:
    """Only a fault is still there: between two writes, or while a change goes wrong, the rule may have none to tell."""
    return "It is still so" if finding.verdict.status is Status.FAIL else "That is what the rule says"


def _so_far(plan: Plan, case: Case) -> Sequence[Fact]:
    """Where a plan of several writes stopped: what came before it is done, and stays so until somebody acts."""
    if case.step == 0:
        return []
    rest = "the rest is for a person to finish"
    if plan.undo and not plan.takes_back:
        rest += f" or undo: python -m local undo {shlex.quote(plan.resource_id)} {plan.rule} --by NAME"
    return [Fact("Already done", f"{case.step} of {len(plan.writes)} writes; {rest}")]


def closed(case: Case, why: str) -> Card:
    """What people wait for ends otherwise than by the bot's fix. The resource may be gone: only the case is asked."""
    plan, name = case.plan, case.resource_id.rsplit("/", 1)[-1]
    return Card(
        Tone.INFO,
        f"CLOSED · {case.rule}",
        f"No longer wanted: {plan.title}" if plan else f"{case.rule} of {name} is closed",
        sentence(why),
        facts=(
            Fact("Resource", name, portal_url(case.resource_id)),
            *(approved_by(plan, case) if plan else ()),
            *_done(plan, case),
        ),
        sections=(what_was_sent(plan, plan.writes[: case.step + 1]),) if plan and case.sent else (),
        links=(Link("Open in the portal", portal_url(case.resource_id)),),
    )


def _done(plan: Plan | None, case: Case) -> Sequence[Fact]:
    done = case.step + (case.sent is not None)
    return named("Already done", f"{done} of {len(plan.writes)} writes" if plan and done else "")
