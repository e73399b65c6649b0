"""Queue triggers: poll, lease, invoke, then delete, retry or poison, as the Azure Functions host does."""

import asyncio
import json
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.queue import QueueMessage

from local.functions_host.invocation import Invoke
from local.functions_host.protos import TypedData
from local.functions_host.settings import QueueOptions, whole_seconds
from local.functions_host.storage import QueueAddress, Queues
from local.functions_host.worker import Function

_log = logging.getLogger("functions_host")
MIN_POLLING_INTERVAL = 0.1  # seconds


class QueueListener:
    """Listens to the queue of one function. `lease`: seconds a message stays hidden, renewed at half time."""

    def __init__(
        self,
        function: Function,
        address: QueueAddress,
        queues: Queues,
        options: QueueOptions,
        lease: int,
        invoke: Invoke,
    ) -> None:
        self._function = function
        self._address = address
        self._queues = queues
        self._client = queues.client(address)
        self._options = options
        self._lease = lease
        self._invoke = invoke
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False

    async def run(self) -> None:
        """Poll until `stop`, then wait for the messages at work."""
        empty_polls = 0
        while not self._stopping:
            messages = await self._receive()
            for message in messages:
                self._start(message)
            if messages:
                empty_polls = 0
                await self._wait_for_room()
            else:
                await self._idle(polling_interval(empty_polls, self._options.max_polling_interval.total_seconds()))
                empty_polls += 1
        if self._running:
            await asyncio.wait(self._running)

    def stop(self) -> None:
        """Take no further messages."""
        self._stopping = True
        self._queues.sent(self._address).set()

    async def _receive(self) -> list[QueueMessage]:
        pages = self._client.receive_messages(
            messages_per_page=self._options.batch_size, visibility_timeout=self._lease
        ).by_page()
        try:
            return [message async for message in await anext(pages)]
        except (StopAsyncIteration, ResourceNotFoundError):
            return []
        except AzureError as error:
            _log.warning("queue %s cannot be read, trying again: %s", self._address.name, error)
            return []

    def _start(self, message: QueueMessage) -> None:
        task = asyncio.create_task(self._handle(message))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _wait_for_room(self) -> None:
        while len(self._running) > self._options.new_batch_threshold:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)

    async def _idle(self, seconds: float) -> None:
        sent = self._queues.sent(self._address)
        try:
            await asyncio.wait_for(sent.wait(), seconds)
        except TimeoutError:
            return
        sent.clear()

    async def _handle(self, message: QueueMessage) -> None:
        try:
            await self._process(message)
        except AzureError as error:
            # Nothing is lost: the message shows up again when its lease ends.
            _log.warning("message %s in queue %s: %s", message.id, self._address.name, error)

    async def _process(self, message: QueueMessage) -> None:
        count, most = message.dequeue_count or 0, self._options.max_dequeue_count
        try:
            body = self._queues.decode(message.content or "")
        except ValueError:
            await self._give_up(message, "it is not encoded as host.json's messageEncoding says")
            return
        if count > most and not self._address.is_poison:
            await self._give_up(message, f"it was taken {count} times")
            return
        async with self._leased(message):
            outcome = await self._invoke(self._function, _payload(body), _metadata(message))
        if not outcome.error:
            await self._client.delete_message(message)
        elif self._address.is_poison or count >= most:
            await self._give_up(message, f"it failed {count} times")
        else:
            delay = whole_seconds(self._options.visibility_timeout)
            await self._client.update_message(message.id, message.pop_receipt, visibility_timeout=delay)

    async def _give_up(self, message: QueueMessage, why: str) -> None:
        if self._address.is_poison:
            # There is no further queue to move it to; hidden until its lease ends, it cannot spin.
            _log.error("message %s in queue %s stays hidden for now: %s", message.id, self._address.name, why)
            return
        poison = self._address.poison()
        _log.error("message %s moves from %s to %s: %s", message.id, self._address.name, poison.name, why)
        await self._queues.send_raw(poison, message.content or "")
        await self._client.delete_message(message)

    @asynccontextmanager
    async def _leased(self, message: QueueMessage) -> AsyncIterator[None]:
        done = asyncio.Event()
        renewing = asyncio.create_task(self._renew(message, done))
        try:
            yield
        finally:
            # Not cancelled: a renewal cut short would leave us without the receipt that deletes the message.
            done.set()
            await renewing

    async def _renew(self, message: QueueMessage, done: asyncio.Event) -> None:
        while True:
            try:
                await asyncio.wait_for(done.wait(), self._lease / 2)
                return
            except TimeoutError:
                pass
            try:
                renewed = await self._client.update_message(
                    message.id, message.pop_receipt, visibility_timeout=self._lease
                )
                message.pop_receipt = renewed.pop_receipt
            except AzureError as error:
                _log.warning("the lease of message %s could not be renewed: %s", message.id, error)


def polling_interval(empty_polls: int, longest: float) -> float:
    """Seconds until the next poll after `empty_polls` empty ones: doubling from 100 ms to `longest`, randomised."""
    growth = 2.0 ** min(empty_polls, 20) - 1
    return min(longest, MIN_POLLING_INTERVAL * (1 + growth * random.uniform(0.8, 1.2)))  # noqa: S311 - no secret


def _payload(body: bytes) -> TypedData:
    try:
        return TypedData(string=body.decode())
    except UnicodeDecodeError:
        return TypedData(bytes=body)


def _metadata(message: QueueMessage) -> dict[str, TypedData]:
    return {
        "Id": TypedData(string=message.id),
        "PopReceipt": TypedData(string=message.pop_receipt),
        "DequeueCount": TypedData(json=str(message.dequeue_count)),
        "InsertionTime": _time(message.inserted_on),
        "ExpirationTime": _time(message.expires_on),
        "NextVisibleTime": _time(message.next_visible_on),
    }


def _time(moment: datetime | None) -> TypedData:
    return TypedData(json=json.dumps(moment.isoformat())) if moment else TypedData()
