"""One POST to a chat webhook, against a server that answers what a test dictates."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
import requests

from remediation.adapters import slack, teams, webhook
from remediation.adapters.slack import SlackWebhook
from remediation.adapters.teams import Teams
from remediation.adapters.webhook import check_url, post
from remediation.cards import Card, Tone
from remediation.ports import Chat, ChatRefused, ChatUnavailable
from tests.remediation.harness import SECRET
from tests.remediation.scripted import Reply, ScriptedServer

CARD = Card(Tone.GOOD, "FIXED", "Container registry crml", "The registry is Premium.")

URLS = {
    "Teams": ("https://x.01.environment.api.powerplatform.com:443/powerautomate/x?sig=y", teams.HOSTS, ""),
    "Slack": ("https://hooks.slack.com/services/T0/B0/x", slack.HOSTS, ""),
    "upper case": ("HTTPS://HOOKS.SLACK.COM/services/T0/B0/x", slack.HOSTS, ""),
    "the chat of this machine": ("http://127.0.0.1:8080/teams/x", ("127.0.0.1",), ""),
    "not a URL": ("hooks.slack.com/services", slack.HOSTS, "not a URL"),
    "no address": ("https://[hooks.slack.com/services", slack.HOSTS, "not a URL"),
    "nothing": ("", slack.HOSTS, "not a URL"),
    "a user": ("https://hooks.slack.com@example.com/services", slack.HOSTS, "not a URL"),
    "another host": ("https://example.com/services", slack.HOSTS, "host example.com"),
    "a longer host": ("https://hooks.slack.com.example.com/services", slack.HOSTS, "host hooks.slack.com.example.com"),
    "the suffix alone": ("https://xenvironment.api.powerplatform.com/", teams.HOSTS, "is not one of"),
    "the suffix in the path": ("https://example.com/.environment.api.powerplatform.com", teams.HOSTS, "host"),
    "no TLS": ("http://hooks.slack.com/services/T0/B0/x", slack.HOSTS, "https://"),
    "another scheme": ("file://127.0.0.1/etc/x", ("127.0.0.2",), "host"),
}


@pytest.mark.parametrize(("url", "allowed", "reason"), URLS.values(), ids=URLS.keys())
def test_a_webhook_leads_to_an_allowed_host(url: str, allowed: tuple[str, ...], reason: str) -> None:
    found = check_url(url, allowed)
    assert reason in found
    assert bool(reason) == bool(found)


def test_a_post_is_compact_json_in_utf_8() -> None:
    with ScriptedServer(Reply(200, b"ok")) as server, requests.Session() as session:
        assert post(session, f"{server.url}/{SECRET}", {"text": "à", "n": [1]}) == "ok"
    (asked,) = server.asked
    assert (asked.verb, asked.path, asked.body) == ("POST", f"/{SECRET}", '{"text":"à","n":[1]}'.encode())
    assert asked.headers["Content-Type"] == "application/json"


ANSWERS: dict[str, tuple[Reply, type[Exception], timedelta | None]] = {
    "throttled, with a time": (Reply(429, headers={"Retry-After": "17"}), ChatUnavailable, timedelta(seconds=17)),
    "throttled": (Reply(429), ChatUnavailable, None),
    "request timeout": (Reply(408), ChatUnavailable, None),
    "internal error": (Reply(500), ChatUnavailable, None),
    "unavailable, with a time": (Reply(503, headers={"Retry-After": "2"}), ChatUnavailable, timedelta(seconds=2)),
    "bad request": (Reply(400, b"invalid_blocks"), ChatRefused, None),
    "unauthorised": (Reply(401), ChatRefused, None),
    "gone": (Reply(410), ChatRefused, None),
    "moved": (Reply(301, headers={"Location": "/elsewhere"}), ChatRefused, None),
    "found": (Reply(302, headers={"Location": "/elsewhere"}), ChatRefused, None),
    "moved for good": (Reply(308, headers={"Location": "/elsewhere"}), ChatRefused, None),
}


@pytest.mark.parametrize(("reply", "error", "wait"), ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_says_whether_to_try_again(reply: Reply, error: type[Exception], wait: timedelta | None) -> None:
    with (
        ScriptedServer(reply) as server,
        requests.Session() as session,
        pytest.raises((ChatRefused, ChatUnavailable)) as raised,
    ):
        post(session, server.url, {})
    assert raised.type is error
    assert str(reply.status) in str(raised.value)
    assert getattr(raised.value, "retry_after", None) == wait
    assert len(server.asked) == 1, "a redirect is not followed, and nothing is tried twice"


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (b"invalid_blocks", "400: invalid_blocks"),
        (b" no_text\n", "400: no_text"),
        (b"invalid_blocks" * 100, "no plain reason"),
        (b"<html>POST /services/T0/B0/secret", "no plain reason"),
        (b"abc/def+sig", "no plain reason"),
        (b"", "no plain reason"),
    ],
)
def test_of_a_refusal_only_a_plain_error_word_is_shown(answer: bytes, shown: str) -> None:
    """Error pages like to repeat the URL, encoded or not."""
    with (
        ScriptedServer(Reply(400, answer)) as server,
        requests.Session() as session,
        pytest.raises(ChatRefused, match=shown),
    ):
        post(session, server.url, {})


def test_no_answer_in_time_is_worth_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT", (1, 0.1))
    with (
        ScriptedServer(Reply(seconds=5)) as server,
        requests.Session() as session,
        pytest.raises(ChatUnavailable, match="ReadTimeout"),
    ):
        post(session, server.url, {})


def test_nobody_there_is_worth_another_try() -> None:
    with ScriptedServer(Reply()) as server:
        url = server.url
    with requests.Session() as session, pytest.raises(ChatUnavailable, match="ConnectionError"):
        post(session, url, {})


LEAKS = {
    "refused": Reply(400),
    "refused, with the URL in the answer": Reply(400, f"POST /{SECRET}/x is not known".encode()),
    "moved, with the URL in the answer": Reply(
        302, f"see http://example.com/{SECRET}/x".encode(), {"Location": f"http://example.com/{SECRET}/x"}
    ),
    "throttled": Reply(429),
    "broken": Reply(500, f"no handler of /{SECRET}/x".encode()),
    "not HTTP": Reply(999, b"", {"Content-Length": "many"}),
    "silent": Reply(seconds=5),
}


@pytest.mark.parametrize("reply", LEAKS.values(), ids=LEAKS.keys())
@pytest.mark.parametrize("make", [Teams, SlackWebhook])
def test_the_webhook_reaches_no_log_and_no_exception(
    reply: Reply,
    make: Callable[[requests.Session, str], Chat],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT", (1, 0.1))
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3").setLevel(logging.WARNING)  # as wiring does
    with ScriptedServer(reply) as server, requests.Session() as session:
        with pytest.raises((ChatRefused, ChatUnavailable)) as raised:
            make(session, f"{server.url}/{SECRET}/x").post(CARD)
        logging.getLogger("test").error("not posted", exc_info=raised.value)
    assert "not posted" in caplog.text
    assert SECRET not in caplog.text
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("make", [Teams, SlackWebhook])
def test_what_a_connection_says_of_itself_is_not_repeated(
    make: Callable[[requests.Session, str], Chat], caplog: pytest.LogCaptureFixture
) -> None:
    """Its own text holds the address that was not reached."""
    with ScriptedServer(Reply()) as server:
        url = server.url
    with requests.Session() as session, pytest.raises(ChatUnavailable) as raised:
        make(session, f"{url}/{SECRET}/x").post(CARD)
    logging.getLogger("test").error("not posted", exc_info=raised.value)
    assert "not posted" in caplog.text
    assert SECRET not in caplog.text


def test_teams_takes_any_2xx() -> None:
    with ScriptedServer(Reply(202, b"")) as server, requests.Session() as session:
        Teams(session, server.url).post(CARD)
    assert b"AdaptiveCard" in server.asked[0].body


def test_slack_means_ok_only_by_saying_so() -> None:
    with ScriptedServer(Reply(200, b"ok\n"), Reply(200, b"no_service")) as server, requests.Session() as session:
        SlackWebhook(session, server.url).post(CARD)
        with pytest.raises(ChatRefused, match="no_service"):
            SlackWebhook(session, server.url).post(CARD)
