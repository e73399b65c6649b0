"""Every remediation that writes, through the whole bot and the real SDKs, on the simulated Azure: done and refused."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from local.azure import BOT
from local.role import reader, remediator
from remediation.cases import State
from remediation.checks import FIRST_LOOK
from remediation.decide import ACCEPTED, SETTLE, SETTLE_UNFOLLOWED
from remediation.plan import Plan
from rules.model import Status
from rules.storage import BLOBS
from tests.builders import CAUSE
from tests.remediation.applying import differences
from tests.remediation.carrying_out import (
    ASKED,
    CATALOGUE,
    FAILED,
    PERSON,
    ROUTES,
    STARTED,
    Example,
    calls,
    sent,
    until_nothing_waits,
)
from tests.remediation.harness import CHANNELS, Bot

type Start = Callable[..., Bot]

UNCHANGED = "Azure accepted the change but did not apply it"
every_remediation = pytest.mark.parametrize("example", CATALOGUE.values(), ids=CATALOGUE)
every_route = pytest.mark.parametrize("example", ROUTES.values(), ids=ROUTES)


def allow(bot: Bot, *roles: Mapping[str, Any]) -> None:
    """Let the bot do what these role definitions say, and nothing else."""
    bot.azure.forbid(BOT, "*")
    for role in roles:
        for action in role["Actions"]:
            bot.azure.grant(BOT, action)


def reading(example: Example) -> Mapping[str, Any]:
    return reader((example.remediation.rule,), (example.remediation,))


@every_remediation
def test_it_is_carried_out_with_no_more_than_the_permissions_it_declares(start: Start, example: Example) -> None:
    bot = start(rules=[example.rule])
    allow(bot, reading(example), remediator(remediations=(example.remediation,)))
    example.begin(bot)
    case = bot.case(example.resource.id, example.rule)
    assert case.state is State.FIXED, case.reason
    assert case.plan is not None
    assert (case.plan.digest, case.attempts) == (example.plan.digest, 1)
    assert sent(bot) == calls(case.plan)
    assert example.verdict(bot).status is Status.PASS
    assert bot.headlines() == example.told(example.fixed)
    assert [example.rule in bot.told(each)[-1] for each in CHANNELS] == [True, True]
    in_journal(bot, example)


def in_journal(bot: Bot, example: Example) -> None:
    """Who caused it, what was done about it, who approved that, and Azure's id of each request."""
    entries = {entry.what: entry.detail for entry in bot.journal(example.resource.id)}
    assert bot.done(example.resource.id) == example.done(*["sent"] * len(example.plan.writes), "fixed")
    started = entries["started"]
    assert started["cause"] == asdict(CAUSE)
    assert Plan.from_json(started["plan"]).digest == example.plan.digest
    assert started["approved_by"] == (str(PERSON) if example.is_asked else "")
    assert len(entries["sent"]["request_id"]) == 36
    assert entries["fixed"]["found"] == example.verdict(bot).because


@every_remediation
def test_without_the_permission_to_write_it_fails_and_says_so(start: Start, example: Example) -> None:
    bot = start(rules=[example.rule])
    allow(bot, reading(example))
    example.begin(bot)
    refused_once(bot, example, "AuthorizationFailed")


def refused_once(bot: Bot, example: Example, code: str) -> None:
    """Azure's own text is told, once, and the write is not sent again at once."""
    case, (write,) = bot.case(example.resource.id, example.rule), bot.azure.writes()
    assert case.plan is not None
    error = write.response_body["error"]
    assert (case.state, case.reason) == (State.FAILED, f"{code}: {error['message']}")
    assert sent(bot) == calls(case.plan)[:1]
    assert bot.headlines() == example.told(FAILED)
    assert [code in bot.told(each)[-1] for each in CHANNELS] == [True, True]
    assert bot.done(example.resource.id) == example.done("refused", "failed")
    example.see(bot, "event-2")
    bot.later(timedelta(minutes=30))
    assert (len(bot.azure.writes()), bot.headlines()) == (1, example.told(FAILED))
    assert bot.case(example.resource.id, example.rule).state is (State.ASKED if example.is_asked else State.FAILED)
    assert example.verdict(bot).status is Status.FAIL


@every_remediation
def test_a_lock_is_told_and_left_alone(start: Start, example: Example) -> None:
    bot = start(rules=[example.rule])
    bot.azure.lock(example.resource.id)
    example.begin(bot)
    refused_once(bot, example, "ScopeLocked")


@pytest.mark.parametrize(
    "example",
    [example for example in CATALOGUE.values() if example.plan.writes[0].verb != "POST"],
    ids=[rule for rule, example in CATALOGUE.items() if example.plan.writes[0].verb != "POST"],
)
def test_a_policy_that_denies_is_told(start: Start, example: Example) -> None:
    """Azure Policy does not look at actions."""
    bot = start(rules=[example.rule])
    bot.azure.deny_by_policy(example.resource.id, "keep-as-it-is")
    example.begin(bot)
    refused_once(bot, example, "RequestDisallowedByPolicy")


@every_remediation
def test_what_azure_finds_wrong_with_a_write_is_told(start: Start, example: Example) -> None:
    bot = start(rules=[example.rule])
    bot.azure.fault(method=example.plan.writes[0].verb, status=400, code="NotSupportedHere")
    example.begin(bot)
    refused_once(bot, example, "NotSupportedHere")


@dataclass(frozen=True, slots=True)
class Delay:
    """What puts a write off, and for how long."""

    fault: Mapping[str, Any]
    wait: timedelta = FIRST_LOOK


DELAYS = {
    "busy": Delay({"status": 409, "code": "Conflict"}),
    "throttled": Delay({"status": 429, "retry_after": 17}, timedelta(seconds=17)),
    "unavailable": Delay({"status": 503}),
}
CHANGED_SINCE = {"changed since it was read": Delay({"status": 412, "code": "PreconditionFailed"})}


def delays() -> Iterator[Any]:
    for route, example in ROUTES.items():
        guarded = CHANGED_SINCE if example.plan.writes[0].etag else {}
        for name, delay in {**DELAYS, **guarded}.items():
            yield pytest.param(example, delay, id=f"{route}: {name}")


@pytest.mark.parametrize(("example", "delay"), [*delays()])
def test_what_azure_puts_off_is_done_later_and_nobody_is_asked_again(
    start: Start, example: Example, delay: Delay
) -> None:
    bot = start(rules=[example.rule])
    bot.azure.fault(method=example.plan.writes[0].verb, **delay.fault)
    example.begin(bot)
    assert bot.headlines() == example.told()
    assert bot.waits() == [delay.wait]
    bot.later(delay.wait)
    case = bot.case(example.resource.id, example.rule)
    assert case.state is State.FIXED, case.reason
    assert case.plan is not None
    assert sent(bot) == calls(case.plan) * 2
    assert bot.headlines() == example.told(example.fixed)
    assert bot.waits() == []


@every_route
def test_a_write_that_azure_accepts_and_forgets_is_no_fix(start: Start, example: Example) -> None:
    bot = start(rules=[example.rule])
    bot.azure.fault(method=example.plan.writes[0].verb, effect="accept_without_change")
    example.begin(bot)
    case = bot.case(example.resource.id, example.rule)
    goes_on = case.status == ACCEPTED  # so says Azure, and names nothing to ask
    told = example.told(STARTED) if goes_on else example.told()
    assert (case.state, bot.headlines()) == (State.FIXING, told), "the change may still show"
    bot.later(FIRST_LOOK)
    bot.later(SETTLE)
    may_show = example.remediation.shows_within
    assert bot.case(example.resource.id, example.rule).state is (State.FIXING if goes_on or may_show else State.FAILED)
    bot.later(max(SETTLE_UNFOLLOWED, may_show))
    case = bot.case(example.resource.id, example.rule)
    assert (case.state, case.reason) == (State.FAILED, UNCHANGED)
    assert bot.headlines() == [*told, FAILED]
    assert [UNCHANGED in bot.told(each)[-1] for each in CHANNELS] == [True, True]
    assert len(sent(bot)) == 1


ALONE = ("storage/container-soft-delete", "storage/share-soft-delete")
APPROVED = ("storage/blob-soft-delete", "storage/blob-versioning", "storage/zone-redundant")


def test_fixes_of_one_resource_come_one_after_the_other_and_none_undoes_another(start: Start) -> None:
    """Three of them replace the blob service whole."""
    bot, example = start(rules=ALONE + APPROVED), CATALOGUE["storage/blob-versioning"]
    example.seed(bot)
    before = example.seen(bot)
    example.see(bot)
    assert len(sent(bot)) == 1, "what comes after it was judged on a state that is no more"
    until_nothing_waits(bot)
    for rule in APPROVED:
        replace(CATALOGUE[rule], resource=example.resource).is_approved(bot)
    bot.work()
    until_nothing_waits(bot)
    assert [bot.case(example.resource.id, rule).state for rule in ALONE + APPROVED] == [State.FIXED] * 5
    assert sorted(bot.headlines()) == sorted([ASKED] * 3 + ["FIXED"] * 3 + ["FIXED AUTOMATICALLY"] * 2)
    assert_each_on_a_fresh_read(bot)
    assert differences(before, example.seen(bot)) == [
        "sku.name",
        "blobServices/default:properties.containerDeleteRetentionPolicy.days",
        "blobServices/default:properties.containerDeleteRetentionPolicy.enabled",
        "blobServices/default:properties.deleteRetentionPolicy.days",
        "blobServices/default:properties.deleteRetentionPolicy.enabled",
        "blobServices/default:properties.isVersioningEnabled",
        "fileServices/default:properties.shareDeleteRetentionPolicy.days",
        "fileServices/default:properties.shareDeleteRetentionPolicy.enabled",
    ]


def assert_each_on_a_fresh_read(bot: Bot) -> None:
    """Before each PUT of the blob service comes a GET of it that is younger than the PUT before."""
    on_blobs = [each.method for each in bot.azure.log if each.path.endswith(f"/{BLOBS}") and each.caller == BOT]
    assert on_blobs.count("PUT") == 3
    assert "GET" in on_blobs[: on_blobs.index("PUT")]
    assert "PUT PUT" not in " ".join(on_blobs)
