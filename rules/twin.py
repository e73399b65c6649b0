"""Tags that name a resource's counterpart in another region: Azure has no property for that, so people tell it so."""

from rules.model import Resource, Verdict, failed, passed
from rules.resource_id import ResourceId


def second_resource(resource: Resource, tag: str, noun: str) -> Verdict:
    """Whether the tag holds the id of another resource of the same type; `noun` is what people call such a one."""
    named = resource.tag(tag)
    if named is None:
        return failed(f"no disaster-recovery {noun} is named for it")
    twin = ResourceId.parse(named)
    if twin is None or twin.type != resource.type:
        return failed(f"the tag {tag} does not hold the resource id of another {noun}")
    if twin.key == resource.id.lower():
        return failed(f"the tag {tag} names this {noun} itself")
    return passed(f"its disaster-recovery {noun} is {twin.name}")
