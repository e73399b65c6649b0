"""`python -m local report`: resources or results in, the page or an export out."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.report import SUFFIXES, used
from local.sample import samples
from remediation.exports import Format
from remediation.results import from_lines, to_lines
from rules.model import Resource, Role, Use
from rules.resource_id import ResourceId
from tests.builders import WORKSPACE_ID, ml_workspace, registry, storage_account
from tests.report_estate import estate, results

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local", "report", *arguments]
    return subprocess.run(command, cwd=ROOT, input=given, capture_output=True, text=True, timeout=60, check=False)


def lines(*bodies: Any) -> str:
    return "".join(f"{json.dumps(each)}\n" for each in bodies)


def test_resources_become_a_page(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    done = run("-", "-o", str(file), given=lines(ml_workspace(), registry("Basic"), storage_account()))
    assert (done.returncode, done.stdout) == (0, "")
    assert f"results are in {file}." in done.stderr
    page = file.read_text(encoding="utf-8")
    assert "mlw as container registry" in page, "the workspace names it"
    assert "3 resources · 1 workspace\n" in page


def test_results_of_a_scan_become_an_export(tmp_path: Path) -> None:
    found, file, output = results(estate()), tmp_path / "results.jsonl", tmp_path / "out.CSV"
    file.write_text(to_lines(found), encoding="utf-8")
    assert run(str(file), "-o", str(output)).returncode == 0
    with output.open(encoding="utf-8", newline="") as text:
        assert len([*csv.reader(text)]) == len(found) + 1
    assert run(str(file), "--output", str(tmp_path / "out.json")).returncode == 0
    again = to_lines(from_lines(lines(*json.loads((tmp_path / "out.json").read_text()))))
    assert again == to_lines(found)


def test_the_ending_chooses_the_format() -> None:
    assert set(SUFFIXES.values()) == set(Format)


@pytest.mark.parametrize("line", ['{"resource_id": 1}', '{"resource_id": "x", "rule"', '"resource_id"'])
def test_a_line_that_is_no_result_is_said_and_left_out(tmp_path: Path, line: str) -> None:
    good = to_lines(results(estate())[:2])
    done = run("-o", str(tmp_path / "x.html"), given=f"{good}{line}\n")
    assert done.returncode == 1
    assert "line 3 is no result of a scan; leave it out" in done.stderr
    assert "2 results are in" in done.stderr


def test_a_line_that_is_no_resource_is_said_and_left_out(tmp_path: Path) -> None:
    done = run("-o", str(tmp_path / "x.xml"), given=lines(registry(), {"name": "x"}))
    assert done.returncode == 1
    assert "line 2: no resource" in done.stderr
    assert "<testsuites" in (tmp_path / "x.xml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("-", "-o", "report.pdf"), "report.pdf ends in none of .html, .csv, .json, .sarif, .xml"),
        (("no-such-file",), "no-such-file: No such file or directory"),
        (("-", "-o", "no-such-folder/report.html"), "no-such-folder/report.html: No such file or directory"),
    ],
)
def test_what_cannot_be_read_or_written_is_one_line(arguments: tuple[str, ...], says: str) -> None:
    done = run(*arguments, given=lines(registry()))
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_one_json_document_says_how_to_make_lines_of_it() -> None:
    done = run(given=json.dumps([registry()]))
    assert done.returncode == 2
    assert "jq -c '.[]' | python -m local report" in done.stderr


def test_nothing_is_a_page_too(tmp_path: Path) -> None:
    assert run("-o", str(tmp_path / "x.html")).returncode == 0
    assert "No workspace was seen." in (tmp_path / "x.html").read_text(encoding="utf-8")


def test_what_is_used_is_found_step_by_step() -> None:
    component, log = (
        f"{WORKSPACE_ID.rpartition('/providers/')[0]}/providers/{path}"
        for path in ("Microsoft.Insights/components/appi", "Microsoft.OperationalInsights/workspaces/log")
    )
    found = used(
        [
            Resource.of({"id": log}),
            Resource.of({"id": component, "properties": {"WorkspaceResourceId": log}}),
            Resource.of(ml_workspace(applicationInsights=component)),
        ]
    )
    assert [each.uses for each in found] == [
        (Use(Role.TELEMETRY_STORE, WORKSPACE_ID),),
        (Use(Role.WORKSPACE_APPINSIGHTS, WORKSPACE_ID),),
        (),
    ]


def test_a_named_workspace_stands_before_a_role_alone_and_that_before_nothing() -> None:
    account = Resource.of(storage_account(), uses=[Use(Role.ADDITIONAL_DATASTORE)])
    alone = Resource.of({"type": "Microsoft.Storage/storageAccounts"}, uses=[Use(Role.ADDITIONAL_DATASTORE)])
    found = used([account, alone, Resource.of(ml_workspace())])
    assert [each.uses for each in found] == [
        (Use(Role.DEFAULT_STORAGE, WORKSPACE_ID),),
        (Use(Role.ADDITIONAL_DATASTORE),),
        (),
    ]


def test_samples_stand_on_one_another() -> None:
    turn = list(samples(44))
    workspaces = {
        line["id"]: line
        for line in turn
        if line["resource"]["type"].endswith("/workspaces") and "Machine" in line["id"]
    }
    known = {line["id"] for line in turn}
    for identity, line in workspaces.items():
        properties = line["resource"]["properties"]
        assert {properties[name] for name in ("storageAccount", "keyVault", "containerRegistry")} <= known
        assert any(each.startswith(f"{identity}/computes/") for each in known)
        assert ResourceId.parse(line["children"]["computes"][0]["properties"]["resourceId"]) is not None
    assert len(workspaces) == 2
