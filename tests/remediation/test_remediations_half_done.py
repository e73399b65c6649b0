"""Plans of several writes that fail in the middle: not forgotten, told of, taken back or gone on with."""

from remediation import approvals
from remediation.cases import State
from remediation.plan import UNDO, value_of
from rules.model import Status
from tests.remediation.carrying_out import (
    CATALOGUE,
    FAILED,
    PERSON,
    Example,
    finish_operations,
    look,
    sent,
    until_nothing_waits,
)
from tests.remediation.harness import CHANNELS, Bot
from tests.remediation.test_remediations_in_time import HOURS, Start, modes, of_several_writes, started


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


def half_way(start: Start, rule: str) -> tuple[Bot, Example]:
    """The second write of a plan is refused."""
    example = CATALOGUE[rule]
    bot = start(rules=[rule])
    bot.azure.operation_seconds = HOURS
    example.begin(bot)
    finish_operations(bot)
    bot.azure.lock(example.resource.id)
    look(bot)
    bot.azure.settle()
    bot.azure.operation_seconds = 0
    bot.azure.unlock(example.resource.id)
    assert bot.case(example.resource.id, rule).state is State.FAILED
    return bot, example


def approve(bot: Bot, example: Example, rule: str) -> None:
    plan = bot.case(example.resource.id, rule).plan
    assert plan is not None
    approvals.approve(bot.services, example.id, rule, plan.digest, PERSON)
    bot.work()


@of_several_writes
def test_what_was_done_of_a_plan_that_failed_in_the_middle_can_be_taken_back(start: Start, example: Example) -> None:
    bot, _ = half_way(start, example.rule)
    assert f"python -m local undo {example.resource.id} {example.rule} --by NAME" in bot.told()[-1]
    before = len(sent(bot))
    approvals.take_back(bot.services, example.id, example.rule, PERSON)
    bot.work()
    example.see(bot, "event-2")
    back = f"{example.rule}{UNDO}"
    assert [bot.case(example.resource.id, rule).state for rule in (example.rule, back)] == [State.FAILED, State.ASKED]
    approve(bot, example, back)
    until_nothing_waits(bot)
    assert {path: value_of(example.seen(bot), path) for path in example.plan.before} == example.plan.before
    assert len(sent(bot)) == before + 1, "the write that was done, and no other"
    assert [bot.case(example.resource.id, rule).state for rule in (example.rule, back)] == [State.UNDONE, State.FIXED]
    assert bot.headlines()[-1] == "TAKEN BACK"


def test_half_way_the_old_standby_is_brought_back_without_removing_it_again(start: Start) -> None:
    bot, example = half_way(start, "postgresql/standby-in-another-zone")
    approvals.take_back(bot.services, example.id, example.rule, PERSON)
    bot.work()
    approve(bot, example, f"{example.rule}{UNDO}")
    assert modes(bot) == ["Disabled", "ZoneRedundant", "SameZone"]


def test_a_plan_that_failed_in_the_middle_is_not_forgotten_and_goes_on_when_approved_again(start: Start) -> None:
    bot, example = half_way(start, "postgresql/standby-in-another-zone")
    assert example.verdict(bot).status is Status.NOT_APPLICABLE
    example.see(bot, "event-2")
    assert bot.case(example.resource.id, example.rule).state is State.FAILED
    approve(bot, example, example.rule)
    until_nothing_waits(bot)
    assert modes(bot) == ["Disabled", "ZoneRedundant", "ZoneRedundant"]
    case = bot.case(example.resource.id, example.rule)
    assert (case.state, case.attempts) == (State.FIXED, 2)
    assert bot.headlines() == started(example, FAILED, example.fixed)


@of_several_writes
def test_a_rule_that_is_switched_off_in_the_middle_of_its_plan_is_told_of(start: Start, example: Example) -> None:
    bot = start(rules=[example.rule])
    bot.azure.operation_seconds = HOURS
    example.begin(bot)
    finish_operations(bot)
    bot.clock.move(max(bot.waits()))
    bot.delays.release()
    another = start(rules=[])
    another.work()
    case = another.case(example.resource.id, example.rule)
    assert (case.state, case.reason) == (State.FAILED, "its rule was switched off before it was finished")
    assert another.headlines() == started(example, FAILED)
    assert "It is still so" not in another.told()[-1]
    example.see(another, "event-2")
    assert another.case(example.resource.id, example.rule).state is State.FAILED, "it can be taken back"
    assert (len(sent(another)), len(another.headlines())) == (1, len(started(example, FAILED)))


def test_a_plan_that_was_approved_before_its_rule_was_switched_off_is_told_of(start: Start) -> None:
    example = CATALOGUE["storage/geo-redundant"]
    bot = start(rules=[example.rule])
    example.seed(bot)
    example.see(bot)
    example.is_approved(bot)
    bot = start(rules=[])
    bot.work()
    assert bot.case(example.resource.id, example.rule).state is State.FAILED
    assert (bot.headlines(), sent(bot)) == (example.told(FAILED), [])
    example.see(bot, "event-2")
    assert bot.headlines() == example.told(FAILED)
