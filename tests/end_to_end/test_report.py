"""GET /api/report on the functions host: for a browser and for programs, with a function key."""

from collections.abc import Iterator

import pytest
import requests

from local.demo.stage import Stage, stage
from remediation.report import render


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(lambda _: None, log=tmp_path_factory.mktemp("report") / "host.log") as started:
        yield started


def get(running: Stage, accept: str = "text/html", **asked: str) -> requests.Response:
    return requests.get(f"{running.host.url}/api/report", params=asked, headers={"Accept": accept}, timeout=30)


def test_a_browser_with_the_key_gets_a_page_that_nothing_foreign_runs_in(running: Stage) -> None:
    found = get(running, code=running.host.function_key)
    assert (found.status_code, found.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "No scan has finished yet" in found.text
    assert found.headers["Content-Security-Policy"] == render.policy()
    assert (found.headers["Cache-Control"], found.headers["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_a_program_hears_what_to_do(running: Stage) -> None:
    found = get(running, "application/json", code=running.host.function_key)
    assert (found.status_code, found.headers["Content-Type"]) == (404, "application/problem+json")
    assert "POST /api/scan" in found.json()["detail"]
    assert get(running, format="pdf", code=running.host.function_key).status_code == 400


def test_without_the_key_there_is_nothing(running: Stage) -> None:
    assert get(running).status_code == 401
