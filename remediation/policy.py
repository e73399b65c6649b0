"""What the operator allows: where, how far, within which limits, and whom to tell. Pure: validated data and decisions.

`remediation.policy_file` makes it of the policy file, `wiring` of that and the settings.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from remediation.plan import Safety
from remediation.quiet_hours import QuietHours
from remediation.scopes import EVERYWHERE, Kin, Scope, names_rule
from rules import RULES_BY_TYPE
from rules.model import Environment, Finding, Resource, Rule, Severity
from rules.scope import environment as by_tags

TAG: Final = "ha-bot"
"""The tag with which the owner of a resource says how far the bot may go with it."""
OWN_SAFETY: Final = "the rule's own safety"
SWITCHED_OFF: Final = "the setting HA_BOT_RULES_OFF"


class Mode(StrEnum):
    """How far the bot may go."""

    AUDIT = "audit"
    """Nothing in Azure is changed: what would have been fixed is told."""
    ENFORCE = "enforce"
    """SAFE remediations run by themselves."""


class Effect(StrEnum):
    """What is done about a failed rule, from least to most."""

    OFF = "off"
    """Nothing: the rule is not looked at."""
    TELL = "tell"
    """People are told; nothing is written."""
    ASK = "ask"
    """People are asked for an approval."""
    FIX = "fix"
    """The plan runs by itself."""


ORDER: Final = tuple(Effect)
MOST: Final[Mapping[Safety | None, Effect]] = {
    Safety.SAFE: Effect.FIX,
    Safety.APPROVE: Effect.ASK,
    Safety.GUIDE: Effect.TELL,
    None: Effect.TELL,
}
"""What a remediation allows at most, None where there is none."""

TAGGED: Final[Mapping[str, Effect]] = {"audit": Effect.TELL, "ask": Effect.ASK}
"""What the tag `ha-bot` allows at most, by its value. `off` is an exemption (`remediation.exemptions`)."""
TAG_VALUES: Final = ("off", *TAGGED)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is to be done about a rule's failure on a resource, and what decided that (`policy.yaml line 14`)."""

    effect: Effect
    why: str


@dataclass(frozen=True, slots=True)
class Exemption:
    """Somebody accepts a finding until then. `by` is empty where nobody is named; `source` says where it stands."""

    until: datetime
    reason: str
    by: str
    source: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the bot does by itself; beyond it asks. `monthly_usd_per_change` is in US dollars.

    A scan asks about all that fails when it finds more than `scan_share` of what it saw, or `scan_count`, newly at
    fault.
    """

    fixes_per_resource_per_day: int = 4
    changes_per_subscription_per_hour: int = 20
    monthly_usd_per_change: float = 100
    scan_share: float = 0.1
    scan_count: int = 50

    def affords(self, monthly_usd: float | None) -> bool:
        """Whether a change that adds this much a month may run by itself; not if nobody knows how much (None)."""
        return monthly_usd is not None and monthly_usd <= self.monthly_usd_per_change


@dataclass(frozen=True, slots=True)
class LoopBreaker:
    """So many fixes of one rule on one resource within that time, and somebody keeps undoing them: then it asks."""

    times: int = 3
    within: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Override:
    """Another effect than the rule's own safety. `rules` are patterns of names, empty for all."""

    effect: Effect
    source: str
    rules: tuple[str, ...] = ()
    where: Scope = EVERYWHERE
    reason: str = ""

    @property
    def why(self) -> str:
        """Where it stands, and its reason if it has one."""
        return f"{self.source} ({self.reason})" if self.reason else self.source


@dataclass(frozen=True, slots=True)
class Exempted:
    """What an exemption of the policy file is about."""

    exemption: Exemption
    where: Scope
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """Channels, by name in lower case, that hear of these findings; empty `severities` are all."""

    channels: frozenset[str]
    source: str
    rules: tuple[str, ...] = ()
    where: Scope = EVERYWHERE
    severities: frozenset[Severity] = frozenset()


@dataclass(frozen=True, slots=True)
class Policy:
    """`subscriptions` are the onboarded ones, in lower case: nothing outside them is read or written.

    `off` are the names of rules that are not looked at, by the settings. Of `overrides` the last that matches wins, of
    `environments` the first.
    """

    subscriptions: frozenset[str]
    mode: Mode = Mode.AUDIT
    off: frozenset[str] = frozenset()
    overrides: tuple[Override, ...] = ()
    exemptions: tuple[Exempted, ...] = ()
    environments: tuple[Kin, ...] = ()
    routes: tuple[Route, ...] = ()
    quiet_hours: QuietHours | None = None
    limits: Limits = field(default_factory=Limits)
    loop: LoopBreaker = field(default_factory=LoopBreaker)
    silence: timedelta = timedelta(hours=24)

    def rules(self, resource_type: str) -> tuple[Rule, ...]:
        """The rules that are on for a lower-case resource type, at least for some resources."""
        return tuple(rule for rule in RULES_BY_TYPE.get(resource_type, ()) if not self._is_off_everywhere(rule.name))

    def _is_off_everywhere(self, rule: str) -> bool:
        if rule in self.off:
            return True
        last = next((each for each in reversed(self.overrides) if names_rule(each.rules, rule)), None)
        return last is not None and last.effect is Effect.OFF and last.where == EVERYWHERE

    def ruling(self, rule: Rule, safety: Safety | None, resource: Resource) -> Ruling:
        """What is to be done about a rule's failure: never more than its remediation allows (None: there is none), nor
        more than the resource's own tag allows."""
        if rule.name in self.off:
            return Ruling(Effect.OFF, SWITCHED_OFF)
        ruling = Ruling(MOST[safety], OWN_SAFETY)
        override = self._override(rule, resource)
        if override is not None:
            ruling = lower(ruling, Ruling(override.effect, override.why))
        tagged = _tagged(resource)
        return lower(tagged, ruling) if tagged is not None else ruling

    def _override(self, rule: Rule, resource: Resource) -> Override | None:
        environment = self._effective(resource)
        return next(
            (
                each
                for each in reversed(self.overrides)
                if names_rule(each.rules, rule.name) and each.where.holds(resource, environment)
            ),
            None,
        )

    def exemption(self, rule_name: str, resource: Resource, now: datetime) -> Exemption | None:
        """The exemption of the policy file that lasts longest, None where there is none or all are over."""
        environment = self._effective(resource)
        found = [
            each.exemption
            for each in self.exemptions
            if each.exemption.until > now
            and names_rule(each.rules, rule_name)
            and each.where.holds(resource, environment)
        ]
        return max(found, key=lambda each: each.until, default=None)

    def kin(self, resource: Resource) -> Kin | None:
        """What the policy says a resource is for, and where it says so."""
        return next((each for each in self.environments if each.holds(resource)), None)

    def environment(self, resource: Resource) -> Environment | None:
        """What the policy says a resource is for, None where it leaves that to the tags."""
        kin = self.kin(resource)
        return kin.environment if kin else None

    def placed(self, resource: Resource) -> Resource:
        """The resource as one that is for what the policy says."""
        environment = self.environment(resource)
        return replace(resource, environment=environment) if environment else resource

    def _effective(self, resource: Resource) -> Environment:
        return self.environment(resource) or by_tags(resource)

    def channels(self, finding: Finding, chats: Collection[str]) -> tuple[str, ...]:
        """Which of the channels that there are hear of a finding: of all routes that match, or all if none is."""
        named = {channel for route in self.routes if self._is_on(route, finding) for channel in route.channels}
        return tuple(chat for chat in chats if chat.lower() in named) or tuple(chats)

    def _is_on(self, route: Route, finding: Finding) -> bool:
        return (
            names_rule(route.rules, finding.rule.name)
            and (not route.severities or finding.rule.severity in route.severities)
            and route.where.holds(finding.resource, self._effective(finding.resource))
        )

    def quiet_until(self, now: datetime, severity: Severity) -> datetime | None:
        """Until when a message has to wait, None if it may be posted now."""
        return self.quiet_hours.until(now, severity) if self.quiet_hours else None


def lower(first: Ruling, second: Ruling) -> Ruling:
    """The ruling that allows less, of two alike the second."""
    return first if ORDER.index(first.effect) < ORDER.index(second.effect) else second


def _tagged(resource: Resource) -> Ruling | None:
    """What the resource's own tag allows at most. One that says nothing known allows to tell, and no more."""
    value = resource.tag(TAG)
    if value is None or (word := value.strip().lower()) == "off":
        return None
    if word in TAGGED:
        return Ruling(TAGGED[word], f"its tag {TAG} is {word}")
    return Ruling(Effect.TELL, f"its tag {TAG} has none of the values {', '.join(TAG_VALUES)}")
