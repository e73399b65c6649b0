"""Azurite, Microsoft's Azure Storage emulator, as a child process: blobs, queues and tables on loopback."""

import os
import re
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from local import node

# The emulator's account. Its key is published by Microsoft and the same on every machine; it protects nothing.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

START_TIMEOUT = 60.0
SERVICES = ("blob", "queue", "table")
# Clients keep connections open for longer than Azurite's 5 s; one closed at the wrong moment costs a client a retry.
KEEP_ALIVE = "3600"
_LISTENING = re.compile(r"Azurite (\w+) service is successfully listening at http://127\.0\.0\.1:(\d+)")


class AzuriteFailed(RuntimeError):
    """Azurite did not start; the message holds what it printed."""


class Azurite:
    """Run Azurite for the length of a `with` block.

    Everything is kept in memory, or under `directory` when one is given (what was written in the last few seconds is
    then lost, because Azurite is always killed: on SIGTERM it lingers for up to 90 s and keeps its ports).
    It never outlives the process that started it.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self.directory = directory
        self._process: subprocess.Popen[bytes] | None = None
        self._ports: dict[str, int] = {}

    @property
    def connection_string(self) -> str:
        """The connection string of all three services."""
        endpoints = "".join(
            f"{service.title()}Endpoint=http://127.0.0.1:{port}/{ACCOUNT};" for service, port in self._ports.items()
        )
        return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};{endpoints}"

    @property
    def pid(self) -> int:
        """The id of the running process."""
        if self._process is None:
            raise AzuriteFailed("Azurite is not running")
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until all services listen, at most START_TIMEOUT seconds."""
        modules = node.install_packages(progress=lambda _: None)
        with tempfile.TemporaryFile() as output:
            self._process = subprocess.Popen(
                [node.node(), *node.END_WITH_STDIN, modules / "azurite/dist/src/azurite.js", *self._arguments()],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                self._ports = _wait_for_ports(self._process, output)
            except BaseException:
                self.stop()
                raise

    def stop(self) -> None:
        """Kill it. Nothing happens when it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _arguments(self) -> list[str]:
        # Port 0: the system chooses, so nobody else can have taken it in between.
        per_service = [
            argument
            for service in SERVICES
            for argument in (f"--{service}Port", "0", f"--{service}KeepAliveTimeout", KEEP_ALIVE)
        ]
        place = ["--location", str(self.directory)] if self.directory else ["--inMemoryPersistence"]
        # The API version check would refuse clients that are newer than Azurite.
        return [*per_service, *place, "--silent", "--skipApiVersionCheck", "--disableTelemetry"]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _wait_for_ports(process: subprocess.Popen[bytes], output: IO[bytes]) -> dict[str, int]:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        printed = _read(output)
        ports = {name.lower(): int(port) for name, port in _LISTENING.findall(printed)}
        if set(ports) == set(SERVICES):
            return ports
        if process.poll() is not None:
            raise AzuriteFailed(f"Azurite ended with status {process.returncode} while starting:\n{printed.strip()}")
        time.sleep(0.02)
    raise AzuriteFailed(f"Azurite was not ready within {START_TIMEOUT:.0f} s:\n{_read(output).strip()}")


def _read(output: IO[bytes]) -> str:
    # pread leaves the offset alone, which the child shares with us.
    return os.pread(output.fileno(), 100_000, 0).decode(errors="replace")
