"""Workers that die: at the first call to the outside, then at the second, and so on, until a story needs no further
call; each time once just before the call takes effect and once just after."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any, Literal, cast

from remediation.outbox import REFUSED_AGAIN
from remediation.ports import Services
from tests.remediation.harness import Bot

type Moment = Literal["before", "after"]

LEAST_CALLS = 5


class Died(BaseException):
    """The worker is no more: nothing in the app may catch this."""


class Fuse:
    """Counts calls, and lets the worker die once, at one of them."""

    def __init__(self, last: int, moment: Moment) -> None:
        self.last, self._moment = last, moment
        self.calls: list[str] = []
        self.lit = False

    def blown(self) -> bool:
        """Whether the worker has died."""
        return len(self.calls) >= self.last

    def died_at(self, call: str, moment: Moment) -> bool:
        """Whether the worker died at a call of this name, at this moment."""
        return self.blown() and self._moment == moment and self.calls[-1].startswith(call)

    @property
    def where(self) -> str:
        """The call the worker died at."""
        return f"died {self._moment} call {self.last}, {self.calls[-1]}"

    def call(self, name: str, run: Callable[[], Any]) -> Any:
        """Run one call, or die."""
        if not self.lit or self.blown():
            return run()
        self.calls.append(name)
        if self.blown() and self._moment == "before":
            raise Died
        answer = run()
        if self.blown():
            raise Died
        return answer


class Fragile:
    """A port, each of whose calls goes through a fuse."""

    def __init__(self, port: object, fuse: Fuse) -> None:
        self._port, self._fuse = port, fuse

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._port, name)
        return lambda *args, **options: self._fuse.call(f"{name}{args}", lambda: method(*args, **options))


def fragile[T](port: T, fuse: Fuse) -> T:
    return cast(T, Fragile(port, fuse))


def with_fuse(services: Services, fuse: Fuse) -> Services:
    """The same services, each of whose calls may be the worker's last."""
    return replace(
        services,
        cloud=fragile(services.cloud, fuse),
        graph=fragile(services.graph, fuse),
        store=fragile(services.store, fuse),
        queue=fragile(services.queue, fuse),
        dead_letters=fragile(services.dead_letters, fuse),
        probe=fragile(services.probe, fuse),
        scans=fragile(services.scans, fuse),
        texts=fragile(services.texts, fuse),
        chats={name: fragile(chat, fuse) for name, chat in services.chats.items()},
    )


def until_done(bot: Bot, fuse: Fuse, step: Callable[[], object]) -> None:
    """Do a step with a worker that may die; the same message then comes to a new one. Nothing else is worked on."""
    fuse.lit = True
    try:
        step()
    except Died:
        fuse.lit = False
        step()
    fuse.lit = False
    soon = [each for each in bot.delays.waiting if each.delay < REFUSED_AGAIN]
    assert soon == [], "nobody has to look again, but for what a channel refused"


def each_death(moment: Moment, run: Callable[[Fuse], None]) -> None:
    """Run a story again and again, the worker dying one call later each time, until it gets through."""
    for last in count(1):
        fuse = Fuse(last, moment)
        try:
            run(fuse)
        except AssertionError as error:
            error.add_note(fuse.where if fuse.blown() else "nobody died")
            raise
        if not fuse.blown():
            assert last > LEAST_CALLS, "the story did make calls"
            return
