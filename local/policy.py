"""`python -m local policy check`: whether a policy file is good, and what it means for a resource."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from local.evaluate import Broken, Given, read
from local.json_lines import NotJsonLines
from local.settings import PROJECT
from remediation import exemptions, wiring
from remediation.decide import Ask, Fix, Situation, Tell, decide
from remediation.fixes import REMEDIATIONS
from remediation.guards import Guard, guard
from remediation.policy import Mode, Policy
from remediation.policy_file import parse
from remediation.policy_problems import warnings
from rules import RULES_BY_NAME, evaluate
from rules.model import Environment, Finding, Resource, Status
from rules.scope import environment

CHATS: Final = ("Teams", "Slack")
NOTHING: Final = "-"
COLUMNS: Final = ("rule", "verdict", "then", "effect", "why", "exempt", "channels")

type Json = dict[str, Any]


def main(file: Path | None, resource: str | None, rule: str, *, as_json: bool) -> int:
    """Say what is wrong with the file, or what it means for the resources; returns 1 if anything is wrong, 2 if
    anything cannot be read."""
    if rule and rule not in RULES_BY_NAME:
        print(f"{rule}: there is no such rule{exemptions.did_you_mean(rule)}", file=sys.stderr)
        return 2
    file = file or PROJECT / "policy.yaml"
    try:
        result = _checked(file.read_bytes(), file.name, _lines(resource) if resource else None, rule)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}; name a file that can be read", file=sys.stderr)
        return 2
    except NotJsonLines as error:
        print(f"{resource}: {error} (jq -c {error.fix})", file=sys.stderr)
        return 2
    print(json.dumps(result, ensure_ascii=False) if as_json else "\n".join(_shown(result)))
    return int(bool(result["problems"]) or any("error" in each for each in result["resources"]))


def _lines(resource: str) -> list[bytes]:
    """One JSON document, however many lines it has, or JSON Lines."""
    data = sys.stdin.buffer.read() if resource == "-" else Path(resource).read_bytes()
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return data.splitlines()
    return [data]


def _checked(data: bytes, source: str, lines: Sequence[bytes] | None, rule: str) -> Json:
    now = datetime.now(UTC)
    found = parse(data, source, wiring.subscriptions(os.environ))
    if not isinstance(found, Policy):
        listed = [{"line": each.line, "where": each.where, "text": each.text, "said": str(each)} for each in found]
        return {"file": source, "problems": listed, "warnings": [], "resources": []}
    given = [] if lines is None else list(read(lines)) or [Broken(None, "there is no resource in it")]
    return {
        "file": source,
        "mode": found.mode,
        "problems": [],
        "warnings": list(warnings(found, now)),
        "resources": [_meant(found, each, rule, now) for each in given],
    }


def _meant(policy: Policy, given: Given | Broken, rule: str, now: datetime) -> Json:
    """What the policy means for one resource."""
    if isinstance(given, Broken):
        return {"error": given.error}
    resource = policy.placed(given.resource)
    return {
        "id": resource.id or None,
        "environment": environment(resource),
        "environment_why": _environment_why(policy, resource),
        "rules": [_ruled(policy, finding, now) for finding in evaluate(resource) if rule in ("", finding.rule.name)],
    }


def _environment_why(policy: Policy, resource: Resource) -> str:
    if kin := policy.kin(resource):
        return kin.source
    return "its tags" if environment(resource) is Environment.DEV_TEST else "nothing says otherwise"


def _ruled(policy: Policy, finding: Finding, now: datetime) -> Json:
    held = guard(policy, finding, None, now)
    ruling, exemption = held.ruling, held.exemption
    return {
        "rule": finding.rule.name,
        "verdict": finding.verdict.status,
        "because": finding.verdict.because,
        "then": _then(policy, finding, held, now),
        "effect": ruling.effect,
        "why": ruling.why,
        "exemption": exemption
        and {
            "until": exemption.until.isoformat(),
            "reason": exemption.reason,
            "by": exemption.by,
            "source": exemption.source,
        },
        "channels": policy.channels(finding, CHATS),
    }


def _then(policy: Policy, finding: Finding, held: Guard, now: datetime) -> str:
    """What the bot would do about a failure that it meets for the first time, decided as in the pipeline."""
    remediation = REMEDIATIONS.get(finding.rule.name)
    if finding.verdict.status is not Status.FAIL or remediation is None:
        return NOTHING
    if missing := [path for path in remediation.reads if path not in finding.resource.children]:
        return f"depends on {', '.join(missing)}, which was not given"
    situation = Situation(finding, remediation.remedy(finding), None, policy, now, "", guard=held)
    match decide(situation):
        case Fix():
            return "fixes it"
        case Ask(because=because):
            return f"asks: {because}" if because else "asks"
        case Tell(because=because):
            return f"tells: {because}" if because else "tells"
        case _:
            return NOTHING


def _shown(result: Json) -> Iterator[str]:
    if result["problems"]:
        yield from (each["said"] for each in result["problems"])
        yield f"{result['file']} is not good: {len(result['problems'])} to mend. The app does not start with it."
        return
    changes_nothing = ": nothing is changed, whatever the effect" if result["mode"] == Mode.AUDIT else ""
    yield f"{result['file']} is good. Its mode is {result['mode']}{changes_nothing}."
    yield from (f"Warning: {warning}." for warning in result["warnings"])
    for each in result["resources"]:
        yield ""
        yield from _about(each)


def _about(resource: Json) -> Iterator[str]:
    if "error" in resource:
        yield f"It cannot be judged: {resource['error']}"
        return
    yield _plain(resource["id"] or "A resource without an id")
    yield f"environment: {resource['environment']} ({resource['environment_why']})"
    rows = [COLUMNS, *map(_row, resource["rules"])]
    if len(rows) == 1:
        yield "No rule is about it."
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(ruled: Json) -> tuple[str, ...]:
    cells = (*(ruled[column] for column in COLUMNS[:5]), _exempt(ruled["exemption"]))
    return (*map(_plain, cells), ", ".join(ruled["channels"]))


def _exempt(exemption: Mapping[str, str] | None) -> str:
    if exemption is None:
        return "no"
    by = f", {exemption['by']}" if exemption["by"] else ""
    return f"until {exemption['until']}: {exemption['reason']} ({exemption['source']}{by})"


def _plain(text: str) -> str:
    """Names and tags are hostile: nothing in them speaks to the terminal."""
    return "".join(each if each.isprintable() else "?" for each in text)
