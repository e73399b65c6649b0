"""What could not be processed after all tries is told, as a case with a message (of a message: in other channels)."""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from remediation import cards, outbox, telemetry
from remediation.cards import Card
from remediation.cases import Case, Cause, Entry, State
from remediation.checks import CheckRequest
from remediation.ports import UNREADABLE, Conflict, Services

log = logging.getLogger(__name__)

RULE: Final = "bot/unprocessed-message"
"""Stands where a rule's name stands in cases of this kind."""
SHOWN: Final = {
    "events": ("id", "eventType", "type", "subject"),
    "decisions": ("what", "person"),
    "checks": ("resource_id",),
}
"""What may be shown of messages that hold more than people should read in chat."""


def unprocessed(services: Services, queue: str, text: str) -> None:
    """Open a case for a poison message of `queue` and tell people; once for each message."""
    data = parsed(text)
    text = _shown(queue, data, text)
    log.error("a message of %s could not be processed: %s", queue, cards.excerpt(text))
    if queue == "notices" and (notice := services.store.notice(str(data.get("id")))) is not None:
        outbox.undeliverable(services, notice, "all tries failed")
        return
    request = CheckRequest.of(data, "")
    if request is None:
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        _tell(services, f"/queues/{queue}/{digest}", Cause(), queue, text, cards.poison(queue, text))
    else:
        services.store.clear_pending(request.resource)  # its check will not come: the next event needs one of its own
        card = cards.poison(queue, text, str(request.resource))
        with telemetry.about(correlation_id=request.cause.correlation, resource=str(request.resource), rule=RULE):
            _tell(services, str(request.resource), request.cause, queue, text, card)


def unreadable(services: Services, blob: str) -> None:
    """Open a case for a dead letter that is to be set aside and tell people; once for each."""
    log.error("dead letter %s cannot be read", blob)
    digest = hashlib.sha256(blob.encode()).hexdigest()[:16]
    card = cards.unreadable_letter(blob, f"{UNREADABLE}{blob}")
    _tell(services, f"/dead-letters/{digest}", Cause(), "dead-letters", blob, card)


def _tell(services: Services, about: str, cause: Cause, queue: str, text: str, card: Card) -> None:
    """The case comes first: its incident is part of the notice's id, so a crash in between tells nobody twice."""
    now, before = services.clock(), services.store.cases(about).get(RULE)
    if before is not None and before.state.is_open:
        case = before
    else:
        case = Case(RULE, about, State.TOLD, now, now, cause, etag=before.etag if before else "")
    if case.told:
        return
    try:
        case = services.store.put_case(case)
        services.store.append(Entry(about, RULE, now, "unprocessed", {"queue": queue, "message": cards.excerpt(text)}))
        services.store.put_case(replace(case, told=outbox.tell(services, case, "", card)))
    except Conflict:
        log.info("%s: another worker tells of it", about)


def _shown(queue: str, data: Mapping[str, object], text: str) -> str:
    """What may be shown of a message: an event holds its caller's claims, of which nothing is kept, a decision the
    token of a link, and a check the name of who made a change."""
    if queue not in SHOWN:
        return text
    named = {name: data[name] for name in SHOWN[queue] if isinstance(data.get(name), str | dict)}
    if not named and queue == "checks":
        return text  # nobody is named in what is no check
    return json.dumps(named, ensure_ascii=False) if named else f"{len(text)} characters that are none of the {queue}"


def parsed(text: str) -> dict[str, object]:
    """The JSON object in a message, empty where there is none."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):  # the latter by brackets without end
        return {}
    return data if isinstance(data, dict) else {}
