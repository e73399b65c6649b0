"""Tokens: what a key has signed can be read, and nothing else; each serves one purpose, for its time."""

import string
from dataclasses import astuple
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from remediation.tokens import FORM_LIFE, LIFE, LONGEST, BadToken, Pinned, Tokens
from tests.builders import NOON, REGISTRY_ID
from tests.remediation.approving import KEY

TOKENS = Tokens(KEY, lambda: NOON)
ABOUT = Pinned(REGISTRY_ID, "container-registry/premium-sku", "d" * 32, NOON.isoformat(), "")
LINK = TOKENS.link(ABOUT)


def later(by: timedelta) -> Tokens:
    return Tokens(KEY, lambda: NOON + by)


@given(st.tuples(*[st.text(st.characters(codec="utf-8"), max_size=60)] * 5))
def test_what_was_signed_can_be_read(texts: tuple[str, str, str, str, str]) -> None:
    about = Pinned(*texts)
    token = TOKENS.link(about)
    assert TOKENS.read(token).pinned == about
    assert set(token) <= {*string.ascii_letters, *string.digits, *"-_."}, "it is one segment of a path"


@given(st.integers(0, len(LINK) - 2), st.characters(codec="utf-8"))
def test_no_changed_character_survives(at: int, other: str) -> None:
    """But in the last one, which has bits to spare."""
    assume(LINK[at] != other)
    with pytest.raises(BadToken):
        TOKENS.read(LINK[:at] + other + LINK[at + 1 :])


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "x", LINK[:-10], f"{LINK}x", LINK * 20, f"{LINK}\udc80", TOKENS.form("ann", LINK), "a" * LONGEST],
)
def test_what_was_not_signed_is_no_token(token: str) -> None:
    with pytest.raises(BadToken):
        TOKENS.read(token)


def test_another_key_reads_nothing() -> None:
    with pytest.raises(BadToken):
        Tokens(f"{KEY}r", lambda: NOON).read(LINK)


def test_a_link_lives_for_a_week() -> None:
    assert not later(LIFE).read(LINK).expired
    assert later(LIFE + timedelta(seconds=1)).read(LINK).expired
    assert later(LIFE + timedelta(days=365)).read(LINK).pinned == ABOUT, "it is known for what it was"


def test_a_form_is_of_one_person_and_one_page_for_some_hours() -> None:
    form = TOKENS.form("ann", LINK)
    assert later(FORM_LIFE).is_form(form, "ann", LINK)
    assert not later(FORM_LIFE + timedelta(seconds=1)).is_form(form, "ann", LINK)
    assert not TOKENS.is_form(form, "ben", LINK)
    assert not TOKENS.is_form(form, "ann", f"{LINK}x")
    assert not TOKENS.is_form(LINK, *astuple(ABOUT)[:2]), "a link is no form"
    assert not TOKENS.is_form("", "ann", LINK)
