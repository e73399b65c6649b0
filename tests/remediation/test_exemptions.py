"""Tags that exempt: what is understood, what is not, and that nothing is written on what is not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.exemptions import LONGEST, NoDate, Problem, applied, from_tags, until
from remediation.plan import Safety
from remediation.policy import Effect, Exempted, Exemption, Mode, Policy, Ruling
from remediation.scopes import EVERYWHERE
from rules import RULES_BY_NAME
from rules.model import Resource
from tests.builders import NOON, SUBSCRIPTION, registry

PREMIUM = "container-registry/premium-sku"
JANUARY = datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC)
END = {"ha-bot-exempt-until": "2027-01-31"}
EXEMPT = "ha-bot-exempt"


def tagged(tags: Any) -> Resource:
    return Resource.of(registry(tags=tags))


DATES = {
    "2027-01-31": "2027-01-31T23:59:59+00:00",
    "9999-12-31": "9999-12-31T23:59:59+00:00",
    "2027-01-31T18:00": "2027-01-31T18:00:00+00:00",
    "2027-01-31t18:00:00z": "2027-01-31T18:00:00+00:00",
    "2027-01-31 18:00:00+01:00": "2027-01-31T18:00:00+01:00",
}


@pytest.mark.parametrize(("text", "moment"), DATES.items())
def test_a_date_ends_with_its_day_and_a_moment_is_in_utc_unless_it_says_otherwise(text: str, moment: str) -> None:
    assert until(text).isoformat() == moment


@pytest.mark.parametrize("text", ["", "soon", "31.01.2027", "2027-02-30", "2027-01-31T25:00", "20270131", "2027-W05-7"])
def test_what_is_no_date_says_how_to_write_one(text: str) -> None:
    with pytest.raises(NoDate, match="2027-01-31"):
        until(text)


GOOD: dict[str, tuple[dict[str, str], Exemption | None]] = {
    "no tags": ({}, None),
    "other tags": ({"env": "prod"}, None),
    "left alone": ({"ha-bot": "off"} | END, Exemption(JANUARY, "no reason given", "", "tag ha-bot")),
    "left alone, in another case": ({"HA-Bot": " OFF "} | END, Exemption(JANUARY, "no reason given", "", "tag ha-bot")),
    "the rule, with a reason": (
        {EXEMPT: PREMIUM, "ha-bot-exempt-reason": " moves "} | END, Exemption(JANUARY, "moves", "", f"tag {EXEMPT}")),
    "one of several": (
        {"HA-BOT-EXEMPT": f"storage/*, {PREMIUM.upper()} aks/*"} | END,
        Exemption(JANUARY, "no reason given", "", f"tag {EXEMPT}")),
    "the service": ({EXEMPT: "container-registry/*"} | END, Exemption(JANUARY, "no reason given", "", f"tag {EXEMPT}")),
    "all": ({EXEMPT: "*"} | END, Exemption(JANUARY, "no reason given", "", f"tag {EXEMPT}")),
    "other rules": ({EXEMPT: "storage/*"} | END, None),
    "over": ({EXEMPT: "*", "ha-bot-exempt-until": "2026-11-22"}, None),
    "just over": ({EXEMPT: "*", "ha-bot-exempt-until": NOON.isoformat()}, None),
    "told only": ({"ha-bot": "audit"}, None),
    "told only, with an end that is not needed": ({"ha-bot": "audit"} | END, None),
    "asked": ({"ha-bot": "ask"}, None),
    "asked, and exempt": (
        {"ha-bot": "ask", EXEMPT: "*"} | END, Exemption(JANUARY, "no reason given", "", f"tag {EXEMPT}")),
}  # fmt: skip


@pytest.mark.parametrize(("tags", "exemption"), GOOD.values(), ids=GOOD)
def test_tags_exempt(tags: dict[str, str], exemption: Exemption | None) -> None:
    assert from_tags(tagged(tags), PREMIUM, NOON) == exemption


BAD: dict[str, tuple[Any, str]] = {
    "no object": (["ha-bot"], "cannot be read"),
    "no text": ({"ha-bot": True}, "the tag ha-bot holds no text"),
    "an unknown word": ({"ha-bot": "of"} | END, "must be off, audit or ask"),
    "left alone for ever": ({"ha-bot": "off"}, "the tag ha-bot needs an end: add the tag ha-bot-exempt-until"),
    "exempt for ever": ({EXEMPT: "*"}, "the tag ha-bot-exempt needs an end"),
    "until no date": ({EXEMPT: "*", "ha-bot-exempt-until": "soon"}, "the tag ha-bot-exempt-until is no date"),
    "too long": ({EXEMPT: "*", "ha-bot-exempt-until": "2027-11-25"}, "more than 366 days ahead"),
    "exempt from nothing": ({EXEMPT: " , "} | END, "names no rule"),
    "exempt from what is no rule": (
        {EXEMPT: "container-registry/premium"} | END,
        "did you mean container-registry/pre",
    ),
    "exempt from something": ({EXEMPT: f"{PREMIUM} 7"} | END, "no rule; docs/rules lists them all"),
    "only an end": (END, "alone exempts from nothing; add the tag ha-bot-exempt"),
}


@pytest.mark.parametrize(("tags", "words"), BAD.values(), ids=BAD)
def test_what_cannot_be_understood_says_what_to_write(tags: Any, words: str) -> None:
    found = from_tags(tagged(tags), PREMIUM, NOON)
    assert isinstance(found, Problem)
    assert words in found.text


NAMES = st.sampled_from(["ha-bot", EXEMPT, "ha-bot-exempt-until", "HA-bot-Exempt-Reason", "env"])
WORDS = st.sampled_from(["off", "audit", PREMIUM, "*", "2027-01-31", "2026-12-01T12:00Z"]) | st.text(max_size=30)
VALUES = WORDS | st.none() | st.integers()


@given(st.dictionaries(NAMES, VALUES) | st.lists(st.text()))
def test_whatever_the_tags_are_they_exempt_for_a_year_at_most_or_are_a_problem(tags: Any) -> None:
    found = from_tags(tagged(tags), PREMIUM, NOON)
    if isinstance(found, Exemption):
        assert timedelta() < found.until - NOON <= LONGEST
        assert found.reason


def in_file(end: datetime) -> Policy:
    exempted = Exempted(Exemption(end, "accepted", "", "policy.yaml line 3"), EVERYWHERE)
    return Policy(frozenset({SUBSCRIPTION}), Mode.ENFORCE, exemptions=(exempted,))


def weighed(policy: Policy, tags: Any) -> tuple[Ruling, Exemption | None]:
    return applied(policy, RULES_BY_NAME[PREMIUM], Safety.SAFE, tagged(tags), NOON)


def test_of_two_exemptions_the_longer_holds() -> None:
    for end, source in ((JANUARY + timedelta(1), "policy.yaml line 3"), (JANUARY - timedelta(1), f"tag {EXEMPT}")):
        _, exemption = weighed(in_file(end), {EXEMPT: "*"} | END)
        assert exemption is not None
        assert exemption.source == source


def test_without_tags_and_entries_nothing_is_exempt() -> None:
    assert weighed(Policy(frozenset()), {}) == (Ruling(Effect.FIX, "the rule's own safety"), None)


def test_on_tags_that_cannot_be_understood_people_are_told_at_most() -> None:
    ruling, exemption = weighed(in_file(NOON), {EXEMPT: "*"})
    assert (ruling.effect, exemption) == (Effect.TELL, None)
    assert "needs an end" in ruling.why
    off = Policy(frozenset(), off=frozenset({PREMIUM}))
    assert weighed(off, {EXEMPT: "*"})[0].effect is Effect.OFF
