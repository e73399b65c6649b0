"""What log records say besides their text, and numbers as log lines: docs/decisions/0017, docs/queries.kql."""

import hashlib
import json
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

log = logging.getLogger(__name__)

FIELDS: Final = ("correlation_id", "resource", "rule")
"""The attributes that `install` gives every record, empty where they do not apply."""
SAFE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

_about: ContextVar[Mapping[str, str]] = ContextVar("about", default=MappingProxyType({}))


def install() -> None:
    """Let every record made from now on carry FIELDS, whoever makes it and whichever handler takes it."""
    make = logging.getLogRecordFactory()
    if isinstance(make, _Factory):
        return
    logging.setLogRecordFactory(_Factory(make))


class _Factory:
    """Makes records as before, with FIELDS as attributes."""

    def __init__(self, make: Any) -> None:
        self._make = make

    def __call__(self, *arguments: Any, **options: Any) -> logging.LogRecord:
        record: logging.LogRecord = self._make(*arguments, **options)
        known = _about.get()
        for name in FIELDS:
            setattr(record, name, known.get(name, ""))
        return record


@contextmanager
def about(**fields: str) -> Iterator[None]:
    """Let the records of a block carry these, and those of blocks around it."""
    token = _about.set({**_about.get(), **fields})
    try:
        yield
    finally:
        _about.reset(token)


def correlation() -> str:
    """The correlation id of what is being worked on, empty where there is none."""
    return _about.get().get("correlation_id", "")


def safe(identity: object) -> str:
    """An id that came from outside, as it may stand in a log: itself, or what stands for it."""
    text = identity if isinstance(identity, str) else ""
    return text if SAFE.fullmatch(text) or not text else hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]


def metric(name: str, value: float = 1, **dimensions: str) -> None:
    """A number, as a line that queries can read."""
    data = {"name": name, "value": round(value, 3), **dimensions}
    log.info("metric %s", json.dumps(data, sort_keys=True), extra={"metric": name, "value": data["value"]})


def time_to_fix(changed: str, now: datetime, rule: str) -> None:
    """The seconds from the change, at the time its event names, to its confirmed fix; nothing where it names none."""
    try:
        seconds = (now - datetime.fromisoformat(changed)).total_seconds()
    except (ValueError, TypeError):  # no time, or one without a zone
        return
    metric("time_to_fix", max(seconds, 0), rule=rule)
