"""Takes each guard away in a copy of the tree, runs its tests there, and says whether one fell."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console

from local.sabotage import GUARDS
from local.sabotage.model import Guard

PROJECT: Final = Path(__file__).resolve().parents[2]
LEFT_OUT: Final = shutil.ignore_patterns(".*", "__pycache__", "node_modules")
LINKED: Final = ("local/node_modules",)
"""Installed packages: nothing of them is changed."""
FELL: Final = 1
"""pytest's exit status when tests ran and some failed; any other says that it could not run them."""
TIMEOUT: Final = 300
OPTIONS: Final = ("-q", "-x", "-p", "no:cacheprovider", "--hypothesis-seed=0")
"""The same examples every time: a guard is not held by a test that falls now and then."""

console = Console(highlight=False, soft_wrap=True)


def main(words: Sequence[str]) -> int:
    """Of the guards whose promise or file holds one of the words, or of all. Returns 1 if any survived."""
    chosen = [guard for guard in GUARDS if not words or any(_is_named(guard, word) for word in words)]
    if not chosen:
        console.print("No guard is called so: docs/guardrails.md lists them all.", style="red")
        return 2
    survived = 0
    with _copy() as tree:
        for number, guard in enumerate(chosen, 1):
            started = time.monotonic()
            fell = falls(tree, guard)
            survived += not fell
            _print(number, guard, fell, time.monotonic() - started)
    console.print(f"{len(chosen) - survived} of {len(chosen)} guards are held by a test.")
    return int(survived > 0)


def _is_named(guard: Guard, word: str) -> bool:
    return word.lower() in f"{guard.promise} {guard.file}".lower()


def falls(tree: Path, guard: Guard) -> bool:
    """Whether one of its tests falls when the guard is gone. The tree is then as it was."""
    file = tree / guard.file
    whole = file.read_text(encoding="utf-8")
    if whole.count(guard.old) != 1:
        raise ValueError(f"{guard.file}: {guard.old!r} is there {whole.count(guard.old)} times, not once")
    file.write_text(whole.replace(guard.old, guard.new), encoding="utf-8")
    try:
        return _status_of_tests(tree, guard.tests) == FELL
    finally:
        file.write_text(whole, encoding="utf-8")


def _status_of_tests(tree: Path, tests: Sequence[str]) -> int:
    command = [sys.executable, "-B", "-m", "pytest", *OPTIONS, *tests]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, timeout=TIMEOUT, check=False)
    return done.returncode


@contextmanager
def _copy() -> Iterator[Path]:
    """A copy of the project that may be broken."""
    with tempfile.TemporaryDirectory(prefix="sabotage-") as folder:
        tree = Path(folder, "project")
        shutil.copytree(PROJECT, tree, ignore=LEFT_OUT, symlinks=True)
        for name in LINKED:
            if (PROJECT / name).exists():
                (tree / name).symlink_to((PROJECT / name).resolve())
        yield tree


def _print(number: int, guard: Guard, fell: bool, seconds: float) -> None:
    sign = "[green]fell[/green]" if fell else "[red]SURVIVED[/red]"
    console.print(f"{number:3} {sign} [bold]{guard.promise}[/bold] [dim]{seconds:.1f} s[/dim]")
    before, after = (" ".join(text.split()) or "nothing" for text in (guard.old, guard.new))
    console.print(f"      {guard.file}: {before} → {after}", style="dim", markup=False)
    console.print(f"      {', '.join(guard.tests)}", style="dim", markup=False)
