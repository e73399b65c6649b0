"""What hinders the bot itself: resources it cannot read, messages it cannot process or deliver."""

from typing import Final

from remediation.cards.model import Card, Fact, Section, Tone
from remediation.cards.parts import advice_on, portal_url, sentence

EXCERPT: Final = 500
MOST_FACTS: Final = 4
NOT_DELIVERED: Final = "NOT DELIVERED"


def unreadable(subscription: str, code: str, reason: str, example: str) -> Card:
    """Azure refuses to show resources: nobody protects them until it does."""
    return Card(
        Tone.BAD,
        "NOT PROTECTED",
        "The bot cannot read resources it should check",
        "Nothing is checked or fixed there until this is put right.",
        facts=(Fact("Subscription", subscription), Fact("For example", example), Fact("Azure said", reason)),
        sections=advice_on(code),
    )


def poison(queue: str, text: str, resource_id: str = "") -> Card:
    """A message could not be processed after all tries. `resource_id` is what it was about, where that is known."""
    return Card(
        Tone.BAD,
        "NOT PROCESSED",
        f"A message of the queue {queue} could not be processed",
        "All tries failed. The reason is in the logs of the function app.",
        facts=(
            *((Fact("Resource", resource_id, portal_url(resource_id)),) if resource_id else ()),
            Fact("Queue", queue),
        ),
        sections=(Section("The message", (excerpt(text),), code=True),),
    )


def undelivered(chat: str, card: Card, reason: str) -> Card:
    """Another channel did not take a message; its content is repeated in short."""
    return Card(
        Tone.BAD,
        NOT_DELIVERED,
        f"{chat} did not take a message: {card.title}",
        card.summary,
        facts=(Fact("Message", f"{card.label}: {card.title}"), Fact("Reason", reason), *card.facts[:3]),
        links=card.links,
    )


def shortened(card: Card) -> Card:
    """What is most important of a card, for a channel that refused all of it."""
    facts = tuple(Fact(fact.label, excerpt(fact.text)) for fact in card.facts[:MOST_FACTS])
    return Card(card.tone, excerpt(card.label), excerpt(card.title), excerpt(card.summary), facts)


def excerpt(text: str) -> str:
    """The beginning of a text, for logs and messages."""
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT]} …"


def limit_reached(subscription: str, why: str) -> Card:
    """A limit holds for all that is found from now on: said once."""
    return Card(
        Tone.WARNING,
        "LIMIT REACHED",
        "The bot has stopped changing things by itself for now",
        f"{sentence(why)} What else is found waits for an approval, or for a look after that time; nothing is lost.",
        facts=(Fact("Subscription", subscription),),
        sections=(
            Section(
                "What to do", ("See whether the changes of the last hour were wanted. If not, set the mode to audit.",)
            ),
            Section("What waits", ("python -m local journal --since 1h",), code=True),
        ),
    )


def scan_over_limit(scan: str, why: str) -> Card:
    """A scan found so much at fault that nothing is begun, and all of it asked at once."""
    return Card(
        Tone.WARNING,
        "LIMIT REACHED",
        "A scan found so much at fault that the bot has begun nothing",
        sentence(why),
        facts=(Fact("Scan", scan),),
        sections=(
            Section(
                "What to do",
                (
                    f"See what it found: GET /api/scans/{scan}. What the bot can put right waits for an approval: "
                    "GET /api/report leads to the page of each. There is no message about each of them; the daily "
                    "digest counts them, and names the oldest.",
                    "If so much is to be put right without asking, raise limits.scan_share and limits.scan_count in "
                    "the policy.",
                ),
            ),
        ),
    )


def scan_failed(scan: str, reason: str) -> Card:
    """A scan could not be ended."""
    return Card(
        Tone.BAD,
        "NOT SCANNED",
        "A scan could not be ended",
        sentence(reason),
        facts=(Fact("Scan", scan),),
        sections=(
            Section(
                "What to do", ("Put the reason right, then start it again: POST /api/scan. The next night does so.",)
            ),
        ),
    )
