"""Remediations that Azure works on after its answer, or that take several writes: remembered, followed, told of."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from remediation.cases import State
from rules.model import Status
from tests.remediation.carrying_out import (
    CATALOGUE,
    FAILED,
    IN_TIME,
    MOST_LOOKS,
    STARTED,
    Example,
    calls,
    finish_operations,
    look,
    sent,
)
from tests.remediation.harness import CHANNELS, Bot

type Start = Callable[..., Bot]

HOURS = 3600.0
SEVERAL = {rule: example for rule, example in IN_TIME.items() if len(example.plan.writes) > 1}
in_time = pytest.mark.parametrize("example", IN_TIME.values(), ids=IN_TIME)
of_several_writes = pytest.mark.parametrize("example", SEVERAL.values(), ids=SEVERAL)


def started(example: Example, *then: str) -> list[str]:
    """What people are told of a fix that takes time: who approved it hears that it has begun."""
    return example.told(STARTED, *then) if example.is_asked else [*then]


def to_the_end(bot: Bot, example: Example) -> None:
    """Azure finishes what it works on, and the bot sees it, until the case is decided."""
    for _ in range(MOST_LOOKS):
        if bot.case(example.resource.id, example.rule).state is not State.FIXING:
            return
        finish_operations(bot)
        look(bot)


def restarted(bot: Bot, start: Start, example: Example) -> Bot:
    """The same app on another machine, later: what is due lies in the queue, and nothing else is left of the first."""
    bot.clock.move(max(bot.waits()))
    bot.delays.release()
    assert bot.waits() == []
    another = start(rules=[example.rule])
    another.clock.move(bot.clock() - another.clock())
    another.work()
    return another


@in_time
def test_what_takes_hours_is_remembered_over_a_restart_and_followed_to_its_end(start: Start, example: Example) -> None:
    bot = start(rules=[example.rule])
    bot.azure.operation_seconds = HOURS
    example.begin(bot)
    case = bot.case(example.resource.id, example.rule)
    assert case.state is State.FIXING
    assert case.operation.startswith(f"{bot.server.url}/")
    assert bot.headlines() == started(example)
    assert len(bot.waits()) == 1
    another = restarted(bot, start, example)
    assert (another.headlines(), len(sent(another))) == (started(example), 1)
    to_the_end(another, example)
    case = another.case(example.resource.id, example.rule)
    assert case.state is State.FIXED, case.reason
    assert case.plan is not None
    assert sent(another) == calls(case.plan)
    assert another.headlines() == started(example, example.fixed)
    assert another.done(example.resource.id)[-1] == "fixed"
    assert example.verdict(another).status is Status.PASS
    assert another.waits() == []


@in_time
def test_an_operation_that_fails_is_told_in_azures_words(start: Start, example: Example) -> None:
    bot = start(rules=[example.rule])
    bot.azure.operation_seconds = HOURS
    bot.azure.fault(method=example.plan.writes[0].verb, effect="fail_operation", code="NoCapacity")
    example.begin(bot)
    look(bot)
    assert bot.headlines() == started(example), "some services show what is wanted before it is done"
    to_the_end(bot, example)
    case = bot.case(example.resource.id, example.rule)
    assert (case.state, case.reason) == (
        State.FAILED,
        "NoCapacity: The simulated Azure was told to answer NoCapacity.",
    )
    assert bot.headlines() == started(example, FAILED)
    assert [case.reason in bot.told(each)[-1] for each in CHANNELS] == [True, True]
    assert bot.done(example.resource.id) == example.done("sent", "failed")
    assert (len(sent(bot)), bot.waits()) == (1, [])


@of_several_writes
def test_the_second_write_waits_for_the_end_of_the_first(start: Start, example: Example) -> None:
    bot = start(rules=[example.rule])
    bot.azure.operation_seconds = HOURS
    example.begin(bot)
    look(bot)
    example.see(bot, "event-2")
    assert len(sent(bot)) == 1
    finish_operations(bot)
    look(bot)
    case = bot.case(example.resource.id, example.rule)
    assert (len(sent(bot)), case.step, case.state) == (2, 1, State.FIXING)
    example.see(bot, "event-3")
    look(bot)
    assert len(sent(bot)) == 2
    to_the_end(bot, example)
    assert bot.headlines() == started(example, example.fixed)


def modes(bot: Bot) -> list[str]:
    """The modes of high availability that were sent."""
    return [body["properties"]["highAvailability"]["mode"] for *_, body in sent(bot)]


def test_a_standby_is_moved_in_two_steps_whatever_the_rule_says_in_between(start: Start) -> None:
    """Without a standby the rule about its zone has nothing to say."""
    example = CATALOGUE["postgresql/standby-in-another-zone"]
    bot = start(rules=[example.rule])
    bot.azure.operation_seconds = HOURS
    example.begin(bot)
    finish_operations(bot)
    bot.azure.settle()
    assert example.verdict(bot).status is Status.NOT_APPLICABLE
    look(bot)
    assert modes(bot) == ["Disabled", "ZoneRedundant"]


@of_several_writes
def test_a_second_write_that_is_refused_tells_what_is_done_already(start: Start, example: Example) -> None:
    bot = start(rules=[example.rule])
    bot.azure.operation_seconds = HOURS
    example.begin(bot)
    finish_operations(bot)
    bot.azure.lock(example.resource.id)
    look(bot)
    case = bot.case(example.resource.id, example.rule)
    assert (case.state, case.reason.partition(":")[0]) == (State.FAILED, "ScopeLocked")
    assert bot.headlines() == started(example, FAILED)
    of = len(example.plan.writes)
    assert [f"1 of {of} writes" in bot.told(each)[-1] for each in CHANNELS] == [True, True]
    assert bot.done(example.resource.id) == example.done("sent", "refused", "failed")
    assert (len(sent(bot)), bot.waits()) == (2, [])


def test_a_second_write_that_is_throttled_follows_later(start: Start) -> None:
    example = CATALOGUE["postgresql/standby-in-another-zone"]
    bot = start(rules=[example.rule])
    bot.azure.operation_seconds = HOURS
    example.begin(bot)
    finish_operations(bot)
    bot.azure.fault(method="PATCH", status=429, retry_after=17)
    look(bot)
    case = bot.case(example.resource.id, example.rule)
    assert (case.state, case.step, case.sent, bot.waits()) == (State.FIXING, 1, None, [timedelta(seconds=17)])
    look(bot)
    to_the_end(bot, example)
    assert bot.headlines() == started(example, example.fixed)
    assert modes(bot) == ["Disabled", "ZoneRedundant", "ZoneRedundant"]


def test_a_second_write_that_somebody_was_faster_than_is_not_sent_for_ever(start: Start) -> None:
    """It holds the pool as it was before the first write: what is left takes a plan, and a yes, of its own."""
    example = CATALOGUE["aks/autoscaler"]
    bot = start(rules=[example.rule])
    bot.azure.operation_seconds = HOURS
    example.begin(bot)
    finish_operations(bot)
    bot.azure.settle()
    bot.azure.operation_seconds = 0
    second = example.plan.writes[1]
    pool = (bot.azure.body(second.resource_id) or {})["properties"] | {"tags": {"owner": "somebody"}}
    assert bot.azure.request("PUT", second.resource_id, {"properties": pool}).status == 200
    look(bot)
    case = bot.case(example.resource.id, example.rule)
    assert (case.state, case.reason.partition(":")[0]) == (State.FAILED, "PreconditionFailed")
    assert bot.headlines() == started(example, FAILED)
    assert "1 of 2 writes" in bot.told()[-1]
    assert (len(sent(bot)), bot.waits()) == (2, [])
    example.see(bot, "event-2")
    example.approve(bot)
    assert bot.headlines() == started(example, FAILED, *example.told(example.fixed))
    assert [path.rsplit("/", 1)[-1] for _, path, *_ in sent(bot)[2:]] == ["cpu"]
    assert example.verdict(bot).status is Status.PASS
