"""`python -m local evaluate --explain RULE`: the rule's page on the terminal."""

import difflib
import sys
import textwrap
from collections.abc import Iterator
from typing import Final

from local.about import DONE_BY, FIX_HEADINGS, RULE_HEADINGS, links, section, subject, summary
from remediation.fixes import REMEDIATIONS
from remediation.plan import Remediation, Safety
from rules import RULES_BY_NAME
from rules.model import Rule

WIDTH: Final = 100
NEAREST: Final = 5


def main(name: str) -> int:
    """Print the page of a rule; returns 2, having named the nearest, for one that is not there."""
    rule = RULES_BY_NAME.get(name.strip().lower())
    if rule is None:
        print(_unknown(name), file=sys.stderr)
        return 2
    print("\n".join(page(rule)))
    return 0


def _unknown(name: str) -> str:
    names = nearest(name)
    meant = f"did you mean {', '.join(names)}?" if names else "docs/rules/README.md lists them all"
    return f"{name}: there is no such rule; {meant}"


def nearest(name: str) -> list[str]:
    """Names of rules that look like this one, the nearest first; those of a service for its name alone."""
    wanted = name.strip().lower().replace("_", "-")
    alike = difflib.get_close_matches(wanted, RULES_BY_NAME, NEAREST, cutoff=0.5)
    parts = [known for known in RULES_BY_NAME if wanted in known.split("/")]
    return list(dict.fromkeys((*alike, *parts)))[:NEAREST]


def page(rule: Rule) -> Iterator[str]:
    """The lines of a rule's page."""
    yield rule.name
    yield rule.title
    yield f"\nSeverity {rule.severity}"
    yield f"About {rule.applies_to}"
    for words in subject(rule):
        yield from _wrapped(words, "  ")
    for heading in RULE_HEADINGS:
        yield from _paragraph(heading, rule.section(heading))
    yield from _remediation(REMEDIATIONS.get(rule.name))
    yield "\nReferences"
    for link in links(rule.references):
        yield f"  {link.source} {link.name}: {link.url}" if link.source else f"  {link.url}"


def _remediation(remediation: Remediation | None) -> Iterator[str]:
    if remediation is None:
        yield from _paragraph("Remediation", "None: people decide what to do.")
        return
    yield from _paragraph(
        f"Remediation {remediation.safety}", f"Done {DONE_BY[remediation.safety]}. {summary(remediation)}"
    )
    if remediation.safety is Safety.GUIDE:
        return
    for heading in FIX_HEADINGS:
        if text := section(remediation, heading):
            yield from _wrapped(f"{heading}: {text}", "  ")
    yield "  Permissions:"
    yield from (f"    {action}" for action in remediation.needs)


def _paragraph(heading: str, text: str) -> Iterator[str]:
    yield f"\n{heading}"
    yield from _wrapped(text, "  ")


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
