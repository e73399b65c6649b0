"""Results of a scan in the formats that programs read, a piece at a time. Pure.

Names and sentences in them are hostile: each format gets its own escaping, and texts that no encoding takes are mended.
"""

import csv
import hashlib
import html
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from remediation.report import model, render
from remediation.results import Result, whole
from rules import CATALOGUE
from rules.model import Rule, Severity, Status
from rules.responsibility import PAGE


class Format(StrEnum):
    """What results can be written as, by name."""

    HTML = "html"
    JSON = "json"
    CSV = "csv"
    SARIF = "sarif"
    JUNIT = "junit"


MEDIA_TYPES: Final[Mapping[Format, str]] = {
    Format.HTML: "text/html",
    Format.JSON: "application/json",
    Format.CSV: "text/csv",
    Format.SARIF: "application/sarif+json",
    Format.JUNIT: "application/xml",
}
"""All of it is UTF-8."""
TOOL: Final = "HA Remediation Bot for Azure Machine Learning"
COLUMNS: Final = (
    "severity",
    "status",
    "rule",
    "title",
    "type",
    "location",
    "because",
    "safety",
    "used by",
    "resource id",
)
FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")
"""What makes a cell a formula where a spreadsheet opens the file (OWASP, CSV injection): such cells begin with `'`."""
LEVELS: Final = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
RULES: Final = {rule.name: position for position, rule in enumerate(CATALOGUE)}


def choose(accept: str, name: str = "", offered: Sequence[Format] = tuple(Format)) -> Format | None:
    """The format asked for by name, else by an `Accept` header (RFC 9110), else the first one offered; None where none
    of those offered will do."""
    if name:
        return next((each for each in offered if each == name.strip().lower()), None)
    wanted = [_range(part) for part in accept.split(",") if part.strip()] or [("*/*", 1.0)]
    best = max(offered, key=lambda each: _quality(each, wanted))
    return best if _quality(best, wanted) > 0 else None


def _range(part: str) -> tuple[str, float]:
    """A media range and its weight: 1 where none is given, 0 where it cannot be understood."""
    media, *parameters = (text.strip().lower() for text in part.split(";"))
    weight = next((text[2:] for text in parameters if text.startswith("q=")), "1")
    return media, float(weight) if re.fullmatch(r"(0|1)(\.\d{0,3})?", weight) else 0.0


def _quality(offered: Format, wanted: Sequence[tuple[str, float]]) -> float:
    """The weight of the range that is most specific about a format."""
    media = MEDIA_TYPES[offered]
    ranges = (media, f"{media.partition('/')[0]}/*", "*/*")
    return next((weight for each in ranges for name, weight in wanted if name == each), 0.0)


def export(wanted: Format, results: Iterable[Result]) -> tuple[str, Iterable[str]]:
    """The media type, and the text in pieces. HTML and JUnit count before they write, so they hold all results; the
    others hold none."""
    return MEDIA_TYPES[wanted], WRITERS[wanted](results)


def _html(results: Iterable[Result]) -> Iterator[str]:
    """The page of the report, with what results alone can tell."""
    yield render.page(model.report(results))


def _json(results: Iterable[Result]) -> Iterator[str]:
    """One array of objects, with the members of `Result`."""
    yield from _array(map(asdict, results))
    yield "\n"


def _array(items: Iterable[Any]) -> Iterator[str]:
    """A JSON array, one item a line. Escaped to ASCII: what is half a character stays what it is."""
    before = "["
    for item in items:
        yield f"{before}\n{json.dumps(item)}"
        before = ","
    yield "[]" if before == "[" else "\n]"


def _csv(results: Iterable[Result]) -> Iterator[str]:
    """RFC 4180, a row for each result."""
    yield _row(COLUMNS)
    for each in results:
        used_by = "; ".join(f"{use.workspace_id or 'a workspace'} as {use.role}" for use in each.uses)
        cells = (each.severity, each.status, each.rule, each.title, each.type, each.location, each.because)
        yield _row((*cells, each.safety, used_by, each.resource_id))


def _row(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([_cell(whole(cell)) for cell in cells])
    return line.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _sarif(results: Iterable[Result]) -> Iterator[str]:
    """SARIF 2.1.0 (OASIS): failures, and as open what could not be judged. What passed is no result for code scanning.

    The resource is the logical location; its id is also the physical one, without which GitHub takes no result.
    """
    driver = {"name": TOOL, "rules": [*map(_sarif_rule, CATALOGUE)]}
    yield f'{{"$schema": {json.dumps(SCHEMA)}, "version": "2.1.0", "runs": [{{"tool": {json.dumps({"driver": driver})}'
    yield ', "columnKind": "unicodeCodePoints", "results": '
    yield from _array(_sarif_result(each) for each in results if each.status in (Status.FAIL, Status.UNKNOWN))
    yield "}]}\n"


def _sarif_rule(rule: Rule) -> Mapping[str, Any]:
    what, why = (rule.section(heading) or rule.title for heading in ("What it checks", "Why it matters"))
    return {
        "id": rule.name,
        "name": "".join(word.capitalize() for word in re.split("[/-]", rule.name)),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": what},
        "help": {"text": why},
        "helpUri": next(iter(rule.references.learn), PAGE),
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": ["availability", "azure"], "severity": rule.severity},
    }


def _sarif_result(each: Result) -> Mapping[str, Any]:
    failed = each.status is Status.FAIL
    position = {"ruleIndex": RULES[each.rule]} if each.rule in RULES else {}
    place = {"artifactLocation": {"uri": quote(whole(each.resource_id).lstrip("/"))}, "region": {"startLine": 1}}
    resource = {"name": each.resource_id.rpartition("/")[2], "fullyQualifiedName": each.resource_id, "kind": "resource"}
    return {
        "ruleId": each.rule,
        **position,
        "kind": "fail" if failed else "open",
        "level": LEVELS[each.severity] if failed else "none",
        "message": {"text": f"{each.title}: {each.because}"},
        "locations": [{"physicalLocation": place, "logicalLocations": [resource]}],
        "partialFingerprints": {"resourceAndRule/v1": _fingerprint(each)},
    }


def _fingerprint(each: Result) -> str:
    return hashlib.sha256(json.dumps([each.resource_id.lower(), each.rule]).encode()).hexdigest()[:32]


def _junit(results: Iterable[Result]) -> Iterator[str]:
    """A suite for each resource type, a test case for each rule and resource: it failed, passed, is in error (could not
    be judged) or was skipped (not applicable)."""
    suites = defaultdict[str, list[Result]](list)
    for each in results:
        suites[each.type].append(each)
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name={_attribute(TOOL)}>\n'
    for name, cases in sorted(suites.items()):
        yield f"<testsuite name={_attribute(name)} {_counts(cases)}>\n"
        yield from map(_case, cases)
        yield "</testsuite>\n"
    yield "</testsuites>\n"


def _counts(cases: Sequence[Result]) -> str:
    counted = {"failures": Status.FAIL, "errors": Status.UNKNOWN, "skipped": Status.NOT_APPLICABLE}
    numbers = {name: sum(each.status is status for each in cases) for name, status in counted.items()}
    return " ".join(f'{name}="{number}"' for name, number in {"tests": len(cases), **numbers}.items())


def _case(each: Result) -> str:
    head = f"<testcase name={_attribute(each.rule)} classname={_attribute(each.resource_id)}"
    message = f"message={_attribute(each.because)}"
    match each.status:
        case Status.PASS:
            return f"{head}/>\n"
        case Status.NOT_APPLICABLE:
            return f"{head}><skipped {message}/></testcase>\n"
        case Status.UNKNOWN:
            return f'{head}><error type="UNKNOWN" {message}/></testcase>\n'
        case Status.FAIL:  # pragma: no branch
            return f'{head}><failure type="{each.severity}" {message}>{_text(each.title)}</failure></testcase>\n'


def _text(text: str) -> str:
    """What XML 1.0 cannot hold becomes the replacement character."""
    return html.escape(NOT_XML.sub("\ufffd", text))


def _attribute(text: str) -> str:
    """A quoted value; white space that parsers would make blanks of is kept."""
    kept = {ord(each): f"&#{ord(each)};" for each in "\t\n\r"}
    return f'"{_text(text).translate(kept)}"'


WRITERS: Final[Mapping[Format, Callable[[Iterable[Result]], Iterator[str]]]] = {
    Format.HTML: _html,
    Format.JSON: _json,
    Format.CSV: _csv,
    Format.SARIF: _sarif,
    Format.JUNIT: _junit,
}
