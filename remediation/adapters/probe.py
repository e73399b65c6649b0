"""Looks at the bot's own storage: whether it answers, and what waits in its queues."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueServiceClient

from remediation.queue_state import QueueState

QUICK: Final[dict[str, Any]] = {"connection_timeout": 0.4, "read_timeout": 0.4, "retry_total": 0}
"""For who is asked by a probe, which waits two seconds: two requests, each of which may take both."""


class StorageProbe:
    """The port `Probe` over Queue and Table storage."""

    def __init__(self, queues: QueueServiceClient, tables: TableServiceClient) -> None:
        self._queues, self._tables = queues, tables

    def storage(self) -> str:
        """One request to each service. What is missing there is an answer, too."""
        try:
            _ask(lambda: self._tables.get_table_client("memos").get_entity("probe", "probe", **QUICK))
            _ask(lambda: self._queues.get_queue_client("checks").get_queue_properties(**QUICK))
        except AzureError as error:
            return type(error).__name__
        return ""

    def queue(self, name: str) -> QueueState:
        """Its length as Azure knows it, about; and when its first visible message was put there."""
        client = self._queues.get_queue_client(name)
        try:
            count = client.get_queue_properties().approximate_message_count or 0
            oldest = next(iter(client.peek_messages(1)), None)
        except ResourceNotFoundError:
            return QueueState(name, 0, None)
        return QueueState(name, count, oldest.inserted_on if oldest else None)


def _ask(request: Callable[[], object]) -> None:
    with suppress(ResourceNotFoundError):
        request()
