"""GET and HEAD: one resource, collections with paging, locks, operations."""

import re
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final
from urllib.parse import quote, urlencode

from local.azure.access import lock_scope
from local.azure.calls import Call, not_found, require_container
from local.azure.ids import GROUP_TYPE, LOCKS, Address, encloses
from local.azure.messages import ArmError, Json, Response
from local.azure.providers import behaviour_of
from local.azure.world import World

PAGE: Final = 1000
_CONDITION: Final = re.compile(r"(resourceType|location|resourceGroup|tagName|tagValue) eq '([^']*)'", re.IGNORECASE)
_LISTED_FIELDS: Final = (
    "id",
    "name",
    "type",
    "kind",
    "location",
    "managedBy",
    "sku",
    "tags",
    "identity",
    "zones",
    "plan",
)


def read(world: World, call: Call) -> Response:
    """Answer a GET or HEAD."""
    at = call.at
    if at.kinds in _OPERATIONS:
        return _operation(world, call)
    if at.provider and not at.kinds and not at.tail:
        return Response(200, _provider(world, at))
    if at.collection_type.lower() == _PERMISSIONS:
        return Response(200, {"value": [world.access.permissions_of(call.caller)]})
    if at.tail:
        return _collection(world, call)
    if not (at.provider or at.group):
        return Response(200, _subscription(at.subscription))
    require_container(world, at)
    body = world.get(at.id)
    if body is None:
        raise not_found(at)
    if call.request.method == "HEAD":
        return Response(204)
    return Response(200, body, behaviour_of(at.type).etag_header(body))


_PERMISSIONS: Final = "microsoft.authorization/permissions"
_OPERATIONS: Final = (("locations", "operationStatuses"), ("locations", "operationResults"))


def _provider(world: World, at: Address) -> Json:
    registered = at.provider.lower() not in world.unregistered
    state = "Registered" if registered else "NotRegistered"
    return {"id": at.id, "namespace": at.provider, "registrationState": state, "resourceTypes": []}


def _operation(world: World, call: Call) -> Response:
    operation = world.operations.get(call.at.name)
    if operation is None:
        raise ArmError(404, "OperationNotFound", f"The operation '{call.at.name}' was not found.")
    if call.at.kinds[-1] == "operationStatuses":
        return operation.status_response()
    return operation.result_response(call.request)


def _collection(world: World, call: Call) -> Response:
    at = call.at
    require_container(world, at)
    if at.collection_type.lower() == LOCKS:
        return _page(call, _locks(world, call))
    if at.provider:
        return _page(call, world.of_type(at.collection_type, at.id if at.names else at.scope))
    if at.tail.lower() == "resourcegroups":
        return _page(call, world.of_type(GROUP_TYPE, at.scope))
    wanted = _filter(call.request.query.get("$filter", ""))
    return _page(call, [_listed(body) for body in world.below(at.scope) if _is_tracked(body) and wanted(body)])


def _locks(world: World, call: Call) -> list[Json]:
    """The locks that apply to a scope, and those below it unless `atScope()` is asked for. Inheritance: unverified."""
    scope = call.at.scope
    only_at_scope = call.request.query.get("$filter", "").lower() == "atscope()"
    return [
        lock
        for lock in world.of_type(LOCKS)
        if encloses(lock_scope(lock), scope) or (encloses(scope, lock_scope(lock)) and not only_at_scope)
    ]


def _page(call: Call, bodies: Iterable[Json]) -> Response:
    """One page, with an absolute nextLink when there is more."""
    query = call.request.query
    start, size = _number(query.get("$skiptoken", "0")), _number(query.get("$top", str(PAGE)))
    found = list(islice(bodies, start, start + size + 1))
    answer: Json = {"value": found[:size]}
    if len(found) > size:
        parameters = {**query, "$skiptoken": str(start + size)}
        answer["nextLink"] = f"{call.request.base_url}{quote(call.request.path)}?{urlencode(parameters, safe='$')}"
    return Response(200, answer)


def _filter(text: str) -> Callable[[Json], bool]:
    """The test that a `$filter` of the generic list stands for. Raises 400 for what it does not know."""
    conditions: list[tuple[str, str]] = []
    for part in filter(None, re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE)):
        match = _CONDITION.fullmatch(part.strip())
        if match is None:
            raise ArmError(
                400, "InvalidFilterInQueryString", f"Invalid $filter '{text}' specified in the query string."
            )
        conditions.append((match[1].lower(), match[2].lower()))
    return lambda body: all(_matches(body, name, value) for name, value in conditions)


def _matches(body: Json, name: str, value: str) -> bool:
    tags = {key.lower(): str(text).lower() for key, text in (body.get("tags") or {}).items()}
    match name:
        case "resourcetype":
            return str(body["type"]).lower() == value
        case "location":
            return str(body.get("location")).lower() == value
        case "resourcegroup":
            return str(body["id"]).lower().split("/")[4] == value
        case "tagname":
            return value in tags
        case _:
            return value in tags.values()


def _is_tracked(body: Json) -> bool:
    """Whether the generic list shows a resource: proxies such as blobServices have no location."""
    return "location" in body and body["type"] != "Microsoft.Resources/resourceGroups"


def _listed(body: Json) -> Json:
    """A line of the generic list: no properties, whatever the type."""
    return {name: body[name] for name in _LISTED_FIELDS if name in body}


def _subscription(subscription: str) -> Json:
    return {
        "id": f"/subscriptions/{subscription}",
        "subscriptionId": subscription,
        "displayName": "Example subscription",
        "state": "Enabled",
    }


def _number(text: str) -> int:
    if not text.isdecimal():
        raise ArmError(400, "InvalidQueryParameter", f"'{text}' is not a number.")
    return int(text)
