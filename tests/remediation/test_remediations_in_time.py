"""Remediations that Azure works on after its answer, or that take several writes: remembered, followed, told of."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from local.azure import BOT
from local.role import remediator
from remediation.cases import State
from remediation.plan import Write
from remediation.ports import Answer, Stale
from rules.model import Status
from rules.resource_id import ResourceId
from tests.remediation.carrying_out import (
    CATALOGUE,
    FAILED,
    IN_TIME,
    MOST_LOOKS,
    STARTED,
    Example,
    calls,
    finish_operations,
    look,
    sent,
    until_nothing_waits,
)
from tests.remediation.harness import CHANNELS, Bot
from tests.remediation.passing import PassingOn
from tests.remediation.test_remediations import allow, reading

type Start = Callable[..., Bot]

HOURS = 3600.0
SEVERAL = {rule: example for rule, example in IN_TIME.items() if len(example.plan.writes) > 1}
in_time = pytest.mark.parametrize("example", IN_TIME.values(), ids=IN_TIME)
of_several_writes = pytest.mark.parametrize("example", SEVERAL.values(), ids=SEVERAL)


def started(example: Example, *then: str) -> list[str]:
    """What people are told of a fix that takes time: who approved it hears that it has begun."""
    return example.told(STARTED, *then) if example.is_asked else [*then]


def to_the_end(bot: Bot, example: Example) -> None:
    """Azure finishes what it works on, and the bot sees it, until the case is decided."""
    for _ in range(MOST_LOOKS):
        if bot.case(example.resource.id, example.rule).state is not State.FIXING:
            return
        finish_operations(bot)
        look(bot)


def past_the_first_write(start: Start, rule: str) -> tuple[Bot, Example]:
    """Azure has done the first of several writes, and the bot has not looked since."""
    bot, example = start(rules=[rule]), CATALOGUE[rule]
    bot.azure.operation_seconds = HOURS
    example.begin(bot)
    finish_operations(bot)
    bot.azure.settle()
    return bot, example


def restarted(bot: Bot, start: Start, example: Example) -> Bot:
    """The same app on another machine, later: what is due lies in the queue, and nothing else is left of the first."""
    bot.clock.move(max(bot.waits()))
    bot.delays.release()
    assert bot.waits() == []
    another = start(rules=[example.rule])
    another.clock.move(bot.clock() - another.clock())
    another.work()
    return another


@in_time
def test_what_takes_hours_is_remembered_over_a_restart_and_followed_to_its_end(start: Start, example: Example) -> None:
    bot = start(rules=[example.rule])
    bot.azure.operation_seconds = HOURS
    example.begin(bot)
    case = bot.case(example.resource.id, example.rule)
    assert case.state is State.FIXING
    assert case.operation.startswith(f"{bot.server.url}/")
    assert bot.headlines() == started(example)
    assert len(bot.waits()) == 1
    begun = example.told()
    another = restarted(bot, start, example)
    assert (another.headlines(), len(sent(another))) == ([*begun, STARTED], 1)
    to_the_end(another, example)
    case = another.case(example.resource.id, example.rule)
    assert case.state is State.FIXED, case.reason
    assert case.plan is not None
    assert sent(another) == calls(case.plan)
    assert another.headlines() == [*begun, STARTED, example.fixed]
    assert another.done(example.resource.id)[-1] == "fixed"
    assert example.verdict(another).status is Status.PASS
    assert another.waits() == []


@in_time
def test_an_operation_that_fails_is_told_in_azures_words(start: Start, example: Example) -> None:
    bot = start(rules=[example.rule])
    bot.azure.operation_seconds = HOURS
    bot.azure.fault(method=example.plan.writes[0].verb, effect="fail_operation", code="NoCapacity")
    example.begin(bot)
    look(bot)
    begun = [*example.told(), STARTED]
    assert bot.headlines() == begun, "some services show what is wanted before it is done"
    to_the_end(bot, example)
    case = bot.case(example.resource.id, example.rule)
    assert (case.state, case.reason) == (
        State.FAILED,
        "NoCapacity: The simulated Azure was told to answer NoCapacity.",
    )
    assert bot.headlines() == [*begun, FAILED]
    assert [case.reason in bot.told(each)[-1] for each in CHANNELS] == [True, True]
    assert bot.done(example.resource.id) == example.done("sent", "failed")
    assert (len(sent(bot)), bot.waits()) == (1, [])


@of_several_writes
def test_the_second_write_waits_for_the_end_of_the_first(start: Start, example: Example) -> None:
    bot = start(rules=[example.rule])
    bot.azure.operation_seconds = HOURS
    example.begin(bot)
    look(bot)
    example.see(bot, "event-2")
    assert len(sent(bot)) == 1
    finish_operations(bot)
    look(bot)
    case = bot.case(example.resource.id, example.rule)
    assert (len(sent(bot)), case.step, case.state) == (2, 1, State.FIXING)
    example.see(bot, "event-3")
    look(bot)
    assert len(sent(bot)) == 2
    to_the_end(bot, example)
    assert bot.headlines() == started(example, example.fixed)


def modes(bot: Bot) -> list[str]:
    """The modes of high availability that were sent."""
    return [body["properties"]["highAvailability"]["mode"] for *_, body in sent(bot)]


def test_a_standby_is_moved_in_two_steps_whatever_the_rule_says_in_between(start: Start) -> None:
    """Without a standby the rule about its zone has nothing to say."""
    bot, example = past_the_first_write(start, "postgresql/standby-in-another-zone")
    assert example.verdict(bot).status is Status.NOT_APPLICABLE
    look(bot)
    assert modes(bot) == ["Disabled", "ZoneRedundant"]


def test_a_second_write_that_is_throttled_follows_later(start: Start) -> None:
    example = CATALOGUE["postgresql/standby-in-another-zone"]
    bot = start(rules=[example.rule])
    bot.azure.operation_seconds = HOURS
    example.begin(bot)
    finish_operations(bot)
    bot.azure.fault(method="PATCH", status=429, retry_after=17)
    look(bot)
    case = bot.case(example.resource.id, example.rule)
    assert (case.state, case.step, case.sent, bot.waits()) == (State.FIXING, 1, None, [timedelta(seconds=17)])
    look(bot)
    to_the_end(bot, example)
    assert bot.headlines() == started(example, example.fixed)
    assert modes(bot) == ["Disabled", "ZoneRedundant", "ZoneRedundant"]


def test_a_second_write_that_somebody_was_faster_than_is_not_sent_for_ever(start: Start) -> None:
    """It holds the pool as it was before the first write: what is left takes a plan, and a yes, of its own."""
    bot, example = past_the_first_write(start, "aks/autoscaler")
    bot.azure.operation_seconds = 0
    second = example.plan.writes[1]
    pool = (bot.azure.body(second.resource_id) or {})["properties"] | {"tags": {"owner": "somebody"}}
    assert bot.azure.request("PUT", second.resource_id, {"properties": pool}).status == 200
    look(bot)
    case = bot.case(example.resource.id, example.rule)
    assert (case.state, case.reason.partition(":")[0]) == (State.FAILED, "PreconditionFailed")
    assert bot.headlines() == started(example, FAILED)
    assert "1 of 2 writes" in bot.told()[-1]
    assert (len(sent(bot)), bot.waits()) == (2, [])
    example.see(bot, "event-2")
    example.approve(bot)
    assert bot.headlines() == started(example, FAILED, *example.told(example.fixed))
    assert [path.rsplit("/", 1)[-1] for _, path, *_ in sent(bot)[2:]] == ["cpu"]
    assert example.verdict(bot).status is Status.PASS


def test_a_later_write_that_was_overtaken_waits_while_azure_changes_the_resource(start: Start) -> None:
    bot, example = past_the_first_write(start, "aks/autoscaler")

    class Overtaking(PassingOn):
        """Azure, where somebody else's change of the cluster begins before the second write arrives."""

        def send(self, write: Write) -> Answer:
            in_state(bot, example, "Updating")
            assert write.etag
            raise Stale(reason="PreconditionFailed: changed")

    azure = bot.services
    bot.services = replace(azure, cloud=Overtaking(azure.cloud))
    look(bot)
    assert (bot.case(example.resource.id, example.rule).state, len(bot.waits())) == (State.FIXING, 1)
    in_state(bot, example, "Succeeded")
    look(bot)
    assert bot.case(example.resource.id, example.rule).state is State.FIXING


def converting(start: Start) -> tuple[Bot, Example]:
    """An account whose conversion Azure accepted, without an operation to ask about."""
    example = CATALOGUE["storage/zone-redundant"]
    bot = start(rules=[example.rule])
    bot.azure.operation_seconds = HOURS
    example.begin(bot)
    bot.services.store.put_case(replace(bot.case(example.resource.id, example.rule), operation=""))
    return bot, example


def shows(bot: Bot, example: Example, status: str, **reasons: str) -> None:
    """Azure's conversion as it shows beside the account, which shows nothing of it any more."""
    write, account = example.plan.writes[0], bot.azure.body(example.resource.id) or {}
    properties = {**write.body["properties"], "migrationStatus": status, **reasons}
    bot.azure.seed(write.progress, {"id": write.progress, "properties": properties})
    kept = {name: value for name, value in account["properties"].items() if name != "accountMigrationInProgress"}
    bot.azure.seed(example.resource.id, {**account, "properties": kept})


def test_a_conversion_that_fails_days_later_is_told_with_its_reason(start: Start) -> None:
    bot, example = converting(start)
    shows(bot, example, "InProgress")
    bot.clock.move(timedelta(days=2))
    look(bot)
    assert bot.case(example.resource.id, example.rule).state is State.FIXING
    shows(bot, example, "Failed", migrationFailedReason="NotSupported", migrationFailedDetailedReason="a blob is cold")
    look(bot)
    case = bot.case(example.resource.id, example.rule)
    assert (case.state, case.reason) == (State.FAILED, "NotSupported: a blob is cold")
    assert bot.headlines() == started(example, FAILED)


def test_what_went_before_is_not_taken_for_the_conversion_just_begun(start: Start) -> None:
    bot, example = converting(start)
    shows(bot, example, "Failed", migrationFailedReason="Old")
    example.see(bot, "event-2")
    assert bot.case(example.resource.id, example.rule).state is State.FIXING


def in_state(bot: Bot, example: Example, state: str) -> None:
    """What Azure says of the resource."""
    body = bot.azure.body(example.resource.id) or {}
    bot.azure.seed(example.resource.id, {**body, "properties": {**body["properties"], "provisioningState": state}})


def test_an_approved_plan_whose_rule_is_about_it_no_more_ends_with_a_word(start: Start) -> None:
    example = CATALOGUE["aks/standard-tier"]
    bot = start(rules=[example.rule])
    example.seed(bot)
    example.see(bot)
    example.is_approved(bot)
    bot.azure.seed(example.resource.id, {**(bot.azure.body(example.resource.id) or {}), "tags": {"environment": "dev"}})
    bot.work()
    assert (sent(bot), bot.case(example.resource.id, example.rule).state) == ([], State.CLOSED)
    assert "The rule does not judge it any more" in bot.told()[-1]


ALL_OPERATIONS = "Microsoft.*/locations/*/read"


@pytest.mark.parametrize("may_ask", [True, False], ids=["may ask", "may not ask"])
@in_time
def test_the_declared_roles_may_ask_how_it_goes(
    start: Start, example: Example, may_ask: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Who may not is told which action is missing; a fresh read tells how the write ended all the same."""
    caplog.set_level(logging.ERROR)
    bot = start(rules=[example.rule])
    allow(bot, reading(example), remediator(remediations=(example.remediation,)))
    if not may_ask:
        bot.azure.forbid(BOT, ALL_OPERATIONS)
    bot.azure.operation_seconds = HOURS
    example.begin(bot)
    to_the_end(bot, example)
    assert bot.case(example.resource.id, example.rule).state is State.FIXED
    refused = [each.path for each in bot.azure.log if each.status == 403 and each.caller == BOT]
    provider = example.remediation.rule.applies_to.partition("/")[0]
    assert (refused == []) is may_ask
    assert (f"{provider}/locations/operation" in caplog.text) is not may_ask


def test_a_later_write_whose_answer_was_lost_is_not_taken_for_somebody_elses(start: Start) -> None:
    """Sent again it is stale, because of itself."""
    bot, example = past_the_first_write(start, "aks/autoscaler")
    bot.azure.operation_seconds = 0
    bot.azure.fault(method="PUT", effect="lost_answer")
    look(bot)
    case = bot.case(example.resource.id, example.rule)
    assert (case.state, case.step, case.sent) == (State.FIXING, 1, None)
    until_nothing_waits(bot)
    case = bot.case(example.resource.id, example.rule)
    assert case.state is State.FIXED, case.reason
    assert bot.headlines() == started(example, example.fixed)


def test_a_conversion_whose_answer_was_lost_is_followed_to_its_end(start: Start) -> None:
    example = CATALOGUE["storage/zone-redundant"]
    bot = start(rules=[example.rule])
    bot.azure.operation_seconds = 24 * HOURS
    bot.azure.fault(method="POST", effect="lost_answer")
    example.begin(bot)
    assert example.verdict(bot).status is Status.NOT_APPLICABLE
    for _ in range(MOST_LOOKS):
        look(bot)
        assert bot.case(example.resource.id, example.rule).state is State.FIXING
    bot.clock.move(timedelta(days=2))
    finish_operations(bot)
    bot.azure.settle()
    until_nothing_waits(bot)
    assert bot.case(example.resource.id, example.rule).state is State.FIXED
    assert (bot.headlines()[-1], len(sent(bot))) == (example.fixed, 1)


def test_what_somebody_changed_between_the_read_and_a_whole_body_stays(start: Callable[..., Bot]) -> None:
    """The services of a storage account have no ETag: the body is read once more right before it is sent."""
    example = CATALOGUE["storage/container-soft-delete"]
    bot = start(rules=[example.rule])
    service_id = f"{example.resource.id}/blobServices/default"
    reads = iter(range(10))

    class Meddling(PassingOn):
        """Azure, where somebody turns versioning on after the first look at the service."""

        def read(self, resource_id: ResourceId, api_version: str) -> Any:
            body = super().read(resource_id, api_version)
            if resource_id.key == service_id.lower() and next(reads) == 0:
                changed = {**body["properties"], "isVersioningEnabled": True}
                bot.azure.seed(service_id, {**body, "properties": changed})
            return body

    bot.services = replace(bot.services, cloud=Meddling(bot.services.cloud))
    example.begin(bot)
    assert bot.azure.writes() == []
    until_nothing_waits(bot)
    properties = (bot.azure.body(service_id) or {})["properties"]
    assert properties["isVersioningEnabled"] is True
    assert properties["containerDeleteRetentionPolicy"]["enabled"] is True
