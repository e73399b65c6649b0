"""From an approval to its fix, a worker may die at any call: the plan is applied once, and told once."""

import pytest

from remediation import approvals
from remediation.approvals import NotPossible
from remediation.cases import State
from rules.resource_id import ResourceId
from tests.builders import REGISTRY_ID, event, registry
from tests.remediation.dying import Fuse, Moment, each_death, until_done, with_fuse
from tests.remediation.harness import Bot
from tests.remediation.test_stories_approvals import ANN, PREMIUM


def broken_registry(bot: Bot, number: str) -> ResourceId:
    """A registry of whose repair people are asked, because Azure's last change of it failed."""
    found = ResourceId.parse(f"{REGISTRY_ID}{number}")
    assert found is not None
    body = registry("Basic", id=str(found), name=found.name, properties={"provisioningState": "Failed"})
    bot.seed(body)
    bot.see(event(str(found), f"event-{number}"))
    return found


def decide(bot: Bot, resource: ResourceId) -> None:
    """Approve, as somebody whose first try may have ended in a crash."""
    plan = bot.case(str(resource), PREMIUM).plan
    assert plan is not None
    if bot.case(str(resource), PREMIUM).state is State.ASKED:
        approvals.approve(bot.services, resource, PREMIUM, plan.digest, ANN)
        return
    with pytest.raises(NotPossible, match=r"Ann \(object-1\) has approved it already"):
        approvals.approve(bot.services, resource, PREMIUM, plan.digest, ANN)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_may_die_at_any_call_from_approval_to_fix(bot: Bot, moment: Moment) -> None:
    each_death(moment, lambda fuse: play(bot, f"{moment}{fuse.last}", fuse))


def play(bot: Bot, number: str, fuse: Fuse) -> None:
    """Who approves may die, and who checks."""
    resource, services = broken_registry(bot, number), bot.services
    posted, written = len(bot.chat.messages), len(bot.azure.writes())
    bot.services = with_fuse(services, fuse)
    until_done(bot, fuse, lambda: decide(bot, resource))
    until_done(bot, fuse, lambda: bot.drain("checks"))
    bot.services = services
    bot.work()
    assert ["FIXED ·" in message.text for message in bot.chat.messages[posted:]] == [True, True]
    assert len(bot.azure.writes()) == written + 1
    done = bot.done(str(resource))
    assert [done.count(line) for line in ("asked", "approved", "fixed")] == [1, 1, 1]
    case = bot.case(str(resource), PREMIUM)
    assert (case.state, case.approval and case.approval.by) == (State.FIXED, "Ann (object-1)")


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_that_asks_again_may_die_at_any_call(bot: Bot, moment: Moment) -> None:
    each_death(moment, lambda fuse: ask_again(bot, f"{moment}{fuse.last}", fuse))


def ask_again(bot: Bot, number: str, fuse: Fuse) -> None:
    """The resource has changed since the approval: whoever dies, people are told why they are asked again."""
    resource, services = broken_registry(bot, number), bot.services
    posted = len(bot.chat.messages)
    decide(bot, resource)
    bot.seed({**(bot.azure.body(str(resource)) or {}), "sku": {"name": "Standard"}})
    bot.services = with_fuse(services, fuse)
    until_done(bot, fuse, lambda: bot.drain("checks"))
    bot.services = services
    bot.work()
    assert ["approved another plan" in message.text for message in bot.chat.messages[posted:]] == [True, True]
    assert bot.case(str(resource), PREMIUM).state is State.ASKED
