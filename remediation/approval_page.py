"""The page behind a link: GET shows a plan as it stands now, POST takes a person's decision.

A link grants nothing. Who has not signed in is shown how to, and nothing is read for them: programs that preview links
learn nothing and cost nothing. Who decides has the app role, was shown this very page, and has pressed a button on it.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Final
from urllib.parse import parse_qs, quote

from remediation import access_settings, approvals, exemptions, identity
from remediation.access import PATH
from remediation.approvals import NotPossible, Person
from remediation.cards.parts import sentence
from remediation.pages import render
from remediation.pages.approval import Shown, page
from remediation.ports import CloudError, Gone, Services
from remediation.review import Review, look
from remediation.tokens import BadToken, Link, Tokens, outdated

log = logging.getLogger(__name__)

LONGEST_BODY: Final = 64 * 1024
MOST_FIELDS: Final = 100
LONGEST_REASON: Final = 500
SET_UP: Final = "How to set it up stands in docs/approvals.md of the bot."
ANEW: Final = "What stands now is below."
AGAIN: Final = "Show it as it stands now"


@dataclass(frozen=True, slots=True)
class Request:
    """What a browser sent: header names in lower case."""

    method: str
    token: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What it is shown: `remediation.pages.headers` go with it."""

    status: int
    html: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A person of the app role who has followed a link."""

    services: Services
    tokens: Tokens
    request: Request
    link: Link
    person: Person


type Form = Mapping[str, Sequence[str]]


def answer(services: Services, request: Request) -> Answer:
    """The page, or why there is none."""
    tokens = services.access.tokens
    missing = access_settings.missing(services.access)
    if tokens is None or missing:
        return _message(503, "Approvals by page are not set up", (*missing, SET_UP))
    try:
        link = tokens.read(request.token)
    except BadToken:
        log.warning("a link to an approval was refused: it does not carry the signature of this app")
        return _message(404, "There is no such page", ("Open the link from the message itself.",))
    who = identity.principal(request.headers)
    if who is None:
        return _signed_out(request)
    person = Person(who.name, who.id)
    if services.access.role not in who.roles:
        log.warning("%s may not decide: the app role %s is missing", who.id, services.access.role)
        return _without_role(services, person)
    return _visited(Visit(services, tokens, request, link, person))


def _signed_out(request: Request) -> Answer:
    back = quote(f"{PATH}{request.token}", safe="")
    lines = ("Sign in to see what is asked. The link alone shows nothing and changes nothing.",)
    return _message(401, "Sign in to review", lines, f"/.auth/login/aad?post_login_redirect_uri={back}", "Sign in")


def _without_role(services: Services, person: Person) -> Answer:
    lines = (
        f"To see and to decide it takes the app role {services.access.role}.",
        "Whoever manages the bot's enterprise application in Microsoft Entra ID can assign it to you or to a group of "
        "yours. Sign out and in again after that.",
    )
    return _message(403, "You may not decide on this", lines, person=person)


def _visited(visit: Visit) -> Answer:
    try:
        review = look(visit.services, visit.link.pinned)
    except NotPossible as error:
        return _message(409, "There is nothing to decide", (sentence(str(error)),), person=visit.person)
    except Gone:
        return _message(410, "The resource was deleted", ("Nothing is left to decide.",), person=visit.person)
    except CloudError as error:
        log.warning("%s: cannot be shown for an approval: %s", visit.link.pinned.resource_id, error)
        lines = (f"Azure does not show the resource now: {error}.", "Nothing can be decided unseen: try again later.")
        return _message(503, "The resource cannot be read", lines, visit.request.token, AGAIN, visit.person)
    return _posted(visit, review) if visit.request.method == "POST" else _got(visit, review)


def _got(visit: Visit, review: Review) -> Answer:
    why = outdated(visit.link, review.case, review.pinned)
    return _show(visit, review, 410 if visit.link.expired else 200, f"{why} {ANEW}" if why else "")


def _posted(visit: Visit, review: Review) -> Answer:
    form = _form(visit.request.body)
    if form is None:
        return _message(400, "This form cannot be read", ("Open the page again.",), visit.request.token, AGAIN)
    if not _is_own(visit, form):
        log.warning("%s: a form that was not filled in on the page was refused", visit.person.id)
        lines = ("It was not sent from the page that you were shown, or that was hours ago. Nothing was done.",)
        return _message(403, "This form is not accepted", lines, visit.request.token, AGAIN, visit.person)
    if why := outdated(visit.link, review.case, review.pinned):
        return _show(visit, review, 410 if visit.link.expired else 409, f"Nothing was done. {why} {ANEW}")
    decide = DECISIONS.get(_first(form, "what"))
    try:
        if decide is None:
            raise NotPossible("there is no such decision")
        return decide(visit, review, form)
    except NotPossible as error:
        return _message(409, "Not done", (sentence(str(error)),), visit.request.token, AGAIN, visit.person)


def _form(body: bytes) -> Form | None:
    """The fields of a form, None where it is too large or no form."""
    if len(body) > LONGEST_BODY:
        return None
    try:
        return parse_qs(body.decode(), max_num_fields=MOST_FIELDS, strict_parsing=True, errors="strict")
    except ValueError:
        return None


def _is_own(visit: Visit, form: Form) -> bool:
    """Whether this person has filled it in on the page they were shown: no other site can make them send it."""
    headers, own = visit.request.headers, visit.services.access.public_url
    if headers.get("origin", own) != own or headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    return visit.tokens.is_form(_first(form, "form"), visit.person.id, visit.request.token)


def _show(visit: Visit, review: Review, status: int, note: str, *, done: bool = False) -> Answer:
    """The page, with a new token where the one it was opened with can be used no more."""
    current = not visit.link.expired and visit.link.pinned == review.pinned
    token = visit.request.token if current else visit.tokens.link(review.pinned)
    shown = Shown(
        visit.person,
        visit.services.clock(),
        token,
        visit.tokens.form(visit.person.id, token),
        note,
        "good" if done else "warn",
        done,
    )
    return Answer(status, page(review, shown))


def _approve(visit: Visit, review: Review, form: Form) -> Answer:
    if review.held:
        raise NotPossible(review.held)
    if {*form.get("confirm", ())} != {str(number) for number, _ in enumerate(review.plan.to_confirm)}:
        raise NotPossible("confirm first, by a tick each, what only you can know")
    digest = visit.link.pinned.digest
    approvals.approve(visit.services, review.resource, review.case.rule, digest, visit.person, review.plan)
    note = "Approved. The next check applies it if the resource is still as shown. How it ends is told in chat."
    return _show(visit, review, 200, note, done=True)


def _snooze(visit: Visit, review: Review, form: Form) -> Answer:
    until = datetime.combine(_until(form), time(), UTC)
    case = approvals.snooze(visit.services, review.resource, review.case.rule, until, visit.person)
    return _show(
        visit, replace(review, case=case), 200, f"Snoozed: people are asked again on {until:%d %b %Y}.", done=True
    )


def _exempt(visit: Visit, review: Review, form: Form) -> Answer:
    reason, until = " ".join(_first(form, "reason").split()), _until(form)
    if not reason or len(reason) > LONGEST_REASON:
        raise NotPossible(f"an exemption needs a reason, of at most {LONGEST_REASON} characters")
    approvals.exempt(visit.services, review.resource, review.case.rule, until, reason, visit.person)
    note = f"Accepted until the end of {until:%d %b %Y}. People are reminded before that."
    return _show(visit, review, 200, note, done=True)


def _undo(visit: Visit, review: Review, _form: Form) -> Answer:
    case = approvals.take_back(visit.services, review.resource, review.case.rule, visit.person)
    lines = (
        "The way back is a plan of its own. Nothing changes until somebody approves it, here or from its message.",
    )
    title, link = "People are asked to take it back", visit.services.access.link(case)
    return _message(200, title, lines, link, "Review and approve the way back", visit.person)


DECISIONS: Final[Mapping[str, Callable[[Visit, Review, Form], Answer]]] = {
    "approve": _approve,
    "snooze": _snooze,
    "exempt": _exempt,
    "undo": _undo,
}


def _until(form: Form) -> datetime:
    try:
        return exemptions.until(_first(form, "until"))
    except exemptions.NoDate as error:
        raise NotPossible(f"the end of it {error}") from None


def _first(form: Form, name: str) -> str:
    return next(iter(form.get(name, ())), "")


def _message(
    status: int, title: str, lines: Sequence[str], link: str = "", link_title: str = "", person: Person | None = None
) -> Answer:
    return Answer(
        status, render("message.html", title=title, lines=lines, link=link, link_title=link_title, person=person)
    )
