"""Every kind of card, built as the bot builds it, with a text of the test's choice wherever others choose the text."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from remediation import cards, undo
from remediation.cards import Card
from remediation.cases import Approval, Case, Repair, State
from remediation.queue_state import QueueState
from rules.databricks import DR_TAG
from rules.model import Resource, Role, Use
from tests.builders import (
    CAUSE,
    NOON,
    REGISTRY_ID,
    SUBSCRIPTION,
    WORKSPACE_ID,
    databricks,
    finding,
    guidance,
    plan,
    registry,
    storage_account,
)

PLAIN = "crml"
HOSTILE = {
    "a link": "[click](https://evil.example)",
    "an image": "![click](https://evil.example/a.png)",
    "a link in angle brackets": "<https://evil.example>",
    "a Slack link": "<https://evil.example|click>",
    "the end of a Slack link": "https://x>|<https://evil.example|click>",
    "a broadcast": "<!channel> <!here>",
    "a person": "<@U0EXAMPLE> <!subteam^S0EXAMPLE>",
    "a Teams mention": "<at>everyone</at>",
    "code": "`code` and ``code``",
    "the end of a code block": "a ``` b",
    "emphasis": "*a* **b** _c_ __d__ ~~e~~",
    "a table": "|a|b|\n|-|-|\n|c|d|",
    "a heading": "# a",
    "an item": "- a",
    "a numbered item": "1. a",
    "another numbered item": "1) a",
    "a rule": "---",
    "a quotation": "> a",
    "lines that become something": "a\n- b\n1. c\n# d\n===\n+ e\n---\nf",
    "a new paragraph": "a\n\n# b",
    "lines that end otherwise": "a\r- b\r\n1. c\r\r# d",
    "a backslash": "a\\[b](https://evil.example)\\",
    "a link that counts on being escaped": "a\\[b\\](https://evil.example)",
    "HTML": "<img src=x onerror=alert(1)>&lt;",
    "text that runs the other way": "\u202eabc\u202c \u05d0\u05d1\u05d2",
    "a very long name": "n" * 260,
}


REVIEW = "https://bot.example/api/approvals/.token_-"
OWN = frozenset({"events again", "limit reached", "moves again", "silent", "stuck"})
"""Kinds whose cards hold nothing that others have written."""


def kinds(text: str = PLAIN) -> Mapping[str, Card]:
    """A card of every kind. `text` names resources, workspaces and callers, and is what Azure and channels answer."""
    uses = [Use(Role.DEFAULT_STORAGE, f"{WORKSPACE_ID}/{text}"), Use(Role.WORKSPACE_REGISTRY)]
    cause = replace(CAUSE, caller=text)
    upgrade = finding("container-registry/premium-sku", Resource.of(registry(name=text, location=text), uses=uses))
    conversion = finding("storage/zone-redundant", Resource.of(storage_account(name=text), uses=uses))
    advice = finding("databricks/disaster-recovery", Resource.of(databricks({DR_TAG: text}, name=text), uses=uses))
    case = Case(upgrade.rule.name, REGISTRY_ID, State.FIXED, NOON, NOON, cause, attempts=1, reason=f"Code: {text}")
    approved = replace(case, sent=NOON, approval=Approval(plan(conversion).digest, text, NOON))
    back = undo.plan_of(plan(upgrade))
    assert back is not None
    (taken_back,) = undo.findings({back.rule: back}, upgrade.resource)
    failure = cards.failure(upgrade, plan(upgrade), case)
    asking = cards.approval(conversion, plan(conversion), cause, "", REVIEW)
    return {
        "fixed": cards.fixed(upgrade, plan(upgrade), replace(case, sent=NOON - timedelta(seconds=3))),
        "approval": cards.approval(conversion, plan(conversion), cause),
        "asked again": cards.approval(conversion, plan(conversion), cause, text),
        "started": cards.started(conversion, plan(conversion), approved),
        "approved": cards.fixed(conversion, plan(conversion), approved),
        "undo asked": cards.approval(taken_back, back, cause),
        "taken back": cards.fixed(taken_back, back, replace(case, sent=NOON)),
        "audit": cards.told(upgrade, plan(upgrade), cause),
        "not changed": cards.told(upgrade, plan(upgrade), cause, text),
        "keeps undone": cards.keeps_undone(upgrade, plan(upgrade), cause, [Repair(NOON, text)] * 3),
        "digest": cards.digest(
            cards.Waiting(200, (replace(case, plan=plan(upgrade), resource_id=f"{REGISTRY_ID}/{text}"),) * 8),
            cards.Waiting(1, (replace(case, changed=NOON - timedelta(days=1)),)),
            cards.Waiting(1, (replace(case, changed=NOON - timedelta(days=9)),)),
            NOON,
        ),
        "to be reviewed": asking,
        "decided": cards.decided(asking),
        "settled": cards.settled(asking, failure),
        "shown as approved": cards.approved(approved),
        "shown as snoozed": cards.snoozed(replace(case, plan=plan(conversion)), NOON, text),
        "shown as exempt": cards.exempt(replace(case, until=NOON, reason=text)),
        "keeps undone, to be reviewed": cards.keeps_undone(
            upgrade, plan(upgrade), cause, [Repair(NOON, text)] * 3, REVIEW
        ),
        "to be undone": cards.fixed(upgrade, plan(upgrade), replace(case, sent=NOON), REVIEW),
        "to be tried again": cards.failure(upgrade, plan(upgrade), case, REVIEW),
        "still waiting": cards.still_waiting(case, plan(conversion), "Nobody has decided on it for days.", REVIEW),
        "not decided": cards.not_decided(replace(case, plan=plan(conversion)), "approve", text, f"no: {text}", REVIEW),
        "not decided, without a plan": cards.not_decided(case, "approve", text, f"no: {text}", ""),
        "exemption ends": cards.exemption_ends(replace(case, until=NOON)),
        "limit reached": cards.limit_reached(SUBSCRIPTION, "the bot has begun 20 changes"),
        "guidance": cards.guidance(advice, guidance(advice), cause),
        "failure": failure,
        "closed": cards.closed(
            replace(case, rule=conversion.rule.name, plan=plan(conversion), sent=NOON, approval=approved.approval),
            f"it was deleted: {text}",
        ),
        "closed without a plan": cards.closed(case, f"it was deleted: {text}"),
        "unreadable": cards.unreadable(
            SUBSCRIPTION, "AuthorizationFailed", f"AuthorizationFailed: {text}", REGISTRY_ID
        ),
        "scan over the limit": cards.scan_over_limit("20261123T120000000000-1", f"so: {text} is found"),
        "scan failed": cards.scan_failed("20261123T120000000000-1", f"so: {text} is said"),
        "poison": cards.poison("checks", text),
        "dead letters": cards.dead_letters(1, text, text),
        "unreadable letter": cards.unreadable_letter(text, text),
        "silent": cards.silent(SUBSCRIPTION, None, NOON, NOON + timedelta(hours=30)),
        "events again": cards.events_again(SUBSCRIPTION, NOON),
        "stuck": cards.stuck(QueueState("checks", 7, NOON), NOON),
        "moves again": cards.moves_again("checks"),
        "undelivered": cards.undelivered("Teams", failure, text),
    }
