"""The generated pages of rules and remediations: complete, linked, and compared by `--check`."""

import re
from pathlib import Path

import pytest

from local import docs
from local.about import FIX_HEADINGS, links, section, subject
from local.pages import pages
from local.pages.markdown import table
from remediation.fixes import REMEDIATIONS
from remediation.plan import Safety
from rules import CATALOGUE
from rules.model import Rule
from rules.responsibility import TABLE, Responsibility

PAGES = pages()
every_rule = pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.name)


def _service(rule: Rule) -> str:
    return rule.name.partition("/")[0]


def _section(rule: Rule) -> str:
    """The part of its service's page that is about the rule."""
    _, _, rest = PAGES[f"rules/{_service(rule)}.md"].partition(f"\n## {rule.name}\n")
    return rest.partition("\n## ")[0]


def _rows(page: str, rule: Rule, folder: str = "") -> list[str]:
    link = f"[`{rule.name}`]({folder}{_service(rule)}.md#{rule.name.replace('/', '')})"
    return [line for line in PAGES[page].splitlines() if line.startswith(f"| {link} |")]


@every_rule
def test_a_rule_has_its_section_and_its_line_in_the_index(rule: Rule) -> None:
    text = _section(rule)
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        *("### What it checks", "### Why it matters", "### How it is fixed", "### References")
    ]
    assert all(each in text for each in (rule.title, rule.applies_to, rule.section("Why it matters")))
    assert all(f"]({link.url})" in text for link in links(rule.references))
    assert len(_rows("rules/README.md", rule)) == 1, "in the table of all rules"


@every_rule
def test_a_section_says_what_the_rule_is_about(rule: Rule) -> None:
    text = _section(rule)
    assert all(words in text for words in subject(rule))
    assert ("only where a workspace uses it as " in text) == bool(rule.roles)
    assert ("· only in regions with availability zones ·" in text) == rule.zonal
    assert ("· not for what the policy or a tag marks as development or test ·" in text) == rule.production
    assert all(f"`{path}`" in text for path in rule.reads)


@pytest.mark.parametrize("service", TABLE, ids=lambda service: service.service)
def test_every_service_has_its_line_in_the_table_of_its_group(service: Responsibility) -> None:
    group = PAGES["rules/README.md"].partition(f"\n## {service.group}\n")[2].partition("\n## ")[0]
    (row,) = [line for line in group.splitlines() if line.startswith(f"| {service.service} |")]
    assert f"| {service.managed_by} | **{service.by_default}.** {service.because} | {service.yours} |" in row
    assert all(f"[`{name}`](" in row for name in service.rules)
    assert all(f": {note}" in group for note in service.notes)


def test_every_remediation_has_its_line() -> None:
    writing, _, guiding = PAGES["remediations.md"].partition("\n## What people do\n")
    for remediation in REMEDIATIONS.values():
        (row,) = _rows("remediations.md", remediation.rule, "rules/")
        assert row in (guiding if remediation.safety is Safety.GUIDE else writing)
        assert all(f"`{action}`" in row for action in remediation.needs)
        assert all(section(remediation, heading).replace("|", r"\|") in row for heading in FIX_HEADINGS)


def test_every_link_between_pages_leads_somewhere() -> None:
    for name, page in PAGES.items():
        for target, anchor in re.findall(r"\]\(([\w./-]+\.md)(?:#([\w-]+))?\)", page):
            found = PAGES[str((Path("/") / name).parent.joinpath(target).resolve().relative_to("/"))]
            headings = {re.sub(r"[^\w-]", "", line[3:]) for line in found.splitlines() if line.startswith("## ")}
            assert not anchor or anchor in headings


def test_tables_stay_tables() -> None:
    assert table(("a", "b"), [("x | y", "")]).splitlines()[-1] == r"| x \| y | – |"
    for page in PAGES.values():
        assert "\n\n\n" not in page
        widths = [len(re.findall(r"(?<!\\)\|", line)) for line in page.splitlines() if line.startswith("|")]
        assert all(width > 2 for width in widths)


def test_what_is_not_up_to_date_is_named_and_writing_mends_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert docs.main(check=True, folder=tmp_path) == 1
    missing = capsys.readouterr().err
    assert "docs/rules/storage.md is not what the rules say: run" in missing
    assert "docs/remediations.md is not what" in missing
    docs.main(check=False, folder=tmp_path)
    assert docs.main(check=True, folder=tmp_path) == 0
    (tmp_path / "rules" / "storage.md").write_text("changed by hand")
    (tmp_path / "rules" / "gone.md").write_text("a service that is no more")
    (tmp_path / "remediations.md").write_text("changed by hand")
    (tmp_path / "architecture.md").write_text("not generated")
    assert docs.main(check=True, folder=tmp_path) == 1
    assert len(capsys.readouterr().err.splitlines()) == 3
    docs.main(check=False, folder=tmp_path)
    assert docs.main(check=True, folder=tmp_path) == 0
    assert not (tmp_path / "rules" / "gone.md").exists()
    assert (tmp_path / "architecture.md").read_text() == "not generated"


README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_readme_counts_the_rules_and_names_those_that_run_by_themselves() -> None:
    assert f"\n{len(CATALOGUE)} rules" in README
    rows = re.findall(r"^\| [^|]+ \| (\d+) \| [^|]+ \|$", README, re.MULTILINE)
    assert sum(map(int, rows)) == len(CATALOGUE)
    by_themselves = README.partition("**What runs by itself**")[2].partition("\n\n")[0]
    safe = {name for name, remediation in REMEDIATIONS.items() if remediation.safety is Safety.SAFE}
    assert safe == set(re.findall(r"`([a-z-]+/[a-z-]+)`", by_themselves))
