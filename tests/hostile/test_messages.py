"""Texts of others on their way to people: whatever they hold, nothing of it is alive in a message."""

import json

from hypothesis import given
from hypothesis import strategies as st

from local.chat.envelopes import slack_fault, teams_fault
from remediation.adapters import slack, teams
from remediation.cards import Card, Fact, Link, Section, Tone
from tests.hostile.inputs import examples, texts
from tests.remediation.card_kinds import kinds
from tests.remediation.markup import alive_in_slack, alive_in_teams

URL = "https://portal.azure.com/"
words = texts.map("x{}".format)
"""What begins with a letter: indented lines would be code to markdown, which Adaptive Cards do not know."""
facts = st.builds(Fact, words, words, st.sampled_from(["", URL]))
sections = st.builds(Section, words, st.lists(words, max_size=3).map(tuple), st.booleans(), st.booleans())
cards = st.builds(
    Card,
    st.sampled_from(Tone),
    words,
    words,
    words,
    st.lists(facts, max_size=4).map(tuple),
    st.lists(sections, max_size=3).map(tuple),
    st.lists(st.builds(Link, words, st.just(URL)), max_size=2).map(tuple),
)


@examples(15)
@given(texts)
def test_no_kind_of_message_lets_a_text_live(text: str) -> None:
    """A name of a resource, a tag, a caller, an answer of Azure or of a channel: in every kind of message there is."""
    for kind, card in kinds(text).items():
        assert (kind, alive_in_slack(card), alive_in_teams(card)) == (kind, [], [])


@examples(120)
@given(cards)
def test_no_place_in_a_card_lets_a_text_live(card: Card) -> None:
    assert alive_in_slack(card) == []
    assert alive_in_teams(card) == []


@examples(60)
@given(cards)
def test_a_message_is_one_that_a_channel_takes(card: Card) -> None:
    assert teams_fault(teams.render(card)) is None
    assert slack_fault(slack.render(card)) is None
    for payload in (slack.render(card), teams.render(card)):
        assert json.loads(json.dumps(payload, ensure_ascii=False).encode()) == payload
