"""Results of a scan are stored whole."""

from dataclasses import replace

from remediation.fixes import REMEDIATIONS
from remediation.results import Result, from_lines, to_lines
from rules import evaluate
from tests.rules.examples import EXAMPLES


def test_results_are_stored_whole() -> None:
    results = [Result.of(finding) for resource in EXAMPLES for finding in evaluate(resource)]
    results.append(replace(results[0], resource_id="a\u2028b", because="\x85c\n"))
    assert list(from_lines(to_lines(results))) == results
    assert {each.safety for each in results} == {"SAFE", "APPROVE", "GUIDE"}
    assert {each.rule for each in results} == REMEDIATIONS.keys()
