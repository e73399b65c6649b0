"""`python -m local evaluate`: JSON Lines in, JSON Lines out, no network.

In: a bare ARM resource, or `{"id", "resource", "children", "roles"}`, where `children` maps a child path to its body
(`blobServices/default`) or a child collection to a list of bodies (`replications`).
Out: `{"id", "resource_id", "verdicts": […]}`, or `{"id", "error"}` for a line that is no JSON or no resource.
"""

import json
import shlex
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from local.json_lines import NotJsonLines, numbered
from rules import evaluate
from rules.model import Children, Finding, Resource, Role, Use

type Json = dict[str, Any]


class NotAResource(ValueError):
    """The line holds nothing that can be judged; the message says why."""


class Given(NamedTuple):
    """A line that can be judged. `identity` is its `id`, whatever that is."""

    identity: Any
    resource: Resource


class Broken(NamedTuple):
    """A line that cannot be judged."""

    identity: Any
    error: str


type Report = Callable[[Iterable[Given | Broken]], int]


def main(file: str, report: Report | None = None) -> int:
    """Judge every line of a file, or of standard input; returns 1 if any line was no resource, 2 if none can be."""
    return over(file, lambda lines: (report or write)(read(lines)))


def over(file: str, work: Callable[[BinaryIO], int], command: str = "evaluate") -> int:
    """What `work` makes of the lines of a file, or of standard input; 2, having said why, where they cannot be read."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # whoever reads the output may stop early, as head does
    try:
        with _opened(file) as lines:
            return work(lines)
    except OSError as error:
        print(f"{error.filename or file}: {error.strerror}; name a file, or use - for standard input", file=sys.stderr)
    except NotJsonLines as error:
        print(f"{file}: {error}: {_to_lines(file, error.fix, command)}", file=sys.stderr)
    return 2


def _opened(file: str) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if file == "-" else Path(file).open("rb")


def _to_lines(file: str, fix: str, command: str) -> str:
    source = "… | jq -c " + fix if file == "-" else f"jq -c {fix} {shlex.quote(file)}"
    hint = "" if fix != "." else " (or '.value[]' for an answer of Azure's with a list in \"value\")"
    return f"{source} | python -m local {command}{hint}"


def write(given: Iterable[Given | Broken]) -> int:
    """Print results as they come; returns 1 if any of them is an error."""
    status = 0
    for result in map(_result, given):
        status |= "error" in result
        sys.stdout.write(f"{json.dumps(result)}\n")
    return int(status)


def judge(lines: Iterable[bytes]) -> Iterator[Json]:
    """The result for each line that is not blank."""
    return map(_result, read(lines))


def read(lines: Iterable[bytes]) -> Iterator[Given | Broken]:
    """The resource of each line that is not blank, or what is wrong with it."""
    return (_read(line, number) for number, line in numbered(lines))


def _result(given: Given | Broken) -> Json:
    match given:
        case Broken(identity, error):
            return {"id": identity, "error": error}
        case Given(identity, resource):
            verdicts = [_verdict(finding) for finding in evaluate(resource)]
            return {"id": identity, "resource_id": resource.id or None, "verdicts": verdicts}


def _read(line: bytes, number: int) -> Given | Broken:
    try:
        given = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        return Broken(None, f"line {number} is no JSON: {error}")
    identity = given.get("id") if isinstance(given, dict) else None
    try:
        return Given(identity, _resource(given))
    except ValueError as error:
        return Broken(identity, f"line {number}: {error}")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not part of JSON")


def _resource(given: object) -> Resource:
    if isinstance(given, list):
        raise NotAResource("a resource must be a JSON object; a list must be written one resource a line (jq -c '.[]')")
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
