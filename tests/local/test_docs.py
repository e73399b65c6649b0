"""The generated pages of the rules: complete, linked, and compared by `--check`."""

from pathlib import Path

import pytest

from local import docs
from rules import CATALOGUE


def test_every_rule_has_its_section_in_the_page_of_its_service_and_a_line_in_the_index() -> None:
    pages = docs.pages()
    for rule in CATALOGUE:
        service = rule.name.partition("/")[0]
        assert f"## {rule.name}\n" in pages[f"{service}.md"]
        assert f"]({service}.md#{rule.name.replace('/', '')})" in pages["README.md"]
        assert all(text in pages[f"{service}.md"] for text in (rule.title, rule.section("Why it matters")))


def test_no_part_of_a_section_is_empty() -> None:
    for page in docs.pages().values():
        assert "\n\n\n" not in page


def test_what_is_not_up_to_date_is_named_and_writing_mends_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "rules"
    assert docs.main(check=True, folder=folder) == 1
    assert "docs/rules/storage.md is not what the rules say: run" in capsys.readouterr().err
    docs.main(check=False, folder=folder)
    assert docs.main(check=True, folder=folder) == 0
    (folder / "storage.md").write_text("changed by hand")
    (folder / "gone.md").write_text("a service that is no more")
    assert docs.main(check=True, folder=folder) == 1
    docs.main(check=False, folder=folder)
    assert docs.main(check=True, folder=folder) == 0
    assert not (folder / "gone.md").exists()
