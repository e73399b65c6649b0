"""What a rule and its remediation say of themselves, in words: for the generated pages and for the terminal."""

import itertools
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import quote

from remediation.plan import Remediation, Safety
from rules.gates import ROLE_NAMES
from rules.model import References, Rule

RULE_HEADINGS: Final = ("What it checks", "Why it matters", "How it is fixed")
FIX_HEADINGS: Final = ("What is sent", "Cost", "Downtime", "Undo")
DONE_BY: Final = {
    Safety.SAFE: "by itself",
    Safety.APPROVE: "after a person approved the plan",
    Safety.GUIDE: "by people, with guidance",
}
APRL: Final = "https://github.com/search?type=code&q=repo%3AAzure%2FAzure-Proactive-Resiliency-Library-v2+"
PSRULE: Final = "https://azure.github.io/PSRule.Rules.Azure/en/rules/"
POLICY: Final = "https://portal.azure.com/#view/Microsoft_Azure_Policy/PolicyDetailBlade/definitionId/"
POLICY_ID: Final = "/providers/Microsoft.Authorization/policyDefinitions/"
LEARN: Final = "https://learn.microsoft.com/azure/"


class Link(NamedTuple):
    """Where others say the same. `source` is empty for Microsoft Learn, whose addresses speak for themselves."""

    source: str
    name: str
    url: str


def service(rule: Rule) -> str:
    """The first part of the rule's name."""
    return rule.name.partition("/")[0]


def subject(rule: Rule) -> tuple[str, ...]:
    """What the rule is about besides its type: roles, zones, production, and the children it reads."""
    roles = [name for role, name in ROLE_NAMES.items() if role in rule.roles]
    said = (
        (rule.roles, f"only where a workspace uses it as {_either(roles)}"),
        (rule.zonal, "only in regions with availability zones"),
        (rule.production, "not for what the policy or a tag marks as development or test"),
        (rule.reads, f"reads {', '.join(f'`{path}`' for path in rule.reads)} too"),
    )
    return tuple(words for holds, words in said if holds)


def _either(names: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def links(references: References) -> Iterator[Link]:
    """Every reference with its full address."""
    for guid in references.aprl:
        yield Link("APRL", guid, f"{APRL}{guid}")
    for name in references.psrule:
        yield Link("PSRule", name, f"{PSRULE}{name}/")
    for guid in references.policy:
        yield Link("Azure Policy", guid, f"{POLICY}{quote(f'{POLICY_ID}{guid}', safe='')}")
    for url in references.learn:
        yield Link("", url.removeprefix(LEARN), url)


def summary(remediation: Remediation) -> str:
    """The first paragraph of the planner's docstring as one line."""
    return " ".join(itertools.takewhile(bool, remediation.documentation.splitlines()))


def first_sentence(text: str) -> str:
    """A text up to its first full stop that ends a sentence."""
    sentence, stop, _ = text.partition(". ")
    return f"{sentence}." if stop else text


def section(remediation: Remediation, heading: str) -> str:
    """One part of the planner's docstring (`Cost`) as one line; empty where there is none."""
    _, _, rest = remediation.documentation.partition(f"\n{heading}\n")
    indented = itertools.takewhile(lambda line: line.startswith(" ") or not line, rest.splitlines())
    return " ".join(line.strip() for line in indented if line.strip())
