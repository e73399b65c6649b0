"""What holds the bot back, on real parts: the policy, exemptions, somebody who keeps undoing a fix, and limits."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from remediation import approvals, reminders
from remediation.approvals import NotPossible, Person
from remediation.cases import State
from remediation.notices import Delivery
from remediation.policy import Effect, Exempted, Exemption, Limits, Override, Route
from remediation.quiet_hours import QuietHours
from remediation.scopes import Scope
from rules.model import Severity
from rules.resource_id import ResourceId
from tests.builders import REGISTRY_ID, event, registry
from tests.remediation.dying import Fuse, Moment, each_death, until_done, with_fuse
from tests.remediation.harness import CHANNELS, Bot

PREMIUM = "container-registry/premium-sku"
ANN = Person("Ann", "object-1")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
REASON = "it is replaced next month"


NIGHT = QuietHours(time(22), time(7), UTC)


def ruled(bot: Bot, **changes: Any) -> Bot:
    """The bot under another policy."""
    bot.services = replace(bot.services, policy=replace(bot.services.policy, **changes))
    return bot


def named(number: int) -> str:
    return f"{REGISTRY_ID}{number}"


def make(bot: Bot, number: int = 0, caller: str = "pipeline", **changes: Any) -> str:
    """Somebody makes, or makes again, a registry that is Basic; the bot sees it."""
    bot.seed(registry("Basic", id=named(number), name=f"crml{number}", **changes))
    bot.see(event(named(number), f"event {bot.clock()}", data={"claims": {"name": caller}}))
    return named(number)


def sku(bot: Bot, resource_id: str) -> str:
    return str((bot.azure.body(resource_id) or {})["sku"]["name"])


def parsed(resource_id: str) -> ResourceId:
    found = ResourceId.parse(resource_id)
    assert found is not None
    return found


def approve(bot: Bot, resource_id: str) -> None:
    case = bot.case(resource_id, PREMIUM)
    assert case.plan is not None
    approvals.approve(bot.services, parsed(resource_id), PREMIUM, case.plan.digest, ANN)
    bot.work()


def looped(bot: Bot) -> str:
    """Three times fixed, each undone by a pipeline, and made again by a person."""
    for _ in range(3):
        make(bot)
        bot.clock.move(HOUR)
    return make(bot, caller="Ben")


def test_a_fix_that_somebody_keeps_undoing_is_made_no_more(bot: Bot) -> None:
    registry_id = looped(bot)
    assert (sku(bot, registry_id), len(bot.azure.writes())) == ("Basic", 3)
    assert bot.headlines() == ["FIXED AUTOMATICALLY"] * 3 + ["KEEPS BEING UNDONE"]
    for channel in CHANNELS:
        text = bot.told(channel)[-1]
        assert "made this fix 3 times and stopped" in text
        assert "pipeline, Ben" in text, "who undid it, in their order"
        assert 'sku = "Premium"' in text
    bot.see(event(registry_id, "again"))
    assert len(bot.headlines()) == 4, "it is told once"


def test_a_loop_is_over_when_somebody_approves(bot: Bot) -> None:
    registry_id = looped(bot)
    approve(bot, registry_id)
    assert (sku(bot, registry_id), bot.headlines()[-1]) == ("Premium", "FIXED")
    make(bot)
    assert bot.headlines()[-1] == "KEEPS BEING UNDONE", "one yes is for one fix"


def test_a_loop_is_over_when_it_was_long_ago(bot: Bot) -> None:
    registry_id = looped(bot)
    reminders.remind(bot.services)
    bot.work()
    assert (sku(bot, registry_id), len(bot.headlines())) == ("Basic", 4)
    bot.clock.move(DAY - 3 * HOUR)
    reminders.remind(bot.services)
    bot.work()
    assert (sku(bot, registry_id), bot.headlines()[-1]) == ("Premium", "FIXED AUTOMATICALLY")


def test_beyond_the_limit_of_an_hour_the_bot_asks_and_says_so_once(bot: Bot) -> None:
    ruled(bot, limits=Limits(changes_per_subscription_per_hour=2))
    bot.clock.move(timedelta(hours=1, seconds=-(bot.clock().timestamp() % 3600)))
    ids = [make(bot, number) for number in range(4)]
    assert [sku(bot, each) for each in ids] == ["Premium", "Premium", "Basic", "Basic"]
    assert bot.headlines() == ["FIXED AUTOMATICALLY", "FIXED AUTOMATICALLY", "LIMIT REACHED"]
    assert "2 changes in this subscription" in bot.told()[-1]
    assert [bot.case(each, PREMIUM).state for each in ids[2:]] == [State.ASKED] * 2
    approve(bot, ids[2])
    assert sku(bot, ids[2]) == "Premium", "who approves is not held up"
    bot.clock.move(HOUR)
    bot.see(event(ids[3], "an hour later"))
    assert sku(bot, ids[3]) == "Premium"


def test_a_question_of_its_own_is_put_although_a_limit_was_told_of(bot: Bot) -> None:
    ruled(bot, limits=Limits(changes_per_subscription_per_hour=1))
    bot.clock.move(timedelta(hours=1, seconds=-(bot.clock().timestamp() % 3600)))
    make(bot)
    held = make(bot, 1)
    assert bot.headlines() == ["FIXED AUTOMATICALLY", "LIMIT REACHED"]
    bot.see(event(held, "again"))
    assert len(bot.headlines()) == 2
    ruled(bot, overrides=(Override(Effect.ASK, LINE),))
    bot.see(event(held, "once more"))
    assert bot.headlines()[2:] == ["APPROVAL NEEDED"]


def test_beyond_the_limit_of_a_day_the_bot_asks_about_that_resource(bot: Bot) -> None:
    ruled(bot, limits=Limits(fixes_per_resource_per_day=1))
    bot.clock.move(timedelta(days=1, seconds=-(bot.clock().timestamp() % 86400)))
    registry_id, other = make(bot), make(bot, 1)
    make(bot)
    assert (sku(bot, registry_id), sku(bot, other)) == ("Basic", "Premium")
    assert bot.headlines() == ["FIXED AUTOMATICALLY"] * 2 + ["APPROVAL NEEDED"]
    assert "changed this resource 1 time today, which is the limit" in bot.told()[-1]


def test_a_fix_that_azure_puts_off_counts_once(bot: Bot) -> None:
    ruled(bot, limits=Limits(fixes_per_resource_per_day=1))
    bot.azure.fault(method="PATCH", status=429, times=3)
    registry_id = make(bot)
    for _ in range(3):
        bot.later(max(bot.waits()))
    assert (sku(bot, registry_id), len(bot.azure.writes())) == ("Premium", 4)


LINE = "policy.yaml line 14"
EFFECTS = {
    Effect.ASK: ("APPROVAL NEEDED", "a person has to decide: policy.yaml line 14 (costs are ours)"),
    Effect.TELL: ("NOT CHANGED", "Nothing was changed: the bot may only tell of it: policy.yaml line 14"),
}


@pytest.mark.parametrize("effect", EFFECTS, ids=str)
def test_the_policy_may_allow_less_than_a_rule_does(bot: Bot, effect: Effect) -> None:
    ruled(bot, overrides=(Override(effect, LINE, ("container-registry/*",), reason="costs are ours"),))
    registry_id = make(bot)
    label, text = EFFECTS[effect]
    assert (sku(bot, registry_id), bot.headlines()) == ("Basic", [label])
    assert [text in bot.told(channel)[0] for channel in CHANNELS] == [True, True]


def test_what_the_policy_switches_off_somewhere_is_closed_there(bot: Bot) -> None:
    ruled(bot, overrides=(Override(Effect.ASK, LINE),))
    registry_id = make(bot)
    here = Scope(resources=(registry_id.lower(),))
    ruled(bot, overrides=(Override(Effect.OFF, LINE, where=here),))
    bot.see(event(registry_id, "event-2"))
    assert (sku(bot, registry_id), bot.case(registry_id, PREMIUM).state) == ("Basic", State.CLOSED)
    assert sku(bot, make(bot, 1)) == "Premium"


def test_an_approval_is_over_when_the_policy_switches_the_rule_off(bot: Bot) -> None:
    ruled(bot, overrides=(Override(Effect.ASK, LINE),))
    registry_id = make(bot)
    case = bot.case(registry_id, PREMIUM)
    assert case.plan is not None
    approvals.approve(bot.services, parsed(registry_id), PREMIUM, case.plan.digest, ANN)
    ruled(bot, overrides=(Override(Effect.OFF, LINE, where=Scope(types=("microsoft.*",))),))
    bot.work()
    assert (sku(bot, registry_id), bot.headlines()) == ("Basic", ["APPROVAL NEEDED", "CLOSED"])
    assert "The policy switches its rule off here" in bot.told()[-1]


def tomorrow(bot: Bot) -> str:
    return f"{bot.clock() + 2 * DAY:%Y-%m-%d}"


def by_tag(bot: Bot) -> str:
    return make(bot, tags={"HA-Bot-Exempt": PREMIUM, "ha-bot-exempt-until": tomorrow(bot)})


def by_policy(bot: Bot) -> str:
    given = Exemption(bot.clock() + 2 * DAY, REASON, "", LINE)
    ruled(bot, exemptions=(Exempted(given, Scope(resources=(named(0).lower(),))),))
    return make(bot)


def by_person(bot: Bot) -> str:
    approvals.exempt(bot.services, parsed(named(0).upper()), PREMIUM, bot.clock() + 2 * DAY, REASON, ANN)
    return make(bot)


@pytest.mark.parametrize("given", [by_tag, by_policy, by_person])
def test_what_is_exempt_is_left_alone_until_then(bot: Bot, given: Callable[[Bot], str]) -> None:
    registry_id = given(bot)
    assert (bot.azure.writes(), bot.told(), bot.waits()) == ([], [], [])
    case = bot.case(registry_id, PREMIUM)
    assert (case.state, case.until is not None) == (State.EXEMPT, True)
    assert bot.done(registry_id)[-1] == "exempt"
    bot.see(event(registry_id, "event-2"))
    assert bot.done(registry_id).count("exempt") == 1
    reminders.remind(bot.services)
    reminders.remind(bot.services)
    bot.work()
    assert bot.headlines() == ["EXEMPTION ENDS"]
    bot.clock.move(3 * DAY)
    reminders.remind(bot.services)
    bot.work()
    assert (sku(bot, registry_id), bot.headlines()[1:]) == ("Premium", ["FIXED AUTOMATICALLY"])


def test_what_ends_in_long_is_not_reminded_of(bot: Bot) -> None:
    approvals.exempt(bot.services, parsed(named(0)), PREMIUM, bot.clock() + 30 * DAY, REASON, ANN)
    make(bot)
    reminders.remind(bot.services)
    bot.work()
    assert bot.told() == []


def test_what_is_of_no_resource_is_not_reminded_of(bot: Bot) -> None:
    approvals.exempt(bot.services, parsed(named(0)), PREMIUM, bot.clock() + DAY, REASON, ANN)
    make(bot)
    case = bot.case(named(0), PREMIUM)
    bot.services.store.put_case(replace(case, resource_id="/queues/checks/1", etag=""))
    bot.services.store.put_case(replace(case, until=None))
    reminders.remind(bot.services)
    bot.work()
    assert bot.told() == []


def test_an_exemption_may_be_ended_by_a_person(bot: Bot) -> None:
    registry_id = by_person(bot)
    approvals.end_exemption(bot.services, parsed(registry_id), PREMIUM, ANN)
    bot.work()
    assert (sku(bot, registry_id), bot.headlines()) == ("Premium", ["FIXED AUTOMATICALLY"])
    assert [what for what in bot.done(registry_id) if what.startswith("exempt")] == [
        "exempted",
        "exempt",
        "exemption ended",
    ]
    with pytest.raises(NotPossible, match="nobody has exempted it"):
        approvals.end_exemption(bot.services, parsed(registry_id), PREMIUM, ANN)


def test_what_is_approved_and_then_exempt_is_not_done(bot: Bot) -> None:
    ruled(bot, overrides=(Override(Effect.ASK, LINE),))
    registry_id = make(bot)
    case = bot.case(registry_id, PREMIUM)
    assert case.plan is not None
    approvals.approve(bot.services, parsed(registry_id), PREMIUM, case.plan.digest, ANN)
    approvals.exempt(bot.services, parsed(registry_id), PREMIUM, bot.clock() + DAY, REASON, ANN)
    bot.work()
    assert (sku(bot, registry_id), bot.headlines()) == ("Basic", ["APPROVAL NEEDED", "CLOSED"])
    assert REASON in bot.told()[-1]
    assert bot.case(registry_id, PREMIUM).approval is None
    bot.clock.move(2 * DAY)
    reminders.remind(bot.services)
    bot.work()
    assert (sku(bot, registry_id), bot.headlines()[2:]) == ("Basic", ["APPROVAL NEEDED"]), "the approval is over"


def test_what_is_exempt_and_deleted_is_closed(bot: Bot) -> None:
    registry_id = by_person(bot)
    bot.azure.request("DELETE", registry_id, api_version="2025-11-01")
    bot.see(event(registry_id, "event-2", eventType="Microsoft.Resources.ResourceDeleteSuccess"))
    assert bot.case(registry_id, PREMIUM).state is State.CLOSED


def test_what_is_exempt_from_one_rule_is_judged_by_the_others(start: Callable[..., Bot]) -> None:
    rules = ["storage/zone-redundant", "storage/container-soft-delete", PREMIUM]
    bot = start(rules=rules)
    approvals.exempt(bot.services, parsed(named(0)), "storage/container-soft-delete", bot.clock() + DAY, REASON, ANN)
    assert sku(bot, make(bot)) == "Premium"


NO_EXEMPTIONS = {
    "of no rule": ({"rule": "container-registry/premium"}, f"did you mean {PREMIUM}?"),
    "that is over": ({"until": -HOUR}, "an exemption ends in the future"),
    "for years": ({"until": 800 * DAY}, "at most 366 days"),
    "elsewhere": ({"resource": REGISTRY_ID.replace("000001", "0000ff")}, "is not onboarded"),
}


@pytest.mark.parametrize(("changes", "says"), NO_EXEMPTIONS.values(), ids=NO_EXEMPTIONS)
def test_an_exemption_is_refused(bot: Bot, changes: dict[str, Any], says: str) -> None:
    given: dict[str, Any] = {"resource": named(0), "rule": PREMIUM, "until": DAY} | changes
    until = bot.clock() + given["until"]
    with pytest.raises(NotPossible, match=says):
        approvals.exempt(bot.services, parsed(given["resource"]), given["rule"], until, REASON, ANN)
    assert bot.services.store.exemptions(given["resource"]) == {}


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_may_die_at_any_call_from_the_exemption_to_its_case(bot: Bot, moment: Moment) -> None:
    numbers = iter(range(1000))
    each_death(moment, lambda fuse: exempted(bot, next(numbers), fuse))


def exempted(bot: Bot, number: int, fuse: Fuse) -> None:
    services, registry_id, until = bot.services, named(number), bot.clock() + DAY
    bot.seed(registry("Basic", id=registry_id, name=f"crml{number}"))
    bot.services = with_fuse(services, fuse)
    until_done(bot, fuse, lambda: approvals.exempt(bot.services, parsed(registry_id), PREMIUM, until, REASON, ANN))
    until_done(bot, fuse, lambda: bot.drain("checks"))
    bot.services = services
    bot.work()
    assert (bot.case(registry_id, PREMIUM).state, sku(bot, registry_id), bot.told()) == (State.EXEMPT, "Basic", [])
    assert bot.done(registry_id).count("exempt") == 1


UNREADABLE = {
    "without an end": ({"ha-bot-exempt": PREMIUM}, "add the tag ha-bot-exempt-until"),
    "with an end that is no date": (
        {"ha-bot-exempt": "*", "ha-bot-exempt-until": "soon"},
        "the tag ha-bot-exempt-until is no date",
    ),
    "with a word that nobody knows": ({"ha-bot": "disabled"}, "its tag ha-bot has none of the values off, audit, ask"),
}


@pytest.mark.parametrize(("tags", "says"), UNREADABLE.values(), ids=UNREADABLE)
def test_tags_that_cannot_be_understood_change_nothing_and_are_told_of(
    bot: Bot, tags: dict[str, str], says: str
) -> None:
    registry_id = make(bot, tags=tags)
    assert (sku(bot, registry_id), bot.azure.writes(), bot.headlines()) == ("Basic", [], ["NOT CHANGED"])
    assert says in bot.told()[0]
    assert "Nothing was changed" in bot.told()[0]


def test_a_channel_hears_of_what_is_routed_to_it_also_when_it_is_gone(start: Callable[..., Bot]) -> None:
    bot = ruled(start(rules=[PREMIUM, "storage/zone-redundant"]), overrides=(Override(Effect.ASK, LINE),))
    ruled(
        bot,
        routes=(
            Route(frozenset({"slack"}), LINE, ("container-registry/*",)),
            Route(frozenset({"teams"}), LINE, ("storage/*",)),
        ),
    )
    registry_id = make(bot)
    case = bot.case(registry_id, PREMIUM)
    assert case.plan is not None
    approvals.approve(bot.services, parsed(registry_id), PREMIUM, case.plan.digest, ANN)
    bot.azure.request("DELETE", registry_id, api_version="2025-11-01")
    bot.work()
    assert bot.told("teams") == []
    assert ["APPROVAL NEEDED" in bot.told("slack")[0], "CLOSED" in bot.told("slack")[1]] == [True, True]


def test_messages_wait_for_the_end_of_the_quiet_hours_and_fixes_do_not(bot: Bot) -> None:
    now = bot.clock()
    bot.clock.move(datetime(now.year, now.month, now.day, 23, tzinfo=UTC) + DAY - now)
    ruled(bot, quiet_hours=NIGHT)
    registry_id = make(bot)
    assert (sku(bot, registry_id), bot.told()) == ("Premium", [])
    assert {round(wait / HOUR) for wait in bot.waits()} == {8}
    bot.later(max(bot.waits()))
    assert bot.headlines() == ["FIXED AUTOMATICALLY"]


def test_a_message_whose_posting_had_begun_is_posted_in_quiet_hours_as_well(bot: Bot) -> None:
    """Its own message came back after a crash: put off, another one would come, and find it in this one's hands."""
    now = bot.clock()
    bot.clock.move(datetime(now.year, now.month, now.day, 23, tzinfo=UTC) + DAY - now)
    bot.seed(registry("Basic", id=named(0), name="crml0"))
    bot.accept(event(named(0)))
    bot.drain("checks")
    (first, *_) = bot.received("notices")
    notice = bot.services.store.notice(json.loads(first.content)["id"])
    assert notice is not None
    bot.services.store.put_notice(replace(notice, state=Delivery.SENDING, owner=first.id))
    ruled(bot, quiet_hours=NIGHT)
    bot.handle("notices", first)
    assert len(bot.chat.messages) == 1


def test_what_is_severe_is_told_in_quiet_hours(bot: Bot) -> None:
    now = bot.clock()
    bot.clock.move(datetime(now.year, now.month, now.day, 23, tzinfo=UTC) + DAY - now)
    ruled(bot, quiet_hours=replace(NIGHT, except_severities=frozenset({Severity.HIGH})))
    make(bot)
    assert bot.headlines() == ["FIXED AUTOMATICALLY"]
