"""`python -m local docs`: the generated pages of rules, remediations and guards; `--check` only compares."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from local.pages import pages

FOLDER: Final = Path(__file__).resolve().parents[1] / "docs"


def main(*, check: bool, folder: Path = FOLDER) -> int:
    """Write the pages, or say which are not up to date; returns 1 if any is not."""
    wanted = pages()
    found = {str(file.relative_to(folder)): file.read_text(encoding="utf-8") for file in _generated(folder)}
    stale = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if check:
        for name in stale:
            print(f"docs/{name} is not what the rules say: run python -m local docs", file=sys.stderr)
        return int(bool(stale))
    for name in stale:
        if name in wanted:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(wanted[name], encoding="utf-8")
        else:
            (folder / name).unlink()
    return 0


def _generated(folder: Path) -> Iterator[Path]:
    """The files that only this command writes."""
    yield from (folder / "rules").glob("*.md")
    yield from folder.glob("guardrails.md")
    yield from folder.glob("remediations.md")
