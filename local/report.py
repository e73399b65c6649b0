"""`python -m local report`: the page of the report, or an export, from a file; no network.

In: resources as `evaluate` reads them, or the results of a scan (JSON Lines), by what the first line is. A workspace in
the file tells which of the file's resources it stands on, as it does to the app.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Final

from local import evaluate
from local.evaluate import Broken
from local.json_lines import numbered
from remediation import topology
from remediation.exports import Format, export
from remediation.report import model, render
from remediation.results import Result, from_lines
from rules import evaluate as judged
from rules.model import Resource, Use
from rules.resource_id import ResourceId

SUFFIXES: Final = {
    ".html": Format.HTML,
    ".json": Format.JSON,
    ".csv": Format.CSV,
    ".sarif": Format.SARIF,
    ".xml": Format.JUNIT,
}
"""The format by the ending of the output file's name."""
MOST_STEPS: Final = 4
"""From a workspace to what it stands on, and from there on (component, Log Analytics workspace)."""


def main(file: str, output: Path) -> int:
    """Write the report; returns 1 if any line could not be used, 2 if nothing can be read or written."""
    return evaluate.over(file, lambda lines: _write(lines, output), "report -o " + str(output))


def _write(lines: Iterable[bytes], output: Path) -> int:
    found = list(_read(lines))
    for broken in (each for each in found if isinstance(each, Broken)):
        print(broken.error, file=sys.stderr)
    results = [each for each in found if isinstance(each, Result)]
    output.write_text("".join(_pieces(results, SUFFIXES[output.suffix.lower()])), encoding="utf-8", newline="")
    print(f"{len(results)} results are in {output}.", file=sys.stderr)
    return int(len(results) < len(found))


def _pieces(results: Sequence[Result], wanted: Format) -> Iterable[str]:
    if wanted is Format.HTML:
        return [render.page(model.report(results, scanned_at=datetime.now(UTC)))]
    return export(wanted, results)[1]


def _read(lines: Iterable[bytes]) -> Iterator[Result | Broken]:
    filled = numbered(lines)
    for first in filled:
        rest = chain([first], filled)
        yield from (_results(rest) if b'"resource_id"' in first[1] else _judged(rest))


def _results(lines: Iterable[tuple[int, bytes]]) -> Iterator[Result | Broken]:
    """The results of a scan, as stored."""
    for number, line in lines:
        try:
            yield from from_lines(line.decode().rstrip())
        except (ValueError, KeyError, TypeError):
            yield Broken(None, f"line {number} is no result of a scan; leave it out")


def _judged(lines: Iterable[tuple[int, bytes]]) -> Iterator[Result | Broken]:
    """What the rules find in resources, each in the roles that it plays for the others."""
    given = list(evaluate.read(line for _, line in lines))
    yield from (each for each in given if isinstance(each, Broken))
    for resource in used([each.resource for each in given if not isinstance(each, Broken)]):
        yield from map(Result.of, judged(resource))


def used(resources: Sequence[Resource]) -> Sequence[Resource]:
    """The resources with the roles they play for those among them that name them."""
    for _ in range(MOST_STEPS):
        before, uses = resources, _uses(resources)
        resources = [_with(resource, uses) for resource in before]
        if resources == before:
            break
    return resources


def _uses(resources: Iterable[Resource]) -> dict[str, tuple[Use, ...]]:
    """Who uses what, by the keys of the topology."""
    found: dict[str, tuple[Use, ...]] = {}
    for each in (each for resource in resources for each in topology.uses(resource)):
        found[each.key] = (*found.get(each.key, ()), *each.uses)
    return found


def _with(resource: Resource, uses: dict[str, tuple[Use, ...]]) -> Resource:
    """Roles that are known without a workspace stand only where no workspace is known."""
    parsed = ResourceId.parse(resource.id)
    keys = topology.keys(parsed, resource.body) if parsed else ()
    named = dict.fromkeys(use for key in keys for use in uses.get(key, ()))
    return replace(resource, uses=tuple(named)) if named else resource
