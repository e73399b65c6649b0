"""Everything wrong with a policy file: where it stands, and the fix. Its shape is told by policy.schema.json."""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from remediation.exemptions import LONGEST as LONGEST_EXEMPTION
from remediation.exemptions import did_you_mean, is_rule_pattern, until
from remediation.fixes import REMEDIATIONS
from remediation.policy import MOST, ORDER, Effect, Policy
from remediation.scopes import Scope, like
from remediation.yaml_lines import Document
from remediation.yaml_lines import Path as At
from rules import RULES_BY_TYPE
from rules.resource_id import ResourceId

SCHEMA: Final = Path(__file__).resolve().parents[1] / "policy.schema.json"
OFFSET: Final = re.compile(r"([+-])(0\d|1[0-4]):([0-5]\d)", re.ASCII)
ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")
TYPES: Final = {kind: rules[0].applies_to for kind, rules in RULES_BY_TYPE.items()}
"""Resource types as people write them, by lower-case type."""
WORDS: Final = {
    "object": "a mapping (name: value)",
    "array": "a list ([one, two])",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
}
LONGEST: Final = 60


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong: line from 1 on, where it stands in the file, and what to do about it."""

    source: str
    line: int
    where: str
    text: str

    @property
    def fix(self) -> str:
        """Where it stands, and what to do."""
        return f"{self.where}: {self.text}" if self.where else self.text

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.fix}"


def problems(document: Document, source: str) -> tuple[Problem, ...]:
    """All problems, in the order of their lines. None: the document holds a policy."""
    found = [Problem(source, flaw.line, where(flaw.path), flaw.text) for flaw in document.flaws]
    if document.whole:
        refused = {flaw.path for flaw in document.flaws}
        wrong = [(at, text) for at, text in _wrong(document.data) if at not in refused]
        found += [Problem(source, line_of(document, at), where(at), text) for at, text in wrong]
    return tuple(sorted(set(found), key=lambda each: (each.line, each.where, each.text)))


def line_of(document: Document, at: At) -> int:
    """The line of a value; the first for all of the document."""
    return document.lines.get(at, 1)


def where(at: At) -> str:
    """A place as people write it: `rules[2].effect`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{_shown_name(step)}" for step in at)
    return text.removeprefix(".")


def _shown_name(step: str) -> str:
    return step if re.fullmatch(r"[\w-]{1,40}", step) else shown(step)


def shown(value: object) -> str:
    """A value in a sentence, cut where it is long."""
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _wrong(data: object) -> Iterator[tuple[At, str]]:
    """What is wrong with the data, and where."""
    if data is None:  # nothing but comments: the defaults
        return
    for error in _validator().iter_errors(data):
        yield from _explained(error)
    if isinstance(data, Mapping):
        yield from _too_much(data.get("rules"))
        yield from _endless(data.get("quiet_hours"))


def _too_much(entries: object) -> Iterator[tuple[At, str]]:
    """Effects beyond what the remediation of a rule allows, where the rule is named and not only described."""
    for position, entry in enumerate(entries if isinstance(entries, list) else ()):
        effect, names = (entry.get("effect"), entry.get("rules")) if isinstance(entry, Mapping) else (None, None)
        for name in names if isinstance(names, list) and effect in list(Effect) else ():
            most = _most(name)
            if most is not None and ORDER.index(Effect(str(effect))) > ORDER.index(most):
                text = f"{effect} is more than the remediation of {name} allows; {most} is the most"
                yield ("rules", position, "effect"), text


def _most(name: object) -> Effect | None:
    """What may be done at most about the rule that is so named, None where none is."""
    remediation = REMEDIATIONS.get(name.lower()) if isinstance(name, str) else None
    return MOST[remediation.safety] if remediation else None


def _endless(hours: object) -> Iterator[tuple[At, str]]:
    if isinstance(hours, Mapping) and isinstance(hours.get("to"), str) and hours.get("from") == hours["to"]:
        yield ("quiet_hours", "to"), "is when they begin; name another time, or leave quiet_hours out"


def _explained(error: ValidationError) -> Iterable[tuple[At, str]]:
    """A breach of the schema as sentences that name the fix."""
    at, schema = tuple(error.absolute_path), error.schema
    value: Any = error.instance
    match str(error.validator):
        case "additionalProperties":
            known = list(_members(schema))
            unknown = (name for name in value if name not in known)
            return [((*at, name), f"there is no such member{_near(name, known) or _all(known)}") for name in unknown]
        case "format":
            return [(at, f"{shown(value)} {error.cause}")]
        case "pattern":
            return [(at, f"{shown(value)} is not written as it has to be; write it such as {_example(schema)}")]
        case validator:
            return [(at, EXPLAINED.get(validator, _empty)(value, error.validator_value))]


def _members(schema: Any) -> Mapping[str, Any]:
    members: Mapping[str, Any] = schema["properties"]
    return members


def _example(schema: Any) -> str:
    return str(schema["examples"][0])


def _incomplete(value: Any, wanted: Any) -> str:
    return f"is not complete; add {', '.join(name for name in wanted if name not in value)}"


def _none_of(value: Any, wanted: Any) -> str:
    return f"{shown(value)} is none of {', '.join(wanted)}{_near(value, wanted)}"


def _empty(_value: Any, _wanted: Any) -> str:
    return "is empty; fill it in or leave it out"


def _of_type(value: Any, wanted: Any) -> str:
    types = [wanted] if isinstance(wanted, str) else wanted
    words = " or ".join(WORDS[each] for each in types)
    if value is None:
        return f"is empty; it must be {words}, or left out"
    quotes = (
        f'; put it in quotes: "{json.dumps(value)}"' if "string" in types and isinstance(value, int | float) else ""
    )
    return f"{shown(value)} must be {words}{quotes}"


EXPLAINED: Final[Mapping[str, Callable[[Any, Any], str]]] = {
    "required": _incomplete,
    "enum": _none_of,
    "type": _of_type,
    "minimum": lambda value, wanted: f"{shown(value)} is too small; {wanted} is the least",
    "maximum": lambda value, wanted: f"{shown(value)} is too large; {wanted} is the most",
    "maxLength": lambda _, wanted: f"is too long; {wanted} characters are the most",
}
"""What to say of a value, by the keyword of the schema that it breaks; of all others the least is 1."""


def _near(word: object, known: Sequence[str]) -> str:
    """What was perhaps meant, as the end of a sentence."""
    by_case = {each.lower(): each for each in known}
    near = difflib.get_close_matches(str(word).lower(), by_case, n=1)
    return f"; did you mean {by_case[near[0]]}?" if near else ""


def _all(known: Sequence[str]) -> str:
    return f"; there are {', '.join(known)}"


@cache
def _validator() -> Draft202012Validator:
    checker = FormatChecker(formats=())
    formats: Mapping[str, Callable[[str], object]] = {
        "rule": _rule,
        "resource-type": _type,
        "resource-id": _resource_id,
        "end": until,
        "time-zone": zone,
    }
    for name, check in formats.items():
        checker.checks(name, raises=ValueError)(_text_only(check))
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")), format_checker=checker)


def _text_only(check: Callable[[str], object]) -> Callable[[object], bool]:
    def checked(value: object) -> bool:
        if isinstance(value, str):  # else its type is wrong, which is said anyway
            check(value)
        return True

    return checked


def _rule(text: str) -> None:
    if not is_rule_pattern(text.lower()):
        raise ValueError(f"is no rule, and describes none{did_you_mean(text.lower())}")


def _type(text: str) -> None:
    if not any(like(text.lower(), kind) for kind in TYPES):
        near = difflib.get_close_matches(text.lower(), TYPES, n=1)
        hint = f"; did you mean {TYPES[near[0]]}?" if near else ""
        raise ValueError(f"is no type of resource that rules are about{hint}")


def _resource_id(text: str) -> None:
    is_pattern = "*" in text and like("/subscriptions/*", text) and text.isprintable()
    if not is_pattern and ResourceId.parse(text) is None:
        raise ValueError(
            "is not the id of a resource; copy all of it, /subscriptions/…/providers/…, or end a part of it in /*"
        )


def zone(text: str) -> tzinfo:
    """The time zone of that name. Raises ValueError."""
    if text == "UTC":
        return UTC
    if match := OFFSET.fullmatch(text):
        sign, hours, minutes = match.groups()
        return timezone(timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1))
    try:
        if ZONE.fullmatch(text):
            return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise ValueError(
        "is no time zone that this machine knows; write a name such as Europe/Berlin, an offset such as +01:00, or UTC"
    )


def warnings(policy: Policy, now: datetime) -> tuple[str, ...]:
    """What is not wrong, and yet perhaps not meant: exemptions that are over or have no end to speak of, subscriptions
    that are not onboarded (as far as those that are onboarded are known)."""
    over = [
        f"{each.exemption.source}: the exemption ended on {each.exemption.until:%Y-%m-%d %H:%M %Z}; take it out or set "
        "another end"
        for each in policy.exemptions
        if each.exemption.until <= now
    ]
    endless = [
        f"{each.exemption.source}: the exemption ends in {(each.exemption.until - now).days} days, and nobody is "
        f"reminded of it before; a person's or a tag's lasts {LONGEST_EXEMPTION.days} at most"
        for each in policy.exemptions
        if each.exemption.until - now > LONGEST_EXEMPTION
    ]
    scopes: list[tuple[str, Scope]] = [
        *((each.source, each.where) for each in policy.overrides),
        *((each.source, each.where) for each in policy.routes),
        *((each.exemption.source, each.where) for each in policy.exemptions),
    ]
    named = [*((source, scope.subscriptions) for source, scope in scopes)]
    named += [(each.source, each.subscriptions) for each in policy.environments]
    strange = [
        f"{source}: the subscription {subscription} is not onboarded; add it to HA_BOT_SUBSCRIPTIONS or take it out"
        for source, subscriptions in named
        for subscription in subscriptions
        if policy.subscriptions and subscription not in policy.subscriptions
    ]
    return (*over, *endless, *strange)
