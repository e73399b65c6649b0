"""A person takes a fix back: asked, approved and verified like any other, and left so from then on."""

from datetime import timedelta

import pytest

from remediation.approvals import NotPossible
from remediation.cases import State
from remediation.plan import UNDO
from rules import RULES_BY_NAME
from tests.builders import CAUSE, REGISTRY_ID, event, registry
from tests.remediation.applying import differences
from tests.remediation.carrying_out import CATALOGUE, Example, finish_operations, until_nothing_waits
from tests.remediation.harness import CHANNELS, Bot
from tests.remediation.taking_back import ANN, BACK, PREMIUM, Start, approve, asked, fixed, sku, state, take_back

REVERSIBLE = {rule: example for rule, example in CATALOGUE.items() if example.plan.undo}
IRREVERSIBLE = {rule: example for rule, example in CATALOGUE.items() if not example.plan.undo}


def test_people_are_asked_before_a_fix_is_taken_back_and_see_what_is_sent(bot: Bot) -> None:
    asked(bot)
    assert (sku(bot), len(bot.azure.writes())) == ("Premium", 1)
    for channel in CHANNELS:
        text = bot.told(channel)[-1]
        assert "APPROVAL NEEDED" in text
        assert "Take back: Upgrade container registry crml from Basic to Premium" in text
        assert "Premium → Basic" in text
        assert '{"sku": {"name": "Basic"}}' in text
        assert "Ben" in text
        assert CAUSE.caller not in text, "who made the fault does not ask for this"


def test_an_approved_undo_is_applied_verified_and_told(bot: Bot) -> None:
    approve(asked(bot))
    bot.work()
    assert sku(bot) == "Basic"
    assert (state(bot, BACK), state(bot)) == (State.FIXED, State.UNDONE)
    assert bot.headlines() == ["FIXED AUTOMATICALLY", "APPROVAL NEEDED", "TAKEN BACK"]
    assert "It is as it was before the fix." in bot.told()[-1]
    assert ["Ann (object-1)" in bot.told(channel)[-1] for channel in CHANNELS] == [True, True]
    assert bot.waits() == []


def test_the_journal_tells_who_wanted_a_fix_back_and_who_approved_it(bot: Bot) -> None:
    approve(asked(bot))
    bot.work()
    entries = [(entry.rule, entry.what) for entry in bot.journal(REGISTRY_ID)][3:]
    assert [what for rule, what in entries if rule == BACK] == [
        "undo",
        "asked",
        "approved",
        "started",
        "sent",
        "fixed",
    ]
    assert [what for rule, what in entries if rule == PREMIUM] == ["undone"]
    detail = {entry.what: entry.detail for entry in bot.journal(REGISTRY_ID) if entry.rule == BACK}
    assert detail["undo"]["by"] == "Ben"
    assert detail["started"]["cause"]["caller"] == "Ben"
    assert detail["started"]["approved_by"] == "Ann (object-1)"


def test_what_was_taken_back_is_not_fixed_again(bot: Bot) -> None:
    approve(asked(bot))
    bot.work()
    for number in range(3):
        bot.clock.move(timedelta(days=1))
        bot.see(event(REGISTRY_ID, f"later-{number}"))
    assert (sku(bot), len(bot.azure.writes()), state(bot)) == ("Basic", 2, State.UNDONE)
    assert len(bot.told()) == 3


def test_another_fault_is_fixed_and_told_of_as_ever(bot: Bot) -> None:
    approve(asked(bot))
    bot.work()
    bot.seed(registry("Standard"))
    bot.see(event(REGISTRY_ID, "event-2"))
    assert (sku(bot), state(bot)) == ("Premium", State.FIXED)
    assert bot.headlines()[3:] == ["FIXED AUTOMATICALLY"]


def test_a_resource_that_was_made_anew_is_fixed_as_ever(bot: Bot) -> None:
    approve(asked(bot))
    bot.work()
    bot.azure.request("DELETE", REGISTRY_ID, api_version="2025-11-01")
    bot.see(event(REGISTRY_ID, "event-2", eventType="Microsoft.Resources.ResourceDeleteSuccess"))
    assert state(bot) is State.CLOSED
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID, "event-3"))
    assert (sku(bot), state(bot)) == ("Premium", State.FIXED)


@pytest.mark.parametrize("example", REVERSIBLE.values(), ids=REVERSIBLE)
def test_every_fix_that_says_so_can_be_taken_back(start: Start, example: Example) -> None:
    bot = start(rules=[example.rule])
    example.seed(bot)
    before = example.seen(bot)
    example.see(bot)
    if example.is_asked:
        example.approve(bot)
    back, resource_id = f"{example.rule}{UNDO}", example.resource.id
    assert state(bot, example.rule, resource_id) is State.FIXED
    take_back(bot, example.rule, resource_id)
    bot.work()
    assert state(bot, back, resource_id) is State.ASKED, "nothing has changed since, so there is a plan"
    approve(bot, back, resource_id)
    bot.work()
    assert state(bot, back, resource_id) is State.FIXED, bot.case(resource_id, back).reason
    assert state(bot, example.rule, resource_id) is State.UNDONE
    assert differences(before, example.seen(bot)) == []
    writes = len(bot.azure.writes())
    example.see(bot, "event-2")
    until_nothing_waits(bot)
    assert (len(bot.azure.writes()), bot.headlines()[-1]) == (writes, "TAKEN BACK")


@pytest.mark.parametrize("example", IRREVERSIBLE.values(), ids=IRREVERSIBLE)
def test_a_fix_that_cannot_be_undone_is_refused_with_its_note(start: Start, example: Example) -> None:
    bot = start(rules=[example.rule])
    example.begin(bot)
    assert state(bot, example.rule, example.resource.id) is State.FIXED
    with pytest.raises(NotPossible, match="cannot take this fix back; its undo: ") as refused:
        take_back(bot, example.rule, example.resource.id)
    assert example.plan.undo_note in str(refused.value)


def test_only_a_confirmed_fix_can_be_taken_back(bot: Bot) -> None:
    with pytest.raises(NotPossible, match=r"there is no confirmed fix .*: there is no such case"):
        take_back(bot)
    bot.azure.lock(REGISTRY_ID)
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID))
    with pytest.raises(NotPossible, match=r"there is no confirmed fix .*: its case is failed"):
        take_back(bot)


def test_in_audit_mode_nothing_is_taken_back(start: Start) -> None:
    fixed(start())
    bot = start(mode="audit")
    with pytest.raises(NotPossible, match="set the mode to enforce first"):
        take_back(bot)


@pytest.mark.parametrize("approved", [False, True])
def test_a_fix_is_taken_back_once_at_a_time(bot: Bot, approved: bool) -> None:
    asked(bot)
    if approved:
        approve(bot)
    with pytest.raises(NotPossible, match="it is being taken back already: its case is"):
        take_back(bot)
    bot.work()
    assert len(bot.azure.writes()) == (2 if approved else 1)


def test_a_fix_that_was_made_again_can_be_taken_back_again(bot: Bot) -> None:
    approve(asked(bot))
    bot.work()
    bot.seed(registry("Standard"))
    bot.see(event(REGISTRY_ID, "event-2"))
    take_back(bot)
    bot.work()
    assert "Premium → Standard" in bot.told()[-1]
    approve(bot)
    bot.work()
    assert (sku(bot), state(bot)) == ("Standard", State.UNDONE)
    assert bot.headlines()[4:] == ["APPROVAL NEEDED", "TAKEN BACK"]


def test_an_undo_that_takes_time_is_followed_and_the_fix_is_not_made_meanwhile(bot: Bot) -> None:
    asked(bot)
    bot.azure.operation_seconds = 3600
    approve(bot)
    bot.work()
    bot.see(event(REGISTRY_ID, "event-2"))
    assert (state(bot, BACK), state(bot), len(bot.azure.writes())) == (State.FIXING, State.FIXED, 2)
    finish_operations(bot)
    until_nothing_waits(bot)
    assert (sku(bot), state(bot, BACK), state(bot)) == ("Basic", State.FIXED, State.UNDONE)
    assert bot.headlines()[2:] == ["FIX STARTED", "TAKEN BACK"]
    assert len(bot.azure.writes()) == 2


def test_an_undo_that_azure_refuses_is_told_and_can_be_asked_for_again(bot: Bot) -> None:
    approve(asked(bot))
    bot.azure.lock(REGISTRY_ID)
    bot.work()
    assert (state(bot, BACK), state(bot)) == (State.FAILED, State.FIXED)
    assert "Could not take back: Upgrade container registry crml" in bot.told()[-1]
    bot.azure.unlock(REGISTRY_ID)
    take_back(bot)
    bot.work()
    approve(bot)
    bot.work()
    assert bot.headlines()[2:] == ["FIX FAILED", "APPROVAL NEEDED", "TAKEN BACK"]


def test_a_fix_whose_rule_is_off_can_be_taken_back_and_stays_so_when_it_is_on_again(start: Start) -> None:
    fixed(start())
    bot = start(rules=[])
    take_back(bot)
    bot.work()
    approve(bot)
    bot.work()
    bot.see(event(REGISTRY_ID, "event-2"))
    assert (sku(bot), state(bot)) == ("Basic", State.UNDONE)
    bot = start()
    bot.see(event(REGISTRY_ID, "event-3"))
    assert (sku(bot), state(bot)) == ("Basic", State.UNDONE)


def test_a_fix_whose_rule_is_gone_can_be_taken_back(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    fixed(start())
    bot = start(rules=[])
    others = {name: rule for name, rule in RULES_BY_NAME.items() if name != PREMIUM}
    monkeypatch.setattr("remediation.undo.RULES_BY_NAME", others)
    take_back(bot)
    bot.work()
    assert f"APPROVAL NEEDED · MEDIUM · {BACK}" in bot.told()[-1]
    approve(bot)
    bot.work()
    assert (sku(bot), state(bot)) == ("Basic", State.UNDONE)


def test_an_undo_can_be_taken_back_then_the_fix_is_made_as_ever(bot: Bot) -> None:
    approve(asked(bot))
    bot.work()
    assert take_back(bot, BACK, person=ANN).state is State.CLOSED
    bot.work()
    assert (sku(bot), state(bot)) == ("Premium", State.FIXED)
    assert bot.headlines()[3:] == ["FIXED AUTOMATICALLY"]
    with pytest.raises(NotPossible, match="its fix is not held back: its case is fixed"):
        take_back(bot, BACK)
    take_back(bot)
    bot.work()
    approve(bot)
    bot.work()
    assert (sku(bot), state(bot)) == ("Basic", State.UNDONE)
