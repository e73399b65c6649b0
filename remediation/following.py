"""A resource that names others was seen: remember what it uses, and look at that as well."""

import logging
from collections.abc import Sequence

from remediation import checks, reader, topology
from remediation.checks import CheckRequest
from remediation.ports import CloudError, Services
from remediation.topology import Used
from rules import RULES_BY_TYPE
from rules.model import Resource
from rules.resource_id import ResourceId
from rules.scope import changing

log = logging.getLogger(__name__)


def follow(services: Services, request: CheckRequest, resource: Resource) -> None:
    """Bring the topology up to date with the resource, and check what it uses or used until now; what a part of it
    brought up (`request.only_new`) concerns only what is new or gone."""
    if changing(resource):
        return  # it is looked at again when Azure has finished
    wanted = topology.FOLLOWED[resource.type]
    whole = reader.with_children(services, request.resource, resource, wanted)
    unread = [path for path in wanted if path not in whole.children]
    if unread:
        log.warning("%s: %s cannot be read; what is known of them stays", request.resource, ", ".join(unread))
    used = topology.uses(whole)
    if cut := len(used) == topology.MOST_USES:
        log.error("%s: names %d resources or more; the rest is not followed", request.resource, len(used))
    all_seen = not unread and not cut and topology.is_whole(whole)
    _remember(services, request, used, all_seen=all_seen)


def forget(services: Services, request: CheckRequest) -> None:
    """The resource is gone, and uses nothing any more."""
    _remember(services, request, (), all_seen=True)


def _remember(services: Services, request: CheckRequest, used: Sequence[Used], *, all_seen: bool) -> None:
    changes = services.store.put_uses(request.resource, used, all_seen=all_seen)
    _check_all(services, request, (*(changes.new if request.only_new else used), *changes.dropped))
    services.store.forget_uses(request.resource, changes.dropped)


def _check_all(services: Services, request: CheckRequest, used: Sequence[Used]) -> None:
    """Enqueue a check of everything rules are about. Roles lead on to what it uses in turn."""
    known = [each.id for each in used if each.id is not None]
    unnamed = [each.key for each in used if each.id is None and topology.is_name(each.key)]
    for resource in (*known, *_found(services, request, unnamed)):
        if resource.type in RULES_BY_TYPE and resource.subscription in services.policy.subscriptions:
            checks.request(services, resource, request.cause, scan=request.scan)


def _found(services: Services, request: CheckRequest, keys: Sequence[str]) -> Sequence[ResourceId]:
    """What is known by name only. Where Resource Graph does not tell (yet), its next event leads to its check."""
    try:
        return services.graph.find(keys) if keys else ()
    except CloudError as error:
        log.warning("%s: what it names cannot be looked up: %s", request.resource, error)
        return ()
