"""Whatever is sent to the HTTP routes: an answer that was meant, nothing written, nobody's markup on a page."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation import approval_page, decisions, journal, scan_request, scan_start, scan_views, slack_requests
from remediation.approval_page import Request
from remediation.cases import State
from remediation.ports import MOST_ENTRIES
from remediation.report import answer, latest
from remediation.scans import Scan
from tests.builders import NOON, SUBSCRIPTION, registry
from tests.hostile.inputs import DEEP, examples, ids, json_values, payloads, surrogates, texts
from tests.hostile.test_queues import assert_harmless
from tests.remediation.approving import (
    SETTINGS,
    SLACK_KEY,
    SLACK_USER,
    Start,
    Visitor,
    asked,
    case_of,
    click,
    form_of,
    link_of,
    signed,
    ticks,
)
from tests.remediation.harness import Bot
from tests.remediation.scanning import drain, run

ANSWERS = {200, 400, 401, 403, 404, 409, 410, 503}
ASCII = st.text(st.characters(codec="ascii"), max_size=80)
FOREIGN = re.compile(r"<(script|img|svg|iframe|object|embed)\b", re.IGNORECASE)

claims = st.lists(
    st.fixed_dictionaries({"typ": st.sampled_from(["roles", "name", "oid"]) | texts, "val": texts | json_values})
    | json_values,
    max_size=4,
)
principals = st.fixed_dictionaries({"auth_typ": st.just("aad") | json_values, "claims": claims | json_values})
headers = st.fixed_dictionaries(
    {},
    optional={
        "x-ms-client-principal": principals.map(lambda data: base64.b64encode(json.dumps(data).encode()).decode())
        | ASCII,
        "x-ms-client-principal-id": texts,
        "x-ms-client-principal-name": texts,
        "origin": ASCII,
        "accept": texts,
    },
)
fields = st.dictionaries(
    st.sampled_from(["form", "what", "confirm", "until", "reason", "days"]) | texts,
    texts | surrogates | st.sampled_from(["approve", "snooze", "exempt", "undo", "0", "2027-01-31", "9999-12-31"]),
    max_size=6,
)
forms = fields.map(lambda data: urlencode(data, errors="replace").encode()) | st.binary(max_size=200)


def assert_dead(html: str) -> None:
    """What is shown of others is text: the page itself holds none of this."""
    assert not FOREIGN.search(html)


def parsed[T](error: type[Exception], parse: Callable[..., T], *given: Any) -> T | None:
    """What it is understood as; None where it is refused in words, and by no other error."""
    try:
        return parse(*given)
    except error as refused:
        if not str(refused):
            raise
        return None


def test_whatever_visits_the_approval_page_decides_nothing(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    bot = asked(start)
    links = st.just(link_of(bot)) | texts | ASCII

    @examples(60)
    @given(st.sampled_from(["GET", "POST"]), links, headers, forms)
    def visit(method: str, token: str, sent: Mapping[str, str], body: bytes) -> None:
        found = approval_page.answer(bot.services, Request(method, token, sent, body))
        assert found.status in ANSWERS
        assert_dead(found.html)

    visit()
    assert case_of(bot).state is State.ASKED
    assert_harmless(bot, caplog.text)


def test_whatever_an_approver_sends_but_the_form_of_the_page_decides_nothing(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    bot = asked(start)
    visitor, token = Visitor(bot), link_of(bot)

    page = visitor.get(token)
    others = Visitor(bot, "Ben", "object-2").get(token)
    good = urlencode({"what": "approve", "confirm": ticks(page)}, doseq=True)
    foreign = st.sampled_from([form_of(others), "", form_of(page)[:-1], "x"]) | texts
    nearly = foreign.map(lambda form: f"{good}&{urlencode({'form': form})}".encode())

    @examples(60)
    @given(forms | nearly)
    def send(body: bytes) -> None:
        found = visitor.post(token, body)
        assert found.status in ANSWERS - {200}
        assert_dead(found.html)

    send()
    assert case_of(bot).state is State.ASKED
    assert_harmless(bot, caplog.text)


def test_whatever_is_written_into_the_form_of_the_page_is_refused_or_text(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    """But for the word to approve, and its ticks: those are a decision."""
    bot = asked(start)
    visitor, token = Visitor(bot), link_of(bot)
    own = form_of(visitor.get(token))
    kinds = st.sampled_from(["snooze", "exempt", "undo"]) | texts.filter(lambda text: text.strip() != "approve")

    @examples(40)
    @given(fields, kinds)
    def send(data: Mapping[str, str], what: str) -> None:
        body = urlencode(dict(data) | {"form": own, "what": what}, errors="replace").encode()
        found = visitor.post(token, body)
        assert found.status in ANSWERS
        assert_dead(found.html)

    send()
    bot.work()
    assert_harmless(bot, caplog.text)


def test_whatever_slack_is_said_to_have_sent_is_no_decision(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    """Also with the right signature."""
    bot = asked(start)
    token = link_of(bot)
    actions, users = st.sampled_from([*decisions.ACTIONS]), texts.filter(lambda text: text != SLACK_USER)
    tokens = st.just(token) | texts
    clicks = st.builds(click, actions, tokens, users, texts)
    clicks |= st.builds(click, texts | surrogates.map(repr), tokens, st.just(SLACK_USER) | texts, texts)
    good = click("snooze", token)
    others = json_values.map(lambda value: urlencode({"payload": json.dumps(value)}).encode())
    sent_headers = st.dictionaries(
        st.sampled_from([slack_requests.TIMESTAMP, slack_requests.SIGNATURE]) | ASCII, texts | ASCII, max_size=3
    )

    @examples(60)
    @given(clicks | others | forms, sent_headers, st.sampled_from([SLACK_KEY, "another key"]))
    def send(body: bytes, loose: Mapping[str, str], key: str) -> None:
        bot.clock.move(timedelta(seconds=1))
        now = bot.clock().timestamp()
        assert slack_requests.accept(bot.services, signed(body, now, key), body) in (400, 401, 403)
        assert slack_requests.accept(bot.services, loose, good) in (400, 401)
        assert slack_requests.accept(bot.services, {**signed(good, now), **loose}, good + b" ") in (400, 401)

    send()
    assert bot.received("decisions") == []
    assert case_of(bot).state is State.ASKED
    assert_harmless(bot, caplog.text)


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_depth_is_no_button(start: Start, text: str) -> None:
    bot = start(settings=SETTINGS)
    body = urlencode({"payload": text}).encode()
    assert slack_requests.accept(bot.services, signed(body, bot.clock().timestamp()), body) == 400


scopes = st.just("all") | st.fixed_dictionaries(
    {},
    optional={
        "subscription": st.just(SUBSCRIPTION) | texts | json_values,
        "resource_group": st.fixed_dictionaries({"subscription": st.just(SUBSCRIPTION) | texts, "name": texts})
        | json_values,
        "workspace": ids() | json_values,
        "resource": ids() | json_values,
    },
)
bodies = st.fixed_dictionaries(
    {"scope": scopes | json_values},
    optional={
        "mode": st.sampled_from(["report", "remediate"]) | json_values,
        "rules": st.lists(texts, max_size=3) | json_values,
        "wait": st.integers() | json_values,
    },
)


def test_whatever_is_asked_to_be_scanned_is_refused_or_read(start: Start) -> None:
    bot = start(settings=SETTINGS)
    bot.seed(registry("Premium"))
    begun: list[Scan] = []

    @examples(60)
    @given(bodies | payloads)
    def send(body: Any) -> None:
        if isinstance(body, dict):
            body.pop("wait", None)  # nobody here has the time
        wanted = parsed(scan_request.BadScan, scan_request.parse, body, bot.services.policy.subscriptions)
        if wanted is not None:
            begun.append(scan_start.start(bot.services, wanted))

    send()
    drain(bot)
    bot.work()
    for scan in begun:
        assert bot.services.scans.get(scan.id) is not None
    assert bot.azure.writes() == []


@examples(100)
@given(json_values)
def test_whatever_a_wait_is_said_to_be_is_some_seconds_or_refused(value: Any) -> None:
    body = {"scope": "all", "wait": value}
    wanted = parsed(scan_request.BadScan, scan_request.parse, body, frozenset({SUBSCRIPTION}))
    assert wanted is None or timedelta() <= wanted.wait <= timedelta(minutes=5)


params = st.dictionaries(
    st.sampled_from(["resource", "rule", "since", "limit", "format", "status", "next"]) | texts,
    texts | ids() | st.sampled_from(["-1", "0", "9" * 40, "1e9", "csv", "html", "FAIL,PASS", "2026-02-30"]),
    max_size=4,
)


@examples(100)
@given(params)
def test_whatever_the_journal_is_asked_is_understood_or_refused(sent: Mapping[str, str]) -> None:
    query = parsed(journal.BadQuery, journal.parse, sent, NOON)
    assert query is None or 1 <= query.limit <= MOST_ENTRIES


def test_whatever_is_asked_of_a_scan_is_answered_or_refused(start: Start) -> None:
    bot = start(settings=SETTINGS)
    bot.seed(registry("Basic"))
    done = run(bot)

    @examples(40)
    @given(params, texts)
    def get(sent: Mapping[str, str], identity: str) -> None:
        assert bot.services.scans.get(identity) is None
        assert parsed(scan_request.BadScan, scan_views.answer, bot.services, done, sent) != {}

    get()


def test_whatever_form_is_asked_of_the_report_it_is_one_of_its_own(bot: Bot) -> None:
    shown = latest.LatestScan(bot.services)

    @examples(30)
    @given(texts | ASCII, texts | ASCII)
    def get(form: str, accept: str) -> None:
        found = answer.answer(bot.services, shown, form, accept)
        assert found.status in (200, 400, 406)

    get()
