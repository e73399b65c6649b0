"""Azurite as a child process, and the Node.js packages it is installed with."""

import json
from pathlib import Path

import pytest
from azure.data.tables import TableServiceClient

from local.azurite import Azurite, AzuriteFailed
from local.node import NodeFailed, install_packages
from tests.local.host_fixtures import orphaned, queue_client, runs, wait_until


def test_queues_and_tables_work_and_a_stop_leaves_no_process() -> None:
    with Azurite() as azurite:
        pid = azurite.pid
        with queue_client(azurite.connection_string, "letters") as queue:
            queue.create_queue()
            queue.send_message("hello")
            assert [message.content for message in queue.receive_messages()] == ["hello"]
        with TableServiceClient.from_connection_string(azurite.connection_string) as tables:
            tables.create_table("cases").upsert_entity({"PartitionKey": "p", "RowKey": "r", "state": "open"})
            assert tables.get_table_client("cases").get_entity("p", "r")["state"] == "open"
    assert not runs(pid)


def test_azurite_ends_with_the_process_that_started_it() -> None:
    program = (
        "import time; from local.azurite import Azurite\n"
        "azurite = Azurite(); azurite.start(); print(azurite.pid, flush=True); time.sleep(60)"
    )
    with orphaned(program) as pid:
        assert wait_until(lambda: not runs(pid))


def test_a_failed_start_shows_what_azurite_said(tmp_path: Path) -> None:
    not_a_folder = tmp_path / "file"
    not_a_folder.touch()
    with pytest.raises(AzuriteFailed, match=r"(?s)Azurite ended with status .* while starting:\n.*EEXIST"):
        Azurite(not_a_folder).start()


def test_packages_are_installed_once_for_each_lock(tmp_path: Path) -> None:
    said: list[str] = []
    for version in ("1.0.0", "1.0.0", "1.0.1"):
        write_package(tmp_path, version)
        assert install_packages(said.append, tmp_path) == tmp_path / "node_modules"
    assert len(said) == 4  # two installations, a line before and after each


def test_a_failed_installation_says_what_npm_said_and_how_to_fix_it(tmp_path: Path) -> None:
    write_package(tmp_path, "1.0.0")
    (tmp_path / "package.json").write_text(
        json.dumps({"name": "sample", "version": "1.0.0", "dependencies": {"a": "1"}})
    )
    with pytest.raises(NodeFailed, match=r"(?s)could not be installed.*EUSAGE.*Fix: check that the npm registry"):
        install_packages(lambda _: None, tmp_path)


def write_package(folder: Path, version: str) -> None:
    """A package without dependencies: npm needs no network for it."""
    package = {"name": "sample", "version": version}
    (folder / "package.json").write_text(json.dumps(package))
    lock = {**package, "lockfileVersion": 3, "requires": True, "packages": {"": package}}
    (folder / "package-lock.json").write_text(json.dumps(lock))
