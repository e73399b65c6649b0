"""Waits for a person: for what they decide on the page, or for Enter in the terminal."""

import select
import sys
import time
from typing import Final

from remediation.ports import Store

POLL_SECONDS: Final = 0.2
PATIENCE_SECONDS: Final = 60
"""How long to wait where there is no terminal: perhaps nobody is there."""
DECISIONS: Final = ("approved", "snoozed", "exempted")
"""The journal's words for what a person can decide about a question."""


def decided(store: Store, resource_id: str) -> str:
    """The journal's word for what somebody decides about a resource from now on, empty where they leave it: they press
    Enter, or patience is over."""
    before, begun = _decisions(store, resource_id), time.monotonic()
    while (now := _decisions(store, resource_id)) == before:
        if _enter_pressed() or (not has_enter() and time.monotonic() - begun > PATIENCE_SECONDS):
            return ""
    return now[-1]


def how_to_leave_it() -> str:
    """What lets it happen by itself."""
    return "Enter does it for you" if has_enter() else f"after {PATIENCE_SECONDS} s it is done for you"


def has_enter() -> bool:
    """Whether somebody could press Enter."""
    return sys.stdin.isatty()


def _decisions(store: Store, resource_id: str) -> list[str]:
    return [entry.what for entry in store.journal(resource_id) if entry.what in DECISIONS]


def _enter_pressed() -> bool:
    """Whether it is within a moment."""
    if not has_enter():
        time.sleep(POLL_SECONDS)
        return False
    ready, _, _ = select.select([sys.stdin], [], [], POLL_SECONDS)
    if ready:
        sys.stdin.readline()
    return bool(ready)
