"""Resources of a scan held against its rules: as Resource Graph shows them, then with what only Resource Manager has.

A resource is judged at once where no rule needs more than its row. Else it is left to be read with its children.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from remediation import reader, topology
from remediation.policy import Effect, Policy
from remediation.ports import Cloud
from remediation.report.score import WEIGHTS
from remediation.results import Result, to_lines
from remediation.scan_request import NOT_IN_GRAPH, WORKSPACE
from rules import RULES_BY_TYPE, evaluate_with
from rules.model import Body, Finding, Resource, Role, Rule, Status, Use
from rules.resource_id import ResourceId
from rules.scope import left_alone

type RulesByType = Mapping[str, tuple[Rule, ...]]
type UsesOf = Callable[[Collection[str]], Mapping[str, tuple[Use, ...]]]
"""The uses that are remembered under many keys."""

PASS, FAIL = Status.PASS, Status.FAIL
PASSED, JUDGED = "passed weight", "judged weight"
"""Counts of the weights (`WEIGHTS`) of checks: the score of a scan is the one of the other."""


def rules_by_type(policy: Policy, chosen: frozenset[str]) -> RulesByType:
    """The rules of a scan that the policy has not switched off, by lower-case type."""
    return {kind: tuple(rule for rule in policy.rules(kind) if rule.name in chosen) for kind in RULES_BY_TYPE}


@dataclass(slots=True)
class Judged:
    """Counts (as in `Part`), results as JSON Lines, and the resources that are left to be read."""

    counts: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)
    left: list[Resource] = field(default_factory=list)

    def add(self, findings: Sequence[Finding]) -> None:
        """Note what was found of one resource."""
        counts = self.counts
        counts["resources"] += 1
        for rule, _, verdict in findings:
            status, weight = verdict.status, WEIGHTS[rule.severity]
            counts[status] += 1
            if status is FAIL:
                counts[rule.severity] += 1
                counts[JUDGED] += weight
            elif status is PASS:
                counts[PASSED] += weight
                counts[JUDGED] += weight
        if any(verdict.status is FAIL for _, _, verdict in findings):
            counts["failing"] += 1
        self.lines.append(to_lines(map(Result.of, findings)))


def resources(policy: Policy, bodies: Iterable[Body], uses_of: UsesOf) -> list[Resource]:
    """The resources of these bodies, in the roles that they play; what has no id of a resource is left out."""
    known = [(found, body) for body in bodies if (found := ResourceId.parse(body.get("id"))) is not None]
    keys = [topology.keys(found, body) for found, body in known]
    uses = uses_of({key for some in keys for key in some})
    return [
        policy.placed(Resource.of({**body, "id": str(found)}, uses=_together(uses, some) if uses else ()))
        for (found, body), some in zip(known, keys, strict=True)
    ]


def _together(uses: Mapping[str, tuple[Use, ...]], keys: Iterable[str]) -> tuple[Use, ...]:
    return tuple(dict.fromkeys(use for key in keys for use in uses.get(key, ())))


def judge_page(rules: RulesByType, policy: Policy, found: Iterable[Resource]) -> Judged:
    """What can be said of a page of Resource Graph by itself."""
    judged = Judged()
    for resource in found:
        findings = _findings(rules, policy, resource)
        if _unclear(findings) or _listed(rules, resource):
            judged.left.append(resource)
        else:
            judged.counts["done"] += 1
            judged.add(findings)
    return judged


def judge_whole(
    judged: Judged, rules: RulesByType, policy: Policy, cloud: Cloud | None, resource: Resource
) -> list[Body]:
    """Note what is found of a resource when its children are read, too. Returns those that are resources of their own.
    Without a cloud nothing is read. Raises the CloudErrors that put off a read."""
    wanted = {path for rule in _unclear(_findings(rules, policy, resource)) for path in rule.reads}
    listed = _listed(rules, resource)
    parent = ResourceId.parse(resource.id)
    children = reader.children(cloud, parent, {*wanted, *listed}) if cloud and parent else {}
    judged.counts["unread"] += len({*wanted, *listed} - children.keys())
    whole = replace(resource, children=children)
    judged.add(_findings(rules, policy, whole))
    return [body for path in sorted(listed) for body in whole.collection(path) or ()]


def _findings(rules: RulesByType, policy: Policy, resource: Resource) -> list[Finding]:
    found = evaluate_with(rules.get(resource.type, ()), resource)
    return [each for each in found if not _is_off(policy, each)] if policy.overrides else found


def _is_off(policy: Policy, finding: Finding) -> bool:
    return policy.ruling(finding.rule, None, finding.resource).effect is Effect.OFF


def _unclear(findings: Iterable[Finding]) -> list[Rule]:
    """The rules that cannot tell without the children that they read."""
    return [rule for rule, _, verdict in findings if verdict.status is Status.UNKNOWN and rule.reads]


def _listed(rules: RulesByType, resource: Resource) -> set[str]:
    """The collections of a workspace that hold resources which are judged by themselves."""
    if resource.type != WORKSPACE or left_alone(resource) or Role.MANAGED_RG in resource.roles:
        return set()
    return {collection for kind, collection in NOT_IN_GRAPH.items() if rules.get(kind)}


def to_read(found: Iterable[Resource]) -> str:
    """Resources that are left to be read, as JSON Lines."""
    return "".join(f"{json.dumps({'body': each.body, 'uses': _pairs(each.uses)})}\n" for each in found)


def _pairs(uses: Iterable[Use]) -> list[tuple[str, str]]:
    return [(use.role.value, use.workspace_id) for use in uses]


def from_text(policy: Policy, text: str) -> list[Resource]:
    """The resources that `to_read` wrote."""
    lines = [json.loads(line) for line in text.splitlines()]
    return [
        policy.placed(Resource.of(line["body"], uses=[Use(Role(role), by) for role, by in line["uses"]]))
        for line in lines
    ]
