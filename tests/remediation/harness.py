"""The bot on real parts: the simulated Azure, Azurite, the chat sink and the SDKs, with a clock that tests move."""

import json
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, Literal

from azure.storage.queue import (
    QueueClient,
    QueueMessage,
    QueueServiceClient,
    TextBase64DecodePolicy,
    TextBase64EncodePolicy,
)

from local.azure import AzureServer, SimulatedAzure
from local.chat import ChatServer
from remediation import decisions, intake, outbox, pipeline, poison, scan, scan_end, wiring
from remediation.cases import Case, Entry
from remediation.checks import CheckRequest
from remediation.policy import Limits
from remediation.ports import Queue, QueueName
from remediation.scans import Step
from rules import RULES_BY_NAME
from tests.builders import SUBSCRIPTION

QUEUES: tuple[QueueName, ...] = ("scans", "checks", "decisions", "notices")
MOST_TRIES = 5
SECRET = "secret-in-the-webhook-url"
RULES = ("container-registry/premium-sku", "storage/zone-redundant", "databricks/disaster-recovery")
"""One rule for each outcome: the stories are about what follows from a verdict, whatever other rules there are."""
CHANNELS: tuple[Literal["teams", "slack"], ...] = ("teams", "slack")


class Clock:
    """The bot's time: a millisecond passes with every look at it, more only when a test says so."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            self._now += timedelta(milliseconds=1)
            return self._now

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        with self._lock:
            self._now += by


@dataclass(frozen=True, slots=True)
class Delayed:
    """A message that is not visible yet."""

    due: datetime
    delay: timedelta
    queue: QueueName
    message: Mapping[str, Any]


class Delays:
    """The port `Queue` before Azurite: what is delayed waits here until the test's clock has come so far."""

    def __init__(self, queue: Queue, clock: Clock) -> None:
        self._queue, self._clock = queue, clock
        self.waiting: list[Delayed] = []

    def put(self, queue: QueueName, message: Mapping[str, Any], delay: timedelta = timedelta()) -> None:
        """Enqueue now, or keep until due."""
        if delay:
            self.waiting.append(Delayed(self._clock() + delay, delay, queue, message))
        else:
            self._queue.put(queue, message)

    def release(self) -> None:
        """Enqueue what is due."""
        now = self._clock()
        due, self.waiting = [d for d in self.waiting if d.due <= now], [d for d in self.waiting if d.due > now]
        for delayed in due:
            self._queue.put(delayed.queue, delayed.message)


class Bot:
    """The app without its functions host: tests put events in and let it work. `policy` is the text of its file; `mode`
    wins over that, unless it is empty. `settings` are added to its own."""

    def __init__(
        self,
        storage: str,
        server: AzureServer,
        chat: ChatServer,
        mode: str = "enforce",
        rules: Collection[str] = RULES,
        policy: str = "",
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.server, self.chat, self.clock = server, chat, Clock()
        given = {
            wiring.SUBSCRIPTIONS: SUBSCRIPTION,
            wiring.MODE: mode,
            wiring.RULES_OFF: ",".join(RULES_BY_NAME.keys() - set(rules)),
            wiring.TEAMS: chat.teams_webhook(SECRET),
            wiring.SLACK: chat.slack_webhook(SECRET),
            wiring.CHAT_HOSTS: "127.0.0.1",
            wiring.ARM_ENDPOINT: server.url,
            wiring.STORAGE: storage,
            **server.identity_environment,
            **settings,
        }
        with TemporaryDirectory() as folder:
            file = Path(folder, "policy.yaml")
            file.write_text(policy, encoding="utf-8")
            services = wiring.build(given | {wiring.POLICY: str(file)}, clock=self.clock)
        self.delays = Delays(services.queue, self.clock)
        self._queues = QueueServiceClient.from_connection_string(storage)
        self.services = replace(services, queue=self.delays)

    def unlimited(self) -> "Bot":
        """The bot where nothing stops it from fixing the same over and over."""
        limits = Limits(fixes_per_resource_per_day=10_000, changes_per_subscription_per_hour=10_000)
        self.services = replace(self.services, policy=replace(self.services.policy, limits=limits))
        return self

    @property
    def azure(self) -> SimulatedAzure:
        """What the bot protects."""
        return self.server.azure

    def seed(self, *bodies: Mapping[str, Any]) -> None:
        """Let resources be there."""
        for body in bodies:
            self.azure.seed(body["id"], body)

    def accept(self, *events: object) -> Sequence[intake.Outcome]:
        """Event Grid delivers a batch."""
        return intake.accept(list(events), self.services)

    def see(self, *events: object) -> None:
        """Event Grid delivers a batch, and the bot works on what follows."""
        self.accept(*events)
        self.work()

    def work(self) -> None:
        """Process messages until none is visible. A failure goes back to its queue and is raised, five times; then it
        is poison."""
        while any(self._process(name) for name in QUEUES):
            pass

    def drain(self, queue: QueueName) -> None:
        """Process the visible messages of one queue only."""
        while self._process(queue):
            pass

    def later(self, time: timedelta) -> None:
        """Let time pass, then work on what has become due."""
        self.clock.move(time)
        self.delays.release()
        self.work()

    def received(self, queue: QueueName) -> list[QueueMessage]:
        """Take every visible message of a queue, as many workers at once would."""
        taken = []
        while message := self.queue(queue).receive_message(visibility_timeout=60):
            taken.append(message)
        return taken

    def queue(self, name: QueueName) -> QueueClient:
        """One queue of Azurite."""
        return self._queues.get_queue_client(
            name, message_encode_policy=TextBase64EncodePolicy(), message_decode_policy=TextBase64DecodePolicy()
        )

    def handle(self, queue: QueueName, message: QueueMessage) -> None:
        """What function_app does with one message."""
        data = json.loads(message.content)
        if queue == "decisions":
            decisions.decide(self.services, data, message.id)
            return
        if queue == "notices":
            outbox.deliver(self.services, data, message.id)
            return
        if queue == "scans":
            step = Step.of(data)
            assert step is not None
            scan.work(self.services, step)
            return
        request = CheckRequest.of(data, message.id)
        assert request is not None
        pipeline.check(self.services, request)

    def _process(self, name: QueueName) -> bool:
        message = self.queue(name).receive_message(visibility_timeout=60)
        if message is None:
            return False
        if (message.dequeue_count or 0) > MOST_TRIES and name == "scans":
            scan_end.unprocessed(self.services, message.content)
        elif (message.dequeue_count or 0) > MOST_TRIES:
            poison.unprocessed(self.services, name, message.content)
        else:
            self._try(name, message)
        self.queue(name).delete_message(message)
        return True

    def _try(self, name: QueueName, message: QueueMessage) -> None:
        try:
            self.handle(name, message)
        except BaseException:
            self.queue(name).update_message(message, visibility_timeout=0)
            raise

    def told(self, channel: Literal["teams", "slack"] = "teams") -> list[str]:
        """The texts posted to a channel, oldest first."""
        return [message.text for message in self.chat.messages if message.channel_kind == channel]

    def headlines(self) -> list[str]:
        """The label of each thing told, such as FIX FAILED; both channels were told the same."""
        teams = [text.split("\n")[0].split(" · ")[0] for text in self.told("teams")]
        assert teams == [text.split("\n")[1].split(" · ")[0] for text in self.told("slack")]
        return teams

    def case(self, resource_id: str, rule: str) -> Case:
        """The case of one rule and resource."""
        return self.services.store.cases(resource_id)[rule]

    def journal(self, resource_id: str) -> Sequence[Entry]:
        """What was done about a resource, oldest first."""
        return self.services.store.journal(resource_id)

    def done(self, resource_id: str) -> list[str]:
        """The words of the journal of a resource."""
        return [entry.what for entry in self.journal(resource_id)]

    def waits(self) -> list[timedelta]:
        """The delays of the messages that wait."""
        return [delayed.delay for delayed in self.delays.waiting]
