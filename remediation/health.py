"""Whether the bot works, for probes and for people: the storage now, the rest as `remediation.watch` last saw it.

Holds no id, name or secret: anybody may ask.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from remediation import channel_state, watch
from remediation.ports import Services

KEPT: Final = timedelta(seconds=5)
"""How long an answer is given again: who asks often costs nothing."""
WATCHED: Final = timedelta(hours=1)
"""How long ago the last watch may be; it comes every quarter of an hour."""
OK: Final = "ok"


@dataclass(frozen=True, slots=True)
class Health:
    """One answer: for each thing checked OK, or what is wrong in words."""

    at: datetime
    checks: Mapping[str, str]

    @property
    def status(self) -> int:
        """The HTTP status."""
        return 200 if set(self.checks.values()) == {OK} else 503

    def to_json(self) -> Mapping[str, Any]:
        """The body of the answer."""
        return {"status": OK if self.status == 200 else "unhealthy", "checks": self.checks}


class Watcher:
    """Answers how the bot is. Thread-safe; looks at most once in KEPT.

    A storage that does not answer is told within two seconds.
    """

    def __init__(self, services: Services) -> None:
        self._services, self._lock = services, threading.Lock()
        self._last: Health | None = None

    def health(self) -> Health:
        """How it is now, or was a moment ago."""
        with self._lock:
            now = self._services.clock()
            if self._last is None or now - self._last.at >= KEPT:
                self._last = Health(now, _checks(self._services, now))
            return self._last


def _checks(services: Services, now: datetime) -> Mapping[str, str]:
    if problem := services.probe.storage():
        return {"storage": f"the app's storage does not answer ({problem})"}
    data = services.store.memo(watch.LAST).data
    if not data:
        return {"storage": OK}
    silent, stuck, refusing = data["silent"], data["stuck"], channel_state.refusing(services)
    ago = now - datetime.fromisoformat(data["at"])
    late = f"the timer watch has not run for {ago.total_seconds() / 60:.0f} minutes"
    return {
        "storage": OK,
        "events": f"no events come from {silent} of {len(services.policy.subscriptions)} subscriptions"
        if silent
        else OK,
        "queues": f"messages are not processed: {', '.join(stuck)}" if stuck else OK,
        "channels": f"a message was refused: see whether the webhook or token of {' and '.join(refusing)} still holds"
        if refusing
        else OK,
        "watch": late if ago > WATCHED else OK,
    }
