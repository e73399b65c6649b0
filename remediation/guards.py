"""How far the bot may go with one finding: the policy's ruling, the tags' word, and who accepts the finding. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from remediation.exemptions import Problem, from_tags
from remediation.fixes import REMEDIATIONS
from remediation.plan import UNDO
from remediation.policy import OWN_SAFETY, Effect, Exemption, Policy, Ruling
from rules.model import Finding

TAKEN_BACK: Final = "a fix is taken back only by approval"


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be done at most about a failure, and what decided that.

    `exemption`: somebody accepts the failure. `note` is what people have to know of it, such as a tag that cannot be
    read.
    """

    ruling: Ruling
    exemption: Exemption | None = None
    note: str = ""


UNGUARDED: Final = Guard(Ruling(Effect.FIX, OWN_SAFETY))
"""Where nothing holds the bot back but what its plans say of themselves."""


def guard(policy: Policy, finding: Finding, granted: Iterable[Exemption], now: datetime) -> Guard:
    """The guard of a finding; `granted` are the exemptions that people gave it, the policy and the tags are asked here.

    What is accepted in several places is so until the last of them ends.
    """
    rule = finding.rule
    if rule.name.endswith(UNDO):
        return Guard(Ruling(Effect.ASK, TAKEN_BACK))
    remediation = REMEDIATIONS.get(rule.name)
    ruling = policy.ruling(rule, remediation.safety if remediation else None, finding.resource)
    tagged = from_tags(finding.resource, rule.name, now)
    accepted = [policy.exemption(rule.name, finding.resource, now), tagged, *granted]
    exemptions = [each for each in accepted if isinstance(each, Exemption) and each.until > now]
    exemption = max(exemptions, key=lambda each: each.until, default=None)
    if isinstance(tagged, Problem) and ruling.effect is not Effect.OFF:
        return Guard(Ruling(Effect.TELL, tagged.text), exemption, f"{tagged.text}: until then nothing is changed")
    return Guard(ruling, exemption)
