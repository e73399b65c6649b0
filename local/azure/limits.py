"""How many requests Azure takes from one principal: a bucket for each subscription and kind of request.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling and
https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests
"""

import math
import re
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from local.azure.callers import Caller
from local.azure.messages import GRAPH_PATH, WRITES, ArmError, Request

SECOND: Final = timedelta(seconds=1)
BUCKETS: Final = {"read": (250, 25), "write": (200, 10), "delete": (200, 10)}
"""Requests at once, and a second."""
QUERIES: Final = 15
QUERY_WINDOW: Final = timedelta(seconds=5)
_SUBSCRIPTION: Final = re.compile(r"/subscriptions/([^/]+)", re.IGNORECASE)


class RequestLimits:
    """All buckets, by a clock of one's choice. Thread-safe."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._left: dict[tuple[str, str, str], tuple[float, datetime]] = {}
        self._queries: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def count(self, request: Request, caller: Caller | None) -> None:
        """Count a request. Raises ArmError 429 where it is one too many."""
        oid = caller.oid if caller else ""
        with self._lock:
            if request.path.lower() == GRAPH_PATH:
                self._count_query(self._queries[oid])
            else:
                self._count_request(oid, request)

    def _count_query(self, times: deque[datetime]) -> None:
        now = self._clock()
        while times and now - times[0] >= QUERY_WINDOW:
            times.popleft()
        if len(times) >= QUERIES:
            raise _too_many(times[0] + QUERY_WINDOW - now)
        times.append(now)

    def _count_request(self, oid: str, request: Request) -> None:
        now, found = self._clock(), _SUBSCRIPTION.match(request.path)
        kind = "delete" if request.method == "DELETE" else "write" if request.method in WRITES else "read"
        size, rate = BUCKETS[kind]
        key = (oid, found[1].lower() if found else "", kind)
        left, at = self._left.get(key, (float(size), now))
        left = min(size, left + rate * ((now - at) / SECOND))
        self._left[key] = (left - 1 if left >= 1 else left, now)
        if left < 1:
            raise _too_many((1 - left) / rate * SECOND)


def _too_many(wait: timedelta) -> ArmError:
    headers = {"Retry-After": str(math.ceil(wait / SECOND))}
    message = "The request was throttled: the number of requests exceeded the limit."
    return ArmError(429, "SubscriptionRequestsThrottled", message, headers=headers)
