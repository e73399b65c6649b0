"""People say yes to a plan: if it is still the one they were shown, it is applied, once, and they hear how it ended."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, cast

import pytest

from local.azure import BOT
from remediation import approvals
from remediation.approvals import NotPossible, Person
from remediation.cases import Approval, Case, State
from remediation.ports import Store
from rules.model import Status
from rules.resource_id import ResourceId
from tests.builders import CAUSE, REGISTRY_ID, SUBSCRIPTION, event, registry
from tests.remediation.carrying_out import CATALOGUE, Example, finish_operations, look
from tests.remediation.harness import CHANNELS, Bot

type Start = Callable[..., Bot]

GEO, ZONES, VERSIONING = (
    CATALOGUE[name] for name in ("storage/geo-redundant", "storage/zone-redundant", "storage/blob-versioning")
)
ANN, BEN = Person("Ann", "object-1"), Person("Ben")
PREMIUM = "container-registry/premium-sku"


def asked(start: Start, example: Example = GEO, **settings: str) -> Bot:
    """A bot that has asked."""
    bot = start(rules=[example.rule], **settings)
    example.seed(bot)
    example.see(bot)
    return bot


def case_of(bot: Bot, example: Example = GEO) -> Case:
    return bot.case(example.resource.id, example.rule)


def digest_of(bot: Bot, example: Example = GEO) -> str:
    plan = case_of(bot, example).plan
    assert plan is not None
    return plan.digest


def approve(bot: Bot, example: Example = GEO, person: Person = ANN, digest: str = "") -> Case:
    """Somebody approves what is asked; nothing has worked on it yet."""
    return approvals.approve(bot.services, example.id, example.rule, digest or digest_of(bot, example), person)


def change(bot: Bot, example: Example = GEO) -> None:
    """Somebody changes the resource, so that the plan for it is another one."""
    body = bot.azure.body(example.resource.id) or {}
    bot.seed({**body, "sku": {"name": "STANDARD_LRS"}})


def test_an_approved_plan_is_applied_verified_and_told(start: Start) -> None:
    bot = asked(start)
    assert bot.azure.writes() == []
    assert approve(bot).state is State.APPROVED
    bot.work()
    assert GEO.verdict(bot).status is Status.PASS
    assert (case_of(bot).state, len(bot.azure.writes())) == (State.FIXED, 1)
    assert bot.headlines() == ["APPROVAL NEEDED", "FIXED"]
    assert [
        "Approved by" in bot.told(channel)[-1] and "Ann (object-1)" in bot.told(channel)[-1] for channel in CHANNELS
    ]


def test_the_journal_tells_who_approved_what(start: Start) -> None:
    bot = asked(start)
    digest = digest_of(bot)
    approve(bot)
    bot.work()
    entries = {entry.what: entry.detail for entry in bot.journal(GEO.resource.id)}
    assert [*entries] == ["asked", "approved", "started", "sent", "fixed"]
    assert entries["approved"] == {"by": "Ann", "by_id": "object-1", "digest": digest}
    assert (entries["asked"]["cause"], entries["started"]["cause"]) == (asdict(CAUSE), asdict(CAUSE))
    assert entries["started"]["approved_by"] == "Ann (object-1)"
    assert entries["started"]["found"] == entries["asked"]["found"]


def test_who_approved_hears_that_azure_has_begun_and_when_it_is_done(start: Start) -> None:
    bot = asked(start, ZONES)
    bot.azure.operation_seconds = 24 * 3600
    approve(bot, ZONES)
    bot.work()
    assert bot.headlines() == ["APPROVAL NEEDED", "FIX STARTED"]
    assert "Ann (object-1)" in bot.told()[-1]
    bot.later(timedelta(hours=5))
    (pause,) = bot.waits()
    assert timedelta() <= pause - timedelta(hours=5) / 8 < timedelta(seconds=1), "the longer it takes, the rarer a look"
    bot.later(timedelta(hours=20))
    assert bot.waits() == [timedelta(hours=1)]
    finish_operations(bot)
    look(bot)
    assert bot.headlines() == ["APPROVAL NEEDED", "FIX STARTED", "FIXED"]


def test_what_runs_by_itself_is_told_of_only_when_it_is_done(start: Start) -> None:
    bot = start()
    bot.azure.operation_seconds = 3600
    bot.seed(registry("Basic"))
    bot.see(event(REGISTRY_ID))
    assert (bot.case(REGISTRY_ID, PREMIUM).state, bot.told()) == (State.FIXING, [])


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is wrong with an approval, and what its answer says."""

    says: str
    mode: str = "enforce"
    digest: str = ""
    rule: str = GEO.rule
    resource: str = GEO.resource.id
    healed: bool = False


REFUSALS = {
    "in audit mode": Refusal(
        "the bot is in audit mode and changes nothing: set the mode to enforce first", mode="audit"
    ),
    "of another plan": Refusal("which is by now [0-9a-f]{32} .*: read the newest message about it", digest="another"),
    "of an unknown rule": Refusal(
        f"nobody is asked about no/rule on it: there is no such case; to be approved there: {GEO.rule}", rule="no/rule"
    ),
    "of a resource that nothing is known of": Refusal("there is no such case", resource=f"{GEO.resource.id}2"),
    "of a case that is closed": Refusal("its case is closed", healed=True),
    "in a subscription that is not onboarded": Refusal(
        "is not onboarded: the bot changes nothing there",
        resource=GEO.resource.id.replace(SUBSCRIPTION, "00000000-0000-4000-8000-00000000ffff"),
    ),
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_an_approval_is_refused(start: Start, refusal: Refusal) -> None:
    bot = asked(start, mode=refusal.mode)
    digest, resource = digest_of(bot), ResourceId.parse(refusal.resource)
    assert resource is not None
    if refusal.healed:
        bot.seed({**(bot.azure.body(GEO.resource.id) or {}), "sku": {"name": "Standard_RAGRS"}})
        GEO.see(bot, "event-2")
    before, told = case_of(bot), len(bot.told())
    with pytest.raises(NotPossible, match=refusal.says):
        approvals.approve(bot.services, resource, refusal.rule, refusal.digest or digest, ANN)
    bot.work()
    assert (case_of(bot), len(bot.told()), bot.azure.writes()) == (before, told, [])


def test_a_case_without_a_plan_cannot_be_approved(start: Start) -> None:
    """Only people can do what it takes."""
    bot = asked(start)
    bot.services.store.put_case(replace(case_of(bot), plan=None))
    with pytest.raises(NotPossible, match="nobody is asked"):
        approve(bot, digest="any")


def test_another_plan_than_the_one_that_failed_in_the_middle_begins_at_its_beginning(start: Start) -> None:
    bot = asked(start)
    case = case_of(bot)
    fresh = case.plan
    assert fresh is not None
    two = replace(fresh, writes=(*fresh.writes, *fresh.writes))
    half = replace(case, state=State.FAILED, step=1, sent=case.changed, plan=two, reason="Code: text")
    bot.services.store.put_case(half)
    approved = approvals.approve(bot.services, GEO.id, GEO.rule, fresh.digest, ANN, shown=fresh)
    assert (approved.plan, approved.step, approved.sent) == (fresh, 0, None)
    bot.work()
    assert (case_of(bot).state, len(bot.azure.writes())) == (State.FIXED, 1)


def test_approving_twice_says_who_was_first_and_is_one_write(start: Start) -> None:
    bot = asked(start)
    digest = digest_of(bot)
    approve(bot)
    with pytest.raises(NotPossible, match=r"Ann \(object-1\) has approved it already"):
        approve(bot, person=BEN)
    bot.work()
    assert len(bot.azure.writes()) == 1
    with pytest.raises(NotPossible, match="its case is fixed"):
        approve(bot, person=BEN, digest=digest)


class Together:
    """The port `Store`: the first readers of cases wait for each other, so that all have seen the same."""

    def __init__(self, store: Store, readers: int) -> None:
        self._store, self._barrier = store, threading.Barrier(readers, timeout=10)

    def cases(self, resource_id: str) -> Mapping[str, Case]:
        """The cases, and a wait."""
        found = self._store.cases(resource_id)
        self._barrier.wait()
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_two_people_who_approve_at_the_same_moment_are_one_write(start: Start) -> None:
    bot = asked(start)
    digest, alone = digest_of(bot), bot.services
    together = replace(alone, store=cast(Store, Together(alone.store, 2)))

    def answer(person: Person) -> str:
        try:
            return str(approvals.approve(together, GEO.id, GEO.rule, digest, person).state)
        except NotPossible as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(answer, (ANN, BEN)))
    assert answers[0] == "APPROVED"
    assert answers[1].startswith("it has changed at this very moment, perhaps by somebody's decision")
    bot.work()
    assert (case_of(bot).state, len(bot.azure.writes())) == (State.FIXED, 1)
    assert bot.done(GEO.resource.id).count("approved") == 1


def test_a_change_before_the_approval_that_the_bot_has_seen_makes_it_stale(start: Start) -> None:
    bot = asked(start)
    digest = digest_of(bot)
    change(bot)
    GEO.see(bot, "event-2")
    with pytest.raises(NotPossible, match="this is not the digest of the plan"):
        approve(bot, digest=digest)
    assert bot.headlines() == ["APPROVAL NEEDED", "APPROVAL NEEDED"]
    approve(bot)
    bot.work()
    assert case_of(bot).state is State.FIXED


@pytest.mark.parametrize("first", ["changed", "approved"])
def test_a_change_that_the_bot_has_not_seen_makes_it_ask_anew(start: Start, first: str) -> None:
    bot = asked(start)
    steps: list[Callable[[], object]] = [lambda: change(bot), lambda: approve(bot)]
    for step in steps if first == "changed" else reversed(steps):
        step()
    bot.work()
    assert bot.azure.writes() == []
    assert case_of(bot).state is State.ASKED
    assert bot.headlines() == ["APPROVAL NEEDED", "APPROVAL NEEDED"]
    for channel in CHANNELS:
        text = bot.told(channel)[-1]
        assert "STANDARD_LRS → Standard_RAGRS" in text
        assert "Ann (object-1) approved another plan, but the resource has changed since" in text
        assert CAUSE.caller in text, "who approved is not who changed it"
    approve(bot, person=BEN)
    bot.work()
    assert (case_of(bot).state, len(bot.azure.writes())) == (State.FIXED, 1)
    assert "Ben" in bot.told()[-1]


def test_a_plan_that_was_approved_before_audit_mode_was_set_is_put_to_people_again(start: Start) -> None:
    bot = asked(start)
    approve(bot)
    bot = start(rules=[GEO.rule], mode="audit")
    bot.work()
    assert (bot.azure.writes(), case_of(bot).state) == ([], State.ASKED)
    assert "Ann (object-1) approved it, but audit mode was set before it was applied" in bot.told()[-1]
    GEO.see(bot, "event-2")
    assert bot.headlines() == ["APPROVAL NEEDED", "APPROVAL NEEDED"], "that is said once"
    bot = start(rules=[GEO.rule])
    approve(bot, person=BEN)
    bot.work()
    assert bot.headlines()[2:] == ["FIXED"]


def test_what_heals_before_an_approval_takes_effect_is_left_alone(start: Start) -> None:
    bot = asked(start)
    approve(bot)
    bot.seed({**(bot.azure.body(GEO.resource.id) or {}), "sku": {"name": "Standard_RAGRS"}})
    bot.work()
    assert (case_of(bot).state, bot.azure.writes()) == (State.CLOSED, [])
    assert bot.headlines() == ["APPROVAL NEEDED", "CLOSED"], "who approved it waits to hear how it ends"
    for channel in CHANNELS:
        assert "Somebody else has put it right" in bot.told(channel)[-1]
        assert "Ann (object-1)" in bot.told(channel)[-1]


def test_what_is_deleted_before_an_approval_takes_effect_is_told(start: Start) -> None:
    bot = asked(start)
    approve(bot)
    bot.azure.request("DELETE", GEO.resource.id, api_version=GEO.plan.writes[0].api_version)
    bot.work()
    assert (case_of(bot).state, bot.headlines()) == (State.CLOSED, ["APPROVAL NEEDED", "CLOSED"])
    assert "It was deleted." in bot.told()[-1]


def test_what_cannot_be_judged_any_more_is_not_applied_and_said_so(start: Start) -> None:
    bot = asked(start, VERSIONING)
    approve(bot, VERSIONING)
    bot.azure.forbid(BOT, "Microsoft.Storage/storageAccounts/blobServices/read")
    bot.work()
    assert (case_of(bot, VERSIONING).state, bot.azure.writes()) == (State.FAILED, [])
    assert bot.headlines() == ["APPROVAL NEEDED", "FIX FAILED"]
    assert "cannot be judged any more" in bot.told()[-1]
    assert "What was sent" not in bot.told()[-1]


def test_what_failed_can_be_approved_again_and_each_failure_is_told(start: Start) -> None:
    bot = asked(start)
    bot.azure.lock(GEO.resource.id)
    for person in (ANN, BEN):
        approve(bot, person=person)
        bot.work()
    assert bot.headlines() == ["APPROVAL NEEDED", "FIX FAILED", "FIX FAILED"]
    assert ["Ben" in text for text in bot.told()] == [False, False, True]
    assert "when somebody approves the plan again" in bot.told()[-1]
    bot.azure.unlock(GEO.resource.id)
    approve(bot)
    bot.work()
    assert bot.headlines()[3:] == ["FIXED"]
    case = case_of(bot)
    assert (case.state, case.attempts) == (State.FIXED, 3)


def test_after_a_failure_people_have_the_message_that_asked(start: Start) -> None:
    bot = asked(start)
    bot.azure.lock(GEO.resource.id)
    approve(bot)
    bot.work()
    bot.azure.unlock(GEO.resource.id)
    GEO.see(bot, "event-2")
    assert (case_of(bot).state, bot.headlines()) == (State.ASKED, ["APPROVAL NEEDED", "FIX FAILED"])
    approve(bot)
    bot.work()
    assert case_of(bot).state is State.FIXED


def test_a_fix_by_itself_is_not_ascribed_to_an_older_approval(start: Start) -> None:
    bot = start()
    bot.seed(registry("Basic"))
    bot.azure.lock(REGISTRY_ID)
    bot.see(event(REGISTRY_ID))
    failed = bot.case(REGISTRY_ID, PREMIUM)
    bot.services.store.put_case(replace(failed, approval=Approval("another", "Ann", bot.clock())))
    bot.azure.unlock(REGISTRY_ID)
    bot.clock.move(timedelta(days=1))
    bot.see(event(REGISTRY_ID, "event-2"))
    assert bot.headlines() == ["FIX FAILED", "FIXED AUTOMATICALLY"]
    assert [entry.detail["approved_by"] for entry in bot.journal(REGISTRY_ID) if entry.what == "started"] == ["", ""]
