"""Azure Storage queues. Messages are base64, as the functions host expects them; they never expire."""

import hashlib
import json
import math
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import cache
from typing import Any, Final

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueClient, QueueServiceClient, TextBase64EncodePolicy

from remediation.ports import QueueName

NEVER: Final = -1
LONGEST_DELAY: Final = timedelta(days=6)
MOST_SPREAD: Final = timedelta(minutes=5)


class Queues:
    """The port `Queue` over Storage queues. A missing queue is created when first used."""

    def __init__(self, service: QueueServiceClient) -> None:
        @cache
        def client(name: QueueName) -> QueueClient:
            return service.get_queue_client(name, message_encode_policy=TextBase64EncodePolicy())

        self._client = client

    def put(self, queue: QueueName, message: Mapping[str, Any], delay: timedelta = timedelta()) -> None:
        """Enqueue; whole seconds of delay, rounded up."""
        client, text = self._client(queue), json.dumps(message, ensure_ascii=False)
        seconds = math.ceil(min(spread(delay, text), LONGEST_DELAY).total_seconds())
        try:
            client.send_message(text, visibility_timeout=seconds, time_to_live=NEVER)
        except ResourceNotFoundError:
            _create(client)
            client.send_message(text, visibility_timeout=seconds, time_to_live=NEVER)


def spread(delay: timedelta, text: str) -> timedelta:
    """A delay made longer by up to a quarter, and by MOST_SPREAD at most: what was put off together does not come back
    together. The same message waits the same. Pure."""
    share = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) / 2**32
    return delay + share * min(delay / 4, MOST_SPREAD)


def _create(client: QueueClient) -> None:
    with suppress(ResourceExistsError):  # another worker was faster
        client.create_queue()
