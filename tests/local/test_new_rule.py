"""`new-rule` in a copy of the project: what it writes is clean, registered, and fails until it is filled in."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from local.source import CannotAdd, add_before, add_imports, add_to_tuple, names_in
from local.templates import BLANK

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("rules", "remediation", "local", "tests")
REGISTRIES = "Microsoft.ContainerRegistry/registries"


def _copied(folder: Path) -> Path:
    ignored = shutil.ignore_patterns("node_modules", "__pycache__", ".*")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project's code in a folder of its own."""
    return _copied(tmp_path)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that nothing is to be changed in."""
    return _copied(tmp_path_factory.mktemp("project"))


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)


def _new_rule(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return _run(folder, "-m", "local", "new-rule", *arguments)


def _files(folder: Path) -> dict[str, bytes]:
    files = sorted(file for name in PACKAGES for file in (folder / name).rglob("*.py"))
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def _changed(folder: Path, before: Mapping[str, bytes]) -> list[str]:
    return [name for name, text in _files(folder).items() if before.get(name) != text]


CATALOGUE = """
from remediation.fixes import REMEDIATIONS
from rules import CATALOGUE, RULES_BY_NAME
from rules.model import Resource
from tests.rules.examples import EXAMPLES
import sys
rule = RULES_BY_NAME[sys.argv[1]]
assert REMEDIATIONS[rule.name].rule is rule is [one for one in CATALOGUE if one.name == rule.name][0]
assert [example.type for example in EXAMPLES if example.name == "fill-in"] == 2 * [rule.applies_to.lower()]
print(rule.applies_to, rule.check(Resource.of({"type": "A.B/c"})).status, REMEDIATIONS[rule.name].safety)
"""


def _registered(folder: Path, rule: str) -> list[str]:
    done = _run(folder, "-c", CATALOGUE, rule)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def _is_clean(folder: Path, *files: str) -> None:
    for check in (("check",), ("format", "--check")):
        done = _run(folder, "-m", "ruff", *check, *files)
        assert done.returncode == 0, done.stdout


def _outcome(folder: Path, *arguments: str) -> str:
    done = _run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments)
    return done.stdout.splitlines()[-1]


def test_a_rule_is_begun_in_the_files_of_its_service(copy: Path) -> None:
    before = _files(copy)
    done = _new_rule(copy, "container_registry", "kept-forever")
    assert (done.returncode, done.stderr) == (0, "")
    files = [
        "remediation/fixes/container_registry.py",
        "rules/container_registry.py",
        "tests/remediation/fixes/test_container_registry.py",
        "tests/rules/examples/container_registry.py",
        "tests/rules/test_container_registry.py",
    ]
    assert _changed(copy, before) == files
    assert all(f"  {file}\n" in done.stdout for file in files)
    assert "container-registry/kept-forever is begun" in done.stdout
    assert "python -m local docs" in done.stdout
    assert "api_versions" not in done.stdout
    assert _registered(copy, "container-registry/kept-forever") == [REGISTRIES, "UNKNOWN", "GUIDE"]
    assert "applies_to=REGISTRY,\n" in (copy / files[1]).read_text().split("FILL-IN", 1)[1]
    _is_clean(copy, *files)


def test_a_rule_is_begun_in_the_file_of_its_part_of_a_service(copy: Path) -> None:
    before = _files(copy)
    done = _new_rule(copy, "storage/retention", "kept-forever")
    assert (done.returncode, done.stderr) == (0, "")
    files = [
        "remediation/fixes/storage/retention.py",
        "rules/storage/retention.py",
        "tests/remediation/fixes/test_storage_retention.py",
        "tests/rules/examples/storage.py",
        "tests/rules/test_storage_retention.py",
    ]
    assert _changed(copy, before) == files
    assert "storage/kept-forever is begun" in done.stdout
    assert _registered(copy, "storage/kept-forever") == ["Microsoft.Storage/storageAccounts", "UNKNOWN", "GUIDE"]
    assert "applies_to=ACCOUNT,\n" in (copy / files[1]).read_text().split("FILL-IN", 1)[1]
    _is_clean(copy, *files)


def test_a_rule_of_a_new_service_is_registered_and_fails_until_it_is_filled_in(copy: Path) -> None:
    before = _files(copy)
    done = _new_rule(copy, "traffic-controller", "endless_loops", "--type", "Microsoft.Test/roads/lanes")
    assert (done.returncode, done.stderr) == (0, "")
    files = [
        "remediation/fixes/__init__.py",
        "remediation/fixes/traffic_controller.py",
        "rules/__init__.py",
        "rules/traffic_controller.py",
        "tests/remediation/fixes/test_traffic_controller.py",
        "tests/rules/examples/__init__.py",
        "tests/rules/examples/traffic_controller.py",
        "tests/rules/test_traffic_controller.py",
    ]
    assert _changed(copy, before) == files
    assert "Pin the api-version of Microsoft.Test/roads/lanes" in done.stdout
    assert "NOUNS" in done.stdout
    name = "traffic-controller/endless-loops"
    assert _registered(copy, name) == ["Microsoft.Test/roads/lanes", "UNKNOWN", "GUIDE"]
    _is_clean(copy, *files)
    assert _outcome(copy, files[4], files[7]).startswith("3 failed, 1 passed in")
    assert "1 failed" in _outcome(copy, "tests/rules/test_catalogue.py", "-k", "examples_reach_every_rule")
    assert "1 failed" in _outcome(copy, "tests/local/test_new_rule.py", "-k", "no_blank")


def test_rules_are_begun_one_after_the_other(copy: Path) -> None:
    before = _files(copy)
    for name in ("first", "second"):
        assert _new_rule(copy, "roads", name, "--type", "Microsoft.Test/roads").returncode == 0
    assert _new_rule(copy, "roads", "third").returncode == 0
    text = (copy / "rules" / "roads.py").read_text()
    assert text.endswith("RULES: Final = (first, second, third)\n")
    assert text.count('ROADS: Final = "Microsoft.Test/roads"\n') == 1
    assert text.count("applies_to=ROADS,\n") == 3
    _is_clean(copy, *_changed(copy, before))


IMPOSSIBLE = {
    "a name in capitals": (("databricks", "Zones"), "is no name"),
    "a name that climbs": (("../databricks", "zones"), "is no name"),
    "a name with two hyphens": (("databricks", "zo--nes"), "is no name"),
    "a word of the language": (("databricks", "import"), "taken by the language"),
    "a name that the code uses": (("databricks", "unknown"), "taken by the language or by the code"),
    "a rule that is there": (("container-registry", "premium_sku"), "is there already"),
    "a rule that is there, in another part": (("storage/geo", "zone-redundant"), "already, in rules/storage/zones.py"),
    "a service without its part": (("storage", "kept"), "name one of storage/geo, storage/retention, storage/zones"),
    "two words without their part": (("sql-database", "kept"), "the rules of sql-database stand in several"),
    "a part that is not there": (("storage/account", "kept"), "name one of storage/geo, storage/retention"),
    "a part of a service of one file": (("databricks/zones", "kept"), "databricks has no files of its parts"),
    "a function that is there": (("databricks", "second-resource"), "holds the name second_resource already"),
    "a new service without a type": (("new-service", "zones"), "say its resource type with --type"),
    "a type without a provider": (("new-service", "zones", "--type", "things"), "is no resource type"),
    "a file that holds no rules": (("gates", "zones", "--type", "Microsoft.Test/things"), "there is no RULES"),
}


@pytest.mark.parametrize(("arguments", "words"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_is_impossible_is_said_and_nothing_changes(
    untouched: Path, arguments: tuple[str, ...], words: str
) -> None:
    before = _files(untouched)
    done = _new_rule(untouched, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Nothing was changed: ")
    assert words in done.stderr
    assert _files(untouched) == before


def test_no_blank_of_a_template_is_left() -> None:
    folders = ("rules", "remediation", "tests/rules", "tests/remediation")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    assert [str(file) for file in files if BLANK in file.read_text(encoding="utf-8")] == []


TUPLES = {
    "empty": ("X = ()", "X = (c,)"),
    "annotated": ("X: tuple[int, ...] = ()", "X: tuple[int, ...] = (c,)"),
    "one": ("X = (a,)", "X = (a, c)"),
    "two": ("X = (a, b)", "X = (a, b, c)"),
    "after a text that is not ASCII": ('T = "→"; X = (a,)', 'T = "→"; X = (a, c)'),
    "over lines": ("X = (\n    a,\n    b,\n)", "X = (\n    a,\n    b,\n    c,\n)"),
    "over lines with a comment": ("X = (\n    a,  # one\n)", "X = (\n    a,  # one\n    c,\n)"),
    "over lines without a comma": ("X = (a,\n     b  # two\n)", "X = (a,\n     b,  # two\n    c,\n)"),
    "in a comprehension": ("X = {r: r for s in (a, b) for r in s}", "X = {r: r for s in (a, b, c) for r in s}"),
}


@pytest.mark.parametrize(("before", "after"), TUPLES.values(), ids=TUPLES)
def test_an_item_is_added_to_a_tuple(before: str, after: str) -> None:
    assert add_to_tuple(f"{before}\nY = (d,)\n", "X", ["c"]) == f"{after}\nY = (d,)\n"


@pytest.mark.parametrize("text", ["Y = ()", "X = tuple(a)", "X = [a]", "X: int"])
def test_what_is_no_tuple_is_not_added_to(text: str) -> None:
    with pytest.raises(CannotAdd, match="X"):
        add_to_tuple(text, "X", ["c"])


def test_imports_and_definitions_go_where_they_belong() -> None:
    text = '"""About it."""\n\nimport a\n\nX = (a,)\n'
    assert add_imports(text, ["import b"]) == '"""About it."""\n\nimport b\nimport a\n\nX = (a,)\n'
    assert add_imports('"""About it."""\n', ["import b"]) == '"""About it."""\nimport b\n'
    assert add_before(text, "X", "Z = 1") == '"""About it."""\n\nimport a\n\nZ = 1\n\nX = (a,)\n'


def test_names_of_a_module_are_found() -> None:
    text = "import a\nfrom b import c as d\nE: int = 1\nF = G = 'one'\ndef h(): i = 1\nclass J: ..."
    assert names_in(text) == {"a", "d", "E", "F", "G", "h", "J"}
