"""A fix is taken back after somebody else changed the resource: what they did stays, and is asked about anew."""

from typing import Any

import pytest

from local.azure import BOT
from remediation.cases import State
from remediation.plan import UNDO
from rules.storage import BLOBS
from tests.builders import REGISTRY_ID, event, registry
from tests.remediation.carrying_out import CATALOGUE, finish_operations, until_nothing_waits
from tests.remediation.harness import Bot
from tests.remediation.taking_back import BACK, Start, approve, asked, fixed, sku, state, take_back

CONTAINERS = CATALOGUE["storage/container-soft-delete"]
"""Its fix is a PUT of a whole service."""


@pytest.mark.parametrize("when", ["before it is asked", "before it is approved", "before it is applied"])
def test_what_somebody_has_put_back_already_closes_by_itself(bot: Bot, when: str) -> None:
    fixed(bot)
    if when == "before it is asked":
        bot.seed(registry("Basic"))
    take_back(bot)
    if when != "before it is asked":
        bot.work()
        bot.seed(registry("Basic"))
    if when == "before it is applied":
        approve(bot)
    bot.work()
    told = len(bot.told())
    bot.see(event(REGISTRY_ID, "event-2"))
    assert (state(bot, BACK), state(bot)) == (State.CLOSED, State.UNDONE)
    assert (sku(bot), len(bot.azure.writes()), len(bot.told())) == ("Basic", 1, told)
    assert "TAKEN BACK" not in bot.headlines()


def test_a_change_to_something_else_is_asked_about_anew(bot: Bot) -> None:
    """Until somebody approves, the bot goes on as ever: it mends the new fault, and asks about that fix."""
    asked(bot)
    bot.seed(registry("Standard"))
    bot.see(event(REGISTRY_ID, "event-2"))
    assert (sku(bot), state(bot)) == ("Premium", State.FIXED)
    until_nothing_waits(bot)
    bot.see(event(REGISTRY_ID, "event-3"))
    assert "Premium → Standard" in bot.told()[-1]
    approve(bot)
    bot.work()
    assert (sku(bot), state(bot)) == ("Standard", State.UNDONE)


def test_a_fix_that_stands_no_more_cannot_be_taken_back(bot: Bot) -> None:
    """A new fault is being mended, which takes time: who wants that back can say so when it is done."""
    asked(bot)
    bot.azure.operation_seconds = 3600
    bot.seed(registry("Standard"))
    bot.see(event(REGISTRY_ID, "event-2"))
    bot.see(event(REGISTRY_ID, "event-3"))
    assert (state(bot), state(bot, BACK)) == (State.FIXING, State.CLOSED)
    finish_operations(bot)
    until_nothing_waits(bot)
    assert (sku(bot), state(bot)) == ("Premium", State.FIXED)


def test_a_change_between_approval_and_check_is_asked_about_anew(bot: Bot) -> None:
    approve(asked(bot))
    bot.seed(registry("Standard"))
    bot.work()
    assert (sku(bot), state(bot, BACK), len(bot.azure.writes())) == ("Standard", State.ASKED, 1)
    assert "Standard → Basic" in bot.told()[-1]
    assert "approved another plan" in bot.told()[-1]


def containers(start: Start) -> Bot:
    """A storage account whose deleted containers are kept now."""
    bot = start(rules=[CONTAINERS.rule])
    CONTAINERS.begin(bot)
    assert state(bot, CONTAINERS.rule, CONTAINERS.resource.id) is State.FIXED
    return bot


def blobs(bot: Bot, **properties: Any) -> None:
    """Somebody changes settings of the blob service."""
    service_id = f"{CONTAINERS.resource.id}/{BLOBS}"
    body = bot.azure.body(service_id) or {}
    bot.azure.seed(service_id, {**body, "properties": {**body["properties"], **properties}})


def test_what_others_changed_or_added_since_stays_when_a_body_goes_back_whole(start: Start) -> None:
    bot = containers(start)
    blobs(bot, isVersioningEnabled=True, changeFeed={"enabled": True, "retentionInDays": 9})
    back, resource_id = f"{CONTAINERS.rule}{UNDO}", CONTAINERS.resource.id
    take_back(bot, CONTAINERS.rule, resource_id)
    bot.work()
    approve(bot, back, resource_id)
    bot.work()
    assert state(bot, CONTAINERS.rule, resource_id) is State.UNDONE
    properties = (bot.azure.body(f"{resource_id}/{BLOBS}") or {})["properties"]
    assert not (properties.get("containerDeleteRetentionPolicy") or {}).get("enabled")
    assert properties["isVersioningEnabled"] is True
    assert properties["changeFeed"] == {"enabled": True, "retentionInDays": 9}


def test_labels_that_somebody_gave_a_pool_since_stay_when_its_size_goes_back(start: Start) -> None:
    example = CATALOGUE["aks/system-pool-size"]
    bot, resource_id = start(rules=[example.rule]), example.resource.id
    example.begin(bot)
    pool_id = example.plan.writes[0].resource_id
    body = bot.azure.body(pool_id) or {}
    labelled = {**body, "properties": {**body["properties"], "nodeLabels": {"team": "ml"}}}
    bot.azure.seed(pool_id, labelled)
    take_back(bot, example.rule, resource_id)
    bot.work()
    approve(bot, f"{example.rule}{UNDO}", resource_id)
    bot.work()
    until_nothing_waits(bot)
    assert state(bot, example.rule, resource_id) is State.UNDONE
    assert (bot.azure.body(pool_id) or {})["properties"]["nodeLabels"] == {"team": "ml"}


def regions(start: Start) -> tuple[Bot, str, str]:
    """A Cosmos DB account that was given a second region, and since then a third by somebody else."""
    example = CATALOGUE["cosmos-db/second-region"]
    bot, resource_id = start(rules=[example.rule]), example.resource.id
    example.begin(bot)
    locate(bot, resource_id, "West US")
    take_back(bot, example.rule, resource_id)
    bot.work()
    return bot, resource_id, example.rule


def locate(bot: Bot, resource_id: str, *more: str) -> None:
    """Somebody sets the regions beyond the two."""
    body = bot.azure.body(resource_id) or {}
    added = [{"locationName": name, "failoverPriority": 2 + number} for number, name in enumerate(more)]
    locations = [*body["properties"]["locations"][:2], *added]
    bot.seed({**body, "properties": {**body["properties"], "locations": locations}})


def test_a_list_that_somebody_has_changed_since_is_not_sent_back_whole(start: Start) -> None:
    """Cosmos DB takes its regions as one list: sent back as it was, it would take a third region away."""
    bot, resource_id, rule = regions(start)
    assert state(bot, f"{rule}{UNDO}", resource_id) is State.TOLD
    text, told = bot.told()[-1], len(bot.told())
    assert "GUIDANCE" in text
    assert "somebody has changed since what it would send back whole" in text
    assert "Take properties.locations[northeurope].locationName away: it was not set." in text
    bot.see(event(resource_id, "event-2"))
    assert len(bot.told()) == told, "that is said once"


def test_who_was_told_how_to_do_it_can_ask_again(start: Start) -> None:
    """What stood in the way may be as it was."""
    bot, resource_id, rule = regions(start)
    locate(bot, resource_id)
    take_back(bot, rule, resource_id)
    bot.work()
    approve(bot, f"{rule}{UNDO}", resource_id)
    bot.work()
    until_nothing_waits(bot)
    assert state(bot, rule, resource_id) is State.UNDONE
    assert bot.headlines()[-1] == "TAKEN BACK"


def test_what_cannot_be_read_is_neither_taken_back_nor_fixed(start: Start) -> None:
    bot = containers(start)
    back, resource_id = f"{CONTAINERS.rule}{UNDO}", CONTAINERS.resource.id
    bot.azure.forbid(BOT, "Microsoft.Storage/storageAccounts/blobServices/read")
    take_back(bot, CONTAINERS.rule, resource_id)
    bot.work()
    assert (len(bot.told()), len(bot.azure.writes())) == (1, 1)
    bot.azure.grant(BOT, "Microsoft.Storage/storageAccounts/blobServices/read")
    CONTAINERS.see(bot, "event-2")
    assert (state(bot, back, resource_id), bot.headlines()[1:]) == (State.ASKED, ["APPROVAL NEEDED"])


@pytest.mark.parametrize("rule", ["aks/standard-tier", "aks/system-pool-size"])
def test_a_body_goes_back_only_over_the_version_that_was_read(start: Start, rule: str) -> None:
    example = CATALOGUE[rule]
    bot, resource_id = start(rules=[rule]), example.resource.id
    example.begin(bot)
    take_back(bot, rule, resource_id)
    bot.work()
    approve(bot, f"{rule}{UNDO}", resource_id)
    bot.azure.fault(method="PUT", status=412, code="PreconditionFailed")
    bot.work()
    until_nothing_waits(bot)
    assert state(bot, rule, resource_id) is State.UNDONE
    plan = bot.case(resource_id, f"{rule}{UNDO}").plan
    assert plan is not None
    assert all(write.etag for write in plan.writes)
    assert all(not write.etag for write in example.plan.undo), "the tag is that of the version that goes"


def test_what_azure_manages_is_not_taken_back(bot: Bot) -> None:
    asked(bot)
    bot.seed(registry("Premium", managedBy="/subscriptions/x"))
    bot.see(event(REGISTRY_ID, "event-2"))
    assert (state(bot, BACK), state(bot)) == (State.CLOSED, State.FIXED)
