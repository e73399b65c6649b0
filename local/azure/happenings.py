"""What Event Grid tells about: one finished or refused write, and the events made of it.

Shape: https://learn.microsoft.com/azure/event-grid/event-schema-subscriptions
"""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from local.azure.callers import TOKEN_SECONDS, Caller
from local.azure.messages import Json, Request
from local.azure.server_made import timestamp

type Verb = Literal["Write", "Delete", "Action"]
type Schema = Literal["EventGridSchema", "CloudEventSchemaV1_0"]

_VERBS: Final[Mapping[str, Verb]] = {"PUT": "Write", "PATCH": "Write", "DELETE": "Delete", "POST": "Action"}
_ROLE_DEFINITION: Final = "00000000000040008000000000000e01"
_SCHEMAS: Final = "http://schemas.microsoft.com"
_STATUS: Final = {"Success": "Succeeded", "Failure": "Failed"}


@dataclass(frozen=True, slots=True)
class Happening:
    """One write as Event Grid knows it. Publishing one twice gives the same event twice: same id, same time."""

    resource_id: str
    action: str
    verb: Verb
    caller: Caller
    correlation_id: str
    http_request: Mapping[str, str] | None
    outcome: Literal["Success", "Failure"] = "Success"
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    time: str = field(default_factory=timestamp)

    @property
    def event_type(self) -> str:
        """Such as `Microsoft.Resources.ResourceWriteSuccess`."""
        return f"Microsoft.Resources.Resource{self.verb}{self.outcome}"

    @property
    def subscription(self) -> str:
        """The subscription's id, a GUID."""
        return self.resource_id.split("/")[2]

    def ended(self, outcome: Literal["Success", "Failure"]) -> "Happening":
        """The same write, ending now."""
        return replace(self, outcome=outcome, time=timestamp())

    def event(self, schema: Schema) -> Json:
        """The event in one of Event Grid's two schemas."""
        return _cloud_event(self) if schema == "CloudEventSchemaV1_0" else _event_grid_event(self)


def happening(request: Request, caller: Caller, resource_id: str, action: str, *, existed: bool) -> Happening:
    """A write that has begun. Only updates, deletes and actions carry their HTTP request."""
    http = {
        "clientRequestId": request.headers.get("x-ms-client-request-id", ""),
        "clientIpAddress": "127.0.0.1",
        "method": request.method,
        "url": f"https://management.azure.com{request.path}?api-version={request.api_version}",
    }
    correlation = request.headers.get("x-ms-correlation-request-id") or str(uuid.uuid4())
    return Happening(resource_id, action, _VERBS[request.method], caller, correlation, http if existed else None)


def noise_around(happened: Happening) -> tuple[Happening, ...]:
    """What a template deployment adds to each of its resources: its own write, tags and a lock, one correlation id."""
    group = "/".join(happened.resource_id.split("/")[:5])
    extra = (
        (f"{group}/providers/Microsoft.Resources/deployments/example", "Microsoft.Resources/deployments/write"),
        (f"{happened.resource_id}/providers/Microsoft.Resources/tags/default", "Microsoft.Resources/tags/write"),
        (f"{happened.resource_id}/providers/Microsoft.Authorization/locks/keep", "Microsoft.Authorization/locks/write"),
    )
    return tuple(
        replace(happened, resource_id=resource, action=action, verb="Write", http_request=None, id=str(uuid.uuid4()))
        for resource, action in extra
    )


def _event_grid_event(happened: Happening) -> Json:
    return {
        "id": happened.id,
        "topic": f"/subscriptions/{happened.subscription}",
        "subject": happened.resource_id,
        "eventType": happened.event_type,
        "eventTime": happened.time,
        "data": _data(happened),
        "dataVersion": "2",
        "metadataVersion": "1",
    }


def _cloud_event(happened: Happening) -> Json:
    return {
        "specversion": "1.0",
        "id": happened.id,
        "source": f"/subscriptions/{happened.subscription}",
        "subject": happened.resource_id,
        "type": happened.event_type,
        "time": happened.time,
        "data": _data(happened),
    }


def _data(happened: Happening) -> Json:
    data = {
        "authorization": _authorization(happened),
        "claims": _claims(happened.caller),
        "correlationId": happened.correlation_id,
        "resourceProvider": happened.action.split("/")[0],
        "resourceUri": happened.resource_id,
        "operationName": happened.action,
        "status": _STATUS[happened.outcome],
        "subscriptionId": happened.subscription,
        "tenantId": happened.caller.tenant,
    }
    return {**data, "httpRequest": dict(happened.http_request)} if happened.http_request else data


def _authorization(happened: Happening) -> Json:
    caller = happened.caller
    evidence = {
        "role": caller.role,
        "roleAssignmentScope": f"/subscriptions/{happened.subscription}",
        "roleAssignmentId": caller.oid.replace("-", ""),
        "roleDefinitionId": _ROLE_DEFINITION,
        "principalId": caller.oid.replace("-", ""),
        "principalType": caller.kind,
    }
    return {"scope": happened.resource_id, "action": happened.action, "evidence": evidence}


def _claims(caller: Caller) -> dict[str, str]:
    issued = int(time.time())
    claims = {
        "aud": "https://management.core.windows.net/",
        "iss": f"https://sts.windows.net/{caller.tenant}/",
        "iat": str(issued),
        "nbf": str(issued),
        "exp": str(issued + TOKEN_SECONDS),
        "appid": caller.appid,
        f"{_SCHEMAS}/identity/claims/objectidentifier": caller.oid,
        f"{_SCHEMAS}/identity/claims/tenantid": caller.tenant,
        "ver": "1.0",
    }
    personal = {
        "name": caller.name,
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn": caller.upn,
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name": caller.upn,
    }
    return {**claims, **{name: value for name, value in personal.items() if value and caller.kind == "User"}}
