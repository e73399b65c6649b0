"""The page of one decision: what a person has to know, in the order it is needed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from remediation import by_hand, cards
from remediation.approvals import LONGEST_SNOOZE, Person
from remediation.cards import Fact
from remediation.cards.parts import about, approved_by, change_rows, code_lines, named, what_was_sent, when
from remediation.cases import State
from remediation.exemptions import LONGEST
from remediation.pages import render
from remediation.plan import Plan
from remediation.review import Review
from rules import RULES_BY_NAME

ABOUT_RESOURCE: Final = "Resource"
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """Something to unfold: sentences, and code."""

    title: str
    texts: tuple[str, ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Page:
    """What the template shows. `note` is what has just happened, in the colour `tone`; `held` why nobody can approve.
    `action` and `form` are where its forms go and their token; days are as date inputs want them."""

    action: str
    form: str
    person: str
    title: str
    label: str
    resource: str
    portal: str
    note: str
    tone: str
    held: str
    changes_title: str
    changes: Sequence[Change]
    effect: str
    facts: Sequence[Fact]
    warning: str
    checked: Sequence[str]
    to_confirm: Sequence[str]
    may_approve: bool
    may_undo: bool
    may_snooze: bool
    may_exempt: bool
    first_day: str
    last_snooze: str
    last_exempt: str
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Shown:
    """To whom a review is shown, when, and with what token; and what has just happened. `done`: nothing is left to
    decide here."""

    person: Person
    now: datetime
    token: str
    form: str
    note: str = ""
    tone: str = "info"
    done: bool = False


def page(review: Review, shown: Shown) -> str:
    """The page as HTML."""
    return render("approval.html", page=view(review, shown))


def view(review: Review, shown: Shown) -> Page:
    """What the page holds."""
    case, plan, open_to_all = review.case, review.plan, not shown.done
    return Page(
        action=shown.token,
        form=shown.form,
        person=str(shown.person),
        title=plan.title,
        label=_label(review),
        resource=_resource(review),
        portal=cards.portal_url(case.resource_id),
        note=shown.note,
        tone=shown.tone,
        held="" if shown.done else review.held,
        changes_title="What would change" if not review.held else "What it is about",
        changes=[Change(*row) for row in change_rows(plan)],
        effect=plan.effect,
        facts=_facts(review),
        warning=plan.code.warning,
        checked=[each.text for each in plan.preconditions if each.checked] if not review.held else [],
        to_confirm=plan.to_confirm,
        may_approve=open_to_all and not review.held,
        may_undo=open_to_all and review.may_undo,
        may_snooze=open_to_all and not review.held and case.state is State.ASKED,
        may_exempt=open_to_all and not review.held and case.rule in RULES_BY_NAME,
        first_day=_day(shown.now + DAY),
        last_snooze=_day(shown.now + LONGEST_SNOOZE - DAY),
        last_exempt=_day(shown.now + LONGEST - DAY),
        parts=_parts(review, plan),
    )


def _label(review: Review) -> str:
    severity = review.finding.rule.severity if review.finding else ""
    return " · ".join(part for part in (severity, review.case.rule) if part)


def _resource(review: Review) -> str:
    if review.finding is None:
        return review.resource.name
    return next(fact.text for fact in about(review.finding, review.case.cause) if fact.label == ABOUT_RESOURCE)


def _facts(review: Review) -> Sequence[Fact]:
    case, plan, finding = review.case, review.plan, review.finding
    return [
        *(named("Found now", finding.verdict.because) if finding else ()),
        *(fact for fact in (about(finding, case.cause) if finding else ()) if fact.label != ABOUT_RESOURCE),
        Fact("Cost", plan.cost.text),
        Fact("Downtime", plan.downtime),
        Fact("Time", plan.duration),
        Fact("Undo", plan.undo_note),
        Fact("First found", when(case.opened)),
        *named("Why asked", case.reason if case.state is State.ASKED else ""),
        *named("Failed", case.reason if case.state is State.FAILED else ""),
        *named("Snoozed until", when(case.snoozed) if case.snoozed else ""),
        *approved_by(plan, case),
    ]


def _parts(review: Review, plan: Plan) -> Sequence[Part]:
    sent = what_was_sent(plan, plan.writes)
    why = review.finding.rule.section("Why it matters") if review.finding else ""
    commands = [line for write in plan.writes for line in by_hand.command_lines(plan, write)]
    return [
        *([Part("Why it matters", (why,))] if why else []),
        Part("The lines to change in code", code="\n".join(code_lines(plan))),
        Part("What is sent to Azure", code="\n".join(sent.lines)),
        Part("To do it by hand", code="\n".join(commands)),
    ]


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
