"""Scans, the steps they are made of, and what a step leaves. Pure data; adapters store it.

A scan is a series of pages of Resource Graph for each batch of subscriptions. What has to be read from Resource
Manager besides is put into slices, so that no step takes long. Each step leaves one Part; a scan is over when no part
has anything to follow that is not there.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self

from remediation.scan_request import Reach, ScanMode, ScanRequest, Scope

MOST_ROWS: Final = 1000
"""Rows of a page at most: Resource Graph's limit."""
FIRST_DELAY: Final = timedelta(seconds=5)
LONGEST_DELAY: Final = timedelta(minutes=5)
MOMENT: Final = "%Y%m%dT%H%M%S%f"


class ScanState(StrEnum):
    """Where a scan stands."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    """Somebody stopped it."""
    FAILED = "FAILED"
    """It cannot be ended; `reason` says why."""


@dataclass(frozen=True, slots=True)
class Scan:
    """`batches` is how many series of pages it has. `counts`, and `queued` checks, are those of a scan that is done;
    `reason` says why it failed, or why nothing was queued. `etag` is the stored version, empty for one not stored yet.
    """

    id: str
    request: ScanRequest
    batches: int
    created: datetime
    changed: datetime
    state: ScanState = ScanState.RUNNING
    counts: Mapping[str, int] = field(default_factory=dict)
    queued: int = 0
    reason: str = ""
    etag: str = ""

    @property
    def is_sweep(self) -> bool:
        """Whether it is the nightly one."""
        return self.id.endswith(SWEEP)

    def to_json(self) -> str:
        """Everything but the etag, as stored."""
        data = {
            "id": self.id,
            "request": {"reach": self.request.scope.reach, "scope": self.request.scope.id, "mode": self.request.mode},
            "rules": self.request.rules,
            "batches": self.batches,
            "created": self.created.isoformat(),
            "changed": self.changed.isoformat(),
            "state": self.state,
            "counts": dict(self.counts),
            "queued": self.queued,
            "reason": self.reason,
        }
        return json.dumps(data)

    @classmethod
    def from_json(cls, text: str, etag: str) -> Self:
        """The scan that `to_json` wrote."""
        data = json.loads(text)
        asked = data.pop("request")
        scope = Scope(Reach(asked["reach"]), asked["scope"])
        known = {
            "request": ScanRequest(scope, ScanMode(asked["mode"]), tuple(data.pop("rules"))),
            "created": datetime.fromisoformat(data["created"]),
            "changed": datetime.fromisoformat(data["changed"]),
            "state": ScanState(data["state"]),
            "etag": etag,
        }
        return cls(**data | known)


SWEEP: Final = "-sweep"


def scan_id(at: datetime, suffix: str) -> str:
    """An id that tells when the scan was asked for."""
    return f"{at.astimezone(UTC).strftime(MOMENT)}{suffix}"


def query_name(identity: str, batch: int) -> str:
    """Where the query stands of which a series of pages is the answer."""
    return f"{identity}/query-{batch:04}.json"


def moment(identity: str) -> datetime | None:
    """When a scan with this id was asked for; None for what is no scan's id."""
    time, _, rest = identity.partition("-")
    if not rest.isascii() or not rest.isalnum():
        return None
    try:
        return datetime.strptime(time, MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Step:
    """A message of the queue `scans`: a page, a slice of what a page left to read, or the look whether all is done.

    `token` is the page's in Resource Graph, empty for the first, `size` its rows at most. A slice begins at its
    resource number `start`, and is part of what stands under `blob`. `looks` counts how often it was put off.
    """

    scan: str
    batch: int
    page: int = 0
    slice: int = -1
    start: int = 0
    token: str = ""
    size: int = MOST_ROWS
    blob: str = ""
    looks: int = 0
    last: bool = False

    @classmethod
    def of(cls, message: object) -> Self | None:
        """The step in a message, None when there is none."""
        data = message if isinstance(message, dict) else {}
        kinds = {"scan": str, "batch": int, "page": int, "slice": int, "start": int, "token": str, "size": int}
        kinds |= {"blob": str, "looks": int, "last": bool}
        if data.keys() != kinds.keys() or not all(isinstance(data[name], kind) for name, kind in kinds.items()):
            return None
        return cls(**data)

    def message(self) -> Mapping[str, Any]:
        """The step as a message."""
        return asdict(self)

    @property
    def key(self) -> str:
        """Tells it from the other steps of its scan, and sorts them."""
        page = f"{self.batch:04}-{self.page:06}"
        return page if self.slice < 0 else f"{page}-{self.slice:03}-{self.start:03}"

    @property
    def delay(self) -> timedelta:
        """How long to put it off: doubling."""
        doublings: int = min(self.looks, 10)
        return min(FIRST_DELAY * (1 << doublings), LONGEST_DELAY)


@dataclass(frozen=True, slots=True)
class Part:
    """What a step left: counts, and results under the name `blob`. Of a page: the token of the next, and how many
    slices are left to read. Of a slice: how many of its resources are `left`. `followed`: what follows is enqueued.

    Counts are by Status, of failures also by Severity, besides: `total` is what Resource Graph says that the batch
    holds, `seen` the rows of a page, `done` those that are judged, `resources` what was judged (with what is listed
    with its parent), `failing` those of them that fail a rule, `unread` children that could not be read.
    """

    step: Step
    blob: str
    counts: Mapping[str, int]
    next: str = ""
    slices: int = 0
    left: int = 0
    followed: bool = False

    def following(self) -> list[Step]:
        """The steps that it leads to."""
        step = replace(self.step, looks=0)
        if step.slice >= 0:
            done = self.counts.get("done", 0)
            return [replace(step, start=step.start + done)] if self.left else []
        slices = [replace(step, slice=number, blob=self.blob, token="") for number in range(self.slices)]
        after = replace(step, page=step.page + 1, token=self.next)
        return [after, *slices] if self.next else [*slices, replace(step, last=True, token="")]

    def to_json(self) -> str:
        """Everything, as stored."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The part that `to_json` wrote."""
        data = json.loads(text)
        return cls(**data | {"step": Step(**data["step"])})


def missing(scan: Scan, parts: Iterable[Part]) -> set[Step]:
    """The steps of a scan that have left nothing yet, as far as they are known."""
    there, expected = set[str](), {step.key: step for step in first_steps(scan)}
    for part in parts:
        there.add(part.step.key)
        expected |= {step.key: step for step in part.following() if not step.last}
    return {step for key, step in expected.items() if key not in there}


def first_steps(scan: Scan) -> list[Step]:
    """The first page of each batch."""
    return [Step(scan.id, number) for number in range(scan.batches)]


def total(parts: Iterable[Part]) -> Mapping[str, int]:
    """The counts of all parts together, with the number of `pages`, and of `batches` that have begun."""
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update({name: count for name, count in part.counts.items() if name != "total"})
        if part.step.slice < 0:
            counts["pages"] += 1
        if part.step.slice < 0 and part.step.page == 0:
            counts["batches"] += 1
            counts["total"] += part.counts["total"]
    return dict(counts)
