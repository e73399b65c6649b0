"""The policy file: its text becomes a Policy, or all that is wrong with it. No I/O but for the schema beside it."""

from collections.abc import Mapping
from datetime import time, timedelta
from functools import lru_cache
from typing import Any, Final

from remediation.exemptions import until
from remediation.policy import (
    Effect,
    Exempted,
    Exemption,
    Limits,
    LoopBreaker,
    Mode,
    Override,
    Policy,
    Route,
)
from remediation.policy_problems import Problem, line_of, problems, zone
from remediation.quiet_hours import EVERY_DAY, QuietHours
from remediation.scopes import Kin, Scope, Tags
from remediation.yaml_lines import Document, read
from rules.model import Environment, Role, Severity

LARGEST: Final = 256 * 1024
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

type Json = Mapping[str, Any]


@lru_cache(maxsize=8)
def parse(data: bytes, source: str, subscriptions: frozenset[str] = frozenset()) -> Policy | tuple[Problem, ...]:
    """The policy in the bytes of a file called `source`, for these onboarded subscriptions, or its problems."""
    if len(data) > LARGEST:
        return (Problem(source, 1, "", f"is larger than {LARGEST // 1024} KiB; no policy needs that"),)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return (Problem(source, data.count(b"\n", 0, error.start) + 1, "", "is not UTF-8; save it in that encoding"),)
    document = read(text)
    return problems(document, source) or _policy(document, source, subscriptions)


def _policy(document: Document, source: str, subscriptions: frozenset[str]) -> Policy:
    data: Json = document.data or {}

    def at(*path: str | int) -> str:
        return f"{source} line {line_of(document, path)}"

    loop, hours = data.get("loop_breaker", {}), data.get("quiet_hours")
    return Policy(
        subscriptions,
        mode=Mode(data.get("mode", Mode.AUDIT)),
        overrides=tuple(_override(each, at("rules", n)) for n, each in enumerate(data.get("rules", ()))),
        exemptions=tuple(_exempted(each, at("exemptions", n)) for n, each in enumerate(data.get("exemptions", ()))),
        environments=tuple(
            _kin(data["environments"][each], each, at("environments", each))
            for each in Environment  # production first: it wins
            if each in data.get("environments", {})
        ),
        routes=tuple(_route(each, at("routes", n)) for n, each in enumerate(data.get("routes", ()))),
        quiet_hours=_quiet_hours(hours) if hours else None,
        limits=Limits(**data.get("limits", {})),
        loop=LoopBreaker(**_renamed(loop)),
        silence=timedelta(hours=data.get("heartbeat", {}).get("hours", 24)),
    )


def _renamed(loop: Json) -> dict[str, Any]:
    times = {"times": loop["times"]} if "times" in loop else {}
    return times | ({"within": timedelta(hours=loop["hours"])} if "hours" in loop else {})


def _override(data: Json, source: str) -> Override:
    return Override(Effect(data["effect"]), source, _rules(data), _scope(data), data.get("reason", ""))


def _exempted(data: Json, source: str) -> Exempted:
    exemption = Exemption(until(data["until"]), data["reason"], data.get("by", ""), source)
    return Exempted(exemption, _scope(data), _rules(data))


def _route(data: Json, source: str) -> Route:
    return Route(frozenset(data["channels"]), source, _rules(data), _scope(data), _severities(data, "severities"))


def _kin(data: Json, environment: Environment, source: str) -> Kin:
    return Kin(
        environment,
        source,
        _lower(data, "subscriptions"),
        _lower(data, "resource_groups"),
        _lower(data, "names"),
        _tags(data),
    )


def _quiet_hours(data: Json) -> QuietHours:
    days = frozenset(DAYS.index(each) for each in data["days"]) if "days" in data else EVERY_DAY
    begins, ends = time.fromisoformat(data["from"]), time.fromisoformat(data["to"])
    return QuietHours(begins, ends, zone(data["zone"]), days, _severities(data, "except_severities"))


def _scope(data: Json) -> Scope:
    where = data.get("where", {})
    return Scope(
        _lower(where, "subscriptions"),
        _lower(where, "resource_groups"),
        _lower(where, "resources"),
        _lower(where, "types"),
        _tags(where),
        frozenset(Role(each) for each in where.get("roles", ())),
        Environment(where["environment"]) if "environment" in where else None,
    )


def _tags(data: Json) -> Tags:
    return tuple(
        (name.lower(), tuple(each.lower() for each in ([values] if isinstance(values, str) else values)))
        for name, values in data.get("tags", {}).items()
    )


def _rules(data: Json) -> tuple[str, ...]:
    return _lower(data, "rules")


def _lower(data: Json, name: str) -> tuple[str, ...]:
    return tuple(each.lower() for each in data.get(name, ()))


def _severities(data: Json, name: str) -> frozenset[Severity]:
    return frozenset(Severity(each) for each in data.get(name, ()))
