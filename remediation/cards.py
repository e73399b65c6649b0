"""What a message says, free of any channel: adapters render a Card as an Adaptive Card or as Block Kit.

All texts are plain: resource names, tags and Azure's errors are hostile until a renderer has escaped them. Pure.
"""

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from remediation import by_hand
from remediation.cases import Case, Cause, Repair
from remediation.plan import UNDO, Guidance, Plan, Safety, Write
from rules.gates import ROLE_NAMES
from rules.model import Finding, Resource, Rule, Status, Use
from rules.resource_id import ResourceId

EXCERPT: Final = 500
NOT_DELIVERED: Final = "NOT DELIVERED"
PORTAL: Final = "https://portal.azure.com"
NOUNS: Final = {
    "microsoft.containerinstance/containergroups": "Container group",
    "microsoft.containerregistry/registries": "Container registry",
    "microsoft.containerservice/managedclusters": "AKS cluster",
    "microsoft.databricks/workspaces": "Databricks workspace",
    "microsoft.datalakestore/accounts": "Data Lake Storage Gen1 account",
    "microsoft.dbformysql/flexibleservers": "MySQL server",
    "microsoft.dbformysql/servers": "MySQL single server",
    "microsoft.dbforpostgresql/flexibleservers": "PostgreSQL server",
    "microsoft.dbforpostgresql/servers": "PostgreSQL single server",
    "microsoft.documentdb/databaseaccounts": "Cosmos DB account",
    "microsoft.hdinsight/clusters": "HDInsight cluster",
    "microsoft.insights/components": "Application Insights",
    "microsoft.keyvault/vaults": "Key vault",
    "microsoft.machinelearningservices/workspaces": "Azure Machine Learning workspace",
    "microsoft.machinelearningservices/workspaces/computes": "Compute",
    "microsoft.machinelearningservices/workspaces/datastores": "Datastore",
    "microsoft.operationalinsights/workspaces": "Log Analytics workspace",
    "microsoft.sql/servers/databases": "SQL database",
    "microsoft.sql/servers/elasticpools": "SQL elastic pool",
    "microsoft.storage/storageaccounts": "Storage account",
}
BY_ITSELF: Final = "with the next change of this resource, an hour from now at the earliest"
BY_APPROVAL: Final = "when somebody approves the plan again, once its reason is gone"
ADVICE: Final = {
    "ScopeLocked": "Remove the read-only lock, or leave it and make the change by hand. The bot never removes a lock.",
    "RequestDisallowedByPolicy": "An Azure Policy assignment denies the change: exempt the resource there, or change "
    "the policy.",
    "LinkedAuthorizationFailed": "Grant the bot's identity the action that Azure names, on the identity or subnet that "
    "the resource uses: `role remediator --linked` holds it.",
    "AuthorizationFailed": "Grant the bot's identity the action that Azure names in its answer.",
}


class Tone(StrEnum):
    """The colour of a message."""

    GOOD = "GOOD"
    WARNING = "WARNING"
    INFO = "INFO"
    BAD = "BAD"


@dataclass(frozen=True, slots=True)
class Fact:
    """A short label with its value, which is a link where `url` is set."""

    label: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part: lines of text, or of code when `code`. `folded` parts open on demand where the channel can."""

    title: str
    lines: tuple[str, ...]
    code: bool = False
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Something to open."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Card:
    """One message. `label` is the small line above the title, `summary` one sentence that stands alone."""

    tone: Tone
    label: str
    title: str
    summary: str
    facts: tuple[Fact, ...] = ()
    sections: tuple[Section, ...] = ()
    links: tuple[Link, ...] = ()

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Card":
        """The card of its `dataclasses.asdict` form."""
        return cls(
            Tone(data["tone"]),
            data["label"],
            data["title"],
            data["summary"],
            tuple(Fact(**fact) for fact in data["facts"]),
            tuple(Section(**{**section, "lines": tuple(section["lines"])}) for section in data["sections"]),
            tuple(Link(**link) for link in data["links"]),
        )


def fixed(finding: Finding, plan: Plan, case: Case) -> Card:
    """Our fix was applied and a fresh read confirmed it."""
    rule, resource = finding.rule, finding.resource
    took = f", within {math.ceil((case.changed - case.sent).total_seconds())} s of the change" if case.sent else ""
    return Card(
        Tone.GOOD,
        _label(_fixed(plan, case), rule),
        f"{_subject(resource)}: {_change(plan)}",
        _sentence(finding.verdict.because),
        facts=(
            *_about(finding, case.cause),
            *_approved(plan, case),
            Fact("Confirmed", f"by a fresh read, {_when(case.changed)}{took}"),
            Fact("Cost", plan.cost.text),
            Fact("Downtime", plan.downtime),
            Fact("Undo", plan.undo_note),
        ),
        sections=(Section("What it brings", (plan.effect,)), *_code(plan), _sent(plan, plan.writes)),
        links=_links(rule, resource),
    )


def _fixed(plan: Plan, case: Case) -> str:
    if plan.takes_back:
        return "TAKEN BACK"
    return "FIXED" if case.approved(plan) else "FIXED AUTOMATICALLY"


def approval(finding: Finding, plan: Plan, cause: Cause, why: str = "") -> Card:
    """A person has to decide; nothing has been changed. `why` is said where the plan does not say it itself."""
    summary = "Nothing has been changed yet: a person has to decide."
    return _proposal("APPROVAL NEEDED", summary, finding, plan, cause, _named("Why asked", why), _to_approve(plan))


def keeps_undone(finding: Finding, plan: Plan, cause: Cause, repairs: Sequence[Repair]) -> Card:
    """The same fix was undone again and again: the bot has stopped. The last who did so is the cause of this fault."""
    who = [*(each.caused_by for each in repairs[1:]), changed_by(cause)]
    lines = [
        f"{number}. made {_when(each.at)}, undone by {by}"
        for number, (each, by) in enumerate(zip(repairs, who, strict=True), 1)
    ]
    summary = (
        f"The bot has made this fix {len(repairs)} times and stopped: somebody keeps undoing it, most likely code that "
        "still has the old value. It goes on when somebody approves the plan, or a good while after the last time."
    )
    code = (f"Bicep:     {plan.code.bicep}", f"Terraform: {plan.code.terraform}")
    return _proposal(
        "KEEPS BEING UNDONE",
        summary,
        finding,
        plan,
        cause,
        _named("Undone by", ", ".join(dict.fromkeys(who))),
        (Section("What happened", tuple(lines)), Section("Change the code", code, code=True), *_to_approve(plan)),
    )


def told(finding: Finding, plan: Plan, cause: Cause, why: str = "") -> Card:
    """What the bot would do: `why` it may not, in enforce mode."""
    if why:
        return _proposal("NOT CHANGED", f"Nothing was changed: {why}.", finding, plan, cause)
    return _proposal("AUDIT MODE", "Nothing was changed: in enforce mode the bot would do this.", finding, plan, cause)


def _to_approve(plan: Plan) -> Sequence[Section]:
    command = shlex.join(["python", "-m", "local", "approve", plan.resource_id, plan.rule, plan.digest, "--by", "NAME"])
    return (Section("To approve", (command,), code=True, folded=True),)


def exemption_ends(case: Case) -> Card:
    """What somebody accepted is soon accepted no more."""
    name, until = case.resource_id.rsplit("/", 1)[-1], _when(case.until) if case.until else ""
    prolong = ["python", "-m", "local", "exempt", case.resource_id, case.rule, "--until", "DATE", "--reason", "WHY"]
    return Card(
        Tone.INFO,
        f"EXEMPTION ENDS · {case.rule}",
        f"{name} is exempt from {case.rule} until {until}",
        "After that the rule is about it again, and what is safe to fix is fixed by itself.",
        facts=(Fact("Resource", name, portal_url(case.resource_id)), Fact("Ends", until), Fact("Reason", case.reason)),
        sections=(
            Section("What to do", ("Put it right until then, or prolong the exemption where it was given.",)),
            Section("To prolong it here", (f"{shlex.join(prolong)} --by NAME",), code=True, folded=True),
        ),
        links=(Link("Open in the portal", portal_url(case.resource_id)),),
    )


def limit_reached(subscription: str, why: str) -> Card:
    """A limit holds for all that is found from now on: said once."""
    return Card(
        Tone.WARNING,
        "LIMIT REACHED",
        "The bot has stopped changing things by itself for now",
        f"{_sentence(why)} What else is found waits for an approval, or for a look after that time; nothing is lost.",
        facts=(Fact("Subscription", subscription),),
        sections=(
            Section(
                "What to do", ("See whether the changes of the last hour were wanted. If not, set the mode to audit.",)
            ),
            Section("What waits", ("python -m local journal --since 1h",), code=True),
        ),
    )


def _proposal(
    label: str,
    summary: str,
    finding: Finding,
    plan: Plan,
    cause: Cause,
    more: Sequence[Fact] = (),
    to_approve: Sequence[Section] = (),
) -> Card:
    return Card(
        Tone.WARNING,
        _label(label, finding.rule),
        plan.title,
        summary,
        facts=(
            *_about(finding, cause),
            Fact("Change", _change(plan)),
            Fact("Cost", plan.cost.text),
            Fact("Downtime", plan.downtime),
            Fact("Time", plan.duration),
            Fact("Undo", plan.undo_note),
            *_preconditions(plan),
            *more,
        ),
        sections=(
            *_why(finding),
            Section("What would be done", (plan.effect,)),
            *((Section("Before you approve", (plan.code.warning,)),) if plan.code.warning else ()),
            *to_approve,
            *_code(plan),
            _by_hand(plan),
        ),
        links=_links(finding.rule, finding.resource),
    )


def _preconditions(plan: Plan) -> Sequence[Fact]:
    checked = "; ".join(each.text for each in plan.preconditions if each.checked)
    return [*_named("Checked", checked), *_named("Make sure", "; ".join(plan.to_confirm))]


def _named(label: str, text: str) -> Sequence[Fact]:
    """A fact, where there is anything to tell."""
    return [Fact(label, text)] if text else []


def guidance(finding: Finding, advice: Guidance, cause: Cause, note: str = "") -> Card:
    """Only people can put this right. `note` is what else they have to know."""
    return Card(
        Tone.INFO,
        _label("GUIDANCE", finding.rule),
        f"{_subject(finding.resource)}: {finding.verdict.because}",
        advice.why_no_plan,
        facts=(
            *_about(finding, cause),
            Fact("Cost", advice.cost),
            Fact("Effort", advice.effort),
            *_named("Note", note),
        ),
        sections=(
            *_why(finding),
            Section("What to do", tuple(f"{number}. {step}" for number, step in enumerate(advice.steps, 1))),
        ),
        links=_links(finding.rule, finding.resource),
    )


def started(finding: Finding, plan: Plan, case: Case) -> Card:
    """An approved plan was sent, and Azure works on it."""
    return Card(
        Tone.INFO,
        _label("FIX STARTED", finding.rule),
        plan.title,
        "Azure has accepted it and works on it. You hear of its end, whichever way it ends.",
        facts=(
            *_about(finding, case.cause),
            *_approved(plan, case),
            Fact("Time", plan.duration),
            Fact("Downtime", plan.downtime),
        ),
        sections=(_sent(plan, plan.writes[: case.step + 1]),),
        links=_links(finding.rule, finding.resource),
    )


def failure(finding: Finding, plan: Plan, case: Case) -> Card:
    """Our fix did not work: Azure refused it, or a fresh read does not confirm it."""
    code = case.reason.partition(":")[0]
    return Card(
        Tone.BAD,
        _label("FIX FAILED", finding.rule),
        f"Could not {plan.title[:1].lower()}{plan.title[1:]}",
        f"{_sentence(finding.verdict.because)} {_still(finding)} as of {_when(case.changed)}.",
        facts=(
            *_about(finding, case.cause),
            *_approved(plan, case),
            Fact("Reason", case.reason),
            *_so_far(plan, case),
            Fact("Tries", str(case.attempts)),
            Fact("Next try", BY_ITSELF if plan.safety is Safety.SAFE and not plan.to_confirm else BY_APPROVAL),
        ),
        sections=(
            *_advice(code),
            *([_sent(plan, plan.writes[: case.step + 1])] if case.attempts else ()),
        ),
        links=_links(finding.rule, finding.resource),
    )


def _still(finding: Finding) -> str:
    """Only a fault is still there: between two writes, or while a change goes wrong, the rule may have none to tell."""
    return "It is still so" if finding.verdict.status is Status.FAIL else "That is what the rule says"


def closed(case: Case, why: str) -> Card:
    """What people wait for ends otherwise than by the bot's fix. The resource may be gone: only the case is asked."""
    plan, name = case.plan, case.resource_id.rsplit("/", 1)[-1]
    return Card(
        Tone.INFO,
        f"CLOSED · {case.rule}",
        f"No longer wanted: {plan.title}" if plan else f"{case.rule} of {name} is closed",
        _sentence(why),
        facts=(
            Fact("Resource", name, portal_url(case.resource_id)),
            *(_approved(plan, case) if plan else ()),
            *_done(plan, case),
        ),
        sections=(_sent(plan, plan.writes[: case.step + 1]),) if plan and case.sent else (),
        links=(Link("Open in the portal", portal_url(case.resource_id)),),
    )


def _done(plan: Plan | None, case: Case) -> Sequence[Fact]:
    done = case.step + (case.sent is not None)
    return _named("Already done", f"{done} of {len(plan.writes)} writes" if plan and done else "")


def _approved(plan: Plan, case: Case) -> Sequence[Fact]:
    approval = case.approved(plan)
    return _named("Approved by", f"{approval.by}, {_when(approval.at)}" if approval else "")


def _so_far(plan: Plan, case: Case) -> Sequence[Fact]:
    """Where a plan of several writes stopped: what came before it is done, and stays so until somebody acts."""
    if case.step == 0:
        return []
    rest = "the rest is for a person to finish"
    if plan.undo and not plan.takes_back:
        rest += f" or undo: python -m local undo {shlex.quote(plan.resource_id)} {plan.rule} --by NAME"
    return [Fact("Already done", f"{case.step} of {len(plan.writes)} writes; {rest}")]


def unreadable(subscription: str, code: str, reason: str, example: str) -> Card:
    """Azure refuses to show resources: nobody protects them until it does."""
    return Card(
        Tone.BAD,
        "NOT PROTECTED",
        "The bot cannot read resources it should check",
        "Nothing is checked or fixed there until this is put right.",
        facts=(Fact("Subscription", subscription), Fact("For example", example), Fact("Azure said", reason)),
        sections=_advice(code),
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


def excerpt(text: str) -> str:
    """The beginning of a text, for logs and messages."""
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT]} …"


def _advice(code: str) -> tuple[Section, ...]:
    return (Section("What to do", (ADVICE[code],)),) if code in ADVICE else ()


def _label(what: str, rule: Rule) -> str:
    return f"{what} · {rule.severity} · {rule.name}"


def _subject(resource: Resource) -> str:
    return f"{NOUNS.get(resource.type, resource.type)} {resource.name}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _change(plan: Plan) -> str:
    """What becomes what; of several values each with its name, as far as they change."""
    changes = {path: (plan.before.get(path), value) for path, value in plan.after.items()}
    differing = {path: pair for path, pair in changes.items() if pair[0] != pair[1]} or changes
    texts = [f"{_value(before)} → {_value(after)}" for before, after in differing.values()]
    if len(changes) == 1:
        return texts[0]
    return ", ".join(f"{_path(path)}: {text}" for path, text in zip(differing, texts, strict=True))


def _value(value: object) -> str:
    if value is None:
        return "not set"
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _path(path: str) -> str:
    """`deleteRetentionPolicy.enabled` for `blobServices/default:properties.deleteRetentionPolicy.enabled`."""
    child, _, inner = path.rpartition(":")
    name = inner.removeprefix("properties.")
    return f"{child}.{name}" if child.endswith("]") else name


def _when(moment: datetime) -> str:
    return moment.strftime("%d %b %Y %H:%M UTC")


def _about(finding: Finding, cause: Cause) -> Sequence[Fact]:
    resource = finding.resource
    parsed = ResourceId.parse(resource.id)
    group = f", resource group {parsed.group}" if parsed else ""
    where = f"{resource.name} ({resource.location or 'no region'}{group})"
    return (
        Fact("Resource", where, portal_url(resource.id)),
        Fact("Used by", used_by(resource.uses)),
        Fact("Asked by" if finding.rule.name.endswith(UNDO) else "Changed by", changed_by(cause)),
    )


def used_by(uses: Sequence[Use]) -> str:
    """Which workspaces depend on a resource, and as what."""
    if not uses:
        return "no Azure Machine Learning workspace known so far"
    return "; ".join(
        f"{use.workspace_id.rsplit('/', 1)[-1] or 'a workspace'} as {ROLE_NAMES.get(use.role, use.role)}"
        for use in uses
    )


def changed_by(cause: Cause) -> str:
    """Who made the change, as far as the event told."""
    who = cause.caller or (f"application {cause.app_id}" if cause.app_id else cause.caller_id)
    return who or "not told by the event"


def portal_url(resource_id: str) -> str:
    """The resource's page in the Azure portal."""
    return f"{PORTAL}/#resource{quote(resource_id)}/overview"


def _code(plan: Plan) -> Sequence[Section]:
    lines = (f"Bicep:     {plan.code.bicep}", f"Terraform: {plan.code.terraform}")
    return (Section("Code change", lines, code=True, folded=True),)


def _sent(plan: Plan, writes: Sequence[Write]) -> Section:
    lines = tuple(
        line
        for write in writes
        for line in (
            f"{write.verb} {write.resource_id}?api-version={write.api_version}",
            *by_hand.body_lines(plan, write),
        )
    )
    return Section("What was sent", lines, code=True, folded=True)


def _why(finding: Finding) -> Sequence[Section]:
    text = finding.rule.section("Why it matters")
    return [Section("Why it matters", (text,))] if text else []


def _by_hand(plan: Plan) -> Section:
    lines = tuple(line for write in plan.writes for line in by_hand.command_lines(plan, write))
    return Section("By hand", lines, code=True, folded=True)


def _links(rule: Rule, resource: Resource) -> tuple[Link, ...]:
    return (
        Link("Open in the portal", portal_url(resource.id)),
        *(Link("Read more", url) for url in rule.references.learn[:1]),
    )
