"""How well something is set up, as one number, and the counts behind it. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from remediation.results import Result
from rules.model import Severity, Status

WEIGHTS: Final[Mapping[Severity, int]] = {Severity.HIGH: 3, Severity.MEDIUM: 2, Severity.LOW: 1}
"""What a check counts: one that is missed at HIGH as much as three at LOW."""


@dataclass(frozen=True, slots=True)
class Score:
    """The weights of the checks that passed and of all that were judged, and how many of each kind there are.

    What does not apply is no check. What could not be judged is counted apart and is in neither weight.
    """

    passed_weight: int = 0
    judged_weight: int = 0
    passed: int = 0
    unknown: int = 0
    failed: Mapping[Severity, int] = field(default_factory=dict)

    @property
    def percent(self) -> int | None:
        """0 to 100, rounded down, so that 100 means all; None where nothing was judged."""
        return 100 * self.passed_weight // self.judged_weight if self.judged_weight else None

    @property
    def failures(self) -> int:
        """How many checks failed, of any severity."""
        return sum(self.failed.values())

    def failed_at(self, severity: Severity) -> int:
        """How many checks of a severity failed."""
        return self.failed.get(severity, 0)


def score(results: Iterable[Result]) -> Score:
    """The score of some results; the same check seen through two workspaces is given once by who asks."""
    passed, failed, unknown = Counter[Severity](), Counter[Severity](), 0
    for each in results:
        match each.status:
            case Status.PASS:
                passed[each.severity] += 1
            case Status.FAIL:
                failed[each.severity] += 1
            case Status.UNKNOWN:
                unknown += 1
            case Status.NOT_APPLICABLE:  # pragma: no branch
                pass
    good, bad = (sum(WEIGHTS[severity] * count for severity, count in each.items()) for each in (passed, failed))
    return Score(good, good + bad, passed.total(), unknown, dict(failed))
