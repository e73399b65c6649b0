"""What a message says: cards of every kind, free of any channel. Pure."""

from remediation.cards.daily import Waiting, digest, exemption_ends
from remediation.cards.delivery import dead_letters, events_again, moves_again, silent, stuck, unreadable_letter
from remediation.cards.model import Card, Fact, Link, Section, Tone
from remediation.cards.outcomes import closed, failure, fixed, started
from remediation.cards.parts import NOUNS, changed_by, portal_url, used_by
from remediation.cards.questions import approval, guidance, keeps_undone, not_decided, still_waiting, told
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
    "NOT_DELIVERED",
    "NOUNS",
    "Card",
    "Fact",
    "Link",
    "Section",
    "Tone",
    "Waiting",
    "approval",
    "changed_by",
    "closed",
    "dead_letters",
    "digest",
    "events_again",
    "excerpt",
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
    "shortened",
    "silent",
    "started",
    "still_waiting",
    "stuck",
    "told",
    "undelivered",
    "unreadable",
    "unreadable_letter",
    "used_by",
]
