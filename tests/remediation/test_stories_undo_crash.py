"""A fix is taken back while workers die, or change its case under each other's hands."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from remediation.approvals import NotPossible
from remediation.cases import Case, State
from remediation.ports import Conflict
from rules.model import Resource
from tests.builders import CAUSE, REGISTRY_ID, finding, plan, registry
from tests.remediation.carrying_out import until_nothing_waits
from tests.remediation.dying import Fuse, Moment, each_death, until_done, with_fuse
from tests.remediation.harness import Bot
from tests.remediation.taking_back import ANN, BACK, PREMIUM, approve, asked, sku, state, take_back


def test_a_case_that_another_worker_has_changed_is_not_marked_over(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    approve(asked(bot))
    store, put = bot.services.store, bot.services.store.put_case

    def refuse_once(case: Case) -> Case:
        if case.state is not State.UNDONE:
            return put(case)
        monkeypatch.setattr(store, "put_case", put)
        raise Conflict

    monkeypatch.setattr(store, "put_case", refuse_once)
    bot.work()
    assert (state(bot, BACK), state(bot)) == (State.FIXING, State.FIXED)
    until_nothing_waits(bot)
    assert (state(bot, BACK), state(bot)) == (State.FIXED, State.UNDONE)
    assert bot.headlines()[2:] == ["TAKEN BACK"]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_may_die_at_any_call_from_the_wish_to_its_end(bot: Bot, moment: Moment) -> None:
    each_death(moment, lambda fuse: play(bot, f"{moment}{fuse.last}", fuse))


def play(bot: Bot, number: str, fuse: Fuse) -> None:
    """Who decides may die, and who checks."""
    resource_id, services = f"{REGISTRY_ID}{number}", bot.services
    found = finding(PREMIUM, Resource.of(registry("Basic", id=resource_id, name=f"crml{number}")))
    done = Case(PREMIUM, resource_id, State.FIXED, bot.clock(), bot.clock(), CAUSE, plan(found))
    bot.services.store.put_case(done)
    bot.seed(registry("Premium", id=resource_id, name=f"crml{number}"))
    posted, written = len(bot.chat.messages), len(bot.azure.writes())
    bot.services = with_fuse(services, fuse)
    until_done(bot, fuse, lambda: again(lambda: take_back(bot, PREMIUM, resource_id)))
    until_done(bot, fuse, lambda: bot.drain("checks"))
    until_done(bot, fuse, lambda: again(lambda: approve(bot, BACK, resource_id)))
    until_done(bot, fuse, lambda: bot.drain("checks"))
    bot.services = services
    bot.work()
    assert (state(bot, BACK, resource_id), state(bot, PREMIUM, resource_id)) == (State.FIXED, State.UNDONE)
    assert (sku(bot, resource_id), len(bot.azure.writes())) == ("Basic", written + 1)
    labels = sorted(message.text.count("TAKEN BACK ·") for message in bot.chat.messages[posted:])
    assert labels == [0, 0, 1, 1]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_may_die_at_any_call_from_the_wish_for_the_fix_to_its_end(bot: Bot, moment: Moment) -> None:
    each_death(moment, lambda fuse: want_again(bot.unlimited(), f"{moment}{fuse.last}", fuse))


def want_again(bot: Bot, number: str, fuse: Fuse) -> None:
    """A fix was taken back, and somebody wants it again."""
    resource_id, services = f"{REGISTRY_ID}{number}", bot.services
    body = registry("Basic", id=resource_id, name=f"crml{number}")
    made = plan(finding(PREMIUM, Resource.of(body)))
    back = replace(made, rule=BACK)
    for rule, now, done in ((PREMIUM, State.UNDONE, made), (BACK, State.FIXED, back)):
        bot.services.store.put_case(Case(rule, resource_id, now, bot.clock(), bot.clock(), CAUSE, done))
    bot.seed(body)
    bot.services = with_fuse(services, fuse)
    until_done(bot, fuse, lambda: again(lambda: take_back(bot, BACK, resource_id, ANN)))
    until_done(bot, fuse, lambda: bot.drain("checks"))
    bot.services = services
    bot.work()
    assert (state(bot, PREMIUM, resource_id), sku(bot, resource_id)) == (State.FIXED, "Premium")
    wanted = [entry.detail["by"] for entry in bot.journal(resource_id) if entry.what == "wanted"]
    assert [name.partition(" ")[0] for name in wanted] == ["Ann"]


def again(decide: Callable[[], object]) -> None:
    """Decide, as somebody whose first try may have ended in a crash."""
    try:
        decide()
    except NotPossible as error:
        if "already" not in str(error):
            raise
