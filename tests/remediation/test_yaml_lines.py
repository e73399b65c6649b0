"""YAML read as plain data with lines: what is understood, and what is refused."""

from typing import Any

import pytest

from remediation.yaml_lines import read

VALUES: dict[str, Any] = {
    "off": "off", "yes": "yes", "on": "on", "22:00": "22:00", "2027-01-31": "2027-01-31", "0o7": "0o7", "0x1F": "0x1F",
    "true": True, "false": False, "null": None, "~": None, "": None, "True": "True", "12": 12, "-3": -3, "0.5": 0.5,
    ".5": ".5", "1e9": "1e9", ".inf": ".inf", "1" * 16: "1" * 16, "'12'": "12", '"true"': "true", "''": "",
    "a b": "a b", "|\n  x\n  y": "x\ny", "[a, 1]": ["a", 1], "{b: c}": {"b": "c"}, "[]": [], "{}": {},
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), VALUES.items())
def test_plain_scalars_are_read_as_yaml_1_2_does(text: str, value: object) -> None:
    found = read(f"a: {text}")
    assert found.data == {"a": value}
    assert found.flaws == ()
    assert found.whole


def test_everything_has_its_line() -> None:
    found = read("# first\na: 1\nb:\n  - x\n  - c: 2\n    d: [3,\n      4]\n")
    assert found.data == {"a": 1, "b": ["x", {"c": 2, "d": [3, 4]}]}
    assert found.lines == {
        ("a",): 2, ("b",): 3, ("b", 0): 4, ("b", 1): 5, ("b", 1, "c"): 5, ("b", 1, "d"): 6, ("b", 1, "d", 0): 6,
        ("b", 1, "d", 1): 7,
    }  # fmt: skip


REFUSED: dict[str, tuple[str, int, str]] = {
    "a second document": ("a: 1\n---\nb: 2", 2, "a second document begins here"),
    "a list as key": ("\n? [a]\n: 1", 2, "this key is no text"),
    "a mapping as key": ("{{a: 1}: 2}", 1, "this key is no text"),
    "an alias as key": ("a: 1\n*b : 2", 2, "this key is no text"),
    "too deep": ("[[[[[[[[[[[1]]]]]]]]]]]", 1, "is nested more than 10 deep"),
    "much too deep": ("\n" + "[" * 200_000, 2, "is nested more than 10 deep"),
    "a directive": ("a: 1\n%YAML 1.1\n---\nb: 2", 2, "must not begin with %"),
    "a version without end": ("%YAML 1." + "1" * 5000, 1, "must not begin with %"),
    "no end": ("a: [1,\n", 2, "is no YAML"),
    "a tabulator": ("a:\n\tb: 1", 2, "is no YAML"),
    "a control character": ("a: 1\nb: \x01", 2, "holds a character that YAML does not allow"),
    "an escape beyond characters": ('a: "\\UFFFFFFFF"', 1, "holds an escaped character that there is none of"),
    "another escape beyond characters": ('a: "\\U00110000"', 1, "holds an escaped character that there is none of"),
}


@pytest.mark.parametrize(("text", "line", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_on_from_ends_with_its_line(text: str, line: int, words: str) -> None:
    found = read(text)
    assert not found.whole
    assert (found.flaws[-1].line, found.flaws[-1].path) == (line, ())
    assert words in found.flaws[-1].text


FLAWS: dict[str, tuple[str, list[tuple[int, tuple[str | int, ...], str]]]] = {
    "an anchor and its alias": (
        "a: &x [1]\nb: *x",
        [(1, ("a",), "&x is an anchor; leave it out"), (2, ("b",), "*x is an alias; write out what it stands for")],
    ),
    "a bomb": (
        "a: &a [x, x]\nb: &b [*a, *a]",
        [(1, ("a",), "&a is an anchor; leave it out"), (2, ("b",), "&b is an anchor; leave it out"),
         (2, ("b", 0), "*a is an alias; write out what it stands for"),
         (2, ("b", 1), "*a is an alias; write out what it stands for")],
    ),
    "a tag that would run something": (
        "a:\n  - !!python/object/apply:os.system [x]",
        [(2, ("a", 0), "tag:yaml.org,2002:python/object/apply:os.system is a tag; leave it out, and put text in "
          "quotes")],
    ),
    "on a key": ("&k a: 1", [(1, (), "&k is an anchor; leave it out")]),
    "on top": ("&k {a: 1}", [(1, (), "&k is an anchor; leave it out")]),
    "a key that is no text": ("a:\n  1: x", [(2, ("a",), 'the key 1 is no text; put it in quotes: "1"')]),
    "twice": ("a: 1\nb: 2\na: 3", [(3, ("a",), "stands there twice, first in line 1; leave one of them")]),
    "what is in what is there twice": (
        "a: {b: 1}\na: {b: 2}", [(2, ("a",), "stands there twice, first in line 1; leave one of them")]),
    "merging": ("a: {<<: 1}", []),
}  # fmt: skip


@pytest.mark.parametrize(("text", "flaws"), FLAWS.values(), ids=FLAWS)
def test_what_surprises_is_refused_and_the_rest_read(
    text: str, flaws: list[tuple[int, tuple[str | int, ...], str]]
) -> None:
    found = read(text)
    assert [(flaw.line, flaw.path, flaw.text) for flaw in found.flaws] == flaws
    assert found.whole


@pytest.mark.parametrize("text", ["", "\n", "# only a comment", "---\n"])
def test_nothing_is_nothing(text: str) -> None:
    found = read(text)
    assert (found.data, found.flaws, found.whole) == (None, (), True)
