"""What a page says of a case, and whether it can be approved now: for every state, and whatever holds the bot back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from remediation.access import Access
from remediation.approvals import Person
from remediation.cases import Approval, Case, State
from remediation.pages.approval import Shown, view
from remediation.policy import Effect, Exempted, Exemption, Mode, Override
from remediation.review import Review, look
from remediation.scopes import EVERYWHERE, Scope
from remediation.tokens import pinned
from tests.builders import NOON
from tests.remediation.approving import GEO, Start, asked, case_of, change
from tests.remediation.harness import Bot

ANN = Person("Ann", "object-1")
UNTIL = datetime(2099, 1, 31, tzinfo=UTC)
EXEMPTED = Exempted(Exemption(UNTIL, "it moves", "Ben", "policy.yaml line 9"), EVERYWHERE, ("storage/*",))


def seen(bot: Bot) -> Review:
    return look(bot.services, pinned(case_of(bot)))


def shown(review: Review) -> list[str]:
    """What the page offers."""
    page = view(review, Shown(ANN, NOON, "token", "form"))
    return [name for name in ("approve", "undo", "snooze", "exempt") if getattr(page, f"may_{name}")]


STATES: Mapping[State, tuple[Mapping[str, object], str, list[str]]] = {
    State.ASKED: ({}, "", ["approve", "snooze", "exempt"]),
    State.FAILED: ({"reason": "Code: text"}, "", ["approve", "exempt"]),
    State.APPROVED: ({"approval": Approval("d", "Ann", NOON)}, "Ann approved it: the next check applies it", []),
    State.FIXING: ({}, "It is being applied now.", []),
    State.FIXED: ({}, "It was applied, and a fresh read has confirmed it.", ["undo"]),
    State.TOLD: ({}, "nor by approval.", []),
    State.EXEMPT: ({"until": UNTIL, "reason": "it moves"}, "It is accepted until 31 Jan 2099: it moves.", []),
    State.UNDONE: ({}, "A person took it back", []),
    State.CLOSED: ({}, "It is closed", []),
}


@pytest.mark.parametrize("state", State)
def test_every_state_says_what_can_be_done(start: Start, state: State) -> None:
    changes, says, offers = STATES[state]
    bot = asked(start)
    bot.services.store.put_case(replace(case_of(bot), state=state, **changes))  # type: ignore[arg-type]
    review = seen(bot)
    assert (says in review.held, bool(says)) == (True, bool(review.held))
    assert shown(review) == offers


HELD: Mapping[str, tuple[Mapping[str, object], str]] = {
    "audit mode": (
        {"mode": Mode.AUDIT},
        "The bot is in audit mode and changes nothing: set the mode to enforce first.",
    ),
    "a rule that may only tell": (
        {"overrides": (Override(Effect.TELL, "policy.yaml line 3"),)},
        "The bot may not change it: policy.yaml line 3.",
    ),
    "a rule that is off": (
        {"overrides": (Override(Effect.OFF, "policy.yaml line 3", where=Scope(resource_groups=("rg-*",))),)},
        "The bot may not change it: policy.yaml line 3.",
    ),
    "a rule that is off by the settings": ({"off": frozenset({GEO.rule})}, "Its rule is off, or about it no more."),
    "an exemption": ({"exemptions": (EXEMPTED,)}, "It is accepted until 31 Jan 2099 by policy.yaml line 9."),
}


@pytest.mark.parametrize(("policy", "says"), HELD.values(), ids=HELD)
def test_what_holds_the_bot_back_holds_an_approval_back(start: Start, policy: Mapping[str, object], says: str) -> None:
    """An approval that the next check would not carry out is not taken."""
    bot = asked(start)
    bot.services = replace(bot.services, policy=replace(bot.services.policy, **policy))  # type: ignore[arg-type]
    assert (seen(bot).held, shown(seen(bot))) == (says, [])


def test_a_person_may_approve_what_the_policy_wants_asked(start: Start) -> None:
    bot = asked(start)
    overrides = (Override(Effect.ASK, "policy.yaml line 3"),)
    bot.services = replace(bot.services, policy=replace(bot.services.policy, overrides=overrides))
    assert shown(seen(bot)) == ["approve", "snooze", "exempt"]


def test_what_is_well_by_now_needs_no_approval(start: Start) -> None:
    bot = asked(start)
    change(bot, sku="Standard_RAGRS")
    held = seen(bot).held
    assert held.startswith("Nothing is left to do: ")
    assert shown(seen(bot)) == []


def test_what_the_bot_can_do_no_more_needs_no_approval(start: Start) -> None:
    bot = asked(start)
    account = bot.azure.body(GEO.resource.id) or {}
    bot.seed({**account, "properties": {**account["properties"], "isSkuConversionBlocked": True}})
    review = seen(bot)
    assert (review.held.startswith("The bot can do nothing about it any more. "), shown(review)) == (True, [])


def test_a_plan_that_failed_in_the_middle_can_be_approved_whatever_its_rule_says(start: Start) -> None:
    bot = asked(start)
    case = case_of(bot)
    assert case.plan is not None
    two = replace(case.plan, writes=(*case.plan.writes, *case.plan.writes))
    half = replace(case, state=State.FAILED, step=1, sent=NOON, plan=two, reason="Code: text")
    bot.services.store.put_case(half)
    change(bot, sku="Standard_RAGRS")
    review = seen(bot)
    assert (review.held, review.plan, shown(review)) == ("", two, ["approve", "undo", "exempt"])


def test_a_page_of_a_rule_that_is_off_needs_no_finding(start: Start) -> None:
    bot = asked(start)
    bot.services = replace(bot.services, policy=replace(bot.services.policy, off=frozenset({GEO.rule})))
    page = view(seen(bot), Shown(ANN, NOON, "token", "form"))
    assert (page.label, page.resource) == (GEO.rule, GEO.resource.name)
    assert "Found now" not in [fact.label for fact in page.facts]


def test_days_to_choose_from_are_days_that_are_taken(start: Start) -> None:
    page = view(seen(asked(start)), Shown(ANN, NOON, "token", "form"))
    assert page.first_day == (NOON + timedelta(days=1)).date().isoformat()
    assert page.first_day < page.last_snooze < page.last_exempt


def test_a_link_needs_a_plan_a_key_and_an_address(start: Start) -> None:
    bot = asked(start)
    case, access = case_of(bot), bot.services.access
    assert access.link(case).startswith("https://bot.example/api/approvals/")
    assert access.link(replace(case, plan=None)) == Access().link(case) == ""
    assert replace(access, public_url="").link(case) == ""
    assert isinstance(case, Case)
