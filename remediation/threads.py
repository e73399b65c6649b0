"""Messages of one incident, in a channel with threads: the first stands in the channel, what follows in its thread, and
the first shows how it stands by now. In other channels each message stands alone.

A memo for each thread holds its first notice, since when what it shows was owed, and the notices with buttons that can
still be pressed. A crash at any point repeats an update at worst.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from remediation import cards
from remediation.cards import Card
from remediation.cases import Case
from remediation.notices import Kind, Notice, notice_id
from remediation.plan import UNDO
from remediation.ports import Chat, ChatGone, ChatRefused, Services

log = logging.getLogger(__name__)


def name(services: Services, chat: str, case: Case) -> str:
    """The name of the thread of a case's incident, empty where the channel has no threads. That a fix is taken back
    belongs to the incident of the fix."""
    if not services.chats[chat].threads:
        return ""
    rule = case.rule.removesuffix(UNDO)
    fix = services.store.cases(case.resource_id).get(rule, case) if rule != case.rule else case
    return notice_id(chat, "thread", rule, case.resource_id.lower(), fix.opened.isoformat())


def is_begun(services: Services, thread: str) -> bool:
    """Whether there is a message that could show something."""
    return bool(thread and services.store.memo(thread).data)


def reference(services: Services, thread: str) -> str:
    """Where the first message of a thread stands, empty where there is none yet."""
    data = services.store.memo(thread).data if thread else {}
    first = services.store.notice(data["first"]) if data else None
    return first.reference if first else ""


def follow(services: Services, chat: Chat, notice: Notice) -> None:
    """A notice was posted, or has to show: let the messages before it show it. Raises ChatUnavailable, and Conflict
    where another worker does the same for another notice."""
    if not notice.thread:
        return
    memo = services.store.memo(notice.thread)
    data = memo.data
    if not data:
        services.store.put_memo(replace(memo, data=_remembered(notice.id, notice)))
        return
    if notice.id in (data["first"], *data["asking"]) or notice.kind is Kind.ASIDE:
        return
    if notice.owed < data["shown"]:  # it had to wait for its channel, and something newer is shown already
        if notice.card.buttons:
            _update(services, chat, notice.id, cards.decided)
        return
    for asking in data["asking"]:
        _update(services, chat, asking, cards.decided)
    stands = _update(services, chat, data["first"], lambda card: cards.settled(card, notice.card))
    first = data["first"] if stands or not notice.reference else notice.id
    services.store.put_memo(replace(memo, data=_remembered(first, notice)))


def _remembered(first: str, notice: Notice) -> Mapping[str, Any]:
    asking = [notice.id] if notice.card.buttons and notice.id != first else []
    return {"first": first, "shown": notice.owed, "asking": asking}


def _update(services: Services, chat: Chat, identity: str, change: Callable[[Card], Card]) -> bool:
    """Let one message show another card. False where it is not there any more."""
    before = services.store.notice(identity)
    if before is None:
        return False
    try:
        chat.update(before.reference, change(before.card))
    except ChatRefused as refused:
        log.warning("notice %s cannot show what followed: %s", identity, refused)
        return not isinstance(refused, ChatGone)
    return True
