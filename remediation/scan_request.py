"""What a scan may be asked for: where, for which rules, and whether what fails is to be put right. Pure."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from remediation.scopes import like
from rules import CATALOGUE, RULES_BY_NAME, RULES_BY_TYPE
from rules.resource_id import ResourceId

LONGEST_WAIT: Final = 30
"""Seconds: Azure's load balancer ends a request that takes minutes."""
NAMES: Final = ("scope", "mode", "rules", "wait")
SCOPES: Final = (
    '"all", {"subscription": "ID"}, {"resource_group": {"subscription": "ID", "name": "NAME"}}, {"workspace": "ID"} or '
    '{"resource": "ID"}'
)
WORKSPACE: Final = "microsoft.machinelearningservices/workspaces"
NOT_IN_GRAPH: Final[Mapping[str, str]] = {
    f"{WORKSPACE}/computes": "computes",
    f"{WORKSPACE}/datastores": "datastores",
}
"""Types that Resource Graph does not hold, with the collection of their workspace that does."""


class BadScan(ValueError):
    """What was asked for cannot be; the message says what to change."""


class ScanMode(StrEnum):
    """What a scan leads to."""

    REPORT = "report"
    """Results, and nothing else."""
    REMEDIATE = "remediate"
    """What fails is checked, afresh: as after an event, with all that may follow."""


class Reach(StrEnum):
    """How far a scan reaches."""

    ALL = "all"
    SUBSCRIPTION = "subscription"
    RESOURCE_GROUP = "resource_group"
    WORKSPACE = "workspace"
    RESOURCE = "resource"


SMALL: Final = frozenset({Reach.RESOURCE_GROUP, Reach.WORKSPACE, Reach.RESOURCE})
"""What may be waited for."""


@dataclass(frozen=True, slots=True)
class Scope:
    """`id` is that of the subscription in lower case, or a resource's or resource group's; empty for all."""

    reach: Reach
    id: str = ""

    @property
    def subscription(self) -> str:
        """The subscription that it lies in, empty for all."""
        return self.id.split("/")[2].lower() if "/" in self.id else self.id

    def to_json(self) -> Any:
        """The scope as it is asked for."""
        if self.reach is Reach.ALL:
            return "all"
        if self.reach is Reach.RESOURCE_GROUP and (group := ResourceId.parse_group(self.id)):
            return {"resource_group": {"subscription": group[0], "name": group[1]}}
        return {self.reach.value: self.id}


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """`rules` are patterns of names, empty for all; `wait` is how long the answer may take."""

    scope: Scope
    mode: ScanMode = ScanMode.REPORT
    rules: tuple[str, ...] = ()
    wait: timedelta = timedelta()

    @property
    def chosen(self) -> frozenset[str]:
        """The names of the rules that are looked at."""
        names = RULES_BY_NAME.keys()
        return frozenset(names if not self.rules else (n for n in names if any(like(p, n) for p in self.rules)))

    @property
    def types(self) -> tuple[str, ...]:
        """The lower-case types that Resource Graph is asked for; what it does not hold is found by its workspace."""
        chosen = self.chosen
        wanted = {rule.applies_to.lower() for rule in CATALOGUE if rule.name in chosen}
        return tuple(sorted({WORKSPACE if kind in NOT_IN_GRAPH else kind for kind in wanted}))

    def to_json(self) -> Mapping[str, Any]:
        """The request as it was asked for, without how long to wait."""
        return {"scope": self.scope.to_json(), "mode": self.mode.value, "rules": list(self.rules)}


def parse(asked: object, subscriptions: frozenset[str]) -> ScanRequest:
    """The request in JSON data, in these onboarded subscriptions. Raises BadScan."""
    if not isinstance(asked, dict):
        raise BadScan(f'the body must be a JSON object such as {{"scope": "all", "mode": "report"}}; scope is {SCOPES}')
    if unknown := sorted(str(name) for name in asked.keys() - set(NAMES)):
        raise BadScan(f"{_short(unknown[0])} cannot be asked for; there are {', '.join(NAMES)}")
    scope = _scope(asked.get("scope"))
    _check_onboarded(scope, subscriptions)
    return ScanRequest(scope, _mode(asked.get("mode")), _rules(asked.get("rules")), _wait(asked.get("wait"), scope))


def _scope(asked: object) -> Scope:
    if asked == "all":
        return Scope(Reach.ALL)
    if not isinstance(asked, dict) or len(asked) != 1:
        raise BadScan(f"scope: must be {SCOPES}")
    match asked:
        case {"subscription": str(identity)} if ResourceId.parse_group(_group(identity, "any")):
            return Scope(Reach.SUBSCRIPTION, identity.lower())
        case {"resource_group": {"subscription": str(identity), "name": str(name), **more}} if not more:
            if group := ResourceId.parse_group(_group(identity, name)):
                return Scope(Reach.RESOURCE_GROUP, _group(*group))
        case {"workspace": str(identity)}:
            return Scope(Reach.WORKSPACE, _workspace(identity))
        case {"resource": str(identity)}:
            return Scope(Reach.RESOURCE, _resource(identity))
        case _:
            pass
    raise BadScan(f"scope: must be {SCOPES}")


def _group(subscription: str, name: str) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{name}"


def _workspace(identity: str) -> str:
    found = ResourceId.parse(identity)
    if found is None or found.type != WORKSPACE:
        raise BadScan(
            f"scope.workspace: {_short(identity)} is not the id of a workspace; give all of it, as "
            "/subscriptions/…/providers/Microsoft.MachineLearningServices/workspaces/NAME"
        )
    return str(found)


def _resource(identity: str) -> str:
    found = ResourceId.parse(identity)
    if found is None:
        raise BadScan(
            f"scope.resource: {_short(identity)} is not the id of a resource; give all of it, as /subscriptions/…"
        )
    if found.type in NOT_IN_GRAPH:
        raise BadScan(f"scope.resource: it is scanned with its workspace; give that, as scope.workspace {found.parent}")
    if found.type not in RULES_BY_TYPE:
        raise BadScan(f"scope.resource: no rule is about {found.type}; docs/rules lists the types")
    return str(found)


def _check_onboarded(scope: Scope, subscriptions: frozenset[str]) -> None:
    if scope.reach is not Reach.ALL and scope.subscription not in subscriptions:
        raise BadScan(
            f"scope: subscription {scope.subscription} is not onboarded; add it to the setting HA_BOT_SUBSCRIPTIONS"
        )


def _mode(asked: object) -> ScanMode:
    if asked is None:
        return ScanMode.REPORT
    if asked in tuple(ScanMode):
        return ScanMode(str(asked))
    raise BadScan("mode: must be report (results and nothing else, the default) or remediate (what fails is checked)")


def _rules(asked: object) -> tuple[str, ...]:
    if asked is None:
        return ()
    if not isinstance(asked, list) or not asked or not all(isinstance(each, str) for each in asked):
        raise BadScan('rules: must be a list of names or patterns such as ["storage/*"]; leave it out for all')
    patterns = tuple(each.strip().lower() for each in asked)
    for pattern in patterns:
        if not any(like(pattern, name) for name in RULES_BY_NAME):
            near = difflib.get_close_matches(pattern, RULES_BY_NAME, n=1)
            hint = f"did you mean {near[0]}?" if near else "docs/rules lists them"
            raise BadScan(f"rules: no rule is called {_short(pattern)}; {hint}")
    return patterns


def _wait(asked: object, scope: Scope) -> timedelta:
    if asked is None:
        return timedelta()
    if not isinstance(asked, int) or isinstance(asked, bool) or not 0 <= asked <= LONGEST_WAIT:
        raise BadScan(f"wait: must be a whole number of seconds from 0 to {LONGEST_WAIT}")
    if asked and scope.reach not in SMALL:
        raise BadScan(f"wait: only for {', '.join(sorted(SMALL))}; leave it out, and ask at the Location of the answer")
    return timedelta(seconds=asked)


def _short(text: str) -> str:
    """The beginning of what was given, in quotes and without what cannot be printed."""
    return repr(text[:100])
