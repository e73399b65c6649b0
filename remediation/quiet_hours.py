"""When messages wait: the hours in which people are not to be disturbed. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

from rules.model import Severity

EVERY_DAY: Final = frozenset(range(7))
"""Days of the week as Python counts them, from Monday (0) on."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of the day to another in a time zone, over midnight if that is earlier.

    `days` are those on which they begin. Messages of severity in `except_severities` do not wait.
    """

    begins: time
    ends: time
    zone: tzinfo
    days: frozenset[int] = EVERY_DAY
    except_severities: frozenset[Severity] = frozenset()

    def until(self, now: datetime, severity: Severity) -> datetime | None:
        """When a message may be posted, in UTC; None: now."""
        if severity in self.except_severities:
            return None
        today = now.astimezone(self.zone).date()
        for day in (today, today - timedelta(days=1)):
            end_day = day if self.begins < self.ends else day + timedelta(days=1)
            # compared in UTC: within one time zone Python compares clocks, which are set back once a year
            begin = datetime.combine(day, self.begins, self.zone).astimezone(UTC)
            end = datetime.combine(end_day, self.ends, self.zone).astimezone(UTC)
            if day.weekday() in self.days and begin <= now < end:
                return end
        return None
