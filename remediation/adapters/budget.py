"""The requests that Azure takes from one principal, shared by all workers: what it would answer with 429 is not sent.

Resource Manager keeps a bucket for each subscription and kind of request, which fills at a steady rate. A memo in the
store is the same bucket, somewhat smaller. A worker takes a batch out of it by one conditional write, and uses that up
within LEASE: most requests cost nothing more, and an idle bot nothing at all. Nobody waits here: an empty bucket is a
Throttled, which the queue puts off.
Source: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling and
https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests
"""

import logging
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self

from azure.core.exceptions import AzureError
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.core.rest import HttpRequest, HttpResponse

from remediation.adapters.waiting import retry_after
from remediation.ports import Conflict, Memo, Store, Throttled

log = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=2)
"""How long a worker may use what it took."""
LATE: Final = timedelta(seconds=2)
"""How long a request may be on its way, so that Azure counts it later than we do."""
SECOND: Final = timedelta(seconds=1)
UNNAMED: Final = timedelta(seconds=5)
"""How long Azure is left alone after a 429 that names no time, and the store when it did not answer."""
LONGEST_CLOSED: Final = timedelta(minutes=1)
"""A 429 that asks for more comes from one provider: it puts off its own request, not all of the subscription."""
MOST_CONFLICTS: Final = 8
BETWEEN_WARNINGS: Final = timedelta(minutes=1)
GRAPH: Final = "/providers/microsoft.resourcegraph/"
SUBSCRIPTION: Final = re.compile(r"/subscriptions/([0-9a-f-]{36})(?:[/?]|$)")
SPENT: Final = "the bot's own budget of requests is spent"


@dataclass(frozen=True, slots=True)
class Limit:
    """`size` requests at once and `rate` more a second, taken out `batch` at a time.

    What was taken may reach Azure LEASE + LATE later, together with what is taken then: `size` is that much below
    Azure's own bucket.
    """

    kind: str
    size: int
    rate: int
    batch: int


READS: Final = Limit("read", size=150, rate=25, batch=25)
"""Azure: 250 and 25 a second."""
WRITES: Final = Limit("write", size=160, rate=10, batch=5)
"""Azure: 200 and 10 a second."""
QUERIES: Final = Limit("query", size=8, rate=1, batch=1)
"""Azure: 15 in any 5 s, which is no bucket: 8 at once, and one for each of 5 s + LATE. Used when taken."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """`left` requests at the moment `at`, and none before `closed`."""

    left: float
    at: datetime
    closed: datetime

    @classmethod
    def of(cls, data: Mapping[str, Any], limit: Limit, now: datetime) -> Self:
        """The bucket that `data` remembers; a full one where that is nothing."""
        if not data:
            return cls(limit.size, now, now)
        return cls(data["left"], datetime.fromisoformat(data["at"]), datetime.fromisoformat(data["closed"]))

    def data(self) -> Mapping[str, Any]:
        """The bucket as it is remembered."""
        return {"left": self.left, "at": self.at.isoformat(), "closed": self.closed.isoformat()}

    def filled(self, limit: Limit, now: datetime) -> "Bucket":
        """The bucket now. A worker whose clock is behind fills nothing."""
        if now <= self.at:
            return self
        return replace(self, left=min(limit.size, self.left + limit.rate * ((now - self.at) / SECOND)), at=now)

    def opens_in(self, limit: Limit, now: datetime) -> timedelta:
        """How long until one request may be taken, zero where that is now."""
        filled = self.filled(limit, now)
        return max(filled.closed - now, max(1 - filled.left, 0) / limit.rate * SECOND, timedelta())

    def without(self, count: int) -> "Bucket":
        """What is left when some are taken."""
        return replace(self, left=self.left - count)


@dataclass(slots=True)
class Share:
    """What this process holds of one bucket: `left` requests until `ends`, or none before `opens`."""

    name: str
    limit: Limit
    left: int
    ends: datetime
    opens: datetime
    memo: Memo | None = None
    """The bucket as last seen: taking from it is one call. Another worker's write in between makes that a Conflict."""
    lock: threading.Lock = field(default_factory=threading.Lock)


class Budget:
    """All buckets. Thread-safe; as many processes as like share one store."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store, self._clock = store, clock
        self._warned: datetime | None = None
        self._shares: dict[tuple[str, Limit], Share] = {}

    def take(self, whose: str, limit: Limit) -> None:
        """Take one request of a subscription. Raises Throttled where there is none to take."""
        share = self._share(whose, limit)
        with share.lock:
            now = self._clock()
            if share.left > 0 and now < share.ends:
                share.left -= 1
                return
            if now < share.opens:
                raise Throttled(share.opens - now, SPENT)
            try:
                count = self._draw(share, now)
            except AzureError as error:
                count = self._unasked(share, now, error)
            share.left, share.ends = count - 1, now + LEASE

    def close(self, whose: str, limit: Limit, wait: timedelta | None) -> None:
        """Azure has answered 429: nobody takes anything before it may be asked again."""
        share = self._share(whose, limit)
        with share.lock:
            now = self._clock()
            share.left, share.opens = 0, now + min(wait or UNNAMED, LONGEST_CLOSED)
            log.warning("%s: Azure answered 429; nothing is sent for %.0f s", share.name, (share.opens - now) / SECOND)
            try:
                self._note_closed(share, now)
            except AzureError as error:
                self._warn(share, now, error)

    def _share(self, whose: str, limit: Limit) -> Share:
        share, now = self._shares.get((whose, limit)), self._clock()
        return share or self._shares.setdefault(
            (whose, limit), Share(f"budget {whose} {limit.kind}", limit, 0, now, now)
        )

    def _draw(self, share: Share, now: datetime) -> int:
        """Take a batch out of the bucket, or what is left of it. Raises Throttled."""
        for _ in range(MOST_CONFLICTS):
            memo = share.memo or self._store.memo(share.name)
            bucket = Bucket.of(memo.data, share.limit, now).filled(share.limit, now)
            if wait := bucket.opens_in(share.limit, now):
                share.memo, share.opens = memo, now + wait
                raise Throttled(wait, SPENT)
            count = min(share.limit.batch, int(bucket.left))
            if self._put(share, memo, bucket.without(count)):
                return count
        share.opens = now + SECOND
        raise Throttled(SECOND, "too many workers ask for requests at once")

    def _note_closed(self, share: Share, now: datetime) -> None:
        """Azure's bucket was empty: so is ours, and both fill until it opens."""
        for _ in range(MOST_CONFLICTS):
            memo = self._store.memo(share.name)
            before = Bucket.of(memo.data, share.limit, now)
            opens = max(before.closed, share.opens)
            if self._put(share, memo, Bucket(0, max(before.at, now), opens)):
                return

    def _put(self, share: Share, memo: Memo, bucket: Bucket) -> bool:
        """Remember a bucket. Whether nobody else did so in between."""
        try:
            share.memo = self._store.put_memo(replace(memo, data=bucket.data()))
        except Conflict:
            share.memo = None
            return False
        return True

    def _unasked(self, share: Share, now: datetime, error: AzureError) -> int:
        """The store does not answer: reads go on without it, writes do not. Raises Throttled for these."""
        self._warn(share, now, error)
        share.memo = None
        if share.limit is WRITES:
            raise Throttled(UNNAMED, "the budget of requests cannot be asked for")
        return share.limit.batch

    def _warn(self, share: Share, now: datetime, error: AzureError) -> None:
        """Once a minute."""
        if self._warned is None or now - self._warned >= BETWEEN_WARNINGS:
            self._warned = now
            log.warning("%s: its budget cannot be asked for: %s", share.name, type(error).__name__)


class WithinBudget(SansIOHTTPPolicy[HttpRequest, HttpResponse]):
    """Every request to Resource Manager, whichever client sends it, takes from the budget first."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    def on_request(self, request: PipelineRequest[HttpRequest]) -> None:
        """Raises Throttled; nothing was sent then."""
        self._budget.take(*_whose(request.http_request))

    def on_response(
        self, request: PipelineRequest[HttpRequest], response: PipelineResponse[HttpRequest, HttpResponse]
    ) -> None:
        """A 429 closes the bucket."""
        if response.http_response.status_code == 429:
            self._budget.close(*_whose(request.http_request), retry_after(response.http_response.headers))


def _whose(request: HttpRequest) -> tuple[str, Limit]:
    """Which bucket a request is counted in. Resource Graph counts by principal."""
    url = request.url.lower()
    if GRAPH in url:
        return "principal", QUERIES
    found = SUBSCRIPTION.search(url)
    return found[1] if found else "tenant", READS if request.method in ("GET", "HEAD") else WRITES
