"""What a scan found, as people read it and as JSON. Formats are written as results come."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from local.journal import plain
from remediation.exports import Format, export
from remediation.results import Result
from remediation.scopes import place
from rules.model import Resource, Severity, Status

MOST_SHOWN: Final = 1000
COLOURS: Final = {Severity.HIGH: "bold red", Severity.MEDIUM: "yellow", Severity.LOW: "cyan"}
ORDER: Final = tuple(Severity)
WIDTH: Final = 160
"""Characters of a line where the output is no terminal."""

type Counts = Mapping[str, int]
type Shown = Callable[[Iterable[Result], Counts, IO[str]], None]


def as_table(results: Iterable[Result], counts: Counts, output: IO[str]) -> None:
    """What fails, the worst first, and a summary."""
    failed = [result for result in results if result.status is Status.FAIL]
    failed.sort(key=lambda each: (ORDER.index(each.severity), each.rule, each.resource_id.lower()))
    table = Table("severity", "rule", "resource", "group", "why", box=None, pad_edge=False)
    for each in failed[:MOST_SHOWN]:
        colour = COLOURS[each.severity]
        name = each.resource_id.rpartition("/")[2]
        cells = (each.rule, name, _group(each), each.because)
        table.add_row(Text(each.severity, style=colour), *(Text(plain(cell)) for cell in cells))
    console = Console(file=output, width=None if output.isatty() else WIDTH)
    if failed:
        console.print(table)
    if len(failed) > MOST_SHOWN:
        console.print(f"… and {len(failed) - MOST_SHOWN:,} more; --format json has them all")
    console.print(summary(counts), highlight=False)


def as_json(results: Iterable[Result], counts: Counts, output: IO[str]) -> None:
    """All results, as one JSON object."""
    output.write(f'{{"counts": {json.dumps(dict(counts))}, "results": [')
    for number, each in enumerate(results):
        output.write(f"{',' if number else ''}\n{json.dumps(each.to_json(), ensure_ascii=False)}")
    output.write("\n]}\n")


def exported(name: Format) -> Shown:
    """All results in one of the formats for programs."""

    def write(results: Iterable[Result], _: Counts, output: IO[str]) -> None:
        output.writelines(export(name, results)[1])

    return write


FORMATS: Final[Mapping[str, Shown]] = {
    "table": as_table,
    "json": as_json,
    **{name.value: exported(name) for name in (Format.CSV, Format.SARIF, Format.JUNIT, Format.HTML)},
}


def summary(counts: Counts) -> str:
    """The numbers of a scan in one sentence or two."""
    severities = ", ".join(f"{counts.get(each, 0):,} {each}" for each in Severity)
    lines = [
        f"{counts.get('resources', 0):,} resources judged, {counts.get('failing', 0):,} of them fail something: "
        f"{severities}."
    ]
    if unknown := counts.get(Status.UNKNOWN, 0):
        lines.append(f"UNKNOWN: {unknown:,} times Azure did not show enough to judge.")
    if unread := counts.get("unread", 0):
        lines.append(
            f"Not read: {unread:,} parts of resources; the role Reader on the subscription lets the login read them."
        )
    return "\n".join(lines)


def is_as_grave(counts: Counts, severity: str | None) -> bool:
    """Whether anything fails that is as grave as that, or graver."""
    return severity is not None and any(counts.get(each, 0) for each in ORDER[: ORDER.index(Severity(severity)) + 1])


def _group(result: Result) -> str:
    return place(Resource(result.resource_id, result.type, result.location, {}))[1]
