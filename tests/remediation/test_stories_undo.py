"""A person takes a fix back: asked, approved and verified like any other, and left so from then on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from local.azure import BOT
from remediation import approvals
from remediation.approvals import NotPossible, Person
from remediation.cases import Case, State
from remediation.plan import UNDO
from remediation.ports import Conflict
from rules import RULES_BY_NAME
from rules.model import Resource
from rules.resource_id import ResourceId
from rules.storage import BLOBS
from tests.builders import CAUSE, REGISTRY_ID, event, finding, plan, registry
from tests.remediation.applying import differences
from tests.remediation.carrying_out import CATALOGUE, Example, finish_operations, until_nothing_waits
from tests.remediation.dying import Fuse, Moment, each_death, until_done, with_fuse
from tests.remediation.harness import CHANNELS, Bot

type Start = Callable[..., Bot]

ANN, BEN = Person("Ann", "object-1"), Person("Ben")
PREMIUM = "container-registry/premium-sku"
BACK = f"{PREMIUM}{UNDO}"
CONTAINERS = CATALOGUE["storage/container-soft-delete"]
"""Its fix is a PUT of a whole service."""
REVERSIBLE = {rule: example for rule, example in CATALOGUE.items() if example.plan.undo}
IRREVERSIBLE = {rule: example for rule, example in CATALOGUE.items() if not example.plan.undo}


def identity(resource_id: str = REGISTRY_ID) -> ResourceId:
    found = ResourceId.parse(resource_id)
    assert found is not None
    return found


def sku(bot: Bot, resource_id: str = REGISTRY_ID) -> str:
    return str((bot.azure.body(resource_id) or {})["sku"]["name"])


def take_back(bot: Bot, rule: str = PREMIUM, resource_id: str = REGISTRY_ID, person: Person = BEN) -> Case:
    """Somebody wants a fix taken back; nothing has worked on it yet."""
    return approvals.take_back(bot.services, identity(resource_id), rule, person)


def approve(bot: Bot, rule: str = BACK, resource_id: str = REGISTRY_ID) -> Case:
    """Somebody approves what is asked; nothing has worked on it yet."""
    plan = bot.case(resource_id, rule).plan
    assert plan is not None
    return approvals.approve(bot.services, identity(resource_id), rule, plan.digest, ANN)


def state(bot: Bot, rule: str = PREMIUM, resource_id: str = REGISTRY_ID) -> State:
    return bot.case(resource_id, rule).state


def fixed(bot: Bot) -> Bot:
    """A registry that was upgraded."""
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID))
    assert state(bot) is State.FIXED
    return bot


def asked(bot: Bot) -> Bot:
    """A registry that was upgraded, and people are asked whether to take that back."""
    take_back(fixed(bot))
    bot.work()
    assert state(bot, BACK) is State.ASKED
    return bot


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


def test_a_case_that_another_worker_has_changed_is_not_marked_over(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    approve(asked(bot))
    store, put = bot.services.store, bot.services.store.put_case

    def refuse_once(case: Case) -> Case:
        if case.state is not State.UNDONE:
            return put(case)
        monkeypatch.setattr(store, "put_case", put)
        raise Conflict

    monkeypatch.setattr(store, "put_case", refuse_once)
    bot.work()
    assert (state(bot, BACK), state(bot)) == (State.FIXING, State.FIXED)
    until_nothing_waits(bot)
    assert (state(bot, BACK), state(bot)) == (State.FIXED, State.UNDONE)
    assert bot.headlines()[2:] == ["TAKEN BACK"]


def test_what_azure_manages_is_not_taken_back(bot: Bot) -> None:
    asked(bot)
    bot.seed(registry("Premium", managedBy="/subscriptions/x"))
    bot.see(event(REGISTRY_ID, "event-2"))
    assert (state(bot, BACK), state(bot)) == (State.CLOSED, State.FIXED)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_may_die_at_any_call_from_the_wish_to_its_end(bot: Bot, moment: Moment) -> None:
    each_death(moment, lambda fuse: play(bot, f"{moment}{fuse.last}", fuse))


def play(bot: Bot, number: str, fuse: Fuse) -> None:
    """Who decides may die, and who checks."""
    resource_id, services = f"{REGISTRY_ID}{number}", bot.services
    found = finding(PREMIUM, Resource.of(registry("Basic", id=resource_id, name=f"crml{number}")))
    done = Case(PREMIUM, resource_id, State.FIXED, bot.clock(), bot.clock(), CAUSE, plan(found))
    bot.services.store.put_case(done)
    bot.seed(registry("Premium", id=resource_id, name=f"crml{number}"))
    posted, written = len(bot.chat.messages), len(bot.azure.writes())
    bot.services = with_fuse(services, fuse)
    until_done(bot, fuse, lambda: again(lambda: take_back(bot, PREMIUM, resource_id)))
    until_done(bot, fuse, lambda: bot.drain("checks"))
    until_done(bot, fuse, lambda: again(lambda: approve(bot, BACK, resource_id)))
    until_done(bot, fuse, lambda: bot.drain("checks"))
    bot.services = services
    bot.work()
    assert (state(bot, BACK, resource_id), state(bot, PREMIUM, resource_id)) == (State.FIXED, State.UNDONE)
    assert (sku(bot, resource_id), len(bot.azure.writes())) == ("Basic", written + 1)
    labels = sorted(message.text.count("TAKEN BACK ·") for message in bot.chat.messages[posted:])
    assert labels == [0, 0, 1, 1]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_may_die_at_any_call_from_the_wish_for_the_fix_to_its_end(bot: Bot, moment: Moment) -> None:
    each_death(moment, lambda fuse: want_again(bot.unlimited(), f"{moment}{fuse.last}", fuse))


def want_again(bot: Bot, number: str, fuse: Fuse) -> None:
    """A fix was taken back, and somebody wants it again."""
    resource_id, services = f"{REGISTRY_ID}{number}", bot.services
    body = registry("Basic", id=resource_id, name=f"crml{number}")
    made = plan(finding(PREMIUM, Resource.of(body)))
    back = replace(made, rule=BACK)
    for rule, now, done in ((PREMIUM, State.UNDONE, made), (BACK, State.FIXED, back)):
        bot.services.store.put_case(Case(rule, resource_id, now, bot.clock(), bot.clock(), CAUSE, done))
    bot.seed(body)
    bot.services = with_fuse(services, fuse)
    until_done(bot, fuse, lambda: again(lambda: take_back(bot, BACK, resource_id, ANN)))
    until_done(bot, fuse, lambda: bot.drain("checks"))
    bot.services = services
    bot.work()
    assert (state(bot, PREMIUM, resource_id), sku(bot, resource_id)) == (State.FIXED, "Premium")
    wanted = [entry.detail["by"] for entry in bot.journal(resource_id) if entry.what == "wanted"]
    assert [name.partition(" ")[0] for name in wanted] == ["Ann"]


def again(decide: Callable[[], object]) -> None:
    """Decide, as somebody whose first try may have ended in a crash."""
    try:
        decide()
    except NotPossible as error:
        if "already" not in str(error):
            raise
