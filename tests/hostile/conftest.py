"""The bot on real parts, in a process that reaches nothing but this machine."""

import socket
from typing import Any

import pytest

from tests.remediation.conftest import azurite, bot, chat, server, start, storage

__all__ = ["azurite", "bot", "chat", "server", "start", "storage"]
THIS_MACHINE = ("127.0.0.1", "localhost")


@pytest.fixture(autouse=True)
def _only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wants to connect to another host fails, and the test with it."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        assert self.family == socket.AF_UNIX or address[0] in THIS_MACHINE, f"a connection to {address} was wanted"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
