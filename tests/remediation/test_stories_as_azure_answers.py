"""Azure answers in words of its own, and later than it says: fixes and their undo are judged all the same."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from remediation.cases import State
from remediation.decide import SETTLE, UNANSWERED
from remediation.plan import UNDO
from rules.model import Body
from rules.resource_id import ResourceId
from rules.values import normal_region
from tests.builders import REGISTRY_ID, event, registry
from tests.remediation import taking_back
from tests.remediation.carrying_out import (
    CATALOGUE,
    STARTED,
    Example,
    finish_operations,
    look,
    sent,
    until_nothing_waits,
)
from tests.remediation.harness import Bot
from tests.remediation.passing import PassingOn

type Start = Callable[..., Bot]
type Answer = Callable[[ResourceId, dict[str, Any]], None]

HOUR = timedelta(hours=1)


class Answering(PassingOn):
    """Azure, whose answers a test changes before the bot reads them."""

    def __init__(self, bot: Bot, change: Answer) -> None:
        super().__init__(bot.services.cloud)
        self._change = change

    def read(self, resource_id: ResourceId, api_version: str) -> Body:
        """One GET."""
        body = deepcopy(dict(super().read(resource_id, api_version)))
        self._change(resource_id, body)
        return body

    def list(self, resource_id: ResourceId, collection: str, api_version: str) -> Sequence[Body]:
        """One list."""
        found = [deepcopy(dict(each)) for each in super().list(resource_id, collection, api_version)]
        for body in found:
            self._change(resource_id, body)
        return found


def answering(bot: Bot, change: Answer) -> None:
    bot.services = replace(bot.services, cloud=Answering(bot, change))


def state(bot: Bot, example: Example, undone: str = "") -> State:
    return bot.case(example.resource.id, f"{example.rule}{undone}").state


def take_back(bot: Bot, example: Example) -> None:
    """A person wants it back, another approves."""
    taking_back.take_back(bot, example.rule, example.resource.id)
    bot.work()
    taking_back.approve(bot, f"{example.rule}{UNDO}", example.resource.id)
    bot.work()


def fixed(start: Start, rule: str, change: Answer, **settings: Any) -> tuple[Bot, Example]:
    example = CATALOGUE[rule]
    bot = start(rules=[rule], **settings)
    answering(bot, change)
    example.begin(bot)
    until_nothing_waits(bot)
    assert state(bot, example) is State.FIXED
    return bot, example


def by_display_name(_: ResourceId, body: dict[str, Any]) -> None:
    """Cosmos DB names regions as people do."""
    for place in body.get("properties", {}).get("locations", []):
        place["locationName"] = {"northeurope": "North Europe", "westeurope": "West Europe"}.get(
            place["locationName"], place["locationName"]
        )


def test_a_region_is_the_same_by_either_of_its_names(start: Start) -> None:
    bot, example = fixed(start, "cosmos-db/second-region", by_display_name)
    take_back(bot, example)
    until_nothing_waits(bot)
    assert (state(bot, example, UNDO), state(bot, example)) == (State.FIXED, State.UNDONE)
    places = (bot.azure.body(example.resource.id) or {})["properties"]["locations"]
    assert [normal_region(place["locationName"]) for place in places] == ["westeurope"]
    assert len(sent(bot)) == 2


OFF = {
    "storage/container-soft-delete": "containerDeleteRetentionPolicy",
    "storage/blob-versioning": "isVersioningEnabled",
    "storage/blob-soft-delete": "deleteRetentionPolicy",
}


@pytest.mark.parametrize("rule", OFF)
def test_what_was_absent_is_restored_by_being_off_and_left_so(start: Start, rule: str) -> None:
    example = CATALOGUE[rule]
    bot = start(rules=[rule])
    example.seed(bot)
    service_id = f"{example.resource.id}/blobServices/default"
    service = bot.azure.body(service_id) or {}
    absent = {name: value for name, value in service["properties"].items() if name != OFF[rule]}
    bot.azure.seed(service_id, {**service, "properties": absent})
    example.see(bot)
    if state(bot, example) is State.ASKED:
        example.approve(bot)
    assert state(bot, example) is State.FIXED
    take_back(bot, example)
    assert (state(bot, example, UNDO), state(bot, example)) == (State.FIXED, State.UNDONE)
    writes = len(sent(bot))
    bot.clock.move(13 * HOUR)
    example.see(bot, "event-2")
    assert (len(sent(bot)), state(bot, example)) == (writes, State.UNDONE)


def test_the_autoscaler_of_a_pool_that_never_had_one_is_taken_back(start: Start) -> None:
    def says_off(_: ResourceId, body: dict[str, Any]) -> None:
        properties = body.get("properties", {})
        for pool in [*(properties.get("agentPoolProfiles") or []), properties]:
            if "count" in pool:
                pool.setdefault("enableAutoScaling", False)

    example = CATALOGUE["aks/autoscaler"]
    bot = start(rules=[example.rule])
    example.seed(bot)
    for resource_id in (example.resource.id, f"{example.resource.id}/agentPools/cpu"):
        body = deepcopy(dict(bot.azure.body(resource_id) or {}))
        for pool in [*(body["properties"].get("agentPoolProfiles") or []), body["properties"]]:
            pool.pop("enableAutoScaling", None)
        bot.azure.seed(resource_id, body)
    example.see(bot)
    example.approve(bot)
    until_nothing_waits(bot)
    assert state(bot, example) is State.FIXED
    answering(bot, says_off)
    take_back(bot, example)
    until_nothing_waits(bot)
    assert (state(bot, example, UNDO), state(bot, example)) == (State.FIXED, State.UNDONE)


class Late:
    """A property that Azure shows only when a test says so."""

    def __init__(self, path: Sequence[str], value: object) -> None:
        self._path, self.value = path, value

    def __call__(self, _: ResourceId, body: dict[str, Any]) -> None:
        *above, last = self._path
        place: Any = body
        for name in above:
            place = place.get(name) or {}
        if last in place and self.value is not None:
            place[last] = self.value


def test_backups_that_move_for_two_days_are_waited_for_and_so_is_their_way_back(start: Start) -> None:
    example = CATALOGUE["sql-database/backup-redundancy"]
    bot = start(rules=[example.rule])
    shown = Late(["properties", "currentBackupStorageRedundancy"], "Local")
    answering(bot, shown)
    example.begin(bot)
    for _ in range(60):
        look(bot)
    assert state(bot, example) is State.FIXING
    shown.value = None
    look(bot)
    assert state(bot, example) is State.FIXED
    shown.value = (bot.azure.body(example.resource.id) or {})["properties"]["currentBackupStorageRedundancy"]
    take_back(bot, example)
    bot.clock.move(HOUR)
    look(bot)
    assert state(bot, example, UNDO) is State.FIXING
    shown.value = None
    look(bot)
    assert (state(bot, example, UNDO), state(bot, example)) == (State.FIXED, State.UNDONE)


def test_a_standby_that_copies_its_data_after_its_operation_is_waited_for(start: Start) -> None:
    example = CATALOGUE["postgresql/zone-redundant-standby"]
    bot = start(rules=[example.rule])
    bot.azure.operation_seconds = 100_000.0

    def replicating(_: ResourceId, body: dict[str, Any]) -> None:
        standby = body.get("properties", {}).get("highAvailability") or {}
        if standby.get("mode") == "ZoneRedundant" and is_copying:
            standby["state"] = "ReplicatingData"

    is_copying = True
    answering(bot, replicating)
    example.begin(bot)
    bot.clock.move(2 * UNANSWERED)
    look(bot)
    finish_operations(bot)
    bot.azure.settle()
    look(bot)
    bot.clock.move(2 * UNANSWERED)
    look(bot)
    assert state(bot, example) is State.FIXING
    is_copying = False
    look(bot)
    assert state(bot, example) is State.FIXED


def test_patience_begins_when_azure_has_finished(start: Start) -> None:
    """After an hour of work the first read may still show the old value."""
    example = CATALOGUE["aks/standard-tier"]
    bot = start(rules=[example.rule])
    bot.azure.operation_seconds = 100_000.0
    shown = Late(["sku", "tier"], "Free")
    answering(bot, shown)
    example.begin(bot)
    bot.clock.move(HOUR)
    look(bot)
    finish_operations(bot)
    bot.azure.settle()
    look(bot)
    case = bot.case(example.resource.id, example.rule)
    assert (case.state, case.ended is not None) == (State.FIXING, True)
    shown.value = None
    bot.later(SETTLE / 2)
    until_nothing_waits(bot)
    assert state(bot, example) is State.FIXED


def test_what_azure_counts_up_by_itself_is_no_change_of_somebody(start: Start) -> None:
    """Point-in-time restore shows since when it can restore, which moves with every read."""
    seconds = iter(range(10_000))

    def restorable(resource_id: ResourceId, body: dict[str, Any]) -> None:
        if resource_id.key.endswith("/blobservices/default"):
            since = f"2026-11-01T00:00:{next(seconds) % 60:02d}Z"
            body["properties"]["restorePolicy"] = {"enabled": True, "days": 6, "minRestoreTime": since}

    bot, example = fixed(start, "storage/container-soft-delete", restorable)
    (write,) = sent(bot)
    assert "minRestoreTime" not in str(write)
    assert example.rule in str(bot.case(example.resource.id, example.rule).rule)


def test_a_fix_by_itself_that_takes_its_time_is_told_of_when_it_has(bot: Bot) -> None:
    bot.azure.operation_seconds = 100_000.0
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID))
    assert bot.told() == [], "most are done within seconds"
    bot.clock.move(timedelta(minutes=1))
    look(bot)
    look(bot)
    assert bot.headlines() == [STARTED]
