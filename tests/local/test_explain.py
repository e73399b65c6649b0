"""`evaluate --explain`: a rule's page on the terminal; the nearest names where there is no such rule."""

import subprocess
import sys
from pathlib import Path

import pytest

from local import explain
from local.about import RULE_HEADINGS, links
from remediation.fixes import REMEDIATIONS
from remediation.plan import Remediation, Safety
from rules import CATALOGUE
from rules.model import Rule

ROOT = Path(__file__).resolve().parents[2]
every_rule = pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.name)


@every_rule
def test_a_page_tells_all_that_is_known_of_a_rule(rule: Rule) -> None:
    page = "\n".join(explain.page(rule))
    flat = " ".join(page.split())
    assert page.splitlines()[:2] == [rule.name, rule.title]
    assert f"Severity {rule.severity}" in flat
    assert rule.applies_to in flat
    assert all(rule.section(heading) in flat for heading in RULE_HEADINGS)
    assert all(link.url in flat for link in links(rule.references))
    assert ("only in regions with availability zones" in flat) >= rule.zonal
    assert ("not for what the policy or a tag marks as development or test" in flat) >= rule.production
    assert all(path in flat for path in rule.reads)


@pytest.mark.parametrize("remediation", REMEDIATIONS.values(), ids=REMEDIATIONS)
def test_a_page_tells_what_is_done_about_a_failure(remediation: Remediation) -> None:
    flat = " ".join("\n".join(explain.page(remediation.rule)).split())
    assert f"Remediation {remediation.safety}" in flat
    assert all(action in flat for action in remediation.needs)
    assert ("Permissions:" in flat) == (remediation.safety is not Safety.GUIDE)


@every_rule
def test_a_page_fits_the_terminal_but_for_addresses(rule: Rule) -> None:
    long = [line for line in explain.page(rule) if len(line) > explain.WIDTH]
    assert [line for line in long if "https://" not in line] == []


NEAR = {
    "another spelling": ("container_registry/premium_sku", "container-registry/premium-sku"),
    "a slip": ("storage/zone-redundnat", "storage/zone-redundant"),
    "the service alone": ("databricks", "databricks/disaster-recovery"),
    "the name alone": ("premium-sku", "container-registry/premium-sku"),
}


@pytest.mark.parametrize(("asked", "meant"), NEAR.values(), ids=NEAR)
def test_the_nearest_names_are_told(asked: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explain.main(asked) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "there is no such rule; did you mean" in shown.err
    assert meant in shown.err


def test_where_nothing_is_near_the_list_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert explain.main("?") == 2
    assert "docs/rules/README.md" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["container-registry/premium-sku", " Container-Registry/Premium-SKU "])
def test_the_command_reads_no_input(name: str) -> None:
    command = [sys.executable, "-m", "local", "evaluate", "--explain", name]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "container-registry/premium-sku\n"
        assert process.wait(60) == 0
