"""Cards in Slack: valid for every kind, within its limits, and without a link or mention of others."""

import html
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.chat.plain_text import slack_text
from local.contracts import objects_in
from local.contracts.slack import message_problems
from remediation import cards
from remediation.adapters.slack import LONGEST_FIELD, LONGEST_HEADER, LONGEST_TEXT, render
from remediation.cards import Card, Fact, Link, Section, Tone
from remediation.plan import Guidance
from tests.builders import CAUSE
from tests.remediation.card_kinds import HOSTILE, OWN, kinds
from tests.remediation.markup import alive_in_slack, slack_texts
from tests.remediation.reading_cards import ADVICE as FINDING
from tests.remediation.test_fixes import ADVICE

KINDS = kinds()
CARD = Card(Tone.INFO, "LABEL", "Title", "Summary.")


def section_texts(card: Card) -> list[str]:
    """The texts of the card's sections below its summary."""
    blocks: list[dict[str, Any]] = render(card)["blocks"][3:]
    return [block["text"]["text"] for block in blocks if "text" in block]


@pytest.mark.parametrize("card", KINDS.values(), ids=KINDS)
def test_every_kind_is_a_message_that_a_webhook_takes(card: Card) -> None:
    assert message_problems(render(card), mode="webhook") == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_link_or_mention_of_others_survives(text: str, kind: str) -> None:
    card = kinds(text)[kind]
    assert message_problems(render(card), mode="webhook") == []
    assert alive_in_slack(card) == []


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - OWN))
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_the_text_of_others_is_shown_as_it_is(text: str, kind: str) -> None:
    """Stars, for one, stay: mrkdwn knows no way to take their meaning from them. Only fences and bars must go."""
    shown = " ".join(html.unescape(" ".join(slack_texts(kinds(text)[kind]))).split())
    plain = " ".join(text.split())
    assert plain in shown or plain.replace("```", "'''") in shown or plain.replace("|", "¦") in shown


@pytest.mark.parametrize("text", ["<!channel>", "<https://evil.example|click>"])
def test_nothing_in_a_card_is_trusted(text: str) -> None:
    url = "https://portal.azure.com/"
    facts = (Fact(text, text), Fact(text, text, url), Fact(text, f"{text}{'x' * LONGEST_FIELD}"))
    sections = (Section(text, (text,)), Section(text, (text,), code=True))
    message = render(Card(Tone.INFO, text, text, text, facts, sections, (Link(text, url),)))
    assert message_problems(message, mode="webhook") == []
    assert set(re.findall("<[^|>]*", str(message["blocks"][1:]))) == {f"<{url}"}


def test_a_code_block_ends_where_it_should() -> None:
    card = replace(CARD, sections=(Section("Code", ("a ``` <!channel>", "b"), code=True),))
    assert section_texts(card) == ["*Code*\n```a ''' &lt;!channel&gt;\nb```"]


def test_nothing_is_unfurled_or_parsed() -> None:
    message = render(KINDS["fixed"])
    assert (message["unfurl_links"], message["unfurl_media"]) == (False, False)
    assert {item["verbatim"] for item in objects_in(message) if item.get("type") == "mrkdwn"} == {True}


SIGNS = {Tone.GOOD: "🟢", Tone.WARNING: "🟠", Tone.INFO: "🔵", Tone.BAD: "🔴"}


@pytest.mark.parametrize(("tone", "sign"), SIGNS.items())
def test_the_header_shows_the_tone(tone: Tone, sign: str) -> None:
    assert slack_text(render(replace(CARD, tone=tone))).splitlines() == [f"{sign} Title", "LABEL", "Summary."]


def test_the_notification_says_title_and_summary() -> None:
    assert render(replace(CARD, title="a & b"))["text"] == "a &amp; b. Summary."


HEADERS = {"whole": ("x" * (LONGEST_HEADER - 2), "x" * (LONGEST_HEADER - 2)),
           "cut": ("x" * (LONGEST_HEADER - 1), "x" * (LONGEST_HEADER - 4) + " …")}  # fmt: skip


@pytest.mark.parametrize(("title", "shown"), HEADERS.values(), ids=HEADERS)
def test_a_header_is_cut_at_its_limit(title: str, shown: str) -> None:
    header = render(replace(CARD, title=title))["blocks"][0]["text"]
    assert header == {"type": "plain_text", "text": f"🔵 {shown}", "emoji": True}
    assert len(header["text"]) <= LONGEST_HEADER


TEXTS = {
    "whole": ("x" * LONGEST_TEXT, "x" * LONGEST_TEXT),
    "cut": ("x" * (LONGEST_TEXT + 1), "x" * (LONGEST_TEXT - 2) + " …"),
    "cut within an escaped character": ("x" * (LONGEST_TEXT - 4) + "<<", "x" * (LONGEST_TEXT - 4) + " …"),
    "cut behind an escaped character": ("x" * (LONGEST_TEXT - 6) + "<<", "x" * (LONGEST_TEXT - 6) + "&lt; …"),
    "whole when escaped": ("<" * (LONGEST_TEXT // 4), "&lt;" * (LONGEST_TEXT // 4)),
}


@pytest.mark.parametrize(("summary", "shown"), TEXTS.values(), ids=TEXTS)
def test_a_text_is_cut_by_its_escaped_length(summary: str, shown: str) -> None:
    assert render(replace(CARD, summary=summary))["blocks"][2]["text"]["text"] == shown


def test_short_facts_stand_in_fields_of_ten_and_long_ones_alone() -> None:
    short = [Fact(str(number), "x" * LONGEST_FIELD) for number in range(11)]
    long = Fact("Long", "x" * (LONGEST_FIELD + 1))
    blocks = render(replace(CARD, facts=(long, *short)))["blocks"][3:]
    assert [len(block.get("fields", ())) for block in blocks] == [10, 1, 0]
    assert blocks[2]["text"]["text"] == f"*Long*\n{long.text}"


def test_a_fact_with_an_address_is_a_link() -> None:
    card = replace(CARD, facts=(Fact("At", "a | b\nc & <d>", "https://example.com/?a=1&b=2"),))
    (field,) = render(card)["blocks"][3]["fields"]
    assert field["text"] == "*At*\n<https://example.com/?a=1&amp;b=2|a ¦ b c &amp; &lt;d&gt;>"


def test_links_stand_in_one_line_at_the_end() -> None:
    card = replace(CARD, links=(Link("Open", "https://a.example/"), Link("Read more", "https://b.example/")))
    assert section_texts(card) == ["<https://a.example/|Open>   ·   <https://b.example/|Read more>"]


def test_a_card_without_facts_parts_and_links_is_header_label_and_summary() -> None:
    assert [block["type"] for block in render(CARD)["blocks"]] == ["header", "context", "section"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["&" * 256, "<" * 1000, "🟢" * 256, "\u05d0" * 1000])
def test_a_card_full_of_text_stays_within_the_limits(text: str, kind: str) -> None:
    assert message_problems(render(kinds(text)[kind]), mode="webhook") == []


@given(st.text(max_size=60))
def test_any_text_is_escaped(text: str) -> None:
    shown = render(replace(CARD, summary=text))["blocks"][2]["text"]["text"]
    assert html.unescape(shown) == text or "&" in text
    assert not set(shown) & {"<", ">"}


@pytest.mark.parametrize("advice", dict.fromkeys(ADVICE))
def test_every_step_of_guidance_is_shown(advice: Guidance) -> None:
    """The last one is often what closes the finding."""
    card = cards.guidance(FINDING, advice, CAUSE)
    assert message_problems(render(card), mode="webhook") == []
    shown = html.unescape("\n".join(section_texts(card)))
    assert [step for step in advice.steps if step not in shown] == []


def test_a_long_part_takes_several_blocks_and_one_title() -> None:
    lines = ("a" * (LONGEST_TEXT - 2), "b", "c", "<" * LONGEST_TEXT, "d")
    texts = section_texts(replace(CARD, sections=(Section("Part", lines),)))
    assert texts[0] == f"*Part*\n{lines[0]}\nb"
    assert texts[1] == "c"
    assert texts[2].endswith("&lt; …")
    assert texts[3:] == ["d"]
    code = section_texts(replace(CARD, sections=(Section("Part", lines[:3], code=True),)))
    assert code == [f"*Part*\n```{lines[0]}\nb```", "```c```"]
