"""Exemptions that the owner of a resource writes on it as tags. Pure.

    ha-bot: off                      the bot leaves the resource alone
    ha-bot-exempt: storage/*         or names of rules, separated by commas or blanks; * for all
    ha-bot-exempt-until: 2027-01-31  needed with either: an exemption ends
    ha-bot-exempt-reason: …          if there is one

What cannot be understood exempts from nothing, and nothing is written until it can be: see `Problem`.
"""

import difflib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from remediation.plan import Safety
from remediation.policy import TAG, TAG_VALUES, Effect, Exemption, Policy, Ruling, lower
from remediation.scopes import any_like, like
from rules import RULES_BY_NAME
from rules.model import Resource, Rule

EXEMPT: Final = "ha-bot-exempt"
UNTIL: Final = "ha-bot-exempt-until"
REASON: Final = "ha-bot-exempt-reason"
LONGEST: Final = timedelta(days=366)
"""How long an exemption by tag may last: whoever may tag is not always whoever may accept a risk for ever."""

DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2})?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Problem:
    """Tags that cannot be understood. `text` says what to write instead; until then people are told at most."""

    text: str


class NoDate(ValueError):
    """The text is no date; the message says what to write."""


def until(text: str) -> datetime:
    """The end that a text names: a moment, in UTC if it names no zone, or the end of a day in UTC. Raises NoDate."""
    try:
        if DATE.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), time(23, 59, 59), UTC)
        if MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text.upper())
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:  # a day or an hour that there is not
        pass
    raise NoDate("is no date; write one such as 2027-01-31 or 2027-01-31T18:00:00Z")


def from_tags(resource: Resource, rule_name: str, now: datetime) -> Exemption | Problem | None:
    """The exemption of one rule that a resource's own tags hold, None where they hold none or it is over."""
    if problem := _unreadable(resource):
        return problem
    exempt, end = _words(resource.tag(EXEMPT)), resource.tag(UNTIL)
    is_off = (resource.tag(TAG) or "").strip().lower() == "off"
    if not is_off and not exempt:
        return None
    if end is None:
        return Problem(f"the tag {TAG if is_off else EXEMPT} needs an end: add the tag {UNTIL}, such as 2027-01-31")
    try:
        ends = until(end.strip())
    except NoDate as error:
        return Problem(f"the tag {UNTIL} {error}")
    if ends - now > LONGEST:
        return Problem(f"the tag {UNTIL} lies more than {LONGEST.days} days ahead; write an earlier date")
    if ends <= now or not (is_off or any_like(exempt, rule_name)):
        return None
    reason = (resource.tag(REASON) or "").strip() or "no reason given"
    return Exemption(ends, reason, "", f"tag {TAG}" if is_off else f"tag {EXEMPT}")


def applied(
    policy: Policy,
    rule: Rule,
    safety: Safety | None,
    resource: Resource,
    now: datetime,
    granted: Exemption | None = None,
) -> tuple[Ruling, Exemption | None]:
    """What is to be done about a rule's failure, all considered, and the exemption from it: of the tags, the policy
    file and what a person `granted` the one that lasts longest. Where the tags cannot be understood, people are told at
    most, and of that."""
    ruling, tagged = policy.ruling(rule, safety, resource), from_tags(resource, rule.name, now)
    if isinstance(tagged, Problem):
        ruling, tagged = lower(Ruling(Effect.TELL, tagged.text), ruling), None
    found = [tagged, policy.exemption(rule.name, resource, now), granted]
    lasting = [each for each in found if each is not None and each.until > now]
    return ruling, max(lasting, key=lambda each: each.until, default=None)


def _unreadable(resource: Resource) -> Problem | None:
    """What is wrong with the tags, apart from the end."""
    if resource.unreadable("tags"):
        return Problem("its tags cannot be read")
    for name, value in (resource.get("tags") or {}).items():
        if name.lower() in (TAG, EXEMPT, UNTIL, REASON) and not isinstance(value, str):
            return Problem(f"the tag {name.lower()} holds no text")
    mode = resource.tag(TAG)
    if mode is not None and mode.strip().lower() not in TAG_VALUES:
        return Problem(f"the tag {TAG} must be {', '.join(TAG_VALUES[:-1])} or {TAG_VALUES[-1]}")
    exempt = resource.tag(EXEMPT)
    words = _words(exempt)
    if exempt is not None and not words:
        return Problem(f"the tag {EXEMPT} names no rule; write names of rules, a service such as storage/*, or *")
    if exempt is None and mode is None and resource.tag(UNTIL) is not None:
        return Problem(
            f"the tag {UNTIL} alone exempts from nothing; add the tag {EXEMPT} with the names of rules, or *"
        )
    unknown = next((word for word in words if not is_rule_pattern(word)), None)
    if unknown is None:
        return None
    return Problem(f"the tag {EXEMPT} names something that is no rule{did_you_mean(unknown)}")


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(re.split(r"[\s,]+", text.strip(" \t\r\n,").lower())) if text and text.strip(" \t\r\n,") else ()


def is_rule_pattern(pattern: str) -> bool:
    """Whether a lower-case name or pattern names any rule."""
    return any(like(pattern, name) for name in RULES_BY_NAME)


def did_you_mean(word: str) -> str:
    """The rule that was perhaps meant, as the end of a sentence."""
    near = difflib.get_close_matches(word, RULES_BY_NAME, n=1)
    return f"; did you mean {near[0]}?" if near else "; docs/rules lists them all"
