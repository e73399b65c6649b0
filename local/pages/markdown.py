"""Markdown as the generated pages write it."""

from collections.abc import Iterable, Sequence

from local.about import service
from rules.model import Rule


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a cell without text shows a dash."""
    lines = (head, ["---"] * len(head), *([cell(text) for text in row] for row in rows))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(text: str) -> str:
    """A text as it may stand in a table."""
    return text.replace("|", r"\|").replace("\n", " ") or "–"


def link_to(rule: Rule, folder: str = "") -> str:
    """A link to the rule's section; `folder` is where the page of its service is seen from here."""
    return f"[`{rule.name}`]({folder}{service(rule)}.md#{rule.name.replace('/', '')})"
