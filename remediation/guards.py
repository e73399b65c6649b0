"""How far the bot may go with one finding: the policy's ruling, the tags' word, and who accepts the finding. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from remediation import exemptions
from remediation.fixes import REMEDIATIONS
from remediation.plan import UNDO
from remediation.policy import OWN_SAFETY, Effect, Exemption, Policy, Ruling
from rules.model import Finding

TAKEN_BACK: Final = "a fix is taken back only by approval"


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be done at most about a failure, what decided that, and whether somebody accepts the failure."""

    ruling: Ruling
    exemption: Exemption | None = None


UNGUARDED: Final = Guard(Ruling(Effect.FIX, OWN_SAFETY))
"""Where nothing holds the bot back but what its plans say of themselves."""


def guard(policy: Policy, finding: Finding, granted: Exemption | None, now: datetime) -> Guard:
    """The guard of a finding; `granted` is the exemption that a person gave it."""
    rule = finding.rule
    if rule.name.endswith(UNDO):
        return Guard(Ruling(Effect.ASK, TAKEN_BACK))
    remediation = REMEDIATIONS.get(rule.name)
    safety = remediation.safety if remediation else None
    return Guard(*exemptions.applied(policy, rule, safety, finding.resource, now, granted))
