"""Messages about the bot itself: whether events reach it, and whether it keeps up. Pure."""

from datetime import datetime, timedelta
from typing import Final

from remediation.cards.model import Card, Fact, Section, Tone
from remediation.queue_state import QueueState

LIST_COMMAND: Final = (
    "az eventgrid event-subscription list --source-resource-id /subscriptions/{} --output table "
    '--query "[].{{name:name, state:provisioningState, destination:destination.endpointType}}"'
)


def dead_letters(count: int, since: str, error: str) -> Card:
    """Event Grid had given up events, which the bot has found and taken in. `error` is of the last delivery."""
    one = count == 1
    return Card(
        Tone.WARNING,
        "EVENTS NOT DELIVERED",
        f"{count} event{'' if one else 's'} did not reach the bot",
        f"Event Grid gave {'it' if one else 'them'} up. The bot has taken {'it' if one else 'them'} in from the dead "
        "letters, late. New events may be given up as well until delivery is put right.",
        facts=(Fact("Since", since or "unknown"), Fact("Last error", error or "unknown")),
        sections=(
            Section(
                "What to do",
                (
                    "Look whether the function app runs and whether the event subscription's destination is still the "
                    "app's function or queue. The command lists the event subscriptions of an Azure subscription.",
                ),
            ),
            Section("To look", (LIST_COMMAND.format("SUBSCRIPTION-ID"),), code=True, folded=True),
        ),
    )


def unreadable_letter(blob: str, place: str) -> Card:
    """A dead letter from which not every event could be read. It was moved to `place`."""
    return Card(
        Tone.BAD,
        "NOT PROCESSED",
        "A dead letter could not be read",
        "It holds something that is no event. What could be read was taken in.",
        facts=(Fact("Blob", blob), Fact("Moved to", place)),
        sections=(
            Section("What to do", ("Look into the blob. Sweep or change the resources that it names, or delete it.",)),
        ),
    )


def silent(subscription: str, last: datetime | None, watched: datetime, now: datetime) -> Card:
    """An onboarded subscription has raised no event for long. `last` is None where none ever came."""
    hours = (now - max(last or watched, watched)) / timedelta(hours=1)
    return Card(
        Tone.BAD,
        "NO EVENTS",
        f"No event has come for {hours:.0f} hours: changes may go unseen",
        "Either nothing was changed in this subscription, or its changes do not reach the bot.",
        facts=(
            Fact("Subscription", subscription),
            Fact("Last event", moment(last) if last else f"none since the bot first looked, {moment(watched)}"),
        ),
        sections=(
            Section(
                "What to do",
                (
                    "Look whether the event subscription is there, its state is Succeeded, and its destination is this "
                    "app's function or queue. If there is none, onboard the subscription again.",
                    "If all is well, change a tag of any registry or storage account: its event comes within a minute.",
                ),
            ),
            Section("To look", (LIST_COMMAND.format(subscription),), code=True, folded=True),
        ),
    )


def events_again(subscription: str, last: datetime) -> Card:
    """Events come again from a subscription that people were told is silent."""
    return Card(
        Tone.GOOD,
        "EVENTS AGAIN",
        "Events reach the bot again",
        "What was changed in the meantime is found by the next night at the latest.",
        facts=(Fact("Subscription", subscription), Fact("Last event", moment(last))),
    )


def stuck(state: QueueState, now: datetime) -> Card:
    """Messages of a queue are not processed."""
    waits = f"since {moment(state.oldest)}" if state.oldest else "unknown"
    return Card(
        Tone.BAD,
        "NOT PROCESSED",
        f"Messages of the queue {state.name} are not processed",
        "The bot is behind, or its function for this queue fails.",
        facts=(
            Fact("Queue", state.name),
            Fact("Messages", f"about {state.messages}, as of {moment(now)}"),
            Fact("The first waits", waits),
        ),
        sections=(Section("What to do", ("Look into the function app's failures, and whether it runs at all.",)),),
    )


def moves_again(queue: str) -> Card:
    """A queue that people were told of is being processed again."""
    return Card(
        Tone.GOOD,
        "PROCESSED AGAIN",
        f"Messages of the queue {queue} are processed again",
        "Nothing of it was lost: messages wait until they are processed.",
        facts=(Fact("Queue", queue),),
    )


def moment(at: datetime) -> str:
    """A time for people."""
    return f"{at:%d %b %Y %H:%M} UTC"
