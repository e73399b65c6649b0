"""Findings that messages are made of, and what a message says under one of its labels."""

from collections.abc import Sequence

from remediation.cards import Card
from remediation.cases import Case, State
from rules.model import Resource
from tests.builders import (
    CAUSE,
    NOON,
    REGISTRY_ID,
    databricks,
    default_storage,
    finding,
    plan,
    registry,
    storage_account,
)
from tests.remediation.card_kinds import kinds

UPGRADE = finding("container-registry/premium-sku", Resource.of(registry()))
PREMIUM = finding("container-registry/premium-sku", Resource.of(registry("Premium")))
CONVERSION = finding("storage/zone-redundant", default_storage(storage_account()))
ADVICE = finding("databricks/disaster-recovery", Resource.of(databricks()))
CASE = Case(UPGRADE.rule.name, REGISTRY_ID, State.FIXED, NOON, NOON, CAUSE, attempts=2)
PLAN = plan(UPGRADE)
KINDS = kinds()


def fact(card: Card, label: str) -> str:
    """The one fact of this label."""
    (text,) = (fact.text for fact in card.facts if fact.label == label)
    return text


def part(card: Card, title: str) -> Sequence[str]:
    """The lines of the one part of this title."""
    (lines,) = (section.lines for section in card.sections if section.title == title)
    return lines
