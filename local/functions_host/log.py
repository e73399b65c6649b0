"""Log lines on stderr: time (UTC), level, function[invocation], message. Secrets never appear in them."""

import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import azure_functions_runtime as runtime

_running: dict[str, str] = {}


def set_up(secrets: Iterable[str]) -> None:
    """Send all logging of the process to stderr, with `secrets` replaced by ***."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(secrets))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # The SDK logs every request, the worker library every call: drowning what the app says.
    logging.getLogger("azure").setLevel(logging.WARNING)


@contextmanager
def running(invocation_id: str, function: str) -> Iterator[None]:
    """Let log lines of this invocation carry its id and the name of its function."""
    _running[invocation_id] = function
    # The worker library sets this variable itself, but in the threads of sync functions only.
    token = runtime.invocation_id_cv.set(invocation_id)
    try:
        yield
    finally:
        runtime.invocation_id_cv.reset(token)
        del _running[invocation_id]


class LineFormatter(logging.Formatter):
    """Formats a record as one readable line (more where the message or a traceback has more)."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._secrets = [secret for secret in secrets if secret]

    def format(self, record: logging.LogRecord) -> str:
        """`12:00:00.123 INFO    on_event[1a2b3c4d] message`."""
        time = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S.%f")[:-3]
        line = f"{time} {record.levelname:<7} {_source()} {super().format(record)}"
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line


def _source() -> str:
    invocation_id: str = runtime.invocation_id_cv.get() or ""
    function = _running.get(invocation_id)
    return f"{function}[{invocation_id[:8]}]" if function else "host"
