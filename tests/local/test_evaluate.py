"""`python -m local evaluate`: JSON Lines in, JSON Lines out, a bad line never stops the rest."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.evaluate import judge
from tests.builders import REGISTRY_ID, registry, storage_account

ROOT = Path(__file__).resolve().parents[2]


def _results(*lines: object) -> list[dict[str, Any]]:
    given = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return [json.loads(json.dumps(result)) for result in judge(given)]


def test_a_bare_resource_is_known_by_its_own_id() -> None:
    body = registry("Basic")
    (result,) = _results(body)
    assert result["id"] == result["resource_id"] == body["id"] == REGISTRY_ID
    (verdict,) = result["verdicts"]
    assert verdict["rule"] == "container-registry/premium-sku"
    assert verdict["status"] == "FAIL"
    assert verdict["severity"] == "HIGH"
    assert "Basic" in verdict["because"]
    assert set(verdict["references"]) == {"aprl", "psrule", "policy", "learn"}
    assert verdict["references"]["aprl"] == ["eb005943-40a8-194b-9db2-474d430046b7"]


def test_a_wrapped_resource_is_known_by_the_id_given_to_it() -> None:
    body = registry("Premium")
    (result,) = _results({"id": "case 7", "resource": body})
    assert result["id"] == "case 7"
    assert result["resource_id"] == body["id"]
    assert result["verdicts"][0]["status"] == "PASS"


def test_roles_decide_what_is_asked_of_a_resource() -> None:
    body = storage_account("Standard_LRS")
    with_role, without = _results(
        {"id": 1, "resource": body, "roles": ["default_storage"]}, {"id": 2, "resource": body}
    )
    assert with_role["verdicts"][0]["status"] == "FAIL"
    assert without["verdicts"][0]["status"] == "NOT_APPLICABLE"


def test_roles_may_be_written_in_any_case() -> None:
    (result,) = _results({"resource": storage_account("Standard_LRS"), "roles": ["Default_Storage"]})
    assert result["verdicts"][0]["status"] == "FAIL"


def test_children_may_be_bodies_or_lists_of_bodies() -> None:
    children = {"blobServices/default": {"properties": {}}, "replications": [{"location": "westus"}]}
    (result,) = _results({"id": 1, "resource": registry("Basic"), "children": children, "roles": None})
    assert "error" not in result


def test_a_type_without_rules_has_no_verdicts() -> None:
    (result,) = _results({"id": 1, "resource": {"type": "Microsoft.Network/virtualNetworks"}})
    assert result == {"id": 1, "resource_id": None, "verdicts": []}


@pytest.mark.parametrize(
    ("line", "identity", "word"),
    [
        (b"{broken", None, "no JSON"),
        (b"\xff\xfe", None, "no JSON"),
        (b"[" * 100_000, None, "no JSON"),
        (b'{"id": NaN}', None, "no JSON"),
        ([1, 2], None, "JSON object"),
        ("text", None, "JSON object"),
        (None, None, "JSON object"),
        ({"id": "a"}, "a", "no resource"),
        ({"id": "b", "resource": []}, "b", "JSON object"),
        ({"id": "c", "resource": {"sku": {}}}, "c", "no resource"),
        ({"id": "d", "resource": {"type": "A.B/c"}, "children": {"x": 1}}, "d", "children"),
        ({"id": "e", "resource": {"type": "A.B/c"}, "children": []}, "e", "children"),
        ({"id": "f", "resource": {"type": "A.B/c"}, "roles": ["boss"]}, "f", "roles"),
        ({"id": "g", "resource": {"type": "A.B/c"}, "roles": "default_storage"}, "g", "roles"),
        ({"id": "h", "resource": {"type": "A.B/c"}, "roles": [["default_storage"]]}, "h", "roles"),
    ],
)
def test_a_bad_line_is_an_error_and_the_rest_goes_on(line: object, identity: object, word: str) -> None:
    bad, good = _results(line, registry("Premium"))
    assert bad["id"] == identity
    assert set(bad) == {"id", "error"}
    assert word in bad["error"]
    assert good["verdicts"][0]["status"] == "PASS"


def test_blank_lines_are_passed_over() -> None:
    assert _results(b"\n", b"   \n") == []


def _run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "local", "evaluate", *arguments]
    return subprocess.run(command, cwd=ROOT, input=given, capture_output=True, timeout=60, check=False)


def test_the_command_reads_a_file_or_standard_input_and_tells_by_its_status(tmp_path: Path) -> None:
    good = json.dumps(registry("Basic")).encode()
    file = tmp_path / "resources.jsonl"
    file.write_bytes(good + b"\n")
    from_file, from_input = _run(str(file)), _run(given=good)
    assert from_file.returncode == from_input.returncode == 0
    assert from_file.stdout == from_input.stdout
    assert _run("-", given=good + b"\nbroken\n").returncode == 1
    missing = _run(str(tmp_path / "none.jsonl"))
    assert missing.returncode == 2
    assert b"No such file" in missing.stderr
    assert b"Is a directory" in _run(str(tmp_path)).stderr


def test_odd_unicode_is_answered_in_plain_ascii() -> None:
    done = _run(given=b'{"id": "\\ud800", "resource": {"type": "A.B/c"}}\n')
    assert done.returncode == 0
    assert json.loads(done.stdout)["id"] == "\ud800"
