"""What a message says: cards of every kind, free of any channel. Pure."""

from remediation.cards.buttons import EXEMPT, SNOOZE
from remediation.cards.daily import Waiting, digest, exemption_ends
from remediation.cards.delivery import dead_letters, events_again, moves_again, silent, stuck, unreadable_letter
from remediation.cards.model import Button, Card, Fact, Link, Section, Tone
from remediation.cards.outcomes import closed, failure, fixed, started
from remediation.cards.parts import NOUNS, changed_by, portal_url, used_by
from remediation.cards.questions import approval, guidance, keeps_undone, not_decided, still_waiting, told
from remediation.cards.settled import approved, decided, exempt, settled, snoozed
from remediation.cards.troubles import (
    EXCERPT,
    NOT_DELIVERED,
    excerpt,
    limit_reached,
    poison,
    scan_failed,
    scan_over_limit,
    shortened,
    undelivered,
    unreadable,
)

__all__ = [
    "EXCERPT",
    "EXEMPT",
    "NOT_DELIVERED",
    "NOUNS",
    "SNOOZE",
    "Button",
    "Card",
    "Fact",
    "Link",
    "Section",
    "Tone",
    "Waiting",
    "approval",
    "approved",
    "changed_by",
    "closed",
    "dead_letters",
    "decided",
    "digest",
    "events_again",
    "excerpt",
    "exempt",
    "exemption_ends",
    "failure",
    "fixed",
    "guidance",
    "keeps_undone",
    "limit_reached",
    "moves_again",
    "not_decided",
    "poison",
    "portal_url",
    "scan_failed",
    "scan_over_limit",
    "settled",
    "shortened",
    "silent",
    "snoozed",
    "started",
    "still_waiting",
    "stuck",
    "told",
    "undelivered",
    "unreadable",
    "unreadable_letter",
    "used_by",
]
