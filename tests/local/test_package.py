"""What is deployed: the app and nothing else, and it runs without what it was developed with."""

import sysconfig
import zipfile
from pathlib import Path

import pytest

from local.package import app_files, cold_import, compile_all, stage, write_zip

SITE_PACKAGES = Path(sysconfig.get_path("purelib"))
TOP = {"function_app.py", "host.json", "policy.yaml", "policy.schema.json", "requirements.txt", "remediation", "rules"}


def test_the_app_is_deployed_and_nothing_else() -> None:
    files = app_files()
    assert {file.parts[0] for file in files} == TOP
    assert {file.suffix for file in files} <= {".py", ".json", ".yaml", ".txt", ".html", ".css", ".js"}


PATTERNS = {
    "a folder": ("dev/", "dev/a.py", "dev-2/a.py"),
    "a folder further down": ("dev/", "lib/dev/a.py", "lib/developers.py"),
    "a file like a folder": ("dev/", "dev/x", "lib/dev"),
    "a wildcard": ("*.md", "lib/README.md", "lib/README.md.py"),
    "a hidden file": (".env*", ".env.local", "env"),
    "a path": ("lib/a.py", "lib/a.py", "a.py"),
}


@pytest.mark.parametrize(("pattern", "out", "kept"), PATTERNS.values(), ids=PATTERNS)
def test_what_funcignore_names_stays_out(tmp_path: Path, pattern: str, out: str, kept: str) -> None:
    (tmp_path / ".funcignore").write_text(f"# comments are no patterns\n\n{pattern}\n", encoding="utf-8")
    for name in (out, kept):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    assert app_files(tmp_path) == [Path(kept)]


def test_secrets_of_developers_stay_out(tmp_path: Path) -> None:
    """azd keeps the values of an environment, webhook URLs among them, below the project's folder."""
    names = (".azure/hub/.env", "local.settings.json", ".local/keys.json", ".git/config", ".venv/x.py", "tests/x.py")
    ours = (Path(__file__).resolve().parents[2] / ".funcignore").read_text(encoding="utf-8")
    (tmp_path / ".funcignore").write_text(ours, encoding="utf-8")
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("secret", encoding="utf-8")
    assert app_files(tmp_path) == []


def test_the_staged_app_is_imported_from_byte_code_without_the_project(tmp_path: Path) -> None:
    stage(tmp_path)
    compile_all(tmp_path)
    assert (tmp_path / "__pycache__" / "function_app.cpython-313.pyc").is_file()
    assert cold_import(tmp_path, more=[SITE_PACKAGES]) > 0


def test_the_same_files_give_the_same_zip(tmp_path: Path) -> None:
    (tmp_path / "app" / "lib").mkdir(parents=True)
    (tmp_path / "app" / "lib" / "a.py").write_text("a = 1\n", encoding="utf-8")
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    write_zip(tmp_path / "app", first)
    (tmp_path / "app" / "lib" / "a.py").touch()
    write_zip(tmp_path / "app", second)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as zipped:
        assert zipped.namelist() == ["lib/a.py"]
