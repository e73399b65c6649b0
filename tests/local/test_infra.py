"""`infra`: what the templates take from the code is written, and what is not up to date is named."""

from pathlib import Path

import pytest

from local import infra


def test_the_files_are_what_the_code_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert infra.main(check=True) == 0, capsys.readouterr().err


def test_what_is_stale_is_named_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "generated"
    assert infra.main(check=True, folder=folder) == 1
    assert infra.main(check=False, folder=folder) == 0
    assert infra.main(check=True, folder=folder) == 0
    (folder / "roles.json").write_text("{}", encoding="utf-8")
    capsys.readouterr()
    assert infra.main(check=True, folder=folder) == 1
    assert capsys.readouterr().err == (
        "infra/generated/roles.json is not what the code says: run python -m local infra\n"
    )


def test_every_queue_has_its_poison_queue() -> None:
    queues = infra.app()["queues"]
    assert {each for each in queues if each.endswith("-poison")} == {
        f"{each}-poison" for each in queues if not each.endswith("-poison")
    }


def test_regions_with_zones_are_those_of_the_rules() -> None:
    assert "westeurope" in infra.zonal_regions()
    assert "westus" not in infra.zonal_regions()
