"""Messages that stand already, as they look once something has followed; and what follows without a message. Pure."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from remediation.cards.buttons import token_of
from remediation.cards.model import Card, Fact, Tone
from remediation.cards.parts import portal_url, sentence, when
from remediation.cases import Case

GO_ON: Final = " Decide on the newest message in its thread."
STAYS: Final = frozenset({"Resource", "Used by", "Changed by", "Asked by"})
FOLLOWS: Final = frozenset({"Approved by", "Confirmed", "Reason"})


def decided(card: Card) -> Card:
    """A message without what can be decided by it no more."""
    tokens = {button.token for button in card.buttons}
    return replace(card, links=tuple(link for link in card.links if token_of(link.url) not in tokens), buttons=())


def settled(card: Card, by: Card) -> Card:
    """The first message of an incident after `by` has followed: what it is about, and how it stands now."""
    facts = [fact for fact in card.facts if fact.label in STAYS]
    facts += [fact for fact in by.facts if fact.label in FOLLOWS]
    go_on = GO_ON if by.buttons and by.tone is not Tone.GOOD else ""
    summary = f"{sentence(by.title)} {sentence(by.summary)}{go_on}"
    return replace(decided(card), tone=by.tone, label=by.label, summary=summary, facts=tuple(facts), sections=())


def approved(case: Case) -> Card:
    """Somebody has approved the plan, and it is not begun yet."""
    who = f"Approved by {case.approval.by}, {when(case.approval.at)}." if case.approval else "Approved."
    return _decided("APPROVED", case, f"{who} The next check applies it, if the resource is still so.")


def snoozed(case: Case, until: datetime, who: str) -> Card:
    """Somebody has put the question off."""
    return _decided("SNOOZED", case, f"Put off by {who}: people are asked again on {until:%d %b %Y}.")


def exempt(case: Case) -> Card:
    """Somebody accepts the finding."""
    until = f" until {when(case.until)}" if case.until else ""
    return _decided("EXEMPT", case, f"It is accepted{until}: {case.reason}.")


def _decided(label: str, case: Case, summary: str) -> Card:
    name = case.resource_id.rsplit("/", 1)[-1]
    title = case.plan.title if case.plan else f"{case.rule} of {name}"
    return Card(
        Tone.INFO, f"{label} · {case.rule}", title, summary, (Fact("Resource", name, portal_url(case.resource_id)),)
    )
