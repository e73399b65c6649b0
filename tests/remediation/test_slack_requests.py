"""What is posted to the Slack end point: only what Slack has signed, lately, for somebody who may decide, is let in."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation import slack_requests
from remediation.slack_requests import LONGEST_BODY, SIGNATURE, TIMESTAMP, WINDOW, Click, NotAccepted, parse, verify
from tests.builders import NOON
from tests.remediation.approving import SETTINGS, SLACK_KEY, SLACK_USER, Start, asked, click, link_of, press, signed
from tests.remediation.harness import Bot

NOW = NOON.timestamp()
BODY = click("approve", "token")


@dataclass(frozen=True, slots=True)
class Sent:
    """A request."""

    headers: Mapping[str, str]
    body: bytes


GOOD = Sent(signed(BODY, NOW), BODY)


def with_header(name: str, value: str) -> Sent:
    return replace(GOOD, headers={**GOOD.headers, name: value})


def stamped(stamp: str) -> Sent:
    """Well signed, with a time that is none."""
    return with_header(TIMESTAMP, stamp)


REFUSED: Mapping[str, tuple[Sent, int]] = {
    "a changed body": (replace(GOOD, body=BODY.replace(b"approve", b"snooze")), 401),
    "a changed time": (with_header(TIMESTAMP, str(int(NOW) + 1)), 401),
    "another secret": (Sent(signed(BODY, NOW, "another"), BODY), 401),
    "no signature": (Sent({TIMESTAMP: str(int(NOW))}, BODY), 401),
    "a signature of another version": (with_header(SIGNATURE, GOOD.headers[SIGNATURE].replace("v0", "v1")), 401),
    "a signature that is no ASCII": (with_header(SIGNATURE, "v0=ä"), 401),
    "no headers": (Sent({}, BODY), 401),
    "too late": (Sent(signed(BODY, NOW - WINDOW.total_seconds() - 1), BODY), 401),
    "from the future": (Sent(signed(BODY, NOW + WINDOW.total_seconds() + 1), BODY), 401),
    "a time that is no number": (stamped("now"), 401),
    "a negative time": (stamped(f"-{int(NOW)}"), 401),
    "a time in other digits": (stamped("".join(chr(0x660 + int(digit)) for digit in str(int(NOW)))), 401),
    "an endless time": (stamped("9" * 5000), 401),
    "a body that is too large": (Sent(signed(b"x" * (LONGEST_BODY + 1), NOW), b"x" * (LONGEST_BODY + 1)), 400),
}


@pytest.mark.parametrize(("sent", "status"), REFUSED.values(), ids=REFUSED)
def test_a_request_that_is_not_slacks_is_refused(sent: Sent, status: int) -> None:
    with pytest.raises(NotAccepted) as raised:
        verify(SLACK_KEY, sent.headers, sent.body, NOW)
    assert raised.value.status == status


@pytest.mark.parametrize("age", [-WINDOW.total_seconds(), 0, WINDOW.total_seconds()])
def test_a_request_of_slack_is_let_in(age: float) -> None:
    body = bytes(range(256))
    verify(SLACK_KEY, signed_bytes(body, NOW - age), body, NOW)


def signed_bytes(body: bytes, at: float) -> Mapping[str, str]:
    return signed(body, at)


def test_without_a_secret_nothing_is_let_in() -> None:
    with pytest.raises(NotAccepted) as raised:
        verify("", signed(BODY, NOW, ""), BODY, NOW)
    assert raised.value.status == 503


@given(st.text(), st.text(), st.binary())
def test_whatever_is_posted_is_refused(stamp: str, signature: str, body: bytes) -> None:
    with pytest.raises(NotAccepted):
        verify(SLACK_KEY, {TIMESTAMP: stamp, SIGNATURE: signature}, body, NOW)


def payload(**changes: Any) -> bytes:
    action = {"action_id": "approve", "value": "token"}
    known = {"actions": [action], "user": {"id": SLACK_USER, "username": "ann"}}
    return urlencode({"payload": json.dumps(known | changes)}).encode()


NO_BUTTON: Mapping[str, bytes] = {
    "nothing": b"",
    "no form": b"\xff",
    "no payload": b"a=b",
    "no JSON": b"payload=%7B",
    "deep JSON": b"payload=" + b"%5B" * 20_000,
    "no object": b"payload=1",
    "no actions": payload(actions=[]),
    "actions that are none": payload(actions={"0": 1}),
    "no user": payload(user=None),
    "an unknown action": payload(actions=[{"action_id": "delete", "value": "token"}]),
    "an action that is no text": payload(actions=[{"action_id": ["approve"], "value": "token"}]),
    "a button without a value": payload(actions=[{"action_id": "approve"}]),
    "a value that is no text": payload(actions=[{"action_id": "approve", "value": 1}]),
    "a name that is no text": payload(user={"id": SLACK_USER, "username": ["ann"]}),
}


@pytest.mark.parametrize("body", NO_BUTTON.values(), ids=NO_BUTTON)
def test_what_is_no_button_of_ours_is_refused(body: bytes) -> None:
    with pytest.raises(NotAccepted) as raised:
        parse(body)
    assert raised.value.status == 400


def test_a_button_is_understood() -> None:
    assert parse(BODY) == Click("approve", "token", SLACK_USER, "ann")
    assert parse(payload(user={"id": SLACK_USER, "name": "a\nb\ud800"})).name == "a b?"
    assert parse(payload(user={"id": SLACK_USER})).name == SLACK_USER


def waiting(bot: Bot) -> int:
    return len(bot.received("decisions"))


def test_a_click_is_put_on_the_queue_and_nothing_else(start: Start) -> None:
    bot = asked(start)
    token, reads = link_of(bot), len(bot.azure.reads())
    assert press(bot, "approve", token) == 200
    (message,) = bot.received("decisions")
    person = {"name": "ann", "id": f"Slack {SLACK_USER}"}
    assert json.loads(message.content) == {"what": "approve", "token": token, "person": person}
    assert len(bot.azure.reads()) == reads


def test_a_request_that_is_sent_again_is_refused(start: Start) -> None:
    bot = asked(start)
    body = click("approve", link_of(bot))
    headers = signed(body, bot.clock().timestamp())
    assert [slack_requests.accept(bot.services, headers, body) for _ in range(2)] == [200, 401]
    assert waiting(bot) == 1


TURNED_AWAY: Mapping[str, tuple[Callable[[Bot], int], int]] = {
    "somebody else": (lambda bot: press(bot, "approve", "token", user="U0STRANGER"), 403),
    "nobody": (lambda bot: press(bot, "approve", "token", user=""), 403),
    "an unknown button": (lambda bot: press(bot, "delete", "token"), 400),
    "an unsigned request": (lambda bot: slack_requests.accept(bot.services, {}, BODY), 401),
}


@pytest.mark.parametrize(("send", "status"), TURNED_AWAY.values(), ids=TURNED_AWAY)
def test_who_is_turned_away_leaves_nothing_but_a_line_in_the_log(
    start: Start, send: Callable[[Bot], int], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    bot = start(settings=SETTINGS)
    assert send(bot) == status
    assert waiting(bot) == 0
    assert "a request to the Slack end point was refused: " in caplog.text
    assert SLACK_KEY not in caplog.text
