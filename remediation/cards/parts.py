"""What several kinds of messages have in common: who, where, what, and the words for it."""

import shlex
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

from remediation import by_hand
from remediation.cards.model import Fact, Link, Section
from remediation.cases import Case, Cause
from remediation.plan import UNDO, Plan, Write
from rules.gates import ROLE_NAMES
from rules.model import Finding, Resource, Rule, Use
from rules.resource_id import ResourceId

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
ADVICE: Final = {
    "ScopeLocked": "Remove the read-only lock, or leave it and make the change by hand. The bot never removes a lock.",
    "RequestDisallowedByPolicy": "An Azure Policy assignment denies the change: exempt the resource there, or change "
    "the policy.",
    "LinkedAuthorizationFailed": "Grant the bot's identity the action that Azure names, on the identity or subnet that "
    "the resource uses: `role remediator --linked` holds it.",
    "AuthorizationFailed": "Grant the bot's identity the action that Azure names in its answer.",
}


def label_of(what: str, rule: Rule) -> str:
    """The small line above the title."""
    return f"{what} · {rule.severity} · {rule.name}"


def subject(resource: Resource) -> str:
    """The resource as people call it: `Container registry crml`."""
    return f"{NOUNS.get(resource.type, resource.type)} {resource.name}"


def sentence(text: str) -> str:
    """With a capital letter and one full stop."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def named(label: str, text: str) -> Sequence[Fact]:
    """A fact, where there is anything to tell."""
    return [Fact(label, text)] if text else []


def change(plan: Plan) -> str:
    """What becomes what; of several values each with its name, as far as they change."""
    rows = change_rows(plan)
    if len(plan.after) == 1:
        return f"{rows[0][1]} → {rows[0][2]}"
    return ", ".join(f"{path}: {before} → {after}" for path, before, after in rows)


def change_rows(plan: Plan) -> Sequence[tuple[str, str, str]]:
    """Each value that changes: its name, before and after."""
    changes = {path: (plan.before.get(path), value) for path, value in plan.after.items()}
    differing = {path: pair for path, pair in changes.items() if pair[0] != pair[1]} or changes
    return [(_path(path), _value(before), _value(after)) for path, (before, after) in differing.items()]


def _value(value: object) -> str:
    if value is None:
        return "not set"
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _path(path: str) -> str:
    """`deleteRetentionPolicy.enabled` for `blobServices/default:properties.deleteRetentionPolicy.enabled`."""
    child, _, inner = path.rpartition(":")
    name = inner.removeprefix("properties.")
    return f"{child}.{name}" if child.endswith("]") else name


def when(moment: datetime) -> str:
    """A moment to the minute."""
    return moment.strftime("%d %b %Y %H:%M UTC")


def about(finding: Finding, cause: Cause) -> Sequence[Fact]:
    """Which resource, who uses it, and who changed it."""
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


def approved_by(plan: Plan, case: Case) -> Sequence[Fact]:
    """Who approved the plan, where somebody did."""
    approval = case.approved(plan)
    return named("Approved by", f"{approval.by}, {when(approval.at)}" if approval else "")


def advice_on(code: str) -> tuple[Section, ...]:
    """What to do about an error code of Azure, where there is something to say."""
    return (Section("What to do", (ADVICE[code],)),) if code in ADVICE else ()


def why_it_matters(finding: Finding) -> Sequence[Section]:
    """What the rule's page says of why it matters."""
    text = finding.rule.section("Why it matters")
    return [Section("Why it matters", (text,))] if text else []


def code_change(plan: Plan, *, folded: bool = True) -> Sequence[Section]:
    """The lines to change in code."""
    return (Section("Code change", code_lines(plan), code=True, folded=folded),)


def code_lines(plan: Plan) -> tuple[str, ...]:
    """The lines to change, each after its language."""
    return (f"Bicep:     {plan.code.bicep}", f"Terraform: {plan.code.terraform}")


def what_was_sent(plan: Plan, writes: Sequence[Write]) -> Section:
    """The calls of the plan that were sent, as they were."""
    lines = tuple(
        line
        for write in writes
        for line in (
            f"{write.verb} {write.resource_id}?api-version={write.api_version}",
            *by_hand.body_lines(plan, write),
        )
    )
    return Section("What was sent", lines, code=True, folded=True)


def to_review(link: str, title: str = "Review and approve") -> tuple[Link, ...]:
    """Where a person decides, where there is a page for it: it comes before all other links."""
    return (Link(title, link),) if link else ()


def links_of(rule: Rule, resource: Resource) -> tuple[Link, ...]:
    """The portal, and the rule's first page on Learn."""
    return (
        Link("Open in the portal", portal_url(resource.id)),
        *(Link("Read more", url) for url in rule.references.learn[:1]),
    )


def approving(plan: Plan) -> str:
    """The command that approves a plan, for who has no page to do it on."""
    return shlex.join(["python", "-m", "local", "approve", plan.resource_id, plan.rule, plan.digest, "--by", "NAME"])
