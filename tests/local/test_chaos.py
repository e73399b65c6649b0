"""The chaos run, a short one: the app on its host keeps what it promises while everything around it fails."""

import json
from pathlib import Path

import pytest

from local.chaos import host, run
from local.chaos.run import Size

SHORT = Size(writes=160, resources=44, kills=2, seed=7)


def test_every_promise_holds_in_a_short_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "figures.json"
    status = run.main(SHORT, file, log=tmp_path / "host.log")
    said, result = capsys.readouterr().out, json.loads(file.read_text(encoding="utf-8"))
    assert status == 0, said
    assert "Every promise held." in said
    assert [promise["text"] for promise in result["promises"] if not promise["kept"]] == []
    figures = result["figures"]
    assert (figures["writes by callers"], figures["host killed"]) == (SHORT.writes, SHORT.kills)
    assert sum(figures["faults of Azure"].values()) > figures["requests of the app to Azure while it stormed"] / 10
    assert sum(figures["failures of the chat"].values()) > 0


def test_every_wait_that_is_shortened_is_one_of_the_app() -> None:
    assert all(hasattr(module, name) for module, name, _ in host.SHORTER)


def test_a_file_that_cannot_be_written_is_said_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(SHORT, tmp_path / "nowhere" / "figures.json") == 2
    assert "no such folder" in capsys.readouterr().out
