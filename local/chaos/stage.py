"""The parts of a run, started together: as in the demo, with waits of minutes and a publisher that is at its worst."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueServiceClient

from local.azure import AzureServer, EventSubscription, SimulatedAzure
from local.azurite import Azurite
from local.chaos.weather import Storm
from local.chat.server import ChatServer
from local.demo.stage import PROJECT, QUICK
from local.functions_host.process import FunctionsHost
from local.sample import SUBSCRIPTION
from remediation import wiring
from remediation.ports import Services

QUEUES: Final = ("events", "checks", "notices")
LEASE: Final = 6
"""Seconds after which the message of a killed worker comes again: longer than any request takes here."""
DUPLICATES: Final = 0.2
LATE: Final = 3.0
WAITS: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, *(2.0,) * 30)
"""Event Grid goes on for a day; a minute is enough here to outlast a host that starts again."""
POLICY: Final = """\
# Generous, so that fixes run. The loop breaker is as shipped: callers are who keeps undoing them.
mode: enforce
limits:
  fixes_per_resource_per_day: 1000
  changes_per_subscription_per_hour: 10000
  monthly_usd_per_change: 100000
"""
OPERATIONS: Final = {
    "Microsoft.ContainerRegistry/registries": 0.5,
    "Microsoft.Storage/storageAccounts": 1.0,
    "Microsoft.DocumentDB/databaseAccounts": 1.0,
    "Microsoft.DBforPostgreSQL/flexibleServers": 1.0,
}
"""Types whose writes take seconds; all others answer at once."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that is running."""

    azure: SimulatedAzure
    chat: ChatServer
    host: FunctionsHost
    services: Services
    events: EventSubscription
    queues: QueueServiceClient
    tables: TableServiceClient
    storm: Storm
    log: Path

    def waiting(self) -> dict[str, int]:
        """Messages in each queue that is not empty, also those that are not visible yet."""
        counts = {name: self._count(name) for queue in QUEUES for name in (queue, f"{queue}-poison")}
        return {name: count for name, count in counts.items() if count}

    def _count(self, queue: str) -> int:
        try:
            return self.queues.get_queue_client(queue).get_queue_properties().approximate_message_count or 0
        except ResourceNotFoundError:
            return 0


@contextmanager
def stage(storm: Storm, seed: int, log: Path) -> Iterator[Stage]:
    """Start every part, the storm included, and stop it at the end."""
    azure = SimulatedAzure()
    azure.operation_seconds_by_type.update(OPERATIONS)
    with (
        TemporaryDirectory() as folder,
        Azurite() as azurite,
        AzureServer(azure) as server,
        ChatServer() as chat,
        QueueServiceClient.from_connection_string(azurite.connection_string) as queues,
        TableServiceClient.from_connection_string(azurite.connection_string) as tables,
    ):
        policy = Path(folder, "policy.yaml")
        policy.write_text(POLICY, encoding="utf-8")
        settings = {
            wiring.STORAGE: azurite.connection_string,
            wiring.SUBSCRIPTIONS: SUBSCRIPTION,
            wiring.POLICY: str(policy),
            wiring.ARM_ENDPOINT: server.url,
            wiring.TEAMS: chat.teams_webhook("chaos"),
            wiring.SLACK: chat.slack_webhook("chaos"),
            wiring.CHAT_HOSTS: "127.0.0.1",
            **server.identity_environment,
            **QUICK,
        }
        with FunctionsHost(PROJECT, settings, lease_seconds=LEASE, log=log, module="local.chaos.host") as host:
            url = host.event_grid_url("on_resource_event")
            events = azure.subscribe(url, duplicates=DUPLICATES, shuffle=True, seed=seed, late=LATE, waits=WAITS)
            azure.weather(storm.of_azure)
            chat.weather(storm.of_chat)
            yield Stage(azure, chat, host, wiring.build(settings), events, queues, tables, storm, log)
