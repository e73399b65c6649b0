"""Decisions that a button in Slack has put on the queue `decisions`, taken as the page takes them.

A decision that is taken shows in what follows it: the fix that begins, or the journal. Why one was not taken is told.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from remediation import approvals, cards, outbox
from remediation.approvals import NotPossible, Person
from remediation.notices import Kind
from remediation.plan import UNDO
from remediation.ports import Gone, Refused, Services
from remediation.review import Review, look
from remediation.tokens import BadToken, Link, outdated

log = logging.getLogger(__name__)

SNOOZE: Final = cards.SNOOZE
EXEMPTED: Final = "accepted by a button in Slack"
"""The reason of an exemption by button; the page asks for one."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody has decided, about what, and who it was."""

    what: str
    link: Link
    person: Person


def decide(services: Services, message: object, delivery: str) -> None:
    """Take one decision. Raises what puts it off: Azure does not answer, or throttles. Raises ValueError where the
    message is none."""
    decision = _parsed(services, message)
    try:
        _decide(services, decision)
    except NotPossible as error:
        log.info("%s: the decision of %s was not taken: %s", decision.link.pinned.resource_id, decision.person, error)
        _tell(services, decision, str(error), delivery)
    except Gone:
        _tell(services, decision, "the resource was deleted", delivery)
    except Refused as refused:
        _tell(services, decision, f"Azure does not show the resource: {refused}", delivery)


def _parsed(services: Services, message: object) -> Decision:
    if services.access.tokens is None:
        raise ValueError("a decision came in, and no key is set to check its token with")
    match message:
        case {"what": str(what), "token": str(token), "person": {"name": str(name), "id": str(number)}}:
            pass
        case _:
            raise ValueError("a message of the queue decisions holds no decision")
    if what not in ACTIONS:
        raise ValueError("a message of the queue decisions names no button")
    try:
        link = services.access.tokens.read(token)
    except BadToken:
        raise ValueError("a decision does not carry the signature of this app") from None
    return Decision(what, link, Person(name, number))


def _decide(services: Services, decision: Decision) -> None:
    review = look(services, decision.link.pinned)
    approval, is_used = review.case.approval, decision.link.pinned.approved != review.pinned.approved
    if decision.what in APPROVES and is_used and approval is not None and approval.by == str(decision.person):
        return  # pressed twice, or delivered twice
    if why := outdated(decision.link, review.case, review.pinned):
        raise NotPossible(why)
    ACTIONS[decision.what](services, review, decision.person)


def _approve(services: Services, review: Review, person: Person) -> None:
    if review.plan.to_confirm and not review.held:
        raise NotPossible("it takes what only a person can know: confirm that on the page")
    _approve_confirmed(services, review, person)


def _approve_confirmed(services: Services, review: Review, person: Person) -> None:
    if review.held:
        raise NotPossible(review.held)
    approvals.approve(services, review.resource, review.case.rule, review.plan.digest, person, review.plan)


def _snooze(services: Services, review: Review, person: Person) -> None:
    approvals.snooze(services, review.resource, review.case.rule, _morning(services, SNOOZE), person)


def _exempt(services: Services, review: Review, person: Person) -> None:
    until = _morning(services, cards.EXEMPT)
    approvals.exempt(services, review.resource, review.case.rule, until, EXEMPTED, person)


def _undo(services: Services, review: Review, person: Person) -> None:
    back = services.store.cases(str(review.resource)).get(f"{review.case.rule}{UNDO}")
    if back is not None and back.state in approvals.UNDER_WAY and back.cause.caller == str(person):
        return  # pressed twice, or delivered twice
    approvals.take_back(services, review.resource, review.case.rule, person)


def _morning(services: Services, after: timedelta) -> datetime:
    return datetime.combine(services.clock() + after, time(), UTC)


ACTIONS: Final[Mapping[str, Callable[[Services, Review, Person], None]]] = {
    "approve": _approve,
    "approve_confirmed": _approve_confirmed,
    "snooze": _snooze,
    "exempt": _exempt,
    "undo": _undo,
}
"""What a button does, by its action_id. `approve_confirmed` is for one whose dialog lists all of `Plan.to_confirm`."""
APPROVES: Final = ("approve", "approve_confirmed")


def _tell(services: Services, decision: Decision, why: str, delivery: str) -> None:
    about = decision.link.pinned
    case = services.store.cases(about.resource_id).get(about.rule)
    if case is None:
        log.error("%s: nothing is remembered of it", about.resource_id)
        return
    card = cards.not_decided(case, decision.what, str(decision.person), why, services.access.link(case))
    outbox.tell(services, case, f"not decided {delivery}", card, kind=Kind.ASIDE)
