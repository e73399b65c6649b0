"""A person takes a fix back: the steps that the stories about it are made of."""

from collections.abc import Callable

from remediation import approvals
from remediation.approvals import Person
from remediation.cases import Case, State
from remediation.plan import UNDO
from rules.resource_id import ResourceId
from tests.builders import REGISTRY_ID, event, registry
from tests.remediation.harness import Bot

type Start = Callable[..., Bot]

ANN, BEN = Person("Ann", "object-1"), Person("Ben")
PREMIUM = "container-registry/premium-sku"
BACK = f"{PREMIUM}{UNDO}"


def identity(resource_id: str = REGISTRY_ID) -> ResourceId:
    found = ResourceId.parse(resource_id)
    assert found is not None
    return found


def sku(bot: Bot, resource_id: str = REGISTRY_ID) -> str:
    return str((bot.azure.body(resource_id) or {})["sku"]["name"])


def take_back(bot: Bot, rule: str = PREMIUM, resource_id: str = REGISTRY_ID, person: Person = BEN) -> Case:
    """Somebody wants a fix taken back; nothing has worked on it yet."""
    return approvals.take_back(bot.services, identity(resource_id), rule, person)


def approve(bot: Bot, rule: str = BACK, resource_id: str = REGISTRY_ID) -> Case:
    """Somebody approves what is asked; nothing has worked on it yet."""
    plan = bot.case(resource_id, rule).plan
    assert plan is not None
    return approvals.approve(bot.services, identity(resource_id), rule, plan.digest, ANN)


def state(bot: Bot, rule: str = PREMIUM, resource_id: str = REGISTRY_ID) -> State:
    return bot.case(resource_id, rule).state


def fixed(bot: Bot) -> Bot:
    """A registry that was upgraded."""
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID))
    assert state(bot) is State.FIXED
    return bot


def asked(bot: Bot) -> Bot:
    """A registry that was upgraded, and people are asked whether to take that back."""
    take_back(fixed(bot))
    bot.work()
    assert state(bot, BACK) is State.ASKED
    return bot
