"""Cards in Teams: valid for every kind, small enough, and without a trace of markup from others."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.chat.plain_text import teams_text
from local.contracts import SPECS, SPECS_ABSENT
from local.contracts.cards import CardVersion, envelope_problems, teams_problems
from remediation.adapters.teams import LONGEST_TEXT, MOST_BYTES, escape, render
from remediation.cards import Card, Fact, Link, Section, Tone
from remediation.plan import Guidance
from tests.remediation.card_kinds import HOSTILE, OWN, kinds
from tests.remediation.markup import PLAIN_TOKENS, alive_in_teams, teams_content, teams_texts, tokens
from tests.remediation.test_fixes import ADVICE

KINDS = kinds()
CARD = Card(Tone.INFO, "LABEL", "Title", "Summary.")


def read(text: str) -> str:
    """What a reader sees of a markdown text."""
    return "".join(token.content or "\n" for token in tokens(text) if token.type != "inline")


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.skipif(not SPECS.is_dir(), reason=SPECS_ABSENT)
@pytest.mark.parametrize("version", ["1.2", "1.5"])
@pytest.mark.parametrize("card", KINDS.values(), ids=KINDS)
def test_every_kind_is_a_card_that_teams_takes(card: Card, version: CardVersion) -> None:
    assert envelope_problems(render(card), version) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_markup_of_others_survives(text: str, kind: str) -> None:
    card = kinds(text)[kind]
    assert teams_problems(teams_content(card)) == []
    assert alive_in_teams(card) == []
    assert "entities" not in teams_content(card)["msteams"]


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - OWN))
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_the_text_of_others_is_shown_as_it_is(text: str, kind: str) -> None:
    shown = "\n".join(read(marked) for marked in teams_texts(kinds(text)[kind]))
    assert words(text).replace("&lt;", "<") in words(shown)


@given(st.text(st.characters(exclude_categories=["C", "Zs", "Zl", "Zp"], exclude_characters="&"), max_size=60))
def test_any_word_is_shown_as_it_is(text: str) -> None:
    found = list(tokens(escape(text)))
    assert {token.type for token in found} <= PLAIN_TOKENS
    assert read(escape(text)).strip() == text


@given(st.lists(st.text("\\`*_~[]()!<>#|-+=.:1a/ ", max_size=20), max_size=4))
def test_no_arrangement_of_marks_has_a_meaning(lines: list[str]) -> None:
    """Indented lines aside: they would be code, which Adaptive Cards do not know."""
    text = "\n".join(line.strip() for line in lines)
    assert {token.type for token in tokens(escape(text))} <= PLAIN_TOKENS
    assert words(read(escape(text))) == words(text)


def test_a_fact_with_an_address_is_a_link() -> None:
    card = replace(CARD, facts=(Fact("Resource", "cr[ml]", "https://portal.azure.com/"), Fact("Cost", "none")))
    (facts,) = (item["facts"] for item in teams_content(card)["body"] if item["type"] == "FactSet")
    assert facts == [
        {"title": "Resource", "value": "[cr\\[ml\\]](https://portal.azure.com/)"},
        {"title": "Cost", "value": "none"},
    ]


def test_a_card_without_facts_has_no_empty_list_of_them() -> None:
    assert [item["type"] for item in teams_content(CARD)["body"]] == ["Container", "TextBlock"]


TONES = {Tone.GOOD: "good", Tone.WARNING: "warning", Tone.INFO: "accent", Tone.BAD: "attention"}


@pytest.mark.parametrize(("tone", "style"), TONES.items())
def test_the_title_has_the_colour_of_the_tone(tone: Tone, style: str) -> None:
    title = teams_content(replace(CARD, tone=tone))["body"][0]
    assert title["style"] == style
    assert [item["text"] for item in title["items"]] == ["LABEL", "Title"]


def test_the_notification_says_title_and_summary() -> None:
    assert teams_content(CARD)["fallbackText"] == "Title. Summary."


def test_a_folded_part_opens_by_its_own_button() -> None:
    parts = (
        Section("Why", ("so",)),
        Section("Code", ("a", "b"), code=True, folded=True),
        Section("More", (), folded=True),
    )
    content = teams_content(replace(CARD, sections=parts))
    body, actions = content["body"], content["actions"]
    hidden = {item["id"]: item["items"][0]["text"] for item in body if item.get("isVisible") is False}
    assert {action["targetElements"][0]: action["title"] for action in actions} == hidden
    assert list(hidden.values()) == ["Code", "More"]


def test_code_is_set_in_monospace_one_block_for_each_line() -> None:
    card = replace(CARD, sections=(Section("Code", ("a", "b"), code=True), Section("Why", ("so",))))
    blocks = {item["text"]: item.get("fontType") for item in teams_content(card)["body"][2:]}
    assert blocks == {"Code": None, "a": "Monospace", "b": "Monospace", "Why": None, "so": None}


def test_links_come_first_among_the_buttons() -> None:
    parts = (Section("Code", ("a",), folded=True),)
    card = replace(CARD, links=(Link("Open", "https://portal.azure.com/"),), sections=parts)
    kinds_of_buttons = [action["type"] for action in teams_content(card)["actions"]]
    assert kinds_of_buttons == ["Action.OpenUrl", "Action.ToggleVisibility"]


def test_a_long_text_is_cut() -> None:
    card = replace(CARD, summary="x" * (LONGEST_TEXT + 1))
    assert teams_content(card)["body"][1]["text"] == "x" * LONGEST_TEXT + " …"
    assert teams_content(replace(CARD, summary="x" * LONGEST_TEXT))["body"][1]["text"] == "x" * LONGEST_TEXT


def size(card: Card) -> int:
    return len(json.dumps(render(card), ensure_ascii=False, separators=(",", ":")).encode())


def folded(length: int) -> Card:
    """A card with a folded part of so many bytes."""
    lines = tuple("x" * min(1000, length - start) for start in range(0, length, 1000))
    return replace(CARD, sections=(Section("Why", ("so",)), Section("Code", lines, code=True, folded=True)))


def test_folded_parts_are_dropped_before_a_card_grows_too_large() -> None:
    assert "Code" in teams_text(render(folded(10_000)))
    assert "Code" not in teams_text(render(folded(30_000)))
    assert "so" in teams_text(render(folded(30_000)))
    assert teams_content(folded(30_000))["actions"] == []


def test_a_card_may_have_just_the_size_that_is_allowed() -> None:
    room = MOST_BYTES - size(folded(15_000)) + 15_000
    lengths = [length for length in range(room - 300, room + 1) if size(folded(length)) == MOST_BYTES]
    assert lengths
    assert size(folded(lengths[0] + 1)) < 2000


def test_a_character_counts_as_the_bytes_it_is_sent_as() -> None:
    text = Section("Code", ("\U0001f4a5" * 1000,) * 4, folded=True)
    assert "Code" in teams_text(render(replace(CARD, sections=(text,))))


def test_parts_are_dropped_before_facts() -> None:
    card = replace(CARD, facts=(Fact("Cost", "none"),), sections=(Section("Why", ("x" * 1000,) * 30),))
    assert teams_text(render(card)).splitlines() == ["LABEL", "Title", "Summary.", "Cost: none"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["*" * 260, "🟢" * 260, "[" * 500])
def test_a_card_full_of_text_is_small_enough(text: str, kind: str) -> None:
    assert size(kinds(text)[kind]) <= MOST_BYTES


@pytest.mark.parametrize(("sections", "facts"), [(3, 1), (20, 1), (3, 30)])
def test_whatever_is_in_a_card_its_message_fits_and_keeps_its_title_and_links(sections: int, facts: int) -> None:
    """Four bytes a character, as long as texts get."""
    text = "\U0001f4a5" * 1000
    card = Card(
        Tone.BAD,
        "label",
        "the title",
        "summary",
        facts=tuple(Fact("label", text) for _ in range(facts)),
        sections=tuple(Section(f"part {number}", (text,), folded=bool(number % 2)) for number in range(sections)),
        links=(Link("Open", "https://portal.azure.com/"),),
    )
    message = json.dumps(render(card), ensure_ascii=False, separators=(",", ":"))
    assert len(message.encode()) <= MOST_BYTES
    assert "the title" in message
    assert "https://portal.azure.com/" in message


@pytest.mark.parametrize("advice", dict.fromkeys(ADVICE))
def test_no_step_of_guidance_is_cut(advice: Guidance) -> None:
    assert [step for step in advice.steps if len(step) > LONGEST_TEXT - len("99. ")] == []
