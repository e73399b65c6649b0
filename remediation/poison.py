"""What could not be processed after all tries becomes a case and a message: nothing is dropped silently."""

import hashlib
import json
import logging
from typing import Final

from remediation import cards, outbox
from remediation.cases import Case, Cause, Entry, State
from remediation.checks import CheckRequest
from remediation.ports import Conflict, Services

log = logging.getLogger(__name__)

RULE: Final = "bot/unprocessed-message"
"""Stands where a rule's name stands in cases of this kind."""


def unprocessed(services: Services, queue: str, text: str) -> None:
    """Open a case for a poison message of `queue` and tell people; once for each message."""
    log.error("a message of %s could not be processed: %s", queue, cards.excerpt(text))
    data = _parsed(text)
    if queue == "notices" and (notice := services.store.notice(str(data.get("id")))) is not None:
        outbox.undeliverable(services, notice, "all tries failed")
        return
    request = CheckRequest.of(data, "")
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    about = str(request.resource) if request else f"/queues/{queue}/{digest}"
    cause = request.cause if request else Cause()
    before = services.store.cases(about).get(RULE)
    if before is not None and before.state.is_open and before.told:
        return
    now = services.clock()
    case = Case(RULE, about, State.TOLD, now, now, cause, etag=before.etag if before else "")
    try:
        case = services.store.put_case(case)
    except Conflict:
        return  # another worker tells of the same
    services.store.append(Entry(about, RULE, now, "unprocessed", {"queue": queue, "message": cards.excerpt(text)}))
    told = outbox.tell(services, case, "", cards.poison(queue, text))
    services.store.put_case(Case(RULE, about, State.TOLD, now, now, cause, told=told, etag=case.etag))


def _parsed(text: str) -> dict[str, object]:
    try:
        data = json.loads(text)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
