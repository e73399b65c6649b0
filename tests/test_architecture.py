"""How the project is laid out: what the triggers may import, one name for each service, locks that can be trusted."""

import ast
import json
import re
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from remediation.fixes import REMEDIATIONS
from remediation.plan import Remediation

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "rules"
FIXES = ROOT / "remediation" / "fixes"


def modules(folder: Path) -> set[str]:
    """The modules below a folder, as in `aks` and `storage.zones`."""
    files = {".".join(file.relative_to(folder).with_suffix("").parts) for file in folder.rglob("*.py")}
    return {name for name in files if name.rpartition(".")[2] != "__init__"}


SHARED = {"aks.cluster", "aks.pools", "flexible_server", "sql_database.database", "storage.account"}
"""What the rules of one service, or of several, have in common, and what their fixes have: files of one name, too."""

SUPPORT = {"gates", "model", "regions", "resource_id", "responsibility", "scope", "twin", "values"}
"""Files and packages in rules/ that are about no service."""

SERVICES = sorted(name for name in modules(RULES) - SHARED if name.partition(".")[0] not in SUPPORT)
"""The files of rules: one for a service, or several in its package."""

NEVER_DEPLOYED = ("local/", "tests/", "docs/", "benchmarks/")


def imports(file: Path) -> set[str]:
    """The modules a file imports; of `from a.b import c` it is `a.b`."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


def test_triggers_import_the_platform_and_the_work_and_nothing_else() -> None:
    allowed = {*sys.stdlib_module_names, "remediation"}
    found = {name for name in imports(ROOT / "function_app.py") if name.split(".")[0] not in allowed}
    assert found == {"azure.functions"}


def test_there_are_services() -> None:
    assert {"container_registry", "databricks", "sql_database.geo", "storage.zones"} <= set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_one_name_for_rules_fixes_and_tests(service: str) -> None:
    for folder in ("rules", "remediation/fixes"):
        assert (ROOT / "tests" / folder / f"test_{service.replace('.', '_')}.py").is_file()
    assert (ROOT / "tests" / "rules" / "examples" / f"{service.partition('.')[0]}.py").is_file()


def test_every_fix_answers_a_service() -> None:
    assert modules(FIXES) == {*SERVICES, *SHARED}


@pytest.mark.parametrize("remediation", REMEDIATIONS.values(), ids=REMEDIATIONS)
def test_a_fix_stands_in_the_file_of_its_rule(remediation: Remediation) -> None:
    service = remediation.rule.check.__module__.removeprefix("rules.")
    assert service in SERVICES
    assert remediation.planner.__module__ == f"remediation.fixes.{service}"


CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
PURE, NO_NETWORK = (
    {module for contract in CONTRACTS if contract["name"].startswith(name) for module in contract["source_modules"]}
    for name in ("Decisions and plans are pure", "Only adapters and wiring reach the network")
)


def test_whatever_is_no_adapter_is_held_off_the_network() -> None:
    folder = ROOT / "remediation"
    found = {f"remediation.{file.parent.name}" for file in folder.glob("*/__init__.py")}
    found |= {f"remediation.{file.stem}" for file in folder.glob("*.py")} - {"remediation.__init__"}
    assert found == NO_NETWORK | {"remediation.adapters", "remediation.wiring"}


def files_of(module: str) -> list[Path]:
    """The file of a module, or all of a package."""
    path = ROOT / module.replace(".", "/")
    return [*path.rglob("*.py")] if path.is_dir() else [path.with_suffix(".py")]


@pytest.mark.parametrize("module", sorted({"rules", *PURE}))
def test_what_is_pure_reads_no_clock(module: str) -> None:
    calls = [node.func for file in files_of(module) for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
             if isinstance(node, ast.Call)]  # fmt: skip
    read = [call.attr for call in calls if isinstance(call, ast.Attribute) and call.attr in ("now", "utcnow", "today")]
    assert read == []


def locked(name: str) -> dict[str, list[str]]:
    """The hashes of every pinned requirement of a lock file."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    entries = re.findall(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==\S+(.*)$", text, re.MULTILINE)
    return {requirement: re.findall(r"--hash=sha256:([0-9a-f]{64})(?!\S)", rest) for requirement, rest in entries}


def wanted(name: str) -> set[str]:
    """The requirements of an .in file."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith(("#", "-"))}


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_every_requirement_is_pinned_with_hashes(name: str) -> None:
    assert wanted(f"{name}.in") <= set(locked(f"{name}.txt"))
    assert [requirement for requirement, hashes in locked(f"{name}.txt").items() if not hashes] == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_a_lock_holds_pinned_requirements_and_names_no_index(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    parts = re.compile(r"\s*(#.*)?|[a-z0-9.-]+(\[[a-z,]+\])?==\S+( ;.*)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    assert [line for line in lines if not parts.fullmatch(line)] == []


def test_what_is_deployed_is_developed_with() -> None:
    deployed, developed = (pins(name) for name in ("requirements.txt", "requirements-dev.txt"))
    shared = deployed.keys() & developed.keys()
    assert {name: deployed[name] for name in shared} == {name: developed[name] for name in shared}


def pins(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==(\S+)", text, re.MULTILINE))


def test_the_lock_of_node_packages_names_no_host() -> None:
    lock: dict[str, Any] = json.loads((ROOT / "local" / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


@pytest.mark.skipif(not (ROOT / ".funcignore").is_file(), reason="there is no .funcignore yet")
def test_what_is_for_development_is_not_deployed() -> None:
    ignored = (ROOT / ".funcignore").read_text(encoding="utf-8").split()
    assert {path.strip("/") for path in NEVER_DEPLOYED} <= {line.strip("/") for line in ignored}


PAGES = [str(file.relative_to(ROOT)) for file in (ROOT / "remediation" / "pages").iterdir() if file.is_file()]


@pytest.mark.parametrize("name", ["policy.yaml", "policy.schema.json", *PAGES])
def test_what_the_code_reads_is_deployed(name: str) -> None:
    ignored = (ROOT / ".funcignore").read_text(encoding="utf-8").split()
    assert (ROOT / name).is_file()
    assert [pattern for pattern in ignored if fnmatch(name, pattern)] == []
