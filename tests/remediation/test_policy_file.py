"""The policy file: every problem with its line and its fix, all at once; what is good becomes a Policy."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from remediation.policy import Effect, Exempted, Exemption, Limits, LoopBreaker, Mode, Override, Policy, Route
from remediation.policy_file import DAYS, parse
from remediation.policy_problems import Problem, warnings, zone
from remediation.quiet_hours import QuietHours
from remediation.scopes import Kin, Scope
from rules.model import Environment, Role, Severity
from tests.builders import NOON, OTHER_SUBSCRIPTION, REGISTRY_ID, SUBSCRIPTION

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = (ROOT / "policy.yaml").read_bytes()
SCHEMA: dict[str, Any] = json.loads((ROOT / "policy.schema.json").read_text(encoding="utf-8"))
DEFAULTS = Policy(frozenset())


def said(text: str) -> list[str]:
    """The problems of a text, as people read them."""
    found = parse(text.encode(), "policy.yaml")
    assert not isinstance(found, Policy)
    return [str(problem) for problem in found]


def policy(text: str) -> Policy:
    found = parse(text.encode(), "policy.yaml")
    assert isinstance(found, Policy), found
    return found


def test_the_file_that_is_shipped_changes_nothing() -> None:
    assert parse(SHIPPED, "policy.yaml") == DEFAULTS
    assert SHIPPED.startswith(b"# yaml-language-server: $schema=policy.schema.json\n")


def test_the_examples_in_the_file_that_is_shipped_are_good() -> None:
    unfolded = re.sub(r": (\[\]|\{\})$", ":", SHIPPED.decode(), flags=re.MULTILINE)
    found = policy(re.sub(r"^#(?=  )|^# (?=quiet_hours)", "", unfolded, flags=re.MULTILINE))
    assert (len(found.overrides), len(found.environments), len(found.routes), len(found.exemptions)) == (2, 2, 2, 1)
    assert found.quiet_hours is not None


EMPTY = ["", "\n# nothing\n", "---\n", "{}", "mode: audit", "\N{ZERO WIDTH NO-BREAK SPACE}mode: audit"]


@pytest.mark.parametrize("text", EMPTY)
def test_what_is_left_out_is_as_by_default(text: str) -> None:
    assert policy(text) == DEFAULTS


WHOLE = f"""\
mode: enforce
rules:
  - rules: [Storage/*, container-registry/premium-sku]
    where:
      subscriptions: [{SUBSCRIPTION}]
      resource_groups: ["RG-*"]
      resources: [{REGISTRY_ID}]
      types: [Microsoft.Storage/storageAccounts]
      tags: {{Team: ML, owner: [a, "B*"]}}
      roles: [cmk_vault, default_storage]
      environment: dev_test
    effect: off
    reason: sandboxes
  - effect: ask
environments:
  dev_test: {{names: ["*-Dev"], subscriptions: [], tags: {{cost: lab}}}}
  production: {{resource_groups: [rg-prod]}}
limits: {{fixes_per_resource_per_day: 1, monthly_usd_per_change: 12.5}}
loop_breaker: {{hours: 12, times: 2}}
routes:
  - channels: [teams, slack]
    severities: [HIGH, LOW]
    rules: [aks/*]
quiet_hours: {{from: 22:00, to: "07:30", zone: "+01:00", days: [mon, sun], except_severities: [HIGH]}}
exemptions:
  - where: {{types: ["*"]}}
    until: 2027-01-31
    reason: accepted
    by: platform team
heartbeat: {{hours: 6}}
"""


def test_everything_in_a_file_becomes_part_of_the_policy() -> None:
    scope = Scope(
        (SUBSCRIPTION,),
        ("rg-*",),
        (REGISTRY_ID.lower(),),
        ("microsoft.storage/storageaccounts",),
        (("team", ("ml",)), ("owner", ("a", "b*"))),
        frozenset({Role.CMK_VAULT, Role.DEFAULT_STORAGE}),
        Environment.DEV_TEST,
    )
    end = datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC)
    assert policy(WHOLE) == Policy(
        frozenset(),
        Mode.ENFORCE,
        overrides=(
            Override(
                Effect.OFF, "policy.yaml line 3", ("storage/*", "container-registry/premium-sku"), scope, "sandboxes"
            ),
            Override(Effect.ASK, "policy.yaml line 14"),
        ),
        environments=(
            Kin(Environment.PRODUCTION, "policy.yaml line 17", resource_groups=("rg-prod",)),
            Kin(Environment.DEV_TEST, "policy.yaml line 16", names=("*-dev",), tags=(("cost", ("lab",)),)),
        ),
        limits=replace(Limits(), fixes_per_resource_per_day=1, monthly_usd_per_change=12.5),
        loop=LoopBreaker(2, timedelta(hours=12)),
        routes=(
            Route(
                frozenset({"teams", "slack"}),
                "policy.yaml line 21",
                ("aks/*",),
                severities=frozenset({Severity.HIGH, Severity.LOW}),
            ),
        ),
        quiet_hours=QuietHours(
            time(22), time(7, 30), timezone(timedelta(hours=1)), frozenset({0, 6}), frozenset({Severity.HIGH})
        ),
        exemptions=(Exempted(Exemption(end, "accepted", "platform team", "policy.yaml line 26"), Scope(types=("*",))),),
        silence=timedelta(hours=6),
    )


def test_a_loop_breaker_may_say_one_number() -> None:
    assert policy("loop_breaker: {hours: 1}").loop == LoopBreaker(3, timedelta(hours=1))
    assert policy("loop_breaker: {times: 1}").loop == LoopBreaker(1, timedelta(hours=24))


E = "exemptions:\n- {reason: x, until: 2027-01-31, where: {types: ['*']}}\n"
PROBLEMS: dict[str, tuple[str, list[str]]] = {
    "another mode": ("\nmode: Audit", ['2: mode: "Audit" is none of audit, enforce; did you mean audit?']),
    "nothing like it": ("mode: 7", ["1: mode: 7 is none of audit, enforce"]),
    "another effect": (
        "rules:\n\n- rules: [aks/*]\n  effect: fixx",
        ['4: rules[0].effect: "fixx" is none of fix, ask, tell, off; did you mean fix?'],
    ),
    "severity in lower case": (
        "routes:\n- channels: [slack]\n  severities:\n  - high",
        ['4: routes[0].severities[0]: "high" is none of HIGH, MEDIUM, LOW; did you mean HIGH?'],
    ),
    "an unknown member": ("moode: audit", ["1: moode: there is no such member; did you mean mode?"]),
    "two unknown members": (
        "heartbeat:\n  x: 1\n  hour: 2",
        ["2: heartbeat.x: there is no such member; there are hours",
         "3: heartbeat.hour: there is no such member; did you mean hours?"],
    ),
    "an odd name": ('"a b": 1', ['1: "a b": there is no such member; there are mode, rules, environments, limits, '
                                 "loop_breaker, routes, quiet_hours, exemptions, heartbeat"]),
    "not complete": ("exemptions:\n-\n  by: x", ["3: exemptions[0]: is not complete; add where, until, reason"]),
    "no effect": ("rules: [{}]", ["1: rules[0]: is not complete; add effect"]),
    "no list": ("rules: {}", ["1: rules: {} must be a list ([one, two])"]),
    "no text": ("rules:\n- {rules: [7], effect: ask}", ['2: rules[0].rules[0]: 7 must be text; put it in quotes: "7"']),
    "a tag's value": ("environments: {dev_test: {tags: {a: true}}}",
                      ["1: environments.dev_test.tags.a: true must be text or a list ([one, two]); put it in quotes: "
                       '"true"']),
    "nothing": ("limits:", ["1: limits: is empty; it must be a mapping (name: value), or left out"]),
    "a list on top": ("- 1", ["1: [1] must be a mapping (name: value)"]),
    "no number": ("limits: {scan_count: many}", ['1: limits.scan_count: "many" must be a whole number']),
    "too small": ("limits:\n  scan_share: -0.5", ["2: limits.scan_share: -0.5 is too small; 0 is the least"]),
    "too large": ("loop_breaker: {times: 21}", ["1: loop_breaker.times: 21 is too large; 20 is the most"]),
    "too long": (E.replace("reason: x", "reason: " + "x" * 501),
                 ["2: exemptions[0].reason: is too long; 500 characters are the most"]),
    "an empty list": ("routes: [{channels: []}]", ["1: routes[0].channels: is empty; fill it in or leave it out"]),
    "an empty scope": ("rules: [{effect: ask, where: {}}]",
                       ["1: rules[0].where: is empty; fill it in or leave it out"]),
    "an empty reason": ("rules: [{effect: ask, reason: ''}]",
                        ["1: rules[0].reason: is empty; fill it in or leave it out"]),
    "no subscription": (E.replace("types: ['*']", "subscriptions: [prod]"),
                        ['2: exemptions[0].where.subscriptions[0]: "prod" is not written as it has to be; write it '
                         "such as 00000000-0000-0000-0000-000000000000"]),
    "no rule": ("rules:\n- rules:\n  - Storage/zone-redundent\n  - x/*\n  effect: off",
                ['3: rules[0].rules[0]: "Storage/zone-redundent" is no rule, and describes none; did you mean '
                 "storage/zone-redundant?",
                 '4: rules[0].rules[1]: "x/*" is no rule, and describes none; docs/rules lists them all']),
    "no role": (E.replace("types: ['*']", "roles: [cmk_volt]"),
                ['2: exemptions[0].where.roles[0]: "cmk_volt" is none of ' + ", ".join(Role)
                 + "; did you mean cmk_vault?"]),
    "no type": (E.replace("'*'", "Microsoft.Storage/storageAccount"),
                ['2: exemptions[0].where.types[0]: "Microsoft.Storage/storageAccount" is no type of resource that '
                 "rules are about; did you mean Microsoft.Storage/storageAccounts?"]),
    "nothing like a type": (E.replace("'*'", "7/x"),
                            ['2: exemptions[0].where.types[0]: "7/x" is no type of resource that rules are about']),
    "no id": (E.replace("types: ['*']", "resources: [crml, /subscriptions/x/resourceGroups/y, '*/crml']"),
              [f'2: exemptions[0].where.resources[{position}]: "{wrong}" is not the id of a resource; copy all of it, '
               "/subscriptions/…/providers/…, or end a part of it in /*"
               for position, wrong in enumerate(("crml", "/subscriptions/x/resourceGroups/y", "*/crml"))]),
    "no end": (E.replace("2027-01-31", "2027-02-30"),
               ['2: exemptions[0].until: "2027-02-30" is no date; write one such as 2027-01-31 or '
                "2027-01-31T18:00:00Z"]),
    "a number as end": (E.replace("2027-01-31", "2027"),
                        ['2: exemptions[0].until: 2027 must be text; put it in quotes: "2027"']),
    "no time": ("quiet_hours: {from: 7:00, to: 8:00:00, zone: UTC}",
                ['1: quiet_hours.from: "7:00" is not written as it has to be; write it such as 22:00',
                 '1: quiet_hours.to: "8:00:00" is not written as it has to be; write it such as 22:00']),
    "no zone": ("quiet_hours:\n  from: 22:00\n  to: 07:00\n  zone: Mars/Olympus",
                ['4: quiet_hours.zone: "Mars/Olympus" is no time zone that this machine knows; write a name such as '
                 "Europe/Berlin, an offset such as +01:00, or UTC"]),
    "hours without end": ("quiet_hours: {from: 22:00, to: 22:00, zone: UTC}",
                          ["1: quiet_hours.to: is when they begin; name another time, or leave quiet_hours out"]),
    "more than is allowed": (
        "rules:\n- rules: [storage/*, Storage/zone-redundant]\n  effect: fix",
        ["3: rules[0].effect: fix is more than the remediation of Storage/zone-redundant allows; ask is the most"]),
    "ask what only people can do": (
        "rules: [{rules: [databricks/disaster-recovery], effect: ask}]",
        ["1: rules[0].effect: ask is more than the remediation of databricks/disaster-recovery allows; "
         "tell is the most"]),
    "twice": ("mode: audit\nlimits: {}\nmode: enforce",
              ["3: mode: stands there twice, first in line 1; leave one of them"]),
    "a tag": ("mode: !!str audit", ["1: mode: tag:yaml.org,2002:str is a tag; leave it out, and put text in quotes"]),
    "a tag and more": ("mode: !!str audit\nrules: 7",
                       ["1: mode: tag:yaml.org,2002:str is a tag; leave it out, and put text in quotes",
                        "2: rules: 7 must be a list ([one, two])"]),
    "a long value": ("mode: " + "x" * 100, [f'1: mode: "{"x" * 59}… is none of audit, enforce']),
}  # fmt: skip


@pytest.mark.parametrize(("text", "lines"), PROBLEMS.values(), ids=PROBLEMS)
def test_a_problem_names_its_line_and_the_fix(text: str, lines: list[str]) -> None:
    assert said(text) == [f"policy.yaml:{line}" for line in lines]


def test_what_is_only_described_is_capped_silently() -> None:
    assert policy("rules: [{rules: [storage/*], effect: fix}, {effect: ask}]").overrides


def test_all_problems_are_told_at_once_in_the_order_of_their_lines() -> None:
    text = "".join(f"{line}\n" for line in ("mode: x", "limits: {a: 1, b: 2}", "mode: y", "rules:", "- effect: z"))
    assert [int(line.split(":")[1]) for line in said(text)] == [2, 2, 3, 5]


def test_a_file_that_is_too_large_is_not_read() -> None:
    assert said("#" * (256 * 1024 + 1)) == ["policy.yaml:1: is larger than 256 KiB; no policy needs that"]
    assert policy("#" * 256 * 1024) == DEFAULTS


def test_a_file_is_utf_8() -> None:
    found = parse(b"mode: audit\n# \xff", "policy.yaml")
    assert found == (Problem("policy.yaml", 2, "", "is not UTF-8; save it in that encoding"),)


ZONES = {
    "UTC": UTC,
    "+05:30": timezone(timedelta(hours=5, minutes=30)),
    "-01:00": timezone(timedelta(hours=-1)),
    "Europe/Berlin": ZoneInfo("Europe/Berlin"),
}


@pytest.mark.parametrize(("text", "expected"), ZONES.items())
def test_a_time_zone_is_an_offset_or_a_name(text: str, expected: object) -> None:
    assert zone(text) == expected


@pytest.mark.parametrize("text", ["", "+24:00", "+1", "Europe", "../etc/passwd", "Nowhere", "Europe/Berlin\0"])
def test_other_words_are_no_time_zone(text: str) -> None:
    with pytest.raises(ValueError, match="Europe/Berlin"):
        zone(text)


OVER = f"""\
rules:
- {{effect: ask, where: {{subscriptions: [{OTHER_SUBSCRIPTION}, {SUBSCRIPTION}]}}}}
environments: {{dev_test: {{subscriptions: [{OTHER_SUBSCRIPTION}]}}}}
routes: [{{channels: [teams], where: {{subscriptions: [{OTHER_SUBSCRIPTION}]}}}}]
exemptions:
- {{where: {{subscriptions: [{OTHER_SUBSCRIPTION}]}}, until: 2026-11-22, reason: x}}
- {{where: {{subscriptions: [{SUBSCRIPTION}]}}, until: 2026-11-23, reason: x}}
- {{where: {{subscriptions: [{SUBSCRIPTION}]}}, until: 2027-11-23, reason: x}}
- {{where: {{subscriptions: [{SUBSCRIPTION}]}}, until: 2099-11-23, reason: x}}
"""


def test_what_is_perhaps_not_meant_is_a_warning() -> None:
    strange = f"the subscription {OTHER_SUBSCRIPTION} is not onboarded; add it to HA_BOT_SUBSCRIPTIONS or take it out"
    found = replace(policy(OVER), subscriptions=frozenset({SUBSCRIPTION}))
    assert warnings(found, NOON) == (
        "policy.yaml line 6: the exemption ended on 2026-11-22 23:59 UTC; take it out or set another end",
        "policy.yaml line 9: the exemption ends in 26663 days, and nobody is reminded of it before; a person's or a "
        "tag's lasts 366 at most",
        f"policy.yaml line 2: {strange}",
        f"policy.yaml line 4: {strange}",
        f"policy.yaml line 6: {strange}",
        f"policy.yaml line 3: {strange}",
    )
    assert len(warnings(policy(OVER), NOON)) == 2


def test_the_schema_is_one_and_names_what_there_is() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    scope = SCHEMA["$defs"]["scope"]["properties"]
    assert scope["roles"]["items"]["enum"] == list(Role)
    assert scope["environment"]["enum"] == list(Environment)
    assert SCHEMA["$defs"]["severities"]["items"]["enum"] == list(Severity)
    assert SCHEMA["properties"]["mode"]["enum"] == list(Mode)
    assert set(SCHEMA["properties"]["rules"]["items"]["properties"]["effect"]["enum"]) == set(Effect)
    assert tuple(SCHEMA["properties"]["quiet_hours"]["properties"]["days"]["items"]["enum"]) == DAYS


def test_the_defaults_of_the_schema_are_those_of_the_policy() -> None:
    properties = SCHEMA["properties"]
    limits = {name: each["default"] for name, each in properties["limits"]["properties"].items()}
    assert Limits(**limits) == Limits()
    loop = properties["loop_breaker"]["properties"]
    assert LoopBreaker(loop["times"]["default"], timedelta(hours=loop["hours"]["default"])) == LoopBreaker()
    assert timedelta(hours=properties["heartbeat"]["properties"]["hours"]["default"]) == DEFAULTS.silence
    assert properties["mode"]["default"] == DEFAULTS.mode


def test_every_member_is_described() -> None:
    assert [name for name, member in _members(SCHEMA) if "description" not in member and "$ref" not in member] == []


def _members(schema: Any) -> list[tuple[str, Any]]:
    """Every named member of a schema, wherever it stands."""
    if isinstance(schema, list):
        return [each for item in schema for each in _members(item)]
    if not isinstance(schema, dict):
        return []
    properties = schema.get("properties", {})
    return [*properties.items(), *(each for value in schema.values() for each in _members(value))]


KEYS = [*SCHEMA["properties"], *SCHEMA["$defs"]["scope"]["properties"], "effect", "where", "until", "reason", "from",
        "to", "zone", "channels", "dev_test", "production", "times", "hours", "names"]  # fmt: skip
SCALARS = st.sampled_from(
    ["fix", "off", "storage/*", "2027-01-31", "22:00", "UTC", "HIGH", "teams", 3, 0.5, True, None]
)
DATA = st.recursive(
    SCALARS | st.text(max_size=5) | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
TEXTS = st.text(max_size=200) | st.text("[]{}:,-&*!%|>'\"#\n ab0\\U?", max_size=60) | DATA.map(yaml.safe_dump)


@given(TEXTS.map(lambda text: text.encode(errors="surrogatepass")) | st.binary(max_size=60))
def test_any_file_is_a_policy_or_has_problems(data: bytes) -> None:
    found = parse(data, "policy.yaml")
    if not isinstance(found, Policy):
        assert found
        for problem in found:
            assert 1 <= problem.line <= data.count(b"\n") + data.count(b"\r") + 3
            assert problem.text
            assert "\n" not in str(problem)
