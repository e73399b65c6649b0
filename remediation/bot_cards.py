"""Messages about the bot itself: whether events reach it, and whether it keeps up. Pure."""

from typing import Final

from remediation.cards import Card, Fact, Section, Tone

LIST_COMMAND: Final = "az eventgrid event-subscription list --source-resource-id /subscriptions/{} --output table"


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
