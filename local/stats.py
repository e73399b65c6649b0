"""`python -m local evaluate --stats`: what was judged and how fast, instead of the verdicts. Keeps nothing per line."""

import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from local.evaluate import Broken, Given
from rules import evaluate
from rules.model import Finding, Resource, Status

NANOSECONDS: Final = 1_000_000_000
UNITS_IN_MIB: Final = 2**20 if sys.platform == "darwin" else 2**10
"""getrusage counts bytes on macOS, KiB elsewhere."""
PROCESS: Final = Path("/proc/self/status")


@dataclass(slots=True)
class Stats:
    """Counts over one input. `evaluator_ns` is the time inside `rules.evaluate` alone, `elapsed_ns` all of it."""

    resources: int = 0
    not_judged: int = 0
    verdicts: Counter[Status] = field(default_factory=Counter)
    evaluator_ns: int = 0
    elapsed_ns: int = 0
    first_error: str = ""

    def add(self, given: Given | Broken) -> None:
        """Judge one line and count it."""
        match given:
            case Broken(error=error):
                self.not_judged += 1
                self.first_error = self.first_error or error
            case Given(resource=found):
                self.resources += 1
                self.verdicts.update(finding.verdict.status for finding in self._timed(found))

    def _timed(self, found: Resource) -> list[Finding]:
        start = time.perf_counter_ns()
        findings = evaluate(found)
        self.evaluator_ns += time.perf_counter_ns() - start
        return findings

    def as_json(self) -> dict[str, Any]:
        """The numbers by name; a rate of nothing is 0."""
        evaluations = self.verdicts.total()
        return {
            "resources": self.resources,
            "not_judged": self.not_judged,
            "rule_evaluations": evaluations,
            "verdicts": {status.value: self.verdicts[status] for status in Status},
            "evaluator_seconds": self.evaluator_ns / NANOSECONDS,
            "rule_evaluations_per_second": _rate(evaluations, self.evaluator_ns),
            "seconds": self.elapsed_ns / NANOSECONDS,
            "resources_per_second": _rate(self.resources, self.elapsed_ns),
            "peak_memory_mib": peak_memory_mib(),
        }


def report(given: Iterable[Given | Broken], *, as_json: bool) -> int:
    """Judge everything and print the numbers; returns 1 if any line could not be judged."""
    stats = Stats()
    start = time.perf_counter_ns()
    for line in given:
        stats.add(line)
    stats.elapsed_ns = time.perf_counter_ns() - start
    numbers = stats.as_json()
    print(json.dumps(numbers) if as_json else _table(numbers))
    if stats.not_judged:
        print(f"{stats.not_judged} lines could not be judged, the first: {stats.first_error}", file=sys.stderr)
    return int(bool(stats.not_judged))


def peak_memory_mib() -> float:
    """The most memory this process has held. On Linux from /proc: getrusage there starts from the parent's peak."""
    if PROCESS.is_file():
        for line in PROCESS.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 2**10, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / UNITS_IN_MIB, 1)


def _rate(count: int, nanoseconds: int) -> float:
    return round(count * NANOSECONDS / nanoseconds, 1) if nanoseconds else 0.0


def _table(numbers: dict[str, Any]) -> str:
    rows = {
        "resources": f"{numbers['resources']:,}",
        "lines not judged": f"{numbers['not_judged']:,}",
        "rule evaluations": f"{numbers['rule_evaluations']:,}",
        **{f"  {status}": f"{count:,}" for status, count in numbers["verdicts"].items()},
        "seconds inside the evaluator": f"{numbers['evaluator_seconds']:.3f}",
        "  rule evaluations per second": f"{numbers['rule_evaluations_per_second']:,.0f}",
        "seconds in all": f"{numbers['seconds']:.3f}",
        "  resources per second": f"{numbers['resources_per_second']:,.0f}",
        "peak memory, MiB": f"{numbers['peak_memory_mib']:,.1f}",
    }
    names, figures = max(map(len, rows)), max(map(len, rows.values()))
    return "\n".join(f"{name:<{names}}  {figure:>{figures}}" for name, figure in rows.items())
