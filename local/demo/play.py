"""Plays the story on a stage, step by step, and holds what happened against what was to happen."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from local.chat.inbox import Message
from local.demo.stage import Stage
from local.demo.story import Step
from rules.values import value_at

OUTCOMES: Final = ("fixed", "asked", "told", "failed")
CHANNELS: Final = ("teams", "slack")


@dataclass(frozen=True, slots=True)
class Happened:
    """What one step led to, at a local time. `seconds` run from the write to the last message.

    `problems` is empty when all is well.
    """

    at: str
    title: str
    then: str
    seconds: float
    events: int
    checks: int
    arm_reads: int
    arm_writes: int
    outcomes: Mapping[str, int]
    messages: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts so far: of the publisher, the host, the simulated Azure's log and the journal."""

    events: int
    checks: int
    reads: int
    writes: int
    messages: tuple[Message, ...]
    outcomes: Mapping[str, int]


APPROVED: Final = "approved"

type Invite = Callable[[Step], str]
"""Lets a person do what a step invites to. Returns what they have decided, empty where it has to happen by itself."""


def by_itself(_: Step) -> str:
    """Nobody is invited."""
    return ""


def play(stage: Stage, story: tuple[Step, ...], invite: Invite = by_itself) -> Iterator[Happened]:
    """Each step as it has happened."""
    extra = 0
    for step in story:
        before, delivered = tally(stage, story, extra), len(stage.events.delivered)
        decided = invite(step) if step.invites else ""
        started, clock = time.time(), time.monotonic()
        if not decided:
            step.act(stage)
        problems = _settled(stage)
        extra += len(stage.events.delivered) == delivered  # a delivery that the publisher did not make itself
        after = tally(stage, story, extra)
        new = after.messages[len(before.messages) :]
        otherwise = decided not in ("", APPROVED)
        seconds = max((message.received_at.timestamp() for message in new), default=time.time()) - started
        yield Happened(
            time.strftime("%H:%M:%S", time.localtime(started)),
            f"You have {decided} it" if decided else step.title,
            "the story goes on without it" if otherwise else step.then,
            round(max(0.0, min(seconds, time.monotonic() - clock)), 3),
            after.events - before.events,
            after.checks - before.checks,
            after.reads - before.reads,
            after.writes - before.writes,
            {word: after.outcomes[word] - before.outcomes[word] for word in OUTCOMES},
            len(new),
            (*problems, *(() if otherwise else _differences(stage, step, before, after))),
        )


def _settled(stage: Stage) -> tuple[str, ...]:
    try:
        stage.settle()
    except TimeoutError as error:
        return (str(error),)
    return ()


def tally(stage: Stage, story: tuple[Step, ...], extra: int) -> Tally:
    """All counts as they stand."""
    words = [entry.what for resource in {step.resource_id for step in story} for entry in stage.store.journal(resource)]
    return Tally(
        len(stage.events.delivered) + extra,
        stage.checks(),
        sum(exchange.path.startswith("/subscriptions/") for exchange in stage.azure.reads()),
        len(stage.azure.writes()),
        tuple(stage.chat.messages),
        {word: words.count(word) for word in OUTCOMES},
    )


def _differences(stage: Stage, step: Step, before: Tally, after: Tally) -> Iterator[str]:
    """What did not come out as told."""
    for word in OUTCOMES:
        found, wanted = after.outcomes[word] - before.outcomes[word], int(word == step.outcome)
        if found != wanted:
            yield f"{found} times {word}, expected {wanted}"
    if after.writes - before.writes != step.writes:
        yield f"{after.writes - before.writes} writes to Azure, expected {step.writes}"
    new = after.messages[len(before.messages) :]
    for channel in CHANNELS:
        texts = [message.text for message in new if message.channel_kind == channel]
        if len(texts) != len(step.labels) or not all(map(str.__contains__, texts, step.labels)):
            yield f"{channel} got {len(texts)} messages, expected {', '.join(step.labels) or 'none'}"
    if step.state is not None:
        path, wanted_value = step.state
        found_value = value_at(stage.azure.body(step.resource_id) or {}, path)
        if found_value != wanted_value:
            yield f"{path} is {found_value}, expected {wanted_value}"


def summary(stage: Stage, happened: list[Happened]) -> dict[str, Any]:
    """What `--json` writes."""
    messages = stage.chat.messages
    return {
        "events": sum(step.events for step in happened),
        "checks": sum(step.checks for step in happened),
        "arm_reads": sum(step.arm_reads for step in happened),
        "arm_writes": sum(step.arm_writes for step in happened),
        **{word: sum(step.outcomes[word] for step in happened) for word in OUTCOMES},
        "messages": {channel: [m.text for m in messages if m.channel_kind == channel] for channel in CHANNELS},
        "steps": [asdict(step) for step in happened],
        "ok": not any(step.problems for step in happened),
    }
