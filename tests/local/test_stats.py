"""`evaluate --stats`: the same verdicts, counted; the time of the evaluator alone; memory that does not grow."""

import gc
import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from local.evaluate import judge, read
from local.sample import samples
from local.stats import Stats, peak_memory_mib, report
from rules.databricks import DR_TAG
from rules.model import Status
from tests.builders import TWIN_ID, Json, databricks, registry, storage_account
from tests.rules.examples.aks import cluster, pool

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


FORGOTTEN = "crforgotten"


def _alive() -> list[Any]:
    """What is still held of resources with that name."""
    gc.collect()
    return [found for found in gc.get_objects() if type(found) is dict and found.get("name") == FORGOTTEN]


def test_nothing_is_kept_of_a_line() -> None:
    stats = Stats()
    for given in read([json.dumps(registry(sku, name=FORGOTTEN)).encode() for sku in ("Basic", "Premium", None)]):
        assert _alive()
        stats.add(given)
    del given
    assert stats.resources == 3
    assert _alive() == []


FULL = 5_000
"""More of a kind than any cache of verdicts and gates keeps (4096)."""


def _filling() -> Iterator[Json]:
    """Resources whose verdicts and gates are all different: after them, the evaluator's caches are full."""
    for number in range(FULL):
        yield storage_account(location=f"r{number}")
        yield databricks({DR_TAG: f"{TWIN_ID}{number}"})
        yield cluster(pool(f"p{number}", availabilityZones=None))


def _peak(folder: Path, count: int) -> float:
    """MiB of a process that judges that many resources with full caches."""
    file = folder / f"{count}.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        lines.writelines(f"{json.dumps(line)}\n" for line in chain(_filling(), samples(count)))
    command = [sys.executable, "-m", "local", "evaluate", str(file), "--stats", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=100, check=True)
    numbers = json.loads(done.stdout)
    assert numbers["resources"] == 3 * FULL + count
    return float(numbers["peak_memory_mib"])


def test_ten_times_the_resources_need_no_more_memory(tmp_path: Path) -> None:
    """Not even 40 bytes for each. The mebibyte is for what replaces other things in the caches and is longer."""
    assert _peak(tmp_path, 30_000) < _peak(tmp_path, 3_000) + 1


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
