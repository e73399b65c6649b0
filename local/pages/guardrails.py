"""docs/guardrails.md: every guard, where it stands in the code, and the test that falls without it."""

from collections.abc import Sequence

from local.pages.markdown import table
from local.sabotage import CHAPTERS
from local.sabotage.model import Guard

INTRODUCTION = """# Guardrails

What keeps the bot from doing harm, where that stands in the code, and the test that falls when it is taken away. `make
sabotage` takes each of them away in a copy of the tree, one at a time, and fails if no test falls."""
HEAD = ("guard", "where", "test that falls without it")


def page() -> str:
    """A table for each chapter."""
    return "\n\n".join((INTRODUCTION, *(_chapter(title, guards) for title, guards in CHAPTERS.items()))) + "\n"


def _chapter(title: str, guards: Sequence[Guard]) -> str:
    return f"## {title}\n\n{table(HEAD, [(guard.promise, f'`{guard.file}`', _tests(guard)) for guard in guards])}"


def _tests(guard: Guard) -> str:
    return "<br>".join(f"`{test.removeprefix('tests/')}`" for test in guard.tests)
