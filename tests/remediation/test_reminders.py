"""Plans that wait: people are asked again when they wanted to be, and before the link they have can be used no more."""

from datetime import timedelta

import pytest

from remediation import approvals, reminders
from remediation.approvals import NotPossible, Person
from remediation.cases import State
from rules.resource_id import ResourceId
from tests.builders import OTHER_SUBSCRIPTION, SUBSCRIPTION
from tests.remediation.approving import GEO, Start, Visitor, asked, case_of, change, link_of
from tests.remediation.harness import Bot

ANN = Person("Ann", "object-1")
DAY = timedelta(days=1)
WAITS = "STILL TO BE APPROVED"


def mornings(bot: Bot, count: int) -> list[str]:
    """What is told over so many days."""
    before = len(bot.headlines())
    for _ in range(count):
        bot.later(DAY)
        reminders.remind(bot.services)
        bot.work()
    return bot.headlines()[before:]


def snooze(bot: Bot, days: float) -> None:
    approvals.snooze(bot.services, GEO.id, GEO.rule, bot.clock() + days * DAY, ANN)


def test_a_plan_that_waits_is_told_of_once_more_a_day_before_its_link_ends(start: Start) -> None:
    bot = asked(start)
    first = link_of(bot)
    assert mornings(bot, 5) == []
    assert mornings(bot, 1) == [WAITS]
    assert "Nobody has decided on it for days." in bot.told()[-1]
    assert mornings(bot, 20) == []
    assert link_of(bot) != first


def test_a_plan_that_waits_is_not_looked_at_again(start: Start) -> None:
    bot = asked(start)
    bot.later(DAY)
    reminders.remind(bot.services)
    assert bot.received("checks") == []


def test_the_new_link_can_be_used(start: Start) -> None:
    bot = asked(start)
    mornings(bot, 6)
    ann = Visitor(bot)
    assert ann.approve(ann.get(link_of(bot))).status == 200


def test_what_was_put_off_is_told_of_on_its_day_and_again_before_that_link_ends(start: Start) -> None:
    bot = asked(start)
    snooze(bot, 9.5)
    assert mornings(bot, 9) == []
    assert mornings(bot, 1) == [WAITS]
    assert "It was put off until today." in bot.told()[-1]
    assert mornings(bot, 5) == []
    assert mornings(bot, 10) == [WAITS]


def test_without_links_the_command_is_told(start: Start) -> None:
    bot = asked(start, settings={})
    assert mornings(bot, 6) == [WAITS]
    assert "python -m local approve" in bot.told()[-1]


def test_what_is_asked_anew_is_snoozed_no_more(start: Start) -> None:
    bot = asked(start)
    snooze(bot, 3)
    change(bot)
    GEO.see(bot, "event-2")
    assert (case_of(bot).state, case_of(bot).snoozed) == (State.ASKED, None)


def test_what_was_decided_is_told_of_no_more(start: Start) -> None:
    bot = asked(start)
    GEO.approve(bot)
    assert mornings(bot, 10) == []


NOT_SNOOZED = {
    "to the past": (GEO.id, GEO.rule, -DAY, "to a time that is to come"),
    "for too long": (GEO.id, GEO.rule, 40 * DAY, "at most 31 days"),
    "what nobody asked": (GEO.id, "storage/zone-redundant", DAY, "nobody is asked about storage/zone-redundant"),
    "in a subscription that is not onboarded": (
        ResourceId.parse(str(GEO.id).replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)),
        GEO.rule,
        DAY,
        "is not onboarded",
    ),
}


@pytest.mark.parametrize(("resource", "rule", "by", "says"), NOT_SNOOZED.values(), ids=NOT_SNOOZED)
def test_a_plan_cannot_be_put_off(start: Start, resource: ResourceId, rule: str, by: timedelta, says: str) -> None:
    bot = asked(start)
    with pytest.raises(NotPossible, match=says):
        approvals.snooze(bot.services, resource, rule, bot.clock() + by, ANN)
    assert bot.done(GEO.resource.id) == ["asked"]


def test_a_plan_that_is_decided_cannot_be_put_off(start: Start) -> None:
    bot = asked(start)
    GEO.is_approved(bot)
    with pytest.raises(NotPossible, match="its case is approved"):
        snooze(bot, 1)
