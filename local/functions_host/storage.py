"""Queue clients of the host: one connection pool per storage account, quick retries, messages encoded as configured."""

import asyncio
import base64
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.queue.aio import QueueClient, QueueServiceClient

# The SDK's own policy waits 15 s before its first retry: on the desk that looks like a hang.
_QUICK: dict[str, Any] = {
    "initial_backoff": 0.2,
    "increment_base": 0.5,
    "random_jitter_range": 0,
    "retry_total": 2,
    "connection_timeout": 5,
    "read_timeout": 20,
    "use_env_settings": False,  # neither proxies nor .netrc: reading them costs a tenth of each request
}


@dataclass(frozen=True, slots=True)
class QueueAddress:
    """A queue: connection string of its account, and name."""

    connection: str
    name: str

    @property
    def is_poison(self) -> bool:
        """Whether this queue takes what another queue's function could not handle."""
        return self.name.endswith("-poison")

    def poison(self) -> "QueueAddress":
        """The queue that messages go to after their last try."""
        return QueueAddress(self.connection, f"{self.name}-poison")


class Queues:
    """All queues this process reads and writes. `encode`: messages are base64, as host.json's messageEncoding says."""

    def __init__(self, *, encode: bool) -> None:
        self._encode = encode
        self._services: dict[str, QueueServiceClient] = {}
        self._clients: dict[QueueAddress, QueueClient] = {}
        self._sent: defaultdict[QueueAddress, asyncio.Event] = defaultdict(asyncio.Event)

    def client(self, address: QueueAddress) -> QueueClient:
        """The client of one queue."""
        if address not in self._clients:
            self._clients[address] = self._service(address.connection).get_queue_client(address.name)
        return self._clients[address]

    def sent(self, address: QueueAddress) -> asyncio.Event:
        """Set when this process has put a message into the queue: its listener need not wait for the next poll."""
        return self._sent[address]

    async def send(self, address: QueueAddress, body: bytes) -> None:
        """Put one message into the queue, creating the queue when it is missing. Raises AzureError."""
        await self.send_raw(address, base64.b64encode(body).decode() if self._encode else body.decode())

    async def send_raw(self, address: QueueAddress, content: str) -> None:
        """The same with a text that is already encoded."""
        client = self.client(address)
        try:
            await client.send_message(content)
        except ResourceNotFoundError:
            await _create(client)
            await client.send_message(content)
        self.sent(address).set()

    def decode(self, content: str) -> bytes:
        """The body of a received message. Raises ValueError when it is not encoded as it should be."""
        return base64.b64decode(content, validate=True) if self._encode else content.encode()

    async def close(self) -> None:
        """Close all connections."""
        for service in self._services.values():
            await service.close()

    def _service(self, connection: str) -> QueueServiceClient:
        if connection not in self._services:
            self._services[connection] = QueueServiceClient.from_connection_string(connection, **_QUICK)
        return self._services[connection]


async def _create(client: QueueClient) -> None:
    try:
        await client.create_queue()
    except ResourceExistsError:
        return  # somebody else was quicker
