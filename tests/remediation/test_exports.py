"""What programs read: every format holds hostile texts whole, and the format is the one asked for."""

import csv
import io
import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.exports import COLUMNS, FORMULA, LEVELS, MEDIA_TYPES, TOOL, Format, choose, export
from remediation.results import Result, whole
from rules import CATALOGUE
from rules.model import Role, Severity, Status, Use
from tests.builders import REGISTRY_ID, WORKSPACE_ID

PLAIN = Result(
    REGISTRY_ID,
    "microsoft.containerregistry/registries",
    "westeurope",
    "container-registry/premium-sku",
    "Container registry is Premium",
    Severity.HIGH,
    Status.FAIL,
    "the registry is Basic",
    "SAFE",
    (Use(Role.WORKSPACE_REGISTRY, WORKSPACE_ID), Use(Role.WORKSPACE_REGISTRY)),
)
HOSTILE = "=1+1\"'<script>&]]>\r\n\t,;\x00\ud800 ünï"

texts = st.text(st.characters()) | st.sampled_from([HOSTILE, *FORMULA])
some_results = st.lists(
    st.builds(
        Result,
        texts,
        texts,
        texts,
        texts | st.sampled_from([rule.name for rule in CATALOGUE]),
        texts,
        st.sampled_from(Severity),
        st.sampled_from(Status),
        texts,
        st.sampled_from(["", "SAFE", "APPROVE", "GUIDE"]),
        st.lists(st.builds(Use, st.sampled_from(Role), texts), max_size=2).map(tuple),
    ),
    max_size=5,
)


def exported(wanted: Format, results: list[Result]) -> str:
    """The whole text, as UTF-8 carries it."""
    return "".join(export(wanted, results)[1]).encode().decode()


@given(some_results)
def test_json_is_the_results(results: list[Result]) -> None:
    assert json.loads(exported(Format.JSON, results)) == json.loads(json.dumps([asdict(each) for each in results]))


def cells(results: list[Result]) -> list[list[str]]:
    head, *rows = csv.reader(io.StringIO(exported(Format.CSV, results), newline=""))
    assert tuple(head) == COLUMNS
    return rows


@given(some_results)
def test_csv_holds_every_text_and_no_cell_is_a_formula(results: list[Result]) -> None:
    rows = cells(results)
    assert [cell for row in rows for cell in row if cell.startswith(FORMULA)] == []
    found = [
        [cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell for cell in row] for row in rows
    ]
    assert [(row[2], row[6], row[9]) for row in found] == [
        (whole(each.rule), whole(each.because), whole(each.resource_id)) for each in results
    ]


def test_a_row_says_who_uses_it() -> None:
    (row,) = cells([PLAIN])
    assert row[:4] == ["HIGH", "FAIL", "container-registry/premium-sku", "Container registry is Premium"]
    assert row[8] == f"{WORKSPACE_ID} as workspace_registry; a workspace as workspace_registry"


@pytest.mark.parametrize("begin", FORMULA)
def test_a_formula_becomes_text(begin: str) -> None:
    ((*_, because, _, _, _),) = cells([replace(PLAIN, because=f"{begin}cmd")])
    assert because == f"'{begin}cmd"


def as_xml(text: str) -> str:
    """What XML can hold of a text."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)


@given(some_results)
def test_junit_is_a_suite_for_each_type_and_holds_every_text(results: list[Result]) -> None:
    root = ElementTree.fromstring(exported(Format.JUNIT, results))  # noqa: S314 - our own text
    assert (root.tag, root.get("name")) == ("testsuites", TOOL)
    by_type = Counter(as_xml(each.type) for each in results)
    assert Counter(_sizes(root)) == by_type
    found = [(case.get("name"), case.get("classname")) for case in root.iter("testcase")]
    assert Counter(found) == Counter((as_xml(each.rule), as_xml(each.resource_id)) for each in results)
    said = [part.get("message") for case in root.iter("testcase") for part in case]
    assert Counter(said) == Counter(as_xml(each.because) for each in results if each.status is not Status.PASS)


def _sizes(root: ElementTree.Element) -> Iterator[str]:
    """The type of a suite, as often as it has tests."""
    for suite in root:
        tests = int(suite.attrib["tests"])
        assert len(suite) == tests
        yield from itertools.repeat(suite.attrib["name"], tests)


@pytest.mark.parametrize(
    ("status", "tag", "count"),
    [
        (Status.FAIL, "failure", "failures"),
        (Status.UNKNOWN, "error", "errors"),
        (Status.NOT_APPLICABLE, "skipped", "skipped"),
    ],
)
def test_junit_counts_what_did_not_pass(status: Status, tag: str, count: str) -> None:
    root = ElementTree.fromstring(exported(Format.JUNIT, [PLAIN, replace(PLAIN, status=status)]))  # noqa: S314 - our own
    (suite,) = root
    assert suite.get(count) == ("2" if status is Status.FAIL else "1")
    assert [part.tag for part in suite[1]] == [tag]


def sarif(results: list[Result]) -> dict[str, Any]:
    log = json.loads(exported(Format.SARIF, results))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return dict(run)


@given(some_results)
def test_sarif_holds_what_failed_and_what_could_not_be_judged(results: list[Result]) -> None:
    found = sarif(results)["results"]
    wanted = [each for each in results if each.status in (Status.FAIL, Status.UNKNOWN)]
    assert [each["ruleId"] for each in found] == json.loads(json.dumps([each.rule for each in wanted]))
    assert [each["kind"] for each in found] == [{"FAIL": "fail", "UNKNOWN": "open"}[each.status] for each in wanted]
    assert all((each["level"] == "none") is (each["kind"] != "fail") for each in found), "SARIF 3.27.10"


@pytest.mark.parametrize("severity", Severity)
def test_a_failure_has_the_level_of_its_severity(severity: Severity) -> None:
    (found,) = sarif([replace(PLAIN, severity=severity)])["results"]
    assert found["level"] == LEVELS[severity]


def test_a_result_is_found_again_and_lies_at_its_resource() -> None:
    run = sarif([PLAIN, replace(PLAIN, resource_id=REGISTRY_ID.upper(), because="x"), replace(PLAIN, rule="a/b")])
    first, again, gone = run["results"]
    assert first["partialFingerprints"] == again["partialFingerprints"] != gone["partialFingerprints"]
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == PLAIN.rule
    assert "ruleIndex" not in gone, "the catalogue has no such rule any more"
    (location,) = first["locations"]
    assert location["logicalLocations"] == [{"name": "crml", "fullyQualifiedName": REGISTRY_ID, "kind": "resource"}]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == REGISTRY_ID.lstrip("/")


def test_sarif_describes_every_rule() -> None:
    described = sarif([])["tool"]["driver"]["rules"]
    assert [each["id"] for each in described] == [rule.name for rule in CATALOGUE]
    for each in described:
        assert each["helpUri"].startswith("https://learn.microsoft.com/")
        assert each["shortDescription"]["text"]
        assert each["fullDescription"]["text"]
        assert each["help"]["text"]
        assert re.fullmatch(r"\w+", each["name"])


def test_the_page_is_an_export_too() -> None:
    media_type, pieces = export(Format.HTML, [replace(PLAIN, resource_id=f"{REGISTRY_ID}{HOSTILE}")])
    text = "".join(pieces)
    assert media_type == "text/html"
    assert "The registry is Basic." in text
    assert "&lt;script&gt;" in text
    assert "'<script>" not in text


@pytest.mark.parametrize("wanted", [Format.JSON, Format.CSV, Format.SARIF])
def test_results_are_written_as_they_come(wanted: Format) -> None:
    """Of endless results, pieces come at once: nothing is held."""
    pieces = iter(export(wanted, itertools.repeat(PLAIN))[1])
    assert any(PLAIN.because in piece for piece in itertools.islice(pieces, 20))


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CHOICES: dict[str, tuple[str, str, Format | None]] = {
    "nothing said": ("", "", Format.HTML),
    "a browser": (BROWSER, "", Format.HTML),
    "curl": ("*/*", "", Format.HTML),
    "by name": (BROWSER, "csv", Format.CSV),
    "by name, shouted": ("", " SARIF ", Format.SARIF),
    "no such name": ("application/json", "pdf", None),
    "one type": ("application/json", "", Format.JSON),
    "any text but a page": ("text/*, text/html;q=0", "", Format.CSV),
    "by weight": ("text/csv;q=0.1, application/sarif+json;q=0.5", "", Format.SARIF),
    "in any case": ("Application/XML ; Q=1.0", "", Format.JUNIT),
    "another parameter": ("text/csv", "", Format.CSV),
    "a type that there is not": ("application/pdf", "", None),
    "nothing at all": ("*/*;q=0", "", None),
    "a weight that is none": ("application/json;q=high", "", None),
}


@pytest.mark.parametrize(("accept", "name", "wanted"), CHOICES.values(), ids=CHOICES)
def test_the_format_is_the_one_asked_for(accept: str, name: str, wanted: Format | None) -> None:
    assert choose(accept, name) is wanted


def test_only_what_is_offered_is_chosen() -> None:
    offered = (Format.CSV, Format.JSON)
    assert choose("", "html", offered) is None
    assert choose("text/html", "", offered) is None
    assert choose("*/*", "", offered) is Format.CSV


@given(st.text(), st.text(max_size=5))
def test_any_header_and_name_can_be_asked_with(accept: str, name: str) -> None:
    assert choose(accept, name) in (None, *Format)


def test_every_format_has_a_media_type_of_its_own() -> None:
    assert MEDIA_TYPES.keys() == set(Format)
    assert len(set(MEDIA_TYPES.values())) == len(Format)
    wanted: Callable[[Format], Format | None] = lambda each: choose(MEDIA_TYPES[each])  # noqa: E731
    assert [wanted(each) for each in Format] == [*Format]
