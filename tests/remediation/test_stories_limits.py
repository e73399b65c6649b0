"""Azure counts: hundreds of checks at once go through without a single 429, and nothing is lost on the way."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from remediation.adapters.budget import Bucket
from remediation.cases import State
from remediation.ports import Memo
from tests.builders import GROUP, SUBSCRIPTION, event, registry
from tests.remediation.carrying_out import CATALOGUE, calls, sent
from tests.remediation.harness import Bot

CHECKS = 600


def throttled(bot: Bot) -> int:
    """How often Azure answered 429."""
    return sum(exchange.status == 429 for exchange in bot.azure.log)


def until_quiet(bot: Bot) -> None:
    """Everybody who was put off comes back, again and again."""
    for _ in range(200):
        if not bot.waits():
            return
        bot.later(timedelta(seconds=1))
    raise AssertionError("there is no end to it")


def test_600_checks_at_once_meet_no_429(bot: Bot) -> None:
    bot.azure.limit_requests(bot.clock)
    ids = [f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/cr{number}" for number in range(CHECKS)]
    bot.seed(*(registry("Premium") | {"id": each} for each in ids))
    bot.accept(*(event(each, f"event-{number}") for number, each in enumerate(ids)))
    bot.work()
    assert bot.waits(), "more than the bucket holds was asked for"
    until_quiet(bot)
    assert {exchange.path for exchange in bot.azure.reads()} == set(ids)
    assert len(bot.azure.reads()) == CHECKS, "no check was made twice"
    assert throttled(bot) == 0


@pytest.mark.parametrize("left", [0, 1, 2])
def test_a_plan_that_runs_out_of_writes_goes_on_later(start: Callable[..., Bot], left: int) -> None:
    """Two writes, of which the budget has none, one, or both: each is sent once in the end."""
    example = CATALOGUE["postgresql/standby-in-another-zone"]
    assert len(example.plan.writes) == 2
    bot = start(rules=[example.rule])
    now = bot.clock()
    bucket = Bucket(left, at=now + timedelta(seconds=1), closed=now)  # other workers took the rest
    bot.services.store.put_memo(Memo(f"budget {SUBSCRIPTION} write", bucket.data()))
    example.begin(bot)
    assert len(bot.azure.writes()) == left
    until_quiet(bot)
    assert sent(bot) == calls(example.plan)
    assert bot.case(example.resource.id, example.rule).state is State.FIXED
    assert bot.headlines() == example.told(example.fixed)
