"""The parts of the demo, started in order and stopped together. Only Azure itself is simulated."""

import json
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import requests
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueServiceClient

from local.azure import AzureServer, EventSubscription, SimulatedAzure
from local.azurite import Azurite
from local.chat import clicks, slack_api
from local.chat.build import build_page
from local.chat.server import ChatServer
from local.functions_host.process import FunctionsHost
from remediation import access_settings, wiring
from remediation.adapters import channels
from remediation.ports import Services, Store

PROJECT: Final = Path(__file__).resolve().parents[2]
LOG: Final = PROJECT / ".local" / f"demo-{os.getpid()}.log"
"""Each demo has its own: two may run at once."""
SUBSCRIPTION: Final = "00000000-0000-4000-8000-000000000001"
GROUP: Final = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-ml-demo"
CHANNEL: Final = "ml-platform"
QUEUES: Final = ("events", "scans", "checks", "decisions", "notices")
QUICK: Final = {
    "AzureFunctionsJobHost__extensions__queues__maxPollingInterval": "00:00:00.2",
    "AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:01",
}
"""An impatient host: in Azure, host.json's own waits hold."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that is running."""

    azure: SimulatedAzure
    chat: ChatServer
    host: FunctionsHost
    services: Services
    events: EventSubscription
    queues: QueueServiceClient
    webhook: str
    log: Path
    settings: Mapping[str, str]

    @property
    def store(self) -> Store:
        """What the bot remembers."""
        return self.services.store

    def checks(self) -> int:
        """How many checks the host has run so far."""
        return sum("check_resource[" in line and " succeeded in " in line for line in self.host.log_text().splitlines())

    def deliver_again(self) -> None:
        """Event Grid delivers its last event once more: it promises at least once, not once."""
        event = self.events.delivered[-1]
        answer = requests.post(
            self.webhook,
            data=json.dumps([event]),
            headers={"aeg-event-type": "Notification", "Content-Type": "application/json"},
            timeout=30,
        )
        answer.raise_for_status()

    def link(self, words: str, title: str) -> str:
        """Where the newest message that holds these words leads, by the title of its link. Raises LookupError."""
        told = [message for message in self.chat.messages if words in message.text and title in message.links]
        if not told:
            raise LookupError(f"no message with {words} has a link {title}")
        return told[-1].links[title]

    def click(self, words: str, action: str) -> None:
        """Press a button of the newest Slack message that holds these words, as the page does. Raises LookupError, and
        RuntimeError where the app does not take it."""
        told = [message for message in self.chat.messages if words in message.text and message.channel_kind == "slack"]
        if not told:
            raise LookupError(f"no message in Slack has {words}")
        click = {"message": told[-1].id, "action": action, "user": clicks.APPROVER}
        answer = requests.post(f"{self.chat.url}/clicks", json=click, headers={"Origin": self.chat.url}, timeout=30)
        if not answer.json().get("ok"):
            raise RuntimeError(f"the button {action} was not taken: {answer.text}")

    def settle(self, timeout: float = 30.0) -> None:
        """Wait until every event is delivered and every queue is empty. Raises TimeoutError."""
        self.azure.flush(timeout)
        deadline, quiet = time.monotonic() + timeout, 0
        while quiet < 2:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the queues are not empty after {timeout:.0f} s; see {self.log}")
            quiet = 0 if any(self._waiting(queue) for queue in QUEUES) else quiet + 1
            time.sleep(0.05)

    def _waiting(self, queue: str) -> int:
        try:
            return self.queues.get_queue_client(queue).get_queue_properties().approximate_message_count or 0
        except ResourceNotFoundError:
            return 0


def _free_port() -> int:
    """A port for the host: links to it are made before it listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def stage(
    progress: Callable[[str], None],
    *,
    log: Path = LOG,
    settings: Mapping[str, str] | None = None,
    lease_seconds: float = 10,
) -> Iterator[Stage]:
    """Start every part and stop it at the end. `progress` hears of each, `settings` replace the demo's own."""
    page = build_page(progress)
    azure = SimulatedAzure()
    progress("starting Azurite, the simulated Azure and the chat page")
    with Azurite() as azurite, AzureServer(azure) as server, ChatServer(page=page) as chat:
        port = _free_port()
        given = {
            wiring.STORAGE: azurite.connection_string,
            wiring.SUBSCRIPTIONS: SUBSCRIPTION,
            wiring.MODE: "enforce",
            wiring.ARM_ENDPOINT: server.url,
            wiring.TEAMS: chat.teams_webhook(CHANNEL),
            channels.SLACK_TOKEN: slack_api.TOKEN,
            channels.SLACK_CHANNEL: slack_api.CHANNEL,
            channels.SLACK_API: chat.slack_api,
            wiring.CHAT_HOSTS: "127.0.0.1",
            access_settings.PUBLIC_URL: f"http://127.0.0.1:{port}",
            access_settings.SIGNING_KEY: secrets.token_urlsafe(48),
            access_settings.PLATFORM_AUTH: "True",
            access_settings.SLACK_SIGNING: secrets.token_hex(16),
            access_settings.SLACK_APPROVERS: clicks.APPROVER,
            **server.identity_environment,
            **QUICK,
            **(settings or {}),
        }
        chat.takes_clicks(f"http://127.0.0.1:{port}/api/slack/interactions", given[access_settings.SLACK_SIGNING])
        progress("starting the functions host with the app")
        log.parent.mkdir(exist_ok=True)
        log.unlink(missing_ok=True)
        with FunctionsHost(PROJECT, given, port=port, lease_seconds=lease_seconds, log=log) as host:
            webhook = host.event_grid_url("on_resource_event")
            events = azure.subscribe(webhook)
            queues = QueueServiceClient.from_connection_string(azurite.connection_string)
            yield Stage(azure, chat, host, wiring.build(given), events, queues, webhook, log, given)
