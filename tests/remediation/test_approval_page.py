"""The page behind a link: whom it is shown to, what it shows, and what pressing its buttons does."""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from remediation import access_settings
from remediation.approval_page import LONGEST_BODY, LONGEST_REASON, Answer
from remediation.cases import State
from remediation.pages import headers
from remediation.tokens import FORM_LIFE, LIFE
from rules.model import Status
from tests.builders import REGISTRY_ID, event, registry
from tests.remediation.approving import (
    GEO,
    SETTINGS,
    URL,
    ZONES,
    Start,
    Visitor,
    action_of,
    asked,
    body,
    buttons,
    case_of,
    change,
    form_of,
    link_of,
    text,
    ticks,
)
from tests.remediation.harness import Bot

PREMIUM = "container-registry/premium-sku"
DAY = timedelta(days=1)


def test_a_plan_is_approved_on_its_page(start: Start) -> None:
    bot = asked(start, ZONES)
    token = link_of(bot)
    ann = Visitor(bot)
    page = ann.get(token)
    assert page.status == 200
    for shown in ("Standard_LRS → Standard_ZRS", "Terraform replaces the account", "Signed in as Ann (object-1)"):
        assert shown in text(page)
    assert (buttons(page), len(ticks(page))) == (["approve", "snooze", "exempt"], len(ZONES.plan.to_confirm))
    assert case_of(bot, ZONES).state is State.ASKED, "GET shows"
    done = ann.approve(page)
    assert (done.status, "Approved. The next check applies it" in text(done), buttons(done)) == (200, True, [])
    assert case_of(bot, ZONES).state is State.APPROVED, "POST acts"
    bot.work()
    assert ZONES.verdict(bot).status is Status.PASS
    assert {"by": "Ann", "by_id": "object-1"}.items() <= bot.journal(ZONES.resource.id)[1].detail.items()
    assert "Ann (object-1)" in bot.told()[-1]


OUTSIDE: Mapping[str, tuple[Mapping[str, Any], int, str]] = {
    "has not signed in": ({"more": {"x-ms-client-principal": ""}}, 401, "Sign in to review"),
    "claims to be somebody": ({"more": {"x-ms-client-principal": "e30="}}, 401, "Sign in to review"),
    "lacks the role": ({"roles": ("reader", "APPROVER")}, 403, "it takes the app role approver"),
}


@pytest.mark.parametrize(
    "send", [Visitor.get, lambda visitor, token: visitor.post(token, b"what=approve")], ids=["GET", "POST"]
)
@pytest.mark.parametrize(("who", "status", "says"), OUTSIDE.values(), ids=OUTSIDE)
def test_who_may_not_decide_learns_nothing_and_costs_nothing(
    start: Start, who: Mapping[str, Any], status: int, says: str, send: Callable[[Visitor, str], Answer]
) -> None:
    """A preview of links is one of them."""
    bot = asked(start)
    before, reads = case_of(bot), len(bot.azure.reads())
    page = send(Visitor(bot, **who), link_of(bot))
    assert (page.status, says in text(page)) == (status, True)
    assert GEO.resource.name not in page.html
    assert (case_of(bot), len(bot.azure.reads())) == (before, reads)


def test_who_has_not_signed_in_comes_back_after_it(start: Start) -> None:
    bot = asked(start)
    token = link_of(bot)
    page = Visitor(bot, more={"x-ms-client-principal": ""}).get(token)
    assert f'href="/.auth/login/aad?post_login_redirect_uri=%2Fapi%2Fapprovals%2F{token}"' in page.html


@pytest.mark.parametrize(
    "missing", [access_settings.SIGNING_KEY, access_settings.PUBLIC_URL, access_settings.EASY_AUTH]
)
def test_without_a_setting_nobody_is_let_in_and_the_page_says_what_to_set(start: Start, missing: str) -> None:
    bot = asked(start)
    token = link_of(bot)
    without = start(settings={name: value for name, value in SETTINGS.items() if name != missing})
    page = Visitor(without).get(token)
    assert (page.status, missing in text(page)) == (503, True)


def test_without_settings_there_is_no_link_and_the_message_has_the_command(start: Start) -> None:
    bot = asked(start, settings={})
    assert "Review and approve" not in bot.chat.messages[0].links
    assert "python -m local approve" in bot.told()[0]


def test_with_a_link_the_message_has_no_command(start: Start) -> None:
    bot = asked(start)
    assert "python -m local approve" not in bot.told()[0]


def test_a_link_that_was_changed_leads_nowhere(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    bot = asked(start)
    page = Visitor(bot).get(f"x{link_of(bot)}")
    assert (page.status, GEO.resource.name in page.html) == (404, False)
    assert "a link to an approval was refused" in caplog.text


def test_a_link_is_used_once(start: Start) -> None:
    bot = asked(start)
    ann, ben = Visitor(bot), Visitor(bot, "Ben", "object-2")
    page, second = ann.get(link_of(bot)), ben.get(link_of(bot))
    assert ann.approve(page).status == 200
    again = ben.approve(second)
    assert (again.status, buttons(again)) == (409, [])
    assert "Nothing was done. This link has been used: Ann (object-1) approved it" in text(again)
    shown = ben.get(link_of(bot))
    assert (shown.status, "This link has been used: Ann" in text(shown)) == (200, True)
    bot.work()
    assert bot.done(GEO.resource.id).count("approved") == len(bot.azure.writes()) == 1
    assert ben.approve(second).status == 409, "also when it is done"


def test_a_plan_that_failed_is_approved_again_by_its_new_link_only(start: Start) -> None:
    bot = asked(start)
    bot.azure.fault(method="PATCH", status=403)
    ann = Visitor(bot)
    first = ann.get(link_of(bot))
    ann.approve(first)
    bot.work()
    assert bot.headlines()[-1] == "FIX FAILED"
    assert ann.approve(first).status == 409
    page = ann.get(link_of(bot, "Review and try again"))
    assert (buttons(page), "AuthorizationFailed" in text(page)) == (["approve", "exempt"], True)
    assert ann.approve(page).status == 200
    bot.work()
    assert bot.headlines()[-1] == "FIXED"


def test_what_has_changed_is_shown_anew_and_approved_as_it_is_now(start: Start) -> None:
    """Before any event about the change has come."""
    bot = asked(start)
    ann = Visitor(bot)
    before = ann.get(link_of(bot))
    change(bot)
    stale = ann.approve(before)
    assert stale.status == 409
    assert "Nothing was done. The resource has changed since it was asked about" in text(stale)
    assert case_of(bot).state is State.ASKED
    assert "The resource has changed" in text(ann.get(link_of(bot)))
    assert action_of(stale) != link_of(bot), "it has a link of its own"
    assert ann.approve(stale).status == 200
    bot.work()
    assert GEO.verdict(bot).status is Status.PASS
    assert bot.headlines() == ["APPROVAL NEEDED", "FIXED"]


def test_an_expired_link_shows_what_stands_and_decides_nothing(start: Start) -> None:
    bot = asked(start)
    ann = Visitor(bot)
    page = ann.get(link_of(bot))
    bot.clock.move(LIFE + DAY)
    shown, sent = ann.get(link_of(bot)), ann.approve(page)
    assert (shown.status, sent.status, case_of(bot).state) == (410, 403, State.ASKED), "its form is too old as well"
    assert "This link has expired: it could be used for 7 days. What stands now is below." in text(shown)
    assert ann.approve(shown).status == 200, "by a link of its own, made for who may decide"


def test_a_link_that_expires_while_it_is_looked_at_decides_nothing(start: Start) -> None:
    bot = asked(start)
    ann = Visitor(bot)
    bot.clock.move(LIFE - FORM_LIFE / 2)
    page = ann.get(link_of(bot))
    bot.clock.move(FORM_LIFE * 0.9)
    sent = ann.approve(page)
    assert (sent.status, case_of(bot).state) == (410, State.ASKED)
    assert "Nothing was done. This link has expired" in text(sent)


def test_a_link_about_an_earlier_time_decides_nothing(start: Start) -> None:
    bot = asked(start)
    ann = Visitor(bot)
    page = ann.get(link_of(bot))
    change(bot, sku="Standard_RAGRS")
    GEO.see(bot, "event-2")
    assert case_of(bot).state is State.CLOSED
    bot.seed(GEO.resource.body)
    GEO.see(bot, "event-3")
    assert case_of(bot).state is State.ASKED
    again = ann.approve(page)
    assert (again.status, "about an earlier time that it was so" in text(again)) == (409, True)
    assert case_of(bot).state is State.ASKED


FORGED: Mapping[str, Mapping[str, Any]] = {
    "by another site": {"more": {"origin": "https://evil.example"}},
    "by a page that hides where it is": {"more": {"origin": "null"}},
    "across sites": {"more": {"sec-fetch-site": "cross-site"}},
    "by another app of the domain": {"more": {"sec-fetch-site": "same-site"}},
    "with the form of somebody else": {"object_id": "object-2"},
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_a_form_that_was_not_filled_in_on_the_page_is_refused(start: Start, forged: Mapping[str, Any]) -> None:
    bot = asked(start)
    page = Visitor(bot).get(link_of(bot))
    sent = Visitor(bot, **forged).approve(page)
    assert (sent.status, case_of(bot).state) == (403, State.ASKED)


@pytest.mark.parametrize("form", ["", "x", "link"])
def test_a_form_needs_its_token(start: Start, form: str) -> None:
    bot = asked(start)
    token = link_of(bot)
    page = Visitor(bot).get(token)
    sent = body(page, "approve").decode().replace(form_of(page), token if form == "link" else form)
    assert Visitor(bot).post(token, sent.encode()).status == 403
    assert case_of(bot).state is State.ASKED


def test_a_form_of_this_very_site_is_taken(start: Start) -> None:
    bot = asked(start)
    here = Visitor(bot, more={"origin": URL, "sec-fetch-site": "same-origin"})
    assert here.approve(here.get(link_of(bot))).status == 200


@pytest.mark.parametrize("sent", [b"x", b"\xff=1", b"a=%ff", b"a=1&" * 200, b"a=" + b"x" * LONGEST_BODY])
def test_what_is_no_form_is_refused(start: Start, sent: bytes) -> None:
    bot = asked(start)
    assert Visitor(bot).post(link_of(bot), sent).status == 400


def days(bot: Bot, count: int) -> str:
    return (bot.clock() + count * DAY).date().isoformat()


NOT_TAKEN: Mapping[str, tuple[str, Mapping[str, Any], str]] = {
    "an unknown decision": ("delete", {}, "There is no such decision."),
    "without the ticks": ("approve", {}, "Confirm first, by a tick each"),
    "with one tick": ("approve", {"confirm": ["0"]}, "Confirm first"),
    "with ticks of other things": ("approve", {"confirm": ["a", "b"]}, "Confirm first"),
    "put off to no day": ("snooze", {"until": "soon"}, "The end of it is no date"),
    "put off to the past": ("snooze", {"until": 0}, "to a time that is to come"),
    "put off for months": ("snooze", {"until": 60}, "by at most 31 days"),
    "accepted for years": ("exempt", {"until": 500, "reason": "so"}, "at most 366 days"),
    "accepted without a reason": ("exempt", {"until": 9, "reason": " "}, "An exemption needs a reason"),
    "accepted with a novel": ("exempt", {"until": 9, "reason": "x" * (LONGEST_REASON + 1)}, "of at most 500"),
    "accepted without an end": ("exempt", {"reason": "so"}, "The end of it is no date"),
    "taken back before it is done": ("undo", {}, "There is no confirmed fix"),
}


@pytest.mark.parametrize(("what", "fields", "says"), NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_a_decision_that_cannot_be_taken_is_said_to(
    start: Start, what: str, fields: Mapping[str, Any], says: str
) -> None:
    bot = asked(start, ZONES)
    page = Visitor(bot).get(link_of(bot))
    given = {name: days(bot, value) if isinstance(value, int) else value for name, value in fields.items()}
    sent = Visitor(bot).decide(page, what, **given)
    assert (sent.status, says in text(sent)) == (409, True)
    assert (case_of(bot, ZONES).state, bot.done(ZONES.resource.id)) == (State.ASKED, ["asked"])


def test_a_plan_is_snoozed(start: Start) -> None:
    bot = asked(start)
    ann = Visitor(bot)
    page = ann.get(link_of(bot))
    done = ann.decide(page, "snooze", until=days(bot, 5))
    until = case_of(bot).snoozed
    assert until is not None
    assert (done.status, f"people are asked again on {until:%d %b %Y}" in text(done)) == (200, True)
    assert (until.date().isoformat(), case_of(bot).state) == (days(bot, 5), State.ASKED)
    assert bot.journal(GEO.resource.id)[-1].detail == {"by": "Ann", "by_id": "object-1", "until": until.isoformat()}
    assert "Snoozed until" in text(ann.get(link_of(bot)))
    assert ann.approve(page).status == 200, "which decides nothing: it can be approved before"


def test_a_finding_is_accepted_for_a_time(start: Start) -> None:
    bot = asked(start)
    ann = Visitor(bot)
    page = ann.get(link_of(bot))
    done = ann.decide(page, "exempt", until=days(bot, 30), reason=" it moves\n in January ")
    assert (done.status, "Accepted until the end of" in text(done)) == (200, True)
    bot.work()
    assert case_of(bot).state is State.EXEMPT
    assert case_of(bot).reason == "it moves in January (a person's decision, Ann (object-1))"
    again = ann.approve(page)
    assert (again.status, "It is accepted until" in text(again)) == (409, True)


def test_a_fix_is_taken_back_from_its_own_message(start: Start) -> None:
    bot = start(settings=SETTINGS)
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID))
    ann = Visitor(bot)
    page = ann.get(link_of(bot, "Undo"))
    assert (buttons(page), "a fresh read has confirmed it" in text(page)) == (["undo"], True)
    asked_back = ann.decide(page, "undo")
    assert (asked_back.status, "People are asked to take it back" in text(asked_back)) == (200, True)
    bot.work()
    assert bot.headlines() == ["FIXED AUTOMATICALLY", "APPROVAL NEEDED"]
    way_back = ann.get(link_of(bot))
    assert (buttons(way_back), "Take back: Upgrade" in text(way_back)) == (["approve", "snooze"], True)
    assert ann.approve(way_back).status == 200
    bot.work()
    assert bot.headlines()[-1] == "TAKEN BACK"
    assert "the bot leaves it so" in text(ann.get(link_of(bot, "Undo")))


UNSEEN: Mapping[str, tuple[int, int, str]] = {
    "may not be read": (403, 503, "Azure does not show the resource now: AuthorizationFailed"),
    "is throttled": (429, 503, "Nothing can be decided unseen: try again later."),
    "does not answer": (500, 503, "Nothing can be decided unseen: try again later."),
    "is gone": (404, 410, "The resource was deleted"),
}


@pytest.mark.parametrize(("fault", "status", "says"), UNSEEN.values(), ids=UNSEEN)
def test_what_cannot_be_seen_cannot_be_decided(start: Start, fault: int, status: int, says: str) -> None:
    bot = asked(start)
    page = Visitor(bot).get(link_of(bot))
    bot.azure.fault(method="GET", status=fault, times=None)
    for answer in (Visitor(bot).get(link_of(bot)), Visitor(bot).approve(page)):
        assert (answer.status, says in text(answer)) == (status, True)
    assert case_of(bot).state is State.ASKED


def test_a_subscription_that_is_onboarded_no_more_is_left_alone(start: Start) -> None:
    bot = asked(start)
    token = link_of(bot)
    bot.services = replace(bot.services, policy=replace(bot.services.policy, subscriptions=frozenset()))
    page = Visitor(bot).get(token)
    assert (page.status, "Its subscription is not onboarded any more" in text(page)) == (409, True)


def test_what_nothing_is_remembered_of_is_not_shown(start: Start) -> None:
    bot = asked(start)
    token = link_of(bot)
    bot.services.store.put_case(replace(case_of(bot), plan=None))
    page = Visitor(bot).get(token)
    assert (page.status, "Nothing is remembered of it" in text(page)) == (409, True)


def test_a_browser_may_only_show_a_page(start: Start) -> None:
    """Nothing runs, nothing is loaded, and the one style is the page's own."""
    bot = asked(start)
    page, sent = Visitor(bot).get(link_of(bot)), headers()
    (style,) = re.findall(r"<style>(.*?)</style>", page.html, re.DOTALL)
    own = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = dict(part.strip().split(" ", 1) for part in sent["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": f"'sha256-{own}'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert (sent["Cache-Control"], sent["Referrer-Policy"]) == ("no-store", "same-origin")
    assert re.findall(r"<(?:script|img|link|iframe)|\bon\w+=|style=", page.html) == []
    assert {*re.findall(r"https?://[^/\"]+", page.html)} == {"https://portal.azure.com"}, "a link to follow"


def test_names_and_reasons_stay_text(start: Start) -> None:
    bot = asked(start)
    hostile = "<script>alert(1)</script>\"'>"
    mallory = Visitor(bot, hostile)
    page = mallory.get(link_of(bot))
    done = mallory.decide(page, "exempt", until=days(bot, 9), reason=hostile)
    bot.work()
    for each in (page, done, mallory.get(link_of(bot))):
        assert ("<script" in each.html, hostile in text(each)) == (False, True)
