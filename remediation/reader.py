"""Reading a resource: the one GET of every check, the children its rules declare, its roles from the topology."""

from remediation.api_versions import API_VERSIONS
from remediation.ports import Gone, Refused, Services
from rules import RULES_BY_TYPE
from rules.model import Body, Finding, Resource
from rules.resource_id import ResourceId


def read(services: Services, resource_id: ResourceId) -> Resource:
    """The resource as it is now. Raises the CloudErrors of its own GET."""
    body = services.cloud.read(resource_id, API_VERSIONS[resource_id.type])
    paths = {path for rule in RULES_BY_TYPE.get(resource_id.type, ()) for path in rule.reads}
    children = {path: child for path in sorted(paths) if (child := _child(services, resource_id, path)) is not None}
    return Resource.of({**body, "id": str(resource_id)}, children, services.store.uses(resource_id))


def look_again(services: Services, resource_id: ResourceId, finding: Finding) -> Finding:
    """The same rule on a fresh read."""
    fresh = read(services, resource_id)
    return Finding(finding.rule, fresh, finding.rule.check(fresh))


def _child(services: Services, parent: ResourceId, path: str) -> Body | None:
    """One child's body. None where it is missing or may not be read: the rule that needs it answers UNKNOWN."""
    child = ResourceId.parse(f"{parent}/{path}")
    try:
        return services.cloud.read(child, API_VERSIONS[child.type]) if child else None
    except (Gone, Refused):
        return None
