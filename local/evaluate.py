"""`python -m local evaluate`: JSON Lines in, JSON Lines out, no network.

In: a bare ARM resource, or `{"id", "resource", "children", "roles"}`, where `children` maps a child path to its body
(`blobServices/default`) or a child collection to a list of bodies (`replications`).
Out: `{"id", "resource_id", "verdicts": […]}`, or `{"id", "error"}` for a line that is no JSON or no resource.
"""

import json
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rules import evaluate
from rules.model import Children, Finding, Resource, Role, Use

type Json = dict[str, Any]


class NotAResource(ValueError):
    """The line holds nothing that can be judged; the message says why."""


def main(file: str) -> int:
    """Judge every line of a file, or of standard input; returns 1 if any line was no resource."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # whoever reads the output may stop early, as head does
    if file == "-":
        return write(judge(sys.stdin.buffer))
    try:
        with Path(file).open("rb") as lines:
            return write(judge(lines))
    except OSError as error:
        print(f"{file}: {error.strerror}; name a file, or use - for standard input", file=sys.stderr)
        return 2


def write(results: Iterable[Json]) -> int:
    """Print results as they come; returns 1 if any of them is an error."""
    status = 0
    for result in results:
        status |= "error" in result
        sys.stdout.write(f"{json.dumps(result)}\n")
    return int(status)


def judge(lines: Iterable[bytes]) -> Iterator[Json]:
    """The result for each line that is not blank."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _judge(line, number)


def _judge(line: bytes, number: int) -> Json:
    try:
        given = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        return {"id": None, "error": f"line {number} is no JSON: {error}"}
    identity = given.get("id") if isinstance(given, dict) else None
    try:
        resource = _resource(given)
    except ValueError as error:
        return {"id": identity, "error": f"line {number}: {error}"}
    return {
        "id": identity,
        "resource_id": resource.id or None,
        "verdicts": [_verdict(finding) for finding in evaluate(resource)],
    }


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not part of JSON")


def _resource(given: object) -> Resource:
    if not isinstance(given, dict):
        raise NotAResource("a resource must be a JSON object")
    if "resource" not in given:
        return Resource.of(given)
    body = given["resource"]
    if not isinstance(body, dict):
        raise NotAResource('"resource" must be a JSON object')
    return Resource.of(body, _children(given.get("children")), _uses(given.get("roles")))


def _children(given: object) -> Children:
    if given is None:
        return {}
    if not isinstance(given, dict) or not all(_is_child(child) for child in given.values()):
        raise NotAResource('"children" must map child paths to a body, or to a list of bodies')
    return given


def _is_child(child: object) -> bool:
    return isinstance(child, Mapping) or (isinstance(child, list) and all(isinstance(body, Mapping) for body in child))


def _uses(given: object) -> list[Use]:
    known = list(Role)
    if given is None:
        return []
    roles = [role.lower() if isinstance(role, str) else role for role in given] if isinstance(given, list) else None
    if roles is None or not all(role in known for role in roles):
        raise NotAResource(f'"roles" must be a list of {", ".join(known)}')
    return [Use(Role(role)) for role in roles]


def _verdict(finding: Finding) -> Json:
    return {
        "rule": finding.rule.name,
        "status": finding.verdict.status,
        "severity": finding.rule.severity,
        "because": finding.verdict.because,
        "references": asdict(finding.rule.references),
    }
