"""The list of guards is true: each patch still applies, each test is there. `make sabotage` runs them."""

from pathlib import Path

import pytest

from local.sabotage import GUARDS
from local.sabotage.model import Guard
from local.sabotage.run import PROJECT, falls, main

every_guard = pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.promise)
SUM = "def total(a: int, b: int) -> int:\n    return a + b\n"
TEST = "from sums import total\n\n\ndef test_total() -> None:\n    assert total(1, 2) == 3\n"


@every_guard
def test_what_is_taken_away_is_there_once(guard: Guard) -> None:
    assert (PROJECT / guard.file).read_text(encoding="utf-8").count(guard.old) == 1
    assert guard.new != guard.old


@every_guard
def test_the_tests_of_a_guard_are_there(guard: Guard) -> None:
    for test in guard.tests:
        file, _, name = test.partition("::")
        assert not name or f"\ndef {name}(" in (PROJECT / file).read_text(encoding="utf-8")


def test_every_guard_is_named_once() -> None:
    assert len({guard.promise for guard in GUARDS}) == len(GUARDS)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "sums.py").write_text(SUM)
    (tmp_path / "test_sums.py").write_text(TEST)
    return tmp_path


TAKEN_AWAY = {
    "its test falls": ("a + b", "a - b", "test_sums.py", True),
    "no test falls": ("a + b", "b + a", "test_sums.py", False),
    "there is no such test": ("a + b", "a - b", "test_sums.py::test_gone", False),
    "the file cannot be read any more": ("a + b", "a +", "test_sums.py", False),
}


@pytest.mark.parametrize(("old", "new", "test", "fell"), TAKEN_AWAY.values(), ids=TAKEN_AWAY)
def test_a_guard_is_held_where_its_test_falls(tree: Path, old: str, new: str, test: str, fell: bool) -> None:
    assert falls(tree, Guard("the sum is right", "sums.py", old, new, (test,))) is fell
    assert (tree / "sums.py").read_text() == SUM, "the tree is as it was"


def test_a_patch_that_does_not_apply_is_said(tree: Path) -> None:
    with pytest.raises(ValueError, match=r"is there 0 times, not once"):
        falls(tree, Guard("the sum is right", "sums.py", "a * b", "", ("test_sums.py",)))


def test_the_command_says_which_guards_are_held(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["A rule that raises is UNKNOWN"]) == 0
    said = capsys.readouterr().out
    assert "1 fell A rule that raises is UNKNOWN" in said
    assert "1 of 1 guards are held by a test." in said


def test_what_is_no_guard_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no such guard"]) == 2
    assert "docs/guardrails.md" in capsys.readouterr().out
