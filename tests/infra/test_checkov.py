"""The templates through checkov, which stands in an environment of its own: its pins are not those of the project.

`make templates` makes that environment and runs this; elsewhere it is skipped. Checkov leaves out of its result a file
that it cannot read and a check that breaks, and still ends with 0: both are failures here.
"""

import json
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from local.bicep.syntax import declarations
from tests.infra.deployments import INFRA

CHECKOV: Final = INFRA.parent / ".local" / "checkov" / "bin" / "checkov"
pytestmark = pytest.mark.skipif(not CHECKOV.is_file(), reason="checkov is not installed: run make templates")


def scanned(folder: Path) -> tuple[dict[str, Any], list[str]]:
    """What checkov found in a folder, and what broke while it looked."""
    command = [
        str(CHECKOV),
        "--config-file",
        str(INFRA / ".checkov.yaml"),
        "--directory",
        str(folder),
        "--output",
        "json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return json.loads(done.stdout), [line for line in done.stderr.splitlines() if "[ERROR]" in line]


def test_checkov_reads_every_resource_and_finds_nothing() -> None:
    found, broken = scanned(INFRA)
    failed = [f"{each['check_id']} {each['resource']}" for each in found["results"]["failed_checks"]]
    assert (failed, broken) == ([], [])
    summary = found["summary"]
    resources = [each for file in INFRA.rglob("*.bicep") for each in declarations(file) if each.kind == "resource"]
    assert summary["parsing_errors"] == 0, "checkov leaves out a file that it cannot read"
    assert summary["resource_count"] >= len(resources)


def test_an_old_tls_is_found(tmp_path: Path) -> None:
    text = (INFRA / "modules" / "storage.bicep").read_text(encoding="utf-8")
    spoilt = text.replace("minimumTlsVersion: 'TLS1_2'", "minimumTlsVersion: 'TLS1_0'")
    (tmp_path / "storage.bicep").write_text(spoilt, encoding="utf-8")
    found, _ = scanned(tmp_path)
    assert [each["check_id"] for each in found["results"]["failed_checks"]] == ["CKV_AZURE_44"]
