"""`python -m local docs`: the pages of the rules, written from their docstrings; `--check` only compares."""

import sys
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Final

from remediation.fixes import REMEDIATIONS
from remediation.plan import Safety
from rules import CATALOGUE
from rules.model import Rule

FOLDER: Final = Path(__file__).resolve().parents[1] / "docs" / "rules"
HEADINGS: Final = ("What it checks", "Why it matters", "How it is fixed")
DONE_BY: Final = {
    Safety.SAFE: "by itself",
    Safety.APPROVE: "after a person approved the plan",
    Safety.GUIDE: "by people, with guidance",
}
LEARN: Final = "https://learn.microsoft.com/azure/"


def main(*, check: bool, folder: Path = FOLDER) -> int:
    """Write the pages, or say which are not up to date; returns 1 if any is not."""
    wanted = pages()
    found = {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.md")} if folder.is_dir() else {}
    stale = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if check:
        for name in stale:
            print(f"docs/rules/{name} is not what the rules say: run python -m local docs", file=sys.stderr)
        return int(bool(stale))
    folder.mkdir(parents=True, exist_ok=True)
    for name in stale:
        if name in wanted:
            (folder / name).write_text(wanted[name], encoding="utf-8")
        else:
            (folder / name).unlink()
    return 0


def pages(catalogue: tuple[Rule, ...] = CATALOGUE) -> Mapping[str, str]:
    """Every page by its file name: one for each service, and the index."""
    by_service = groupby(sorted(catalogue, key=lambda rule: rule.name), key=_service)
    services = {service: _page(service, tuple(rules)) for service, rules in by_service}
    return {"README.md": _index(catalogue), **{f"{service}.md": page for service, page in services.items()}}


def _service(rule: Rule) -> str:
    return rule.name.partition("/")[0]


def _index(catalogue: tuple[Rule, ...]) -> str:
    rows = [
        f"| [`{rule.name}`]({_service(rule)}.md#{_anchor(rule)}) | {rule.title} | {rule.severity} | {_fixed(rule)} |"
        for rule in sorted(catalogue, key=lambda rule: rule.name)
    ]
    head = ["# Rules", "", "| rule | what good looks like | severity | fixed |", "|---|---|---|---|"]
    return "\n".join((*head, *rows, ""))


def _page(service: str, rules: tuple[Rule, ...]) -> str:
    parts = [f"# {service.replace('-', ' ').capitalize()}", *(_section(rule) for rule in rules)]
    return "\n\n".join(parts) + "\n"


def _section(rule: Rule) -> str:
    facts = f"Severity {rule.severity} · {rule.applies_to} · fixed {_fixed(rule)}"
    texts = [f"### {heading}\n\n{rule.section(heading)}" for heading in HEADINGS]
    return "\n\n".join(
        (f"## {rule.name}", f"**{rule.title}.** {facts}", *texts, f"### References\n\n{_references(rule)}")
    )


def _fixed(rule: Rule) -> str:
    remediation = REMEDIATIONS.get(rule.name)
    return DONE_BY[remediation.safety] if remediation else "by people"


def _references(rule: Rule) -> str:
    named = (
        ("APRL", rule.references.aprl),
        ("PSRule", rule.references.psrule),
        ("Azure Policy", rule.references.policy),
    )
    lines = [f"- {source} `{name}`" for source, names in named for name in names]
    return "\n".join((*lines, *(f"- [{url.removeprefix(LEARN)}]({url})" for url in rule.references.learn)))


def _anchor(rule: Rule) -> str:
    """The anchor that Markdown viewers give a heading with this name."""
    return rule.name.replace("/", "")
