"""Messages on their way to people: remembered first, then posted by the queue `notices`, once as far as is known."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, Final, Self

from remediation import cards, channel_state, telemetry, threads
from remediation.cards import Card
from remediation.cases import Case, State
from remediation.notices import Delivery, Kind, Notice, notice_id
from remediation.plan import UNDO
from remediation.ports import Chat, ChatRefused, ChatUnavailable, Conflict, Refused, Services
from remediation.scopes import place
from rules import RULES_BY_NAME
from rules.model import Finding, Resource, Severity, not_applicable
from rules.resource_id import ResourceId

log = logging.getLogger(__name__)

FIRST_RETRY: Final = timedelta(seconds=5)
LONGEST_RETRY: Final = timedelta(hours=1)
REFUSED_AGAIN: Final = timedelta(days=1)
"""When a message that its channel refused is tried again: somebody may have set the channel right."""
MOST_REFUSALS: Final = 6
MOST_TRIES: Final = 110
"""Tries of one message, over about four days, before its queue gives it up: a channel may be down over a weekend."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A message of the queue `notices`: how often its notice was tried while the channel was busy, and on how many days
    the channel has refused it."""

    tries: int = 0
    refusals: int = 0

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> Self:
        """What a message tells of it; what is no number is none."""
        return cls(*(found if isinstance(found := message.get(name), int) else 0 for name in ("tries", "refusals")))

    def message(self, notice: Notice) -> Mapping[str, object]:
        """The message about a notice."""
        return {"id": notice.id, "correlation_id": telemetry.correlation(), **asdict(self)}


def tell(
    services: Services, case: Case, what: str, card: Card, finding: Finding | None = None, kind: Kind = Kind.STEP
) -> tuple[str, ...]:
    """Owe a card to the channels that hear of a finding. `what` tells apart the messages one incident may raise: what
    follows an approval is said after each. Returns the notices' ids."""
    identity = _identity(case, what)
    found = finding or _by_name(case)
    chats = services.policy.channels(found, services.chats) if found else tuple(services.chats)
    severity = found.rule.severity if found else Severity.HIGH
    now = services.clock().isoformat()
    notices = (
        Notice(notice_id(chat, *identity), chat, card, severity, thread=thread, kind=kind, owed=now)
        for chat in chats
        for thread in (threads.name(services, chat, case),)
    )
    return tuple(_owe(services, notice) for notice in notices)


def show(services: Services, case: Case, what: str, card: Card) -> None:
    """Let the message that stands of an incident show what has become of it, where the channel can. Nobody is told."""
    identity, now = _identity(case, what), services.clock().isoformat()
    for chat in services.chats:
        thread = threads.name(services, chat, case)
        if threads.is_begun(services, thread):
            notice = Notice(notice_id(chat, "shown", *identity), chat, card, thread=thread, kind=Kind.SHOWN, owed=now)
            _owe(services, notice)


def _identity(case: Case, what: str) -> tuple[str, ...]:
    return (case.state, case.rule, case.resource_id.lower(), case.opened.isoformat(), what, *_approval(case))


def _by_name(case: Case) -> Finding | None:
    """The finding of a case whose resource is gone, as far as its name tells; None of what is no rule's."""
    rule = RULES_BY_NAME.get(case.rule.removesuffix(UNDO))
    if rule is None or ResourceId.parse(case.resource_id) is None:
        return None
    return Finding(rule, Resource.of({"id": case.resource_id}), not_applicable("it is not there to be judged"))


def _approval(case: Case) -> tuple[str, ...]:
    """The approval that a message answers. People who are asked again after a failure have the message that asked."""
    if case.approval is None or (case.state is State.ASKED and not case.reason):
        return ()
    return (case.approval.at.isoformat(),)


def tell_unreadable(services: Services, resource: ResourceId, refused: Refused) -> None:
    """The bot may not read a resource. Said once a day for a subscription and reason, not for every resource."""
    log.error("%s: cannot be read: %s", resource, refused)
    card = cards.unreadable(resource.subscription, refused.code, str(refused), str(resource))
    announce(services, card, "unreadable", resource.subscription, refused.code, services.clock().date().isoformat())


def announce(services: Services, card: Card, *identity: str) -> tuple[str, ...]:
    """Owe every channel a card that no case is about. It is posted once, however often the same `identity` is told.
    Returns the notices' ids."""
    return tuple(_owe(services, Notice(notice_id(chat, *identity), chat, card)) for chat in services.chats)


def tell_limit(services: Services, finding: Finding, why: str) -> tuple[str, ...]:
    """A limit of a subscription is reached. Said once for each time that it is: `why` names its hour."""
    subscription, _ = place(finding.resource)
    card = cards.limit_reached(subscription, why)
    return tuple(
        _owe(services, Notice(notice_id(chat, "limit", subscription, why), chat, card))
        for chat in services.policy.channels(finding, services.chats)
    )


def tell_scan_limit(services: Services, scan: str, why: str) -> tuple[str, ...]:
    """A scan found more than the limits. Said once, for all that it found."""
    return announce(services, cards.scan_over_limit(scan, why), "scan over limit", scan)


def _owe(services: Services, notice: Notice) -> str:
    """Remember a notice and have it posted. Enqueued even if remembered before: a crash may have come in between."""
    if services.store.add_notice(notice).state is Delivery.PENDING:
        services.queue.put("notices", Attempt().message(notice))
    return notice.id


def deliver(services: Services, message: object, delivery: str) -> None:
    """Post one notice: a message of the queue `notices`, and the id of its delivery. Raises ValueError where it names
    none."""
    if not isinstance(message, dict) or not isinstance(message.get("id"), str):
        raise ValueError("a message of the queue notices names no notice")
    with telemetry.about(correlation_id=telemetry.safe(message.get("correlation_id"))):
        _deliver(services, message, delivery)


def _deliver(services: Services, message: Mapping[str, Any], delivery: str) -> None:
    notice, attempt = services.store.notice(message["id"]), Attempt.of(message)
    if notice is None:
        log.error("notice %s is not known", message["id"])
        return
    if notice.state is Delivery.SENT or (notice.state is Delivery.REFUSED and not attempt.refusals):
        log.info("notice %s was %s already", notice.id, notice.state.lower())
        return
    if notice.state is Delivery.SENDING and notice.owner != delivery:
        log.info("notice %s is being posted; should that worker die, its own message comes back", notice.id)
        return
    if notice.state in (Delivery.PENDING, Delivery.REFUSED) and (wait := _quiet_for(services, notice)):
        log.info("notice %s waits for the end of the quiet hours", notice.id)
        services.queue.put("notices", message, wait)
        return
    try:
        claimed = services.store.put_notice(
            replace(notice, state=Delivery.SENDING, owner=delivery, changed=services.clock())
        )
    except Conflict:
        log.info("notice %s is in another worker's hands", notice.id)
        return
    _post(services, claimed, attempt)


def _quiet_for(services: Services, notice: Notice) -> timedelta | None:
    if notice.kind is Kind.SHOWN:
        return None  # it rings nowhere
    now = services.clock()
    quiet_until = services.policy.quiet_until(now, notice.severity)
    return quiet_until - now if quiet_until else None


def _post(services: Services, notice: Notice, attempt: Attempt) -> None:
    chat, was_missing = services.chats.get(notice.chat), notice.is_missing
    try:
        if chat is None:
            raise ChatRefused("the channel is no longer configured")
        if was_missing:
            notice = _posted(services, chat, notice)
        if notice.reference or notice.kind is Kind.SHOWN:
            threads.follow(services, chat, notice)
    except ChatUnavailable as unavailable:
        _put_back(services, notice, attempt, unavailable)
        return
    except ChatRefused as refused:
        _refused(services, notice, attempt, str(refused))
        return
    services.store.put_notice(replace(notice, state=Delivery.SENT, changed=services.clock()))
    if was_missing:
        channel_state.works(services, notice.chat)
    what = (notice.id, notice.chat, notice.card.title, telemetry.correlation())
    log.info("notice %s: posted to %s: %s, correlation %s", *what)


def _posted(services: Services, chat: Chat, notice: Notice) -> Notice:
    """The notice once it was posted. Where it stands is remembered at once: it is not posted again when what follows
    has to be tried again."""
    reference = _post_card(chat, notice.card, threads.reference(services, notice.thread))
    return services.store.put_notice(replace(notice, reference=reference)) if reference else notice


def _post_card(chat: Chat, card: Card, thread: str) -> str:
    """The card, or what is most important of it where the channel refuses all of it. Returns and raises as
    `Chat.post`."""
    try:
        return chat.post(card, thread)
    except ChatRefused as refused:
        short = cards.shortened(card)
        if short == card:
            raise
        log.warning("a channel refused a message, which is tried again in short: %s", refused)
        return chat.post(short, thread)


def _put_back(services: Services, notice: Notice, attempt: Attempt, unavailable: ChatUnavailable) -> None:
    """Try again later; after the last try the queue's own poison handling takes over."""
    services.store.put_notice(replace(notice, state=Delivery.PENDING, changed=services.clock()))
    if attempt.tries >= MOST_TRIES:
        raise unavailable
    own = FIRST_RETRY * 2 ** min(attempt.tries, 12)
    delay = min(max(unavailable.retry_after or own, own), LONGEST_RETRY)
    log.warning("notice %s: %s, again in %.0f s", notice.id, unavailable, delay.total_seconds())
    services.queue.put("notices", replace(attempt, tries=attempt.tries + 1).message(notice), delay)


def _refused(services: Services, notice: Notice, attempt: Attempt, reason: str) -> None:
    """A channel does not take a message. It is said elsewhere, and the message tried again day by day: the channel may
    be the only one, and may be set right."""
    undeliverable(services, notice, reason)
    if notice.is_missing:
        channel_state.refuses(services, notice.chat)
        if attempt.refusals < MOST_REFUSALS:
            services.queue.put("notices", Attempt(refusals=attempt.refusals + 1).message(notice), REFUSED_AGAIN)
    services.store.put_notice(replace(notice, state=Delivery.REFUSED, changed=services.clock()))


def undeliverable(services: Services, notice: Notice, reason: str) -> None:
    """A channel did not take a message: say so in the others. Not said of such a message itself, so it ends there."""
    log.error("notice %s: %s did not take it: %s", notice.id, notice.chat, reason)
    if notice.card.label == cards.NOT_DELIVERED or not notice.is_missing:
        return
    card = cards.undelivered(notice.chat, notice.card, reason)
    for chat in services.chats:
        if chat != notice.chat:
            _owe(services, Notice(notice_id(chat, "undelivered", notice.id), chat, card))
