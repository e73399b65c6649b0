"""What people are asked or told to do: nothing has been changed yet."""

import re
from collections.abc import Sequence
from typing import Final

from remediation import by_hand
from remediation.cards.buttons import to_decide
from remediation.cards.model import Card, Fact, Link, Section, Tone
from remediation.cards.parts import (
    about,
    approving,
    change,
    changed_by,
    code_change,
    label_of,
    links_of,
    named,
    portal_url,
    sentence,
    subject,
    to_review,
    when,
    why_it_matters,
)
from remediation.cases import Case, Cause, Repair
from remediation.plan import Guidance, Plan
from rules.model import Finding, Resource
from rules.resource_id import ResourceId

COMMAND: Final = re.compile(r"\baz [a-z]")
"""A command of the Azure CLI in a step."""


def approval(finding: Finding, plan: Plan, cause: Cause, why: str = "", link: str = "") -> Card:
    """A person has to decide; nothing has been changed. `why` is said where the plan does not say it itself, `link` is
    where it is decided, if not by command."""
    summary = "Nothing has been changed yet: a person has to decide."
    return _proposal(
        "APPROVAL NEEDED", summary, finding, plan, cause, named("Why asked", why), _to_approve(plan, link), link=link
    )


def keeps_undone(finding: Finding, plan: Plan, cause: Cause, repairs: Sequence[Repair], link: str = "") -> Card:
    """The same fix was undone again and again: the bot has stopped. The last who did so is the cause of this fault."""
    who = [*(each.caused_by for each in repairs[1:]), changed_by(cause)]
    lines = [
        f"{number}. made {when(each.at)}, undone by {by}"
        for number, (each, by) in enumerate(zip(repairs, who, strict=True), 1)
    ]
    times = "once" if len(repairs) == 1 else f"{len(repairs)} times"
    summary = (
        f"The bot has made this fix {times} and stopped: somebody keeps undoing it, most likely code that still has "
        "the old value. It goes on when somebody approves the plan, or when nobody has undone it for long."
    )
    return _proposal(
        "KEEPS BEING UNDONE",
        summary,
        finding,
        plan,
        cause,
        named("Undone by", ", ".join(dict.fromkeys(who))),
        (Section("What happened", tuple(lines)), *_to_approve(plan, link)),
        by_code=True,
        link=link,
    )


def told(finding: Finding, plan: Plan, cause: Cause, why: str = "") -> Card:
    """What the bot would do: `why` it may not, in enforce mode."""
    if why:
        return _proposal("NOT CHANGED", f"Nothing was changed: {why}.", finding, plan, cause)
    return _proposal("AUDIT MODE", "Nothing was changed: in enforce mode the bot would do this.", finding, plan, cause)


def still_waiting(case: Case, plan: Plan, why: str, link: str = "") -> Card:
    """Nobody has decided on a plan so far; `why` it is told again. The resource was not looked at."""
    return Card(
        Tone.WARNING,
        f"STILL TO BE APPROVED · {case.rule}",
        plan.title,
        f"{why} Nothing has been changed yet: a person has to decide.",
        facts=(
            Fact("Resource", case.resource_id.rsplit("/", 1)[-1], portal_url(case.resource_id)),
            Fact("Asked", when(case.opened)),
            Fact("Change", change(plan)),
            Fact("Cost", plan.cost.text),
            Fact("Downtime", plan.downtime),
            Fact("Undo", plan.undo_note),
            *_preconditions(plan),
        ),
        sections=_to_approve(plan, link),
        links=(*to_review(link), Link("Open in the portal", portal_url(case.resource_id))),
        buttons=to_decide(plan, link),
    )


def not_decided(case: Case, what: str, who: str, why: str, link: str) -> Card:
    """Somebody decided by a button, and it could not be done."""
    title = case.plan.title if case.plan else case.rule
    return Card(
        Tone.INFO,
        f"NOT DONE · {case.rule}",
        title,
        sentence(why),
        facts=(
            Fact("Resource", case.resource_id.rsplit("/", 1)[-1], portal_url(case.resource_id)),
            Fact("Asked for", f"{what}, by {who}"),
        ),
        links=(*to_review(link, "Review"), Link("Open in the portal", portal_url(case.resource_id))),
    )


def _to_approve(plan: Plan, link: str) -> tuple[Section, ...]:
    """The command, where there is no link."""
    if link:
        return ()
    return (Section("To approve", (approving(plan),), code=True, folded=True),)


def _proposal(
    label: str,
    summary: str,
    finding: Finding,
    plan: Plan,
    cause: Cause,
    more: Sequence[Fact] = (),
    more_sections: Sequence[Section] = (),
    by_code: bool = False,
    link: str = "",
) -> Card:
    return Card(
        Tone.WARNING,
        label_of(label, finding.rule),
        plan.title,
        summary,
        facts=(
            *about(finding, cause),
            Fact("Change", change(plan)),
            Fact("Cost", plan.cost.text),
            Fact("Downtime", plan.downtime),
            Fact("Time", plan.duration),
            Fact("Undo", plan.undo_note),
            *_preconditions(plan),
            *more,
        ),
        sections=(
            *why_it_matters(finding),
            Section("What would be done", (plan.effect,)),
            *((Section("Before you approve", (plan.code.warning,)),) if plan.code.warning else ()),
            *more_sections,
            *code_change(plan, folded=not by_code),
            _by_hand(plan),
        ),
        links=(*to_review(link), *links_of(finding.rule, finding.resource)),
        buttons=to_decide(plan, link),
    )


def _preconditions(plan: Plan) -> Sequence[Fact]:
    checked = "; ".join(each.text for each in plan.preconditions if each.checked)
    return [*named("Checked", checked), *named("Make sure", "; ".join(plan.to_confirm))]


def _by_hand(plan: Plan) -> Section:
    lines = tuple(line for write in plan.writes for line in by_hand.command_lines(plan, write))
    return Section("By hand", lines, code=True, folded=True)


def _choose_subscription(resource: Resource, advice: Guidance) -> Sequence[str]:
    """Another subscription may hold a group and a resource of the same names: commands are not run there."""
    parsed = ResourceId.parse(resource.id)
    if parsed is None or not any(COMMAND.search(step) for step in advice.steps):
        return ()
    return (f"Commands are for this subscription: az account set --subscription {parsed.subscription}.",)


def guidance(finding: Finding, advice: Guidance, cause: Cause) -> Card:
    """Only people can put this right."""
    return Card(
        Tone.INFO,
        label_of("GUIDANCE", finding.rule),
        f"{subject(finding.resource)}: {finding.verdict.because}",
        advice.why_no_plan,
        facts=(
            *about(finding, cause),
            Fact("Cost", advice.cost),
            Fact("Effort", advice.effort),
        ),
        sections=(
            *why_it_matters(finding),
            Section(
                "What to do",
                (
                    *_choose_subscription(finding.resource, advice),
                    *(f"{number}. {step}" for number, step in enumerate(advice.steps, 1)),
                ),
            ),
        ),
        links=links_of(finding.rule, finding.resource),
    )
