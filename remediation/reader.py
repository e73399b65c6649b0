"""Reading a resource: the one GET to judge it, the children its rules declare, its roles from the topology."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from remediation import topology
from remediation.api_versions import api_version
from remediation.fixes import REMEDIATIONS
from remediation.plan import UNDO, Write
from remediation.ports import Cloud, Gone, Refused, Services
from rules import children_read, evaluate_with
from rules.model import Body, Children, Finding, Resource
from rules.resource_id import ResourceId


def read(services: Services, resource_id: ResourceId) -> Resource:
    """The resource as it is now. Raises the CloudErrors of its own GET."""
    body = services.cloud.read(resource_id, api_version(resource_id.type))
    uses = services.store.uses(topology.keys(resource_id, body))
    resource = services.policy.placed(Resource.of({**body, "id": str(resource_id)}, uses=uses))
    needed = children_read(services.policy.rules(resource.type), resource)
    return with_children(services, resource_id, resource, needed)


def with_children(services: Services, resource_id: ResourceId, resource: Resource, paths: Iterable[str]) -> Resource:
    """The resource with these children, too; what cannot be read stays out."""
    read = children(services.cloud, resource_id, set(paths) - resource.children.keys())
    return replace(resource, children={**resource.children, **read}) if read else resource


def children(cloud: Cloud, resource_id: ResourceId, paths: Collection[str]) -> Children:
    """The children at these paths; what cannot be read stays out."""
    return {path: child for path in sorted(paths) if (child := _child(cloud, resource_id, path)) is not None}


def look_again(services: Services, resource_id: ResourceId, finding: Finding) -> Finding:
    """The same rule on a fresh read."""
    resource = with_children(services, resource_id, read(services, resource_id), finding.rule.reads)
    (fresh,) = evaluate_with((finding.rule,), resource)
    return fresh


def is_as_planned(services: Services, resource_id: ResourceId, finding: Finding, write: Write) -> bool:
    """Whether a child that a write replaces whole is still as it was when the write was made, apart from what Azure
    changes by itself and no write sends. Asked right before it is sent, where no ETag guards it: what somebody changed
    in between would be put back."""
    resource, remediation = finding.resource, REMEDIATIONS.get(finding.rule.name.removesuffix(UNDO))
    path = write.resource_id[len(str(resource_id)) + 1 :]
    before = resource.child(path)
    if write.verb != "PUT" or write.etag or before is None:
        return True
    clean = remediation.clean if remediation and remediation.clean else dict
    now = _child(services.cloud, resource_id, path)
    return isinstance(now, Mapping) and clean(now) == clean(before)


def _child(cloud: Cloud, parent: ResourceId, path: str) -> Body | Sequence[Body] | None:
    """One child's body, or the bodies of a collection (`replications`). None where it is missing or may not be read:
    the rule that needs it answers UNKNOWN."""
    version = api_version(parent.type)
    try:
        if path.count("/") % 2 == 0:
            return cloud.list(parent, path, version)
        child = ResourceId.parse(f"{parent}/{path}")
        return cloud.read(child, version) if child else None
    except (Gone, Refused):
        return None
