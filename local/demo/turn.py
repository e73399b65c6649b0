"""Waits for a person: for what they decide on the page, or for Enter in the terminal."""

import select
import sys
import time
from typing import Final

from remediation.ports import Store

POLL_SECONDS: Final = 0.2
DECISIONS: Final = ("approved", "snoozed", "exempted")
"""The journal's words for what a person can decide about a question."""


def decided(store: Store, resource_id: str) -> str:
    """The journal's word for what somebody decides about a resource from now on, empty where Enter is pressed first."""
    before = _decisions(store, resource_id)
    while (now := _decisions(store, resource_id)) == before:
        if _enter_pressed():
            return ""
    return now[-1]


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
