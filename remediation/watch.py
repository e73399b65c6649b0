"""Watches whether events still come, and whether the bot keeps up with them. People are told once when something is
wrong, and once when it is right again.

Nothing fails when events stop: a disabled or deleted event subscription looks like a quiet day. What is wrong is
remembered before it is told, and what is right after, so that a run that dies tells nobody twice.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from remediation import cards, outbox, telemetry
from remediation.cards import Card
from remediation.cases import State
from remediation.ports import Conflict, Services
from remediation.queue_state import QueueState

log = logging.getLogger(__name__)

WAITING: Final[Mapping[str, timedelta]] = {
    "events": timedelta(minutes=15),
    "checks": timedelta(hours=3),
    "decisions": timedelta(minutes=15),
    "notices": timedelta(hours=12),
    "scans": timedelta(hours=3),
}
"""How long the first message of a queue may wait. A check or a notice may have been put off by more than an hour."""
POISON: Final = tuple(f"{name}-poison" for name in WAITING)
MOST_POISON: Final = 5
"""Messages in a poison queue, which its function otherwise takes at once."""
OPEN: Final = tuple(state for state in State if state.is_open)
LAST: Final = "watch"
"""The memo of the last run."""


def watch(services: Services) -> None:
    """Look once, tell what has changed, and remember how it stands."""
    try:
        _watch(services, services.clock())
    except Conflict:
        log.info("another run watches at the same time")


def _watch(services: Services, now: datetime) -> None:
    silent = [each for each in sorted(services.policy.subscriptions) if _watch_events(services, each, now)]
    stuck = [name for name in (*WAITING, *POISON) if _watch_queue(services, name, now)]
    for state, count in (dict.fromkeys(OPEN, 0) | dict(services.store.open_cases())).items():
        telemetry.metric("open_cases", count, state=state)
    last = services.store.memo(LAST)
    services.store.put_memo(replace(last, data={"at": now.isoformat(), "silent": len(silent), "stuck": stuck}))


def _watch_events(services: Services, subscription: str, now: datetime) -> bool:
    """Whether a subscription has been silent for too long, since its last event or since it was first watched."""
    watched, came = _watched_since(services, subscription, now), services.store.last_event(subscription)
    last = max(watched, came) if came else watched
    wrong = now - last > services.policy.silence
    begins = cards.silent(subscription, came, watched, now)
    _follow(services, f"events of {subscription}", wrong, begins, cards.events_again(subscription, last))
    return wrong


def _watched_since(services: Services, subscription: str, now: datetime) -> datetime:
    memo = services.store.memo(f"watched {subscription}")
    if not memo.data:
        memo = services.store.put_memo(replace(memo, data={"since": now.isoformat()}))
    return datetime.fromisoformat(memo.data["since"])


def _watch_queue(services: Services, name: str, now: datetime) -> bool:
    """Whether messages of a queue are not processed."""
    state = services.probe.queue(name)
    wrong = _is_stuck(state, now)
    _follow(services, f"queue {name}", wrong, cards.stuck(state, now), cards.moves_again(name))
    return wrong


def _is_stuck(state: QueueState, now: datetime) -> bool:
    if state.name in WAITING:
        return state.oldest is not None and now - state.oldest > WAITING[state.name]
    return state.messages > MOST_POISON


def _follow(services: Services, what: str, wrong: bool, begins: Card, ends: Card) -> None:
    """Tell when something goes wrong and when it is right again, once each."""
    memo = services.store.memo(f"wrong {what}")
    if wrong and not memo.data.get("told"):
        if not memo.data.get("since"):
            memo = services.store.put_memo(replace(memo, data={"since": services.clock().isoformat()}))
        log.error("%s: %s", what, begins.title)
        outbox.announce(services, begins, what, memo.data["since"])
        services.store.put_memo(replace(memo, data={**memo.data, "told": True}))
    elif not wrong and memo.data.get("since"):
        log.info("%s: %s", what, ends.title)
        if memo.data.get("told"):
            outbox.announce(services, ends, what, memo.data["since"], "right again")
        services.store.put_memo(replace(memo, data={}))
