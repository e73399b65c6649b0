"""docs/remediations.md: what is sent to Azure, and what people are told where nothing can be sent."""

from local.about import FIX_HEADINGS, first_sentence, section, summary
from local.pages.markdown import link_to, table
from remediation.fixes import REMEDIATIONS
from remediation.plan import Remediation, Safety

INTRODUCTION = """# Remediations

SAFE ones run by themselves, APPROVE ones after a person approved that very plan. `python -m local role` makes the
roles that hold what is sent here and what judging reads, and no more; with `--linked` also the rights to join subnets
and to assign identities, which AKS clusters on networks and identities of your own need."""
GUIDANCE = """## What people do

Nothing is sent for these rules: people are told what to do, and why."""


def page() -> str:
    """Two tables: what writes, and what guides."""
    remediations = sorted(REMEDIATIONS.values(), key=lambda each: each.rule.name)
    writing = [_writing(each) for each in remediations if each.safety is not Safety.GUIDE]
    guiding = [
        (link_to(each.rule, "rules/"), first_sentence(summary(each)))
        for each in remediations
        if each.safety is Safety.GUIDE
    ]
    tables = (
        INTRODUCTION,
        table(("rule", "safety", *(heading.lower() for heading in FIX_HEADINGS), "permissions"), writing),
        GUIDANCE,
        table(("rule", "why and what"), guiding),
    )
    return "\n\n".join(tables) + "\n"


def _writing(remediation: Remediation) -> tuple[str, ...]:
    texts = [section(remediation, heading) for heading in FIX_HEADINGS]
    permissions = "<br>".join(f"`{action}`" for action in remediation.needs)
    return (link_to(remediation.rule, "rules/"), remediation.safety, *texts, permissions)
