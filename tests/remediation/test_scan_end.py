"""The end of a scan: what fails is checked, within the limits, and may be waited for."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from remediation import approvals, pipeline, scan_end, scan_start
from remediation.approvals import Person
from remediation.cases import Case, State
from remediation.checks import CheckRequest
from remediation.policy import Limits, Policy
from remediation.scans import ScanState
from rules.resource_id import ResourceId
from tests.builders import GROUP, REGISTRY_ID, SUBSCRIPTION, event, registry
from tests.remediation.harness import Bot
from tests.remediation.scanning import ask, drain, estate, now, put, queries, run


def test_a_scan_to_remediate_has_checked_what_fails_and_writes_nothing_itself(bot: Bot) -> None:
    bot.seed(registry("Basic"), registry("Premium") | {"id": f"{REGISTRY_ID}2"})
    done = run(bot, {"scope": "all", "mode": "remediate"})
    assert (done.queued, done.counts["failing"]) == (1, 1)
    assert bot.azure.writes() == []
    bot.work()
    assert bot.headlines() == ["FIXED AUTOMATICALLY"]


def test_a_report_leads_to_nothing(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    done = run(bot)
    bot.work()
    assert (done.queued, done.counts["failing"], bot.headlines(), bot.azure.writes()) == (0, 1, [], [])


def limited(bot: Bot, **limits: Any) -> Policy:
    return replace(bot.services.policy, limits=Limits(**limits))


def faulty(bot: Bot, failing: int, sound: int = 0) -> None:
    for number in range(failing + sound):
        sku = "Basic" if number < failing else "Premium"
        put(bot, f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/cr{number:03}", sku)


ANN = Person("Ann", "object-1")
OVER: dict[str, tuple[int, int, dict[str, Any], bool]] = {
    "a share of few": (5, 0, {}, False),
    "a share of many": (3, 9, {}, True),
    "within the share": (3, 27, {}, False),
    "the count": (3, 97, {"scan_count": 2}, True),
    "the count of few": (3, 0, {"scan_count": 2}, True),
}


@pytest.mark.parametrize(("failing", "sound", "limits", "over"), OVER.values(), ids=OVER)
def test_a_scan_over_the_limits_starts_nothing(
    bot: Bot, failing: int, sound: int, limits: dict[str, Any], over: bool
) -> None:
    bot.services = replace(bot.services, policy=limited(bot, **limits))
    faulty(bot, failing, sound)
    done = run(bot, {"scope": "all", "mode": "remediate"})
    assert (done.queued, bool(done.reason)) == (failing, over)
    bot.work()
    assert len(bot.azure.writes()) == (0 if over else failing)
    assert bot.headlines() == (["LIMIT REACHED"] if over else ["FIXED AUTOMATICALLY"] * failing)


def over_its_limits(bot: Bot) -> list[Case]:
    """A scan found three faulty registries where one was the limit; the cases that came of it."""
    bot.services = replace(bot.services, policy=limited(bot, scan_count=1))
    faulty(bot, 3, 40)
    run(bot, {"scope": "all", "mode": "remediate"})
    bot.work()
    return sorted(bot.services.store.cases_in(State.ASKED), key=lambda case: case.resource_id)


def test_people_are_asked_about_all_that_a_scan_over_the_limits_found_in_one_message(bot: Bot) -> None:
    found = over_its_limits(bot)
    assert [case.resource_id[-5:] for case in found] == ["cr000", "cr001", "cr002"]
    assert {case.reason.partition(" found ")[2] for case in found} == {
        "more newly at fault than the limits of the policy"
    }
    assert bot.headlines() == ["LIMIT REACHED"]


def test_what_was_asked_so_stays_asked_until_a_person_decides(bot: Bot) -> None:
    first, *others = over_its_limits(bot)
    bot.clock.move(timedelta(days=1))
    run(bot, {"scope": "all", "mode": "remediate"})
    bot.see(*(event(case.resource_id, f"later {case.resource_id}") for case in (first, *others)))
    assert (bot.headlines(), bot.azure.writes()) == (["LIMIT REACHED"], [])
    assert first.plan is not None
    resource = ResourceId.parse(first.resource_id)
    assert resource is not None
    approvals.approve(bot.services, resource, first.rule, first.plan.digest, ANN)
    bot.work()
    assert [write.path for write in bot.azure.writes()] == [first.resource_id]
    left = {case.resource_id for case in bot.services.store.cases_in(State.ASKED)}
    assert left == {case.resource_id for case in others}


def test_what_a_scan_over_the_limits_found_is_asked_once_though_the_worker_dies(bot: Bot) -> None:
    """The case stands, and its message was not yet noted."""
    case, *_ = over_its_limits(bot)
    bot.services.store.put_case(replace(case, told=()))
    resource = ResourceId.parse(case.resource_id)
    assert resource is not None
    pipeline.check(bot.services, CheckRequest(resource, case.cause, scan=case.scan))
    bot.work()
    assert bot.headlines() == ["LIMIT REACHED"]


def test_so_many_at_most_are_asked_about_at_once(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_end, "MOST_ASKED", 2)
    assert len(over_its_limits(bot)) == 2


def test_what_is_known_does_not_count_towards_the_limits(bot: Bot) -> None:
    """People were asked about it: it is looked at again, and stops no other."""
    bot.services = replace(bot.services, policy=limited(bot, scan_count=1))
    faulty(bot, 3, 40)
    bot.azure.lock(GROUP)
    bot.see(*(event(f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/cr{n:03}", f"e{n}") for n in range(2)))
    done = run(bot, {"scope": "all", "mode": "remediate"})
    assert (done.queued, done.reason) == (3, "")


@pytest.mark.parametrize("state", State)
def test_what_is_in_somebodys_hands_does_not_count_and_what_is_over_does(bot: Bot, state: State) -> None:
    bot.services = replace(bot.services, policy=limited(bot, scan_count=1))
    faulty(bot, 2, 40)
    known = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/cr000"
    since = bot.clock()
    bot.services.store.put_case(Case("container-registry/premium-sku", known, state, opened=since, changed=since))
    is_over = state in (State.FIXED, State.CLOSED)
    assert bool(run(bot, {"scope": "all", "mode": "remediate"}).reason) is is_over


MANAGED = {"location": "westeurope", "managedBy": "/subscriptions/x"}


def test_what_lies_in_a_managed_group_does_not_count_towards_the_limits(bot: Bot) -> None:
    bot.services = replace(bot.services, policy=limited(bot, scan_count=1))
    bot.azure.seed(GROUP, MANAGED)
    faulty(bot, 3, 40)
    assert run(bot, {"scope": "all", "mode": "remediate"}).reason == ""


def test_a_group_that_may_not_be_read_counts(bot: Bot) -> None:
    bot.services = replace(bot.services, policy=limited(bot, scan_count=1))
    bot.azure.forbid(bot.azure.bot, "Microsoft.Resources/subscriptions/resourceGroups/read")
    faulty(bot, 3, 40)
    assert "scan_count" in run(bot, {"scope": "all", "mode": "remediate"}).reason


def test_an_end_that_azure_puts_off_comes(bot: Bot) -> None:
    """What is not known yet, because Azure has no time for it, is not counted either."""
    bot.services = replace(bot.services, policy=limited(bot, scan_count=1))
    bot.azure.seed(GROUP, MANAGED)
    faulty(bot, 3, 40)
    bot.azure.fault(method="GET", path="/resourceGroups/rg-ml$", status=429, times=25)
    done = run(bot, {"scope": "all", "mode": "remediate"})
    assert (done.state, done.reason) == (ScanState.DONE, "")


def test_a_small_scan_may_be_waited_for(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    done = scan_start.start(bot.services, ask(bot, {"scope": {"resource": REGISTRY_ID}, "wait": 30}))
    assert (done.state, done.counts["failing"]) == (ScanState.DONE, 1)
    assert bot.received("scans") == []
    assert {*bot.waits()} == {timedelta(seconds=30)}, "should this worker die, others go on"
    drain(bot)
    assert queries(bot) == 1


def test_what_fails_in_a_scan_that_is_waited_for_is_checked(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    asked = {"scope": {"resource": REGISTRY_ID}, "mode": "remediate", "wait": 30}
    assert scan_start.start(bot.services, ask(bot, asked)).queued == 1
    bot.work()
    assert bot.headlines() == ["FIXED AUTOMATICALLY"]


def test_what_is_not_done_in_time_goes_on_in_the_queue(registries: Bot) -> None:
    estate(registries, 3)
    registries.azure.fault(path="ResourceGraph", status=429, retry_after=40)
    group = {"resource_group": {"subscription": SUBSCRIPTION, "name": "rg-ml"}}
    begun = scan_start.start(registries.services, ask(registries, {"scope": group, "wait": 30}))
    assert begun.state is ScanState.RUNNING
    drain(registries)
    assert now(registries, begun).counts["resources"] == 3
