"""From an event to what people read, on real parts: what the bot does when nothing goes wrong."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from remediation import topology
from remediation.cases import State
from remediation.decide import SETTLE
from rules.model import Role, Use
from rules.resource_id import ResourceId
from tests.builders import (
    DATABRICKS_ID,
    GROUP,
    OTHER_SUBSCRIPTION,
    REGISTRY_ID,
    STORAGE_ID,
    VAULT_ID,
    WORKSPACE_ID,
    cloud_event,
    databricks,
    event,
    ml_workspace,
    registry,
    storage_account,
)
from tests.remediation.harness import CHANNELS, Bot

PREMIUM = "container-registry/premium-sku"
ZONES = "storage/zone-redundant"
RECOVERY = "databricks/disaster-recovery"


def sku(bot: Bot, resource_id: str) -> str:
    return str((bot.azure.body(resource_id) or {})["sku"]["name"])


def uses(bot: Bot, resource_id: str) -> tuple[Use, ...]:
    resource = ResourceId.parse(resource_id)
    assert resource is not None
    return bot.services.store.uses(topology.keys(resource, bot.azure.body(resource_id) or {}))


def deleted(resource_id: str) -> object:
    return event(resource_id, "event-2", eventType="Microsoft.Resources.ResourceDeleteSuccess")


def test_a_basic_registry_is_upgraded_once_and_people_hear_of_it(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID))
    assert sku(bot, REGISTRY_ID) == "Premium"
    assert [write.request_body for write in bot.azure.writes()] == [{"sku": {"name": "Premium"}}]
    for channel in CHANNELS:
        (text,) = bot.told(channel)
        assert "FIXED AUTOMATICALLY" in text
        assert "Basic → Premium" in text
        assert "user@example.com" in text
    case = bot.case(REGISTRY_ID, PREMIUM)
    assert (case.state, case.attempts, case.owner != "") == (State.FIXED, 1, True)
    assert case.plan is not None
    assert case.plan.undo[0].body == {"sku": {"name": "Basic"}}


def test_the_journal_tells_what_was_done_in_order(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID))
    started, sent, fixed = bot.journal(REGISTRY_ID)
    assert [entry.what for entry in (started, sent, fixed)] == ["started", "sent", "fixed"]
    assert started.at < sent.at < fixed.at
    assert "Basic" in started.detail["found"]
    assert "undo" in started.detail["plan"]
    assert len(sent.detail["request_id"]) == 36
    assert started.detail["cause"]["caller"] == "user@example.com"
    assert fixed.detail["found"] == "the registry is Premium"


def test_the_event_of_the_own_fix_changes_nothing(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID))
    bot.see(event(REGISTRY_ID, "event-2", data={"claims": {"oid": bot.azure.bot.oid}}))
    assert len(bot.azure.writes()) == 1
    assert len(bot.told()) == 1
    assert bot.case(REGISTRY_ID, PREMIUM).state is State.FIXED


def test_a_second_fault_is_a_new_incident(bot: Bot) -> None:
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID))
    bot.seed(registry("Standard"))
    bot.see(event(REGISTRY_ID, "event-2"))
    assert [("Basic →" in text, "Standard →" in text) for text in bot.told()] == [(True, False), (False, True)]
    assert bot.case(REGISTRY_ID, PREMIUM).attempts == 1


@pytest.mark.parametrize("repeated", [event(REGISTRY_ID), cloud_event(REGISTRY_ID)], ids=["Event Grid", "CloudEvents"])
def test_the_same_event_twice_is_one_write_and_one_message(bot: Bot, repeated: object) -> None:
    bot.seed(registry("Basic"))
    bot.see(repeated)
    bot.see(repeated)
    bot.see(repeated, repeated)
    assert len(bot.azure.writes()) == 1
    assert [len(bot.told(channel)) for channel in CHANNELS] == [1, 1]


def test_a_burst_of_events_is_one_check(bot: Bot) -> None:
    bot.seed(registry("Premium"))
    bot.see(*(event(REGISTRY_ID, f"event-{number}") for number in range(10)))
    assert len(bot.azure.reads()) == 1


def test_a_checked_event_costs_one_read_and_no_new_connection(bot: Bot) -> None:
    bot.seed(registry("Premium"))
    bot.see(event(REGISTRY_ID))
    connections = bot.server.connections
    for number in range(5):
        bot.see(event(REGISTRY_ID, f"later-{number}"))
    assert len(bot.azure.reads()) == 6
    assert bot.server.connections == connections


def test_default_storage_without_zones_is_put_to_a_person_once(bot: Bot) -> None:
    bot.seed(ml_workspace(), storage_account("Standard_LRS"), registry("Premium"))
    bot.see(event(WORKSPACE_ID))
    assert uses(bot, STORAGE_ID) == (Use(Role.DEFAULT_STORAGE, WORKSPACE_ID),)
    bot.see(event(STORAGE_ID, "event-2"))
    assert bot.azure.writes() == []
    for channel in CHANNELS:
        (text,) = bot.told(channel)
        assert "APPROVAL NEEDED" in text
        assert "mlw as default storage" in text
        assert "Standard_LRS → Standard_ZRS" in text
    assert bot.case(STORAGE_ID, ZONES).state is State.ASKED
    assert bot.done(STORAGE_ID) == ["asked"]


def test_a_person_is_asked_again_only_when_the_plan_is_another(bot: Bot) -> None:
    bot.seed(ml_workspace(), storage_account("Standard_LRS"), registry("Premium"))
    bot.see(event(WORKSPACE_ID))
    bot.seed(storage_account("Standard_LRS", tags={"owner": "somebody"}))
    bot.see(event(STORAGE_ID, "event-2"))
    assert len(bot.told()) == 1
    bot.seed(storage_account("STANDARD_LRS"))
    bot.see(event(STORAGE_ID, "event-3"))
    assert ["STANDARD_LRS" in text for text in bot.told()] == [False, True]
    assert bot.done(STORAGE_ID) == ["asked", "asked"]


def test_storage_that_no_workspace_uses_is_left_alone(bot: Bot) -> None:
    bot.seed(storage_account("Standard_LRS"))
    bot.see(event(STORAGE_ID))
    assert bot.told() == []
    assert bot.services.store.cases(STORAGE_ID) == {}


def test_storage_that_azure_will_not_convert_comes_with_guidance(bot: Bot) -> None:
    bot.seed(ml_workspace(), registry("Premium"), storage_account(properties={"isNfsV3Enabled": True}))
    bot.see(event(WORKSPACE_ID))
    (text,) = bot.told()
    assert "GUIDANCE" in text
    assert "NFS 3.0 is enabled" in text


def test_a_fault_that_a_person_mends_is_closed_without_a_word(bot: Bot) -> None:
    bot.seed(ml_workspace(), storage_account("Standard_LRS"), registry("Premium"))
    bot.see(event(WORKSPACE_ID))
    bot.seed(storage_account("Standard_ZRS"))
    bot.see(event(STORAGE_ID, "event-2"))
    assert bot.case(STORAGE_ID, ZONES).state is State.CLOSED
    assert bot.done(STORAGE_ID) == ["asked", "closed"]
    assert len(bot.told()) == 1


def test_databricks_comes_with_guidance_once(bot: Bot) -> None:
    bot.seed(databricks())
    bot.see(event(DATABRICKS_ID))
    bot.see(event(DATABRICKS_ID, "event-2"))
    for channel in CHANNELS:
        (text,) = bot.told(channel)
        assert "GUIDANCE" in text
        assert "Rehearse the switch" in text
    assert bot.azure.writes() == []
    assert (bot.case(DATABRICKS_ID, RECOVERY).state, bot.done(DATABRICKS_ID)) == (State.TOLD, ["told"])


def test_what_a_deleted_workspace_used_is_used_no_more(bot: Bot) -> None:
    bot.seed(ml_workspace(), storage_account("Standard_ZRS"), registry("Premium"))
    bot.see(event(WORKSPACE_ID))
    assert uses(bot, VAULT_ID) == (Use(Role.WORKSPACE_VAULT, WORKSPACE_ID),)
    bot.azure.request("DELETE", WORKSPACE_ID)
    bot.see(deleted(WORKSPACE_ID))
    assert uses(bot, STORAGE_ID) == uses(bot, VAULT_ID) == ()


def test_what_a_workspace_uses_follows_the_workspace(bot: Bot) -> None:
    other = STORAGE_ID.replace("stml", "stother")
    bot.seed(ml_workspace(), storage_account("Standard_ZRS"), registry("Premium"))
    bot.see(event(WORKSPACE_ID))
    bot.seed(ml_workspace(storageAccount=other), storage_account("Standard_LRS", id=other, name="stother"))
    bot.see(event(WORKSPACE_ID, "event-2"))
    assert uses(bot, STORAGE_ID) == ()
    assert bot.case(other, ZONES).state is State.ASKED


def test_a_used_resource_in_another_subscription_is_neither_read_nor_queued(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere = STORAGE_ID.replace("000000000001/", "000000000002/")
    bot.seed(ml_workspace(storageAccount=elsewhere), registry("Premium"))
    bot.see(event(WORKSPACE_ID))
    assert uses(bot, elsewhere) != ()
    assert not [read for read in bot.azure.reads() if OTHER_SUBSCRIPTION in read.path]
    assert "not onboarded" not in caplog.text, "no check is queued only to be refused"


def test_the_cases_of_a_deleted_resource_are_closed(bot: Bot) -> None:
    bot.seed(databricks())
    bot.see(event(DATABRICKS_ID))
    bot.azure.request("DELETE", DATABRICKS_ID)
    bot.see(deleted(DATABRICKS_ID))
    assert bot.case(DATABRICKS_ID, RECOVERY).state is State.CLOSED
    assert bot.journal(DATABRICKS_ID)[-1].detail == {"reason": "it was deleted"}
    assert len(bot.told()) == 1


@pytest.mark.parametrize(
    "unrelated",
    [
        event(f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"),
        event(REGISTRY_ID.replace(REGISTRY_ID.split("/")[2], OTHER_SUBSCRIPTION)),
        event(REGISTRY_ID, eventType="Microsoft.Resources.ResourceActionSuccess"),
        {"eventType": "Microsoft.Resources.ResourceWriteSuccess", "subject": "/subscriptions/../x"},
        "junk",
    ],
    ids=["type", "subscription", "action", "hostile id", "no event"],
)
def test_what_is_no_concern_of_the_bot_costs_no_call(bot: Bot, unrelated: object) -> None:
    bot.see(unrelated)
    assert bot.azure.log == []
    assert bot.told() == []


def test_audit_mode_tells_what_it_would_do_and_does_nothing(start: Callable[..., Bot]) -> None:
    bot = start(mode="audit")
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID))
    bot.see(event(REGISTRY_ID, "event-2"))
    assert bot.azure.writes() == []
    (text,) = bot.told()
    assert "AUDIT MODE" in text
    assert bot.case(REGISTRY_ID, PREMIUM).state is State.TOLD


def test_enforce_mode_fixes_what_audit_mode_told_of(start: Callable[..., Bot]) -> None:
    bot = start(mode="audit")
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID))
    bot = start(mode="enforce")
    bot.see(event(REGISTRY_ID, "event-2"))
    assert ["FIXED" in text for text in bot.told()] == [False, True]


def test_a_registry_that_is_busy_is_looked_at_later(bot: Bot) -> None:
    bot.seed(registry("Basic", properties={"provisioningState": "Updating"}))
    bot.see(event(REGISTRY_ID))
    assert (bot.told(), bot.azure.writes(), bot.waits()) == ([], [], [timedelta(seconds=5)])
    bot.later(timedelta(seconds=5))
    assert bot.waits() == [timedelta(seconds=10)]
    bot.seed(registry("Basic"))
    bot.later(timedelta(seconds=10))
    assert sku(bot, REGISTRY_ID) == "Premium"
    assert bot.waits() == []


def test_a_registry_whose_last_change_failed_is_put_to_a_person(bot: Bot) -> None:
    bot.seed(registry("Basic", properties={"provisioningState": "Failed"}))
    bot.see(event(REGISTRY_ID))
    bot.later(SETTLE)
    assert bot.azure.writes() == []
    (text,) = bot.told()
    assert "APPROVAL NEEDED" in text


def test_one_plan_is_put_to_people_once_however_its_id_is_spelt(bot: Bot) -> None:
    """The letters of a resource group differ from event to event."""
    bot.seed(storage_account(), ml_workspace())
    bot.see(event(WORKSPACE_ID))
    for number, spelling in enumerate((STORAGE_ID.upper(), STORAGE_ID.lower(), STORAGE_ID)):
        bot.see(event(spelling, f"event-{number}"))
    assert bot.headlines() == ["APPROVAL NEEDED"]


def test_storage_of_a_deleted_workspace_needs_no_approval_any_more(bot: Bot) -> None:
    bot.seed(storage_account(), ml_workspace())
    bot.see(event(WORKSPACE_ID))
    assert bot.case(STORAGE_ID, "storage/zone-redundant").state is State.ASKED
    bot.azure.request("DELETE", WORKSPACE_ID, api_version="2026-05-01")
    bot.see(event(WORKSPACE_ID, "event-2", eventType="Microsoft.Resources.ResourceDeleteSuccess"))
    assert bot.case(STORAGE_ID, "storage/zone-redundant").state is State.CLOSED
