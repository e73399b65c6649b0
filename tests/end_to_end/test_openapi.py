"""docs/openapi.yaml is what the HTTP API does: its routes and methods, and every answer to thousands of requests."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.demo.stage import GROUP, Stage, stage
from local.estate import fill
from remediation import access_settings

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docs/openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete")
EXAMPLES = 25
NOT_CHECKED = {
    "unsupported_method": "the functions host answers 404 to a method that a route does not have",
    "not_a_server_error": "some routes answer 503; where that is not documented, status_code_conformance says so",
    "use_after_free": "DELETE cancels a scan, which can still be asked for",
    "positive_data_acceptance": "no schema says which subscriptions are onboarded, or which scan there is",
}
"""What schemathesis would check besides, and why it cannot be so."""


def documented() -> Any:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def routes() -> Iterator[tuple[str, str]]:
    """The path and method of each HTTP trigger of function_app.py."""
    tree = ast.parse((ROOT / "function_app.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "route":
            named = {keyword.arg: keyword.value for keyword in node.keywords}
            for method in ast.literal_eval(named["methods"]):
                yield f"/api/{ast.literal_eval(node.args[0])}", method.lower()


def test_every_route_is_documented_with_its_methods() -> None:
    found = {(path, method) for path, item in documented()["paths"].items() for method in METHODS if method in item}
    assert found == set(routes())


def test_every_operation_says_who_may_and_what_may_go_wrong() -> None:
    for path, item in documented()["paths"].items():
        for method in METHODS:
            if operation := item.get(method):
                answers = operation["responses"].keys()
                assert operation["operationId"]
                assert path == "/api/health" or "401" in answers, f"{method} {path}"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    slack = {access_settings.SLACK_SIGNING: "a secret of the tests", access_settings.SLACK_APPROVERS: "U0APPROVER"}
    with stage(lambda _: None, log=tmp_path_factory.mktemp("openapi") / "host.log", settings=slack) as started:
        registry = f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/acrscan"
        started.azure.seed(registry, {"location": "westeurope", "sku": {"name": "Basic"}})
        fill(started.azure, 8)
        yield started


def test_whatever_is_asked_the_answer_is_documented(running: Stage, tmp_path: Path) -> None:
    """Schemathesis makes requests of the document, good and bad, follows its links, and holds the answers to it."""
    command: list[str | Path] = [sys.executable, "-m", "schemathesis.cli", "run", FILE, "--url", running.host.url]
    command += ["--header", f"x-functions-key: {running.host.function_key}", "--max-examples", str(EXAMPLES)]
    command += ["--exclude-checks", ",".join(NOT_CHECKED), "--suppress-health-check", "all", "--no-color"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Tested: 10" in done.stdout
