"""What the rules say of a resource as it is now, and what would be done about it: for checks, and for people."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from remediation import reader, undo
from remediation.cases import Case
from remediation.fixes import REMEDIATIONS
from remediation.guards import UNGUARDED, Guard, guard
from remediation.plan import Remedy
from remediation.ports import Services
from rules import evaluate_with
from rules.model import Finding, Resource, Role, Status, Use
from rules.resource_id import ResourceId


def findings(
    services: Services, resource_id: ResourceId, resource: Resource, cases: Mapping[str, Case]
) -> tuple[Resource, Sequence[Finding]]:
    """What the rules say, after what is said of fixes that are being taken back, which speaks for their rules."""
    taken_back = undo.plans(cases)
    resource = reader.with_children(services, resource_id, resource, undo.reads(taken_back.values()))
    first = undo.findings(taken_back, resource)
    held = undo.held(first, cases)
    found = evaluate_with(services.policy.rules(resource.type), resource)
    if any(each.verdict.status is Status.FAIL for each in found):
        resource = _as_managed(services, resource_id, resource)
        found = evaluate_with(services.policy.rules(resource.type), resource)
    return resource, [*first, *(each for each in found if each.rule.name not in held)]


def _as_managed(services: Services, resource_id: ResourceId, resource: Resource) -> Resource:
    """The resource as one that is left alone, if its resource group is managed: asked before anything is said or done
    about it, because whoever manages the group need not have been seen yet."""
    owner = services.cloud.group_owner(resource_id)
    return replace(resource, uses=(*resource.uses, Use(Role.MANAGED_RG, owner))) if owner else resource


def remedy(services: Services, resource_id: ResourceId, finding: Finding, cases: Mapping[str, Case]) -> Remedy | None:
    """The plan or guidance for a finding, None where it is no fault or nothing answers its rule."""
    if finding.verdict.status is not Status.FAIL:
        return None
    if undo.is_undo(finding.rule.name):
        return undo.remedy(undo.rest(undo.plans(cases)[finding.rule.name], finding.resource), finding.resource)
    remediation = REMEDIATIONS.get(finding.rule.name)
    if remediation is None:
        return None
    resource = reader.with_children(services, resource_id, finding.resource, remediation.reads)
    return remediation.remedy(finding._replace(resource=resource))


def guarded(services: Services, finding: Finding, case: Case | None, now: datetime) -> Guard:
    """How far the bot may go with a finding, or with the plan that is being carried out whatever its rule says."""
    is_begun = case is not None and case.is_begun
    if finding.verdict.status is not Status.FAIL and not is_begun:
        return UNGUARDED
    granted = services.store.exemptions(finding.resource.id).get(finding.rule.name)
    return guard(services.policy, finding, granted, now)
