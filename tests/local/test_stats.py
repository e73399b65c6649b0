"""`evaluate --stats`: the same verdicts, counted; the time of the evaluator alone; memory that does not grow."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.evaluate import judge, read
from local.stats import Stats, peak_memory_mib, report
from rules.model import Status
from tests.builders import registry, storage_account

ROOT = Path(__file__).resolve().parents[2]
LINES = [json.dumps(body).encode() for body in (registry("Basic"), registry("Premium"), storage_account())] + [
    b"broken"
]


def _json(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return dict(json.loads(capsys.readouterr().out))


def test_every_verdict_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    statuses = [verdict["status"] for result in judge(LINES[:3]) for verdict in result["verdicts"]]
    assert report(read(LINES), as_json=True) == 1
    numbers = _json(capsys)
    assert numbers["verdicts"] == {status: statuses.count(status) for status in Status}
    assert numbers["rule_evaluations"] == len(statuses)
    assert (numbers["resources"], numbers["not_judged"]) == (3, 1)
    assert 0 < numbers["evaluator_seconds"] <= numbers["seconds"]
    assert numbers["rule_evaluations_per_second"] > 0 < numbers["resources_per_second"]


def test_a_person_reads_a_table_and_why_a_line_was_not_judged(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(read(LINES), as_json=False) == 1
    shown = capsys.readouterr()
    rows = dict(line.rsplit(maxsplit=1) for line in shown.out.splitlines())
    assert rows["resources"] == "3"
    assert rows["lines not judged"] == "1"
    assert {line.strip().split()[0] for line in shown.out.splitlines()} >= set(Status)
    assert "1 lines could not be judged, the first: line 4 is no JSON" in shown.err


def test_nothing_is_counted_where_nothing_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(read([]), as_json=True) == 0
    numbers = _json(capsys)
    assert numbers["resources"] == numbers["rule_evaluations"] == numbers["rule_evaluations_per_second"] == 0


def test_nothing_is_kept_of_a_line() -> None:
    stats = Stats()
    for given in read([b"broken", b"[1]", *LINES]):
        stats.add(given)
    assert stats.first_error.startswith("line 1")
    assert len(stats.verdicts) <= len(Status)


def _peak(count: int) -> float:
    """MiB of a process that judges that many resources."""
    local = [sys.executable, "-m", "local"]
    with subprocess.Popen([*local, "sample", "--count", str(count)], cwd=ROOT, stdout=subprocess.PIPE) as given:
        command = [*local, "evaluate", "--stats", "--json"]
        done = subprocess.run(command, cwd=ROOT, stdin=given.stdout, capture_output=True, timeout=100, check=True)
    numbers = json.loads(done.stdout)
    assert numbers["resources"] == count
    return float(numbers["peak_memory_mib"])


def test_ten_times_the_resources_need_no_more_memory() -> None:
    assert _peak(30_000) < _peak(3_000) + 2


def test_the_peak_of_memory_is_this_process_own() -> None:
    """A process inherits its parent's peak in getrusage; 300 MiB held here must not show there."""
    held = bytearray(300 * 2**20)
    held[:: 2**12] = b"x" * len(held[:: 2**12])
    command = [sys.executable, "-c", "from local.stats import peak_memory_mib; print(peak_memory_mib())"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=True)
    assert peak_memory_mib() > 300
    if sys.platform == "linux":
        assert 5 < float(done.stdout) < 200


@pytest.mark.parametrize("as_json", [True, False])
def test_the_command_prints_numbers_and_no_verdicts(tmp_path: Path, as_json: bool) -> None:
    file = tmp_path / "resources.jsonl"
    file.write_bytes(b"\n".join(LINES[:3]))
    command = [sys.executable, "-m", "local", "evaluate", str(file), "--stats", *(["--json"] if as_json else [])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0
    assert b"because" not in done.stdout
    if as_json:
        assert json.loads(done.stdout)["resources"] == 3
    else:
        assert done.stdout.decode().splitlines()[0].split() == ["resources", "3"]
