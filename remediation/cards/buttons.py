"""What can be pressed below a message, where its channel takes clicks. Pure.

A button sends the token of the link beside it: `remediation.decisions` does what its action names.
"""

from datetime import timedelta
from typing import Final

from remediation.cards.model import Button
from remediation.cards.parts import sentence
from remediation.plan import Plan

SNOOZE: Final = timedelta(days=3)
"""How long a button puts a question off; the page asks for the day."""
EXEMPT: Final = timedelta(days=30)
"""How long a button exempts; the page asks for the day, and for a reason."""


def to_decide(plan: Plan, link: str) -> tuple[Button, ...]:
    """For a message that asks, where there is a link to decide."""
    if not link:
        return ()
    token = token_of(link)
    exempt = Button(
        f"Exempt {EXEMPT.days} days",
        "exempt",
        token,
        f"The finding is accepted for {EXEMPT.days} days, in your name. The page takes another day, and a reason.",
    )
    return (
        _approve("Approve", plan, token),
        Button(f"Snooze {SNOOZE.days} days", "snooze", token),
        *(() if plan.takes_back else (exempt,)),
    )


def to_try_again(plan: Plan, link: str) -> tuple[Button, ...]:
    """For a fix that failed."""
    return (_approve("Try again", plan, token_of(link)),) if link else ()


def to_undo(plan: Plan, link: str) -> tuple[Button, ...]:
    """For a fix that can be taken back."""
    if not link or not plan.undo or plan.takes_back:
        return ()
    return (Button("Undo", "undo", token_of(link), "The way back becomes a plan, which has to be approved."),)


def _approve(title: str, plan: Plan, token: str) -> Button:
    """Its question tells all that has to be confirmed: without it, it may not be pressed."""
    question = f"Make sure: {sentence('; '.join(plan.to_confirm))}" if plan.to_confirm else ""
    action = "approve_confirmed" if plan.to_confirm else "approve"
    note = f"Cost: {sentence(plan.cost.text)} Downtime: {sentence(plan.downtime)}"
    return Button(title, action, token, question, note)


def token_of(link: str) -> str:
    """The token of a link to a decision."""
    return link.rpartition("/")[2]
