"""Real parts for the tests of the pipeline and its adapters."""

from collections.abc import Callable, Iterator

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from local.azure import AzureServer, SimulatedAzure
from local.azurite import Azurite
from local.chat import ChatServer
from rules import RULES_BY_NAME
from tests.remediation.harness import QUEUES, Bot


@pytest.fixture(scope="session")
def azurite() -> Iterator[str]:
    """The connection string of one Azurite for all tests."""
    with Azurite() as running:
        yield running.connection_string


@pytest.fixture
def storage(azurite: str) -> str:
    """The connection string of an Azurite without tables and blobs, and with the bot's queues, empty."""
    with BlobServiceClient.from_connection_string(azurite) as blobs:
        for container in list(blobs.list_containers()):
            blobs.delete_container(container.name)
    with TableServiceClient.from_connection_string(azurite) as tables:
        for table in list(tables.list_tables()):
            tables.delete_table(table.name)
    with QueueServiceClient.from_connection_string(azurite) as queues:
        for queue in list(queues.list_queues()):
            queues.delete_queue(queue.name)
        for name in QUEUES:
            queues.create_queue(name)
    return azurite


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[AzureServer]:
    """A simulated Azure, whose managed identity the process has."""
    with AzureServer(SimulatedAzure()) as running:
        for name, value in running.identity_environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    """Teams and Slack."""
    with ChatServer() as running:
        yield running


@pytest.fixture
def start(storage: str, server: AzureServer, chat: ChatServer) -> Callable[..., Bot]:
    """Starts a bot, with settings of its own where a test names some."""
    return lambda **settings: Bot(storage, server, chat, **settings)


@pytest.fixture
def bot(start: Callable[..., Bot]) -> Bot:
    """A bot in enforce mode."""
    return start()


@pytest.fixture
def registries(start: Callable[..., Bot]) -> Bot:
    """A bot with all rules about container registries."""
    return start(rules=[name for name in RULES_BY_NAME if name.startswith("container-registry/")])
