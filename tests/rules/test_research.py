"""Every entry of the research is a rule, or a decision says why not."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from local.contracts import SPECS
from remediation.fixes import REMEDIATIONS
from remediation.plan import Safety
from rules import CATALOGUE, RULES_BY_NAME

FACTS = SPECS.parent / "facts" / "rules.json"
DECISION = Path(__file__).resolve().parents[2] / "docs" / "decisions" / "0008-the-catalogue-and-the-research.md"
ROW = re.compile(r"^\| ([A-Z0-9-]+) \| (?:`([a-z0-9/-]+)`|–) \|", re.MULTILINE)
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
needs_facts = pytest.mark.skipif(
    not FACTS.is_file(), reason="facts about rules not found at ../shared/facts/rules.json"
)


def decided() -> dict[str, str]:
    """The rule that each entry became, empty for one that became none of its own."""
    return dict(ROW.findall(DECISION.read_text(encoding="utf-8")))


def test_every_rule_that_the_decision_names_is_in_the_catalogue() -> None:
    """The catalogue may hold more: the research is where it began."""
    assert len(decided()) > 60
    assert {rule for rule in decided().values() if rule} <= set(RULES_BY_NAME)


@needs_facts
def test_every_entry_that_is_no_mere_information_is_decided_on() -> None:
    entries: list[dict[str, Any]] = json.loads(FACTS.read_text(encoding="utf-8"))["rules"]
    assert set(decided()) == {entry["id"] for entry in entries if entry["class"] != "INFO"}


MERGED = {"ST-05", "AML-CMK-02"}
"""Part of another rule, and about the vault instead of the workspace."""
NOT_AS_SAFE = {"ST-11": Safety.APPROVE, "AI-02": Safety.GUIDE, "LA-02": Safety.GUIDE}
"""The decision says why."""


def entries() -> dict[str, dict[str, Any]]:
    """The entries that became a rule of their own."""
    rules = json.loads(FACTS.read_text(encoding="utf-8"))["rules"]
    own = {entry for entry, rule in decided().items() if rule} - MERGED
    return {entry["id"]: entry for entry in rules if entry["id"] in own}


@needs_facts
def test_a_rule_is_as_severe_as_its_entry() -> None:
    rules = {entry: RULES_BY_NAME[rule].severity.value for entry, rule in decided().items() if rule}
    assert {name: entry["severity"].upper() for name, entry in entries().items()} == {
        name: rules[name] for name in entries()
    }


@needs_facts
def test_a_rule_is_about_the_type_of_its_entry_or_the_parent_that_shows_it() -> None:
    for name, entry in entries().items():
        assert entry["resource_type"].lower().startswith(RULES_BY_NAME[decided()[name]].applies_to.lower()), name


@needs_facts
def test_a_remediation_is_as_safe_as_its_entry_says() -> None:
    wanted = {name: NOT_AS_SAFE.get(name, Safety(entry["class"])) for name, entry in entries().items()}
    assert wanted == {name: REMEDIATIONS[decided()[name]].safety for name in entries()}


@needs_facts
def test_every_guid_that_a_rule_names_is_one_that_was_found() -> None:
    known = set(UUID.findall(FACTS.read_text(encoding="utf-8")))
    named = {guid for rule in CATALOGUE for guid in rule.references.aprl + rule.references.policy}
    assert named - known == set()
