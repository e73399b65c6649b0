"""Timer triggers: NCRONTAB with seconds first, or a time span; in UTC."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

from croniter import CroniterError, croniter

from local.functions_host.errors import BadSettings
from local.functions_host.invocation import Invoke
from local.functions_host.protos import TypedData
from local.functions_host.settings import time_span
from local.functions_host.worker import Function


class Timer:
    """Runs one function at the times of its schedule, never twice at once. Raises BadSettings for a bad schedule."""

    def __init__(self, function: Function, schedule: str, invoke: Invoke) -> None:
        self._function = function
        self._schedule = schedule
        self._invoke = invoke
        self._stopping = asyncio.Event()
        try:
            next_run(schedule, datetime.now(UTC))
        except ValueError as error:
            raise BadSettings(f"function {function.name} has a schedule that cannot be read: {error}") from error

    async def run(self) -> None:
        """Wait and invoke until `stop`."""
        last = datetime.min.replace(tzinfo=UTC)
        if self._function.trigger.get("runOnStartup"):
            last = datetime.now(UTC)
            await self._fire(last)
        due = datetime.now(UTC)
        while not self._stopping.is_set():
            # Never before `due`: the timer of the event loop may wake a little early.
            due = next_run(self._schedule, max(due, datetime.now(UTC)))
            if await self._sleep_until(due):
                await self._fire(last)
                last = due

    def stop(self) -> None:
        """Start no further run."""
        self._stopping.set()

    async def _sleep_until(self, due: datetime) -> bool:
        """Whether the time came; False when stopped before."""
        try:
            await asyncio.wait_for(self._stopping.wait(), (due - datetime.now(UTC)).total_seconds())
        except TimeoutError:
            return True
        return False

    async def _fire(self, last: datetime) -> None:
        await self._invoke(self._function, timer_payload(last, next_run(self._schedule, datetime.now(UTC))))


def next_run(schedule: str, after: datetime) -> datetime:
    """The first time of `schedule` after `after`. Raises ValueError."""
    if ":" in schedule:
        interval = time_span(schedule)
        if interval < timedelta(seconds=1):
            raise ValueError(f"{schedule!r} is shorter than a second")
        return after + interval
    try:
        due: datetime = croniter(schedule, after, second_at_beginning=True).get_next(datetime)
    except CroniterError as error:
        raise ValueError(f"{schedule!r}: {error}") from error
    return due


def timer_payload(last: datetime, following: datetime) -> TypedData:
    """What a timer function receives. This host keeps no state, so it is never past due."""
    status = {"Last": last.isoformat(), "Next": following.isoformat(), "LastUpdated": last.isoformat()}
    return TypedData(
        json=json.dumps({"Schedule": {"AdjustForDST": True}, "ScheduleStatus": status, "IsPastDue": False})
    )
