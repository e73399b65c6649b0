"""When messages wait."""

from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.quiet_hours import QuietHours
from rules.model import Severity

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours(time(22), time(7), BERLIN)
SIESTA = QuietHours(time(13), time(15), UTC)
WEEKDAYS = QuietHours(time(22), time(7), UTC, frozenset(range(5)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


TIMES: dict[str, tuple[QuietHours, str, str | None]] = {
    "before": (SIESTA, "2026-11-23T12:59:59Z", None),
    "when they begin": (SIESTA, "2026-11-23T13:00:00Z", "2026-11-23T15:00:00Z"),
    "when they end": (SIESTA, "2026-11-23T15:00:00Z", None),
    "in the evening": (NIGHT, "2026-11-23T21:30:00Z", "2026-11-24T06:00:00Z"),
    "in the morning": (NIGHT, "2026-11-24T05:59:00Z", "2026-11-24T06:00:00Z"),
    "by day": (NIGHT, "2026-11-24T06:00:00Z", None),
    "in the evening of another zone": (NIGHT, "2026-11-23T16:30:00-05:00", "2026-11-24T06:00:00Z"),
    "in summer": (NIGHT, "2026-07-01T20:00:00Z", "2026-07-02T05:00:00Z"),
    "over the end of summer time": (NIGHT, "2026-10-24T20:30:00Z", "2026-10-25T06:00:00Z"),
    "in the hour that comes twice": (NIGHT, "2026-10-25T01:30:00Z", "2026-10-25T06:00:00Z"),
    "begun on a Friday": (WEEKDAYS, "2026-11-28T06:00:00Z", "2026-11-28T07:00:00Z"),
    "on a Saturday night": (WEEKDAYS, "2026-11-28T23:00:00Z", None),
    "begun on a Sunday": (WEEKDAYS, "2026-11-30T06:00:00Z", None),
}


@pytest.mark.parametrize(("hours", "now", "until"), TIMES.values(), ids=TIMES)
def test_messages_wait_until_the_hours_end(hours: QuietHours, now: str, until: str | None) -> None:
    assert hours.until(at(now), Severity.HIGH) == (at(until) if until else None)


def test_some_severities_do_not_wait() -> None:
    hours = QuietHours(time(22), time(7), UTC, except_severities=frozenset({Severity.HIGH}))
    night = at("2026-11-23T23:00:00Z")
    assert hours.until(night, Severity.HIGH) is None
    assert hours.until(night, Severity.LOW) == at("2026-11-24T07:00:00Z")


ZONES = st.sampled_from([UTC, BERLIN, ZoneInfo("America/New_York"), timezone(timedelta(hours=-11))])
TIMES_OF_DAY = st.times().map(lambda each: each.replace(fold=0))
YEARS = st.timedeltas(timedelta(), timedelta(days=3650)).map(lambda since: at("2020-01-01T00:00:00Z") + since)


@given(TIMES_OF_DAY, TIMES_OF_DAY, ZONES, YEARS)
def test_the_end_lies_ahead_and_is_not_quiet_itself(begins: time, ends: time, zone: tzinfo, now: datetime) -> None:
    hypothesis.assume(begins != ends)
    hours = QuietHours(begins, ends, zone)
    until = hours.until(now, Severity.LOW)
    if until is not None:
        assert now < until <= now + timedelta(hours=26)
        assert (
            hours.until(until, Severity.LOW) is None
            or until.astimezone(zone).utcoffset() != now.astimezone(zone).utcoffset()
        )
