"""docs/rules/<service>.md: one section for each rule, from its docstring and decorator."""

import importlib

from local.about import DONE_BY, RULE_HEADINGS, links, service, subject
from remediation.fixes import REMEDIATIONS
from rules import CATALOGUE
from rules.model import Rule


def page(name: str) -> str:
    """The page of one service."""
    rules = sorted((rule for rule in CATALOGUE if service(rule) == name), key=lambda rule: rule.name)
    parts = [f"# {_title(name)}", *(_section(rule) for rule in rules)]
    return "\n\n".join(parts) + "\n"


def _title(name: str) -> str:
    """What the service's file or package says first that it is about."""
    module = importlib.import_module(f"rules.{name.replace('-', '_')}")
    return (module.__doc__ or name).partition(".")[0]


def _section(rule: Rule) -> str:
    about = " · ".join((f"Severity {rule.severity}", rule.applies_to, *subject(rule), f"fixed {fixed(rule)}"))
    texts = [f"### {heading}\n\n{rule.section(heading)}" for heading in RULE_HEADINGS]
    return "\n\n".join(
        (f"## {rule.name}", f"**{rule.title}.** {about}", *texts, f"### References\n\n{_references(rule)}")
    )


def fixed(rule: Rule) -> str:
    """How a failure of the rule is put right, in few words."""
    remediation = REMEDIATIONS.get(rule.name)
    return DONE_BY[remediation.safety] if remediation else "by people"


def _references(rule: Rule) -> str:
    return "\n".join(
        f"- {link.source} [`{link.name}`]({link.url})" if link.source else f"- [{link.name}]({link.url})"
        for link in links(rule.references)
    )
