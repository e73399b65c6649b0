"""What happens in a run: callers write, a person approves, the host is killed; then it is quiet until all rests."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from random import Random
from typing import Final

from local.azure import PORTAL_USER
from local.azure.callers import PIPELINE, Caller
from local.chaos.population import Member
from local.chaos.records import notices
from local.chaos.stage import Stage
from remediation import approvals
from remediation.approvals import NotPossible, Person
from remediation.cases import State
from remediation.notices import Delivery
from remediation.ports import Conflict
from rules.resource_id import ResourceId

CALLERS: Final = (
    PORTAL_USER,
    PIPELINE,
    Caller(
        oid="00000000-0000-4000-8000-0000000000e1",
        appid="00000000-0000-4000-8000-0000000000e2",
        name="nightly-job",
    ),
)
PACE: Final = 25.0
"""Writes a second, of all callers together."""
APPROVALS: Final = 3
"""Plans that a person approves at once."""
PERSON: Final = Person("platform-team")
MOST_TRIES: Final = 60
"""Writes that Azure may refuse a caller one after the other."""
BUSY: Final = 0.2
LONGEST_STORM: Final = 60.0
"""Seconds that it goes on storming after the last write."""
QUIET_LOOKS: Final = 3


@dataclass(slots=True)
class Played:
    """What was done so far. `in_hand` are the ids of the notices that a killed host had claimed, not noted as sent."""

    writes: int = 0
    refused: int = 0
    approved: int = 0
    kills: int = 0
    in_hand: list[str] = field(default_factory=list)
    quiet_seconds: float = 0.0
    unsettled: str = ""


class Run:
    """One run on a stage. `progress` hears what is going on and how far it is, of one."""

    def __init__(
        self, stage: Stage, members: Sequence[Member], random: Random, progress: Callable[[str, float], None]
    ) -> None:
        self._stage, self._members, self._random, self._progress = stage, members, random, progress
        self.played = Played()
        self._lock = threading.Lock()

    def storm(self, writes: int, kills: int) -> None:
        """Callers write to every resource, then to any, while the host is killed so many times, spread over it."""
        turns = [self._random.getrandbits(32) for _ in CALLERS]
        targets = self._targets(writes)
        kill_at = [writes * (number + 1) // (kills + 1) for number in range(kills)]
        with ThreadPoolExecutor(len(CALLERS)) as pool:
            callers = [
                pool.submit(self._calls, caller, targets[place :: len(CALLERS)], Random(turns[place]))  # noqa: S311
                for place, caller in enumerate(CALLERS)
            ]
            while not all(each.done() for each in callers):
                if kill_at and self.played.writes >= kill_at[0]:
                    kill_at.pop(0)
                    self._kill()
                self._approve()
                self._progress("storm", self.played.writes / writes)
                time.sleep(0.5)
            _raise_first(callers)
            self._storm_on(writes)
        for _ in kill_at:
            self._kill()

    def _storm_on(self, requests: int) -> None:
        """Until the app, which is behind, has made as many requests as there were writes; but not for long."""
        started = time.monotonic()
        while self._stage.storm.requests < requests and time.monotonic() - started < LONGEST_STORM:
            self._progress("storm", 1.0)
            time.sleep(0.5)

    def quiet(self, seconds: float) -> None:
        """Nothing fails any more: wait until the last message is dealt with, `seconds` at most."""
        self._stage.storm.over()
        started = time.monotonic()
        with suppress(TimeoutError):
            self._stage.azure.flush(seconds)
        self._approve()
        looks = 0
        while looks < QUIET_LOOKS and time.monotonic() - started < seconds:
            waiting = self._stage.waiting()
            looks = 0 if waiting else looks + 1
            self.played.unsettled = ", ".join(f"{count} in {name}" for name, count in waiting.items())
            self._progress("quiet", (time.monotonic() - started) / seconds)
            time.sleep(0.3)
        self.played.quiet_seconds = time.monotonic() - started

    def _targets(self, writes: int) -> list[Member]:
        """Every resource once, in any order, then any."""
        first = self._random.sample(self._members, len(self._members))
        weights = [member.weight for member in self._members]
        more = self._random.choices(self._members, weights, k=max(0, writes - len(first)))
        return [*first, *more][:writes]

    def _calls(self, caller: Caller, targets: Sequence[Member], random: Random) -> None:
        begun = time.monotonic()
        for number, member in enumerate(targets):
            self._call(caller, member, random)
            due = begun + (number + 1) * len(CALLERS) / PACE
            time.sleep(max(0.0, due - time.monotonic()))

    def _call(self, caller: Caller, member: Member, random: Random) -> None:
        """Put a resource into one of its states; into another where Azure refuses that. Busy is waited for."""
        for _ in range(MOST_TRIES):
            put = random.choice([*chain.from_iterable(member.states[:1]), *chain.from_iterable(member.states)])
            if put.resource_id != str(member.resource) and self._stage.azure.body(str(member.resource)) is None:
                continue
            answer = self._stage.azure.request("PUT", put.resource_id, put.body, put.api_version, caller)
            with self._lock:
                self.played.writes += answer.status < 300
                self.played.refused += answer.status >= 300
            if answer.status < 300:
                return
            if answer.status == 409:
                time.sleep(BUSY)
        raise RuntimeError(f"the simulated Azure refuses every write to {member.resource}")

    def _kill(self) -> None:
        """SIGKILL, and a new start at once. Not on a round number: somewhere in the work."""
        time.sleep(self._random.uniform(0, 0.3))
        self._stage.host.kill()
        self.played.kills += 1
        self.played.in_hand += (each.id for each in notices(self._stage.tables) if each.state is Delivery.SENDING)
        self._stage.host.start()

    def _approve(self) -> None:
        """A person approves some of the plans that people are asked about."""
        for number, (resource, rule, digest) in enumerate(self._asked()):
            if number == APPROVALS:
                return
            with suppress(NotPossible, Conflict):
                approvals.approve(self._stage.services, resource, rule, digest, PERSON)
                self.played.approved += 1

    def _asked(self) -> Iterator[tuple[ResourceId, str, str]]:
        for case in self._stage.services.store.cases_in(State.ASKED):
            resource = ResourceId.parse(case.resource_id)
            if case.plan is not None and resource is not None and self._random.random() < 1 / 3:
                yield resource, case.rule, case.plan.digest


def _raise_first(futures: Sequence[Future[None]]) -> None:
    for future in futures:
        future.result()
