"""Every night: what events missed is found, what healed or is gone is closed, and what workspaces use is learned."""

from datetime import timedelta

import pytest

from remediation import poison, scan_start
from remediation.cases import State
from remediation.scan_request import Reach, ScanRequest, Scope
from remediation.scans import ScanState
from remediation.sweep import sweep
from tests.builders import (
    REGISTRY_ID,
    STORAGE_ID,
    SUBSCRIPTION,
    WORKSPACE_ID,
    event,
    ml_workspace,
    registry,
    storage_account,
)
from tests.remediation.dying import Fuse, Moment, each_death, until_done, with_fuse
from tests.remediation.harness import Bot

PREMIUM = "container-registry/premium-sku"


def night(bot: Bot) -> None:
    sweep(bot.services)
    bot.work()


def test_what_events_missed_is_put_right(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    night(bot)
    assert bot.case(REGISTRY_ID, PREMIUM).state is State.FIXED


def test_a_night_has_one_scan(bot: Bot) -> None:
    night(bot)
    night(bot)
    assert len(bot.services.scans.newest(9)) == 1
    bot.later(timedelta(days=1))
    night(bot)
    assert len(bot.services.scans.newest(9)) == 2


def test_workspaces_are_looked_at_and_so_is_what_is_new_to_them(bot: Bot) -> None:
    bot.seed(storage_account(), ml_workspace())
    night(bot)
    assert [use.workspace_id for use in bot.services.store.uses(["microsoft.storage/storageaccounts/stml"])] == [
        WORKSPACE_ID
    ]
    assert bot.case(STORAGE_ID, "storage/zone-redundant").state is State.ASKED


def test_what_is_gone_and_what_healed_is_closed(bot: Bot) -> None:
    other = f"{REGISTRY_ID}2"
    bot.seed(registry(), registry() | {"id": other})
    bot.azure.lock(f"/subscriptions/{SUBSCRIPTION}")
    bot.see(event(), event(other, "event-2"))
    assert bot.case(REGISTRY_ID, PREMIUM).state is State.FAILED
    bot.azure.world.remove(REGISTRY_ID)
    bot.seed(registry("Premium") | {"id": other})
    bot.later(timedelta(hours=2))
    night(bot)
    assert {bot.case(each, PREMIUM).state for each in (REGISTRY_ID, other)} == {State.CLOSED}


def test_a_case_about_no_resource_is_passed_over(bot: Bot) -> None:
    poison.unprocessed(bot.services, "events", "no JSON")
    night(bot)
    assert bot.headlines() == ["NOT PROCESSED"]


def test_a_scan_that_does_not_end_is_told(bot: Bot) -> None:
    begun = scan_start.start(bot.services, ScanRequest(Scope(Reach.ALL)))
    bot.queue("scans").clear_messages()
    bot.clock.move(timedelta(days=1, hours=1))
    night(bot)
    found = bot.services.scans.get(begun.id)
    assert found is not None
    assert (found.state, bot.headlines()) == (ScanState.FAILED, ["NOT SCANNED"])


@pytest.mark.parametrize("moment", ["before", "after"])
def test_the_timer_may_die_at_any_call(bot: Bot, moment: Moment) -> None:
    def story(fuse: Fuse) -> None:
        bot.azure.world.remove(REGISTRY_ID)
        bot.seed(registry("Basic"))
        bot.clock.move(timedelta(days=1))
        until_done(bot, fuse, lambda: sweep(with_fuse(bot.services, fuse)))
        bot.work()
        assert bot.case(REGISTRY_ID, PREMIUM).state is State.FIXED

    each_death(moment, story)
