"""From a request to what answers it, past the gates that Resource Manager itself keeps."""

import re
import uuid
from typing import Final

from local.azure import actions, reads, tags, writes
from local.azure.access import action_of, disallowed, forbidden, locked
from local.azure.callers import TENANT, Caller
from local.azure.calls import Call
from local.azure.faults import Fault
from local.azure.ids import LOCKS, TAGS, Address
from local.azure.messages import WRITES, ArmError, Request, Response, unsupported
from local.azure.world import World

_API_VERSION: Final = re.compile(r"\d{4}-\d{2}-\d{2}(-[a-z]+)?", re.IGNORECASE)


def caller_of(request: Request) -> Caller | None:
    """Who the request's token names; None without a valid one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return Caller.of_token(token) if scheme.lower() == "bearer" else None


def admitted(request: Request, caller: Caller | None) -> Caller:
    """The caller, past authentication and the check of the api-version. Raises ArmError 401 or 400."""
    if caller is None:
        challenge = f'Bearer authorization_uri="https://login.microsoftonline.com/{TENANT}", error="invalid_token"'
        message = "Authentication failed. The 'Authorization' header is missing or invalid."
        raise ArmError(401, "AuthenticationFailed", message, headers={"WWW-Authenticate": challenge})
    if not request.api_version:
        message = "The api-version query parameter (?api-version=) is required for all requests."
        raise ArmError(400, "MissingApiVersionParameter", message)
    if not _API_VERSION.fullmatch(request.api_version):
        message = f"The api-version '{request.api_version}' is invalid. It has the form YYYY-MM-DD."
        raise ArmError(400, "InvalidApiVersionParameter", message)
    return caller


def dispatch(world: World, request: Request, caller: Caller | None, fault: Fault | None) -> Response:
    """Answer one request to Resource Manager. Raises ArmError; a refused write is also announced."""
    known = admitted(request, caller)
    at = Address.parse(request.path)
    if at is None or (at.provider and not at.kinds and not at.tail and request.method != "GET"):
        raise unsupported(f"the path {request.path}")
    call = Call(request, at, known, action_of(request, at), fault)
    try:
        _check_gates(world, call)
        return _route(world, call)
    except ArmError:
        if request.method in WRITES:
            world.happenings.append(call.happening(at.id, existed=world.get(at.id) is not None).ended("Failure"))
        raise


def common_headers(request: Request) -> dict[str, str]:
    """The headers ARM adds to every answer."""
    request_id = str(uuid.uuid4())
    kind = "writes" if request.method in WRITES else "reads"
    headers = {
        "x-ms-request-id": request_id,
        "x-ms-correlation-request-id": request.headers.get("x-ms-correlation-request-id", request_id),
        f"x-ms-ratelimit-remaining-subscription-{kind}": "199" if kind == "writes" else "249",
    }
    client_id = request.headers.get("x-ms-client-request-id")
    return {**headers, "x-ms-client-request-id": client_id} if client_id else headers


def _check_gates(world: World, call: Call) -> None:
    """Roles, then locks, then policies. Asking about an operation needs the right to read it, as in Azure."""
    if not world.access.allows(call.caller, call.action):
        raise forbidden(call.caller, call.action, call.at.id)
    if call.request.method not in WRITES:
        return
    if refusal := locked(call.request, call.at, world.of_type(LOCKS)):
        raise refusal
    policy = world.access.denied_by(call.at)
    if policy and call.request.method in ("PUT", "PATCH"):
        raise disallowed(call.at, policy)


def _route(world: World, call: Call) -> Response:
    at, method = call.at, call.request.method
    if at.type.lower() == TAGS and at.names:
        return tags.tags(world, call)
    if method in ("GET", "HEAD"):
        return reads.read(world, call)
    if method == "POST" and at.tail and at.names:
        return actions.act(world, call)
    if at.tail or not (at.names or at.is_group):
        raise unsupported(f"{method} {call.request.path}")
    match method:
        case "PUT":
            return writes.put(world, call)
        case "PATCH":
            return writes.patch(world, call)
        case "DELETE":
            return writes.delete(world, call)
        case _:
            raise unsupported(f"{method} of {at.type}")
