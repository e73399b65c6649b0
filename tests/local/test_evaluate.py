"""`python -m local evaluate`: JSON Lines in, JSON Lines out, a bad line never stops the rest."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.evaluate import judge
from local.json_lines import NotJsonLines
from rules.model import Role
from tests.builders import REGISTRY_ID, registry, storage_account

ROOT = Path(__file__).resolve().parents[2]


def _results(*lines: object) -> list[dict[str, Any]]:
    given = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    return [json.loads(json.dumps(result)) for result in judge(given)]


def _verdict(result: dict[str, Any], rule: str) -> dict[str, Any]:
    """The verdict of one rule among those on a resource."""
    (found,) = [verdict for verdict in result["verdicts"] if verdict["rule"] == rule]
    return dict(found)


def _sku(result: dict[str, Any]) -> str:
    return str(_verdict(result, "container-registry/premium-sku")["status"])


def _zones(result: dict[str, Any]) -> str:
    return str(_verdict(result, "storage/zone-redundant")["status"])


def test_a_bare_resource_is_known_by_its_own_id() -> None:
    body = registry("Basic")
    (result,) = _results(body)
    assert result["id"] == result["resource_id"] == body["id"] == REGISTRY_ID
    verdict = _verdict(result, "container-registry/premium-sku")
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
    assert _sku(result) == "PASS"


def test_roles_decide_what_is_asked_of_a_resource() -> None:
    body = storage_account("Standard_LRS")
    with_role, without = _results(
        {"id": 1, "resource": body, "roles": ["default_storage"]}, {"id": 2, "resource": body}
    )
    assert (_zones(with_role), _zones(without)) == ("FAIL", "NOT_APPLICABLE")


def test_roles_may_be_written_in_any_case() -> None:
    (result,) = _results({"resource": storage_account("Standard_LRS"), "roles": ["Default_Storage"]})
    assert _zones(result) == "FAIL"


@pytest.mark.parametrize("role", Role)
def test_every_role_is_understood(role: Role) -> None:
    (result,) = _results({"id": 1, "resource": {"type": "A.B/c"}, "roles": [role, role.upper()]})
    assert result == {"id": 1, "resource_id": None, "verdicts": []}


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
    assert _sku(good) == "PASS"


def test_blank_lines_are_passed_over() -> None:
    assert _results(b"\n", b"   \n") == []


DOCUMENTS = {
    "an array": ('[{"type": "A.B/c"}, {"type": "A.B/c"}]', "'.[]'"),
    "an array, an item a line": ('[{"type": "A.B/c"},\n {"type": "A.B/c"}]', "'.[]'"),
    "an array over many lines": (json.dumps([registry()], indent=2), "'.[]'"),
    "an object over many lines": (f"\n{json.dumps(registry(), indent=2)}", "."),
    "a list answer of Azure": (json.dumps({"value": [registry()]}, indent=1), "."),
    "an object with its first member on the first line": ('{"type": "A.B/c",\n "id": "a"}', "."),
}


@pytest.mark.parametrize(("text", "fix"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_one_document_is_no_json_lines(text: str, fix: str) -> None:
    with pytest.raises(NotJsonLines, match="must be JSON Lines") as refused:
        _results(*(line.encode() for line in text.splitlines()))
    assert refused.value.fix == fix


@pytest.mark.parametrize("line", [b"[1, 2]", b"{", b'{"type": "A.B/c",', b"{broken"])
def test_a_first_line_that_is_cut_off_stops_nothing(line: bytes) -> None:
    bad, good = _results(line, registry("Premium"))
    assert "line 1" in bad["error"]
    assert _sku(good) == "PASS"


@pytest.mark.parametrize("line", [b"[", b"{", b'"text"', b"3"])
def test_a_line_alone_that_is_cut_off_is_an_error(line: bytes) -> None:
    (bad,) = _results(line)
    assert "line 1" in bad["error"]


def test_no_line_is_waited_for_before_one_is_answered() -> None:
    """Whoever writes a resource and reads the verdict before the next must not wait forever."""

    def lines() -> Iterator[bytes]:
        yield json.dumps(registry()).encode()
        pytest.fail("read on before answering")

    assert next(judge(lines()))["resource_id"] == REGISTRY_ID


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


def test_the_command_tells_how_to_make_lines_of_a_document(tmp_path: Path) -> None:
    file = tmp_path / "all resources.json"
    file.write_text(json.dumps([registry()], indent=2))
    done = _run(str(file))
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"jq -c '.[]' '{file}' | python -m local evaluate" in done.stderr.decode()
    one = _run(given=json.dumps(registry(), indent=2).encode())
    assert (one.returncode, one.stdout) == (2, b"")
    assert "jq -c . | python -m local evaluate (or '.value[]'" in one.stderr.decode()


def test_what_does_not_go_together_is_refused() -> None:
    for arguments in (("--explain", "a/b", "file"), ("--explain", "a/b", "--stats"), ("--json",)):
        done = _run(*arguments)
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"error:" in done.stderr


def test_odd_unicode_is_answered_in_plain_ascii() -> None:
    done = _run(given=b'{"id": "\\ud800", "resource": {"type": "A.B/c"}}\n')
    assert done.returncode == 0
    assert json.loads(done.stdout)["id"] == "\ud800"
