"""The generated pages under docs/: every rule, the index of the rules, every remediation, every guard."""

from collections.abc import Mapping

from local.about import service
from local.pages import guardrails, index, remediations, rules
from rules import CATALOGUE


def pages() -> Mapping[str, str]:
    """Every page by its path under docs/."""
    services = sorted({service(rule) for rule in CATALOGUE})
    return {
        "guardrails.md": guardrails.page(),
        "remediations.md": remediations.page(),
        "rules/README.md": index.page(),
        **{f"rules/{name}.md": rules.page(name) for name in services},
    }
