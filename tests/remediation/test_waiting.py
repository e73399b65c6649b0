"""Retry-After: seconds or a date, cut to an hour, and nothing that a header may hold raises."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.adapters.waiting import LONGEST, retry_after


def header(value: str) -> Mapping[str, str]:
    return {"Retry-After": value}


VALUES = {
    "17": timedelta(seconds=17),
    " 17 ": timedelta(seconds=17),
    "0": timedelta(),
    "3600": LONGEST,
    "3601": LONGEST,
    "9" * 5000: LONGEST,
    "Wed, 21 Oct 2015 07:28:00 GMT": timedelta(),
    "Wed, 21 Oct 2015 07:28:00 -0000": timedelta(),
    "Fri, 31 Dec 9999 23:59:59 GMT": LONGEST,
    "Fri, 31 Dec 99999999999999999999 23:59:59 GMT": None,
    "": None,
    "soon": None,
    "-5": None,
    "1.5": None,
    "\u0663": None,
    "\u00b2": None,
}


@pytest.mark.parametrize(("value", "wait"), VALUES.items(), ids=[ascii(value[:30]) for value in VALUES])
def test_a_header_says_how_long_to_wait(value: str, wait: timedelta | None) -> None:
    assert retry_after(header(value)) == wait


def test_without_the_header_nothing_is_said() -> None:
    assert retry_after({}) is None


def test_a_date_to_come_is_waited_for() -> None:
    wait = retry_after(header(format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)))
    assert wait is not None
    assert timedelta(minutes=9) < wait <= timedelta(minutes=10)


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d{1,20} [A-Z][a-z]{2} \d{1,20} \d\d?:\d\d?:\d\d? [-+]\d{1,20}"))
def test_no_header_raises(value: str) -> None:
    wait = retry_after(header(value))
    assert wait is None or timedelta() <= wait <= LONGEST
