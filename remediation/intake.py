"""Events in, check requests out: validates, normalises, and drops what no rule is about. No ARM call.

Accepts the Event Grid and the CloudEvents schema, one event or a batch. Event bodies are hostile: ids are parsed
strictly and must lie in an onboarded subscription; of the claims only who it was is kept.
Source: https://learn.microsoft.com/azure/event-grid/event-schema-subscriptions
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from remediation import checks, telemetry
from remediation.cases import Cause
from remediation.ports import Services
from remediation.topology import COMPUTE, DATASTORE, FOLLOWED
from rules import RULES_BY_TYPE
from rules.resource_id import ResourceId

log = logging.getLogger(__name__)

CHECKED_TYPES: Final = frozenset({*RULES_BY_TYPE, *FOLLOWED})
CHANGES: Final = frozenset({"microsoft.resources.resourcewritesuccess", "microsoft.resources.resourcedeletesuccess"})
EXTENSIONS: Final = frozenset({"microsoft.resources/tags", "microsoft.authorization/locks"})
"""Extension resources whose change may change a verdict or let a refused fix through."""
CLAIM_NAMES: Final = (
    "upn",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
    "name",
)
CLAIM_IDS: Final = ("oid", "http://schemas.microsoft.com/identity/claims/objectidentifier")
LONGEST: Final = 256


@dataclass(frozen=True, slots=True)
class Check:
    """The resource is to be looked at; `owner` as well, where the resource is part of what that uses."""

    resource: ResourceId
    cause: Cause
    owner: ResourceId | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """A sound event that no rule is about. `subscription` is the onboarded one that it came from, where it is known."""

    reason: str
    subscription: str = ""


@dataclass(frozen=True, slots=True)
class Malformed:
    """Not an event that can be understood."""

    reason: str


type Outcome = Check | Ignored | Malformed


def read(payload: object, subscriptions: frozenset[str]) -> list[Outcome]:
    """The outcome of every event in a payload: a parsed event, a list of them, or JSON text of either."""
    if isinstance(payload, (str, bytes)):
        try:
            payload = json.loads(payload)
        except (ValueError, RecursionError):  # the latter by brackets without end
            return [Malformed("not JSON")]
    events = payload if isinstance(payload, list) else [payload]
    return [_outcome(event, subscriptions) for event in events]


def accept(payload: object, services: Services) -> list[Outcome]:
    """Take in what Event Grid delivers, and note that it does."""
    outcomes = take_in(payload, services)
    for subscription in sorted({_subscription(outcome) for outcome in outcomes} - {""}):
        services.store.saw_event(subscription)
    return outcomes


def take_in(payload: object, services: Services) -> list[Outcome]:
    """Read a payload and enqueue its checks. A check already pending for a resource covers later events, too."""
    outcomes = read(payload, services.policy.subscriptions)
    for outcome in outcomes:
        telemetry.metric("event", outcome=type(outcome).__name__.lower())
        match outcome:
            case Check(resource, cause, owner):
                for each in (resource, owner) if owner else (resource,):
                    with telemetry.about(correlation_id=cause.correlation, resource=str(each)):
                        queued = checks.request(services, each, cause, only_new=each is owner)
                        what = "check queued" if queued else "a check is pending already"
                        log.info("%s: %s, correlation %s", each, what, cause.correlation)
            case Ignored(reason):
                log.info("event ignored: %s", reason)
            case Malformed(reason):  # pragma: no branch
                log.error("event refused: %s", reason)
    return outcomes


def _subscription(outcome: Outcome) -> str:
    """The onboarded subscription that an event came from; empty where it is not known."""
    match outcome:
        case Check(resource):
            return resource.subscription
        case Ignored(_, subscription):
            return subscription
        case Malformed():  # pragma: no branch
            return ""


def _outcome(event: object, subscriptions: frozenset[str]) -> Outcome:
    if not isinstance(event, dict):
        return Malformed(f"an event must be a JSON object, not {type(event).__name__}")
    kind = event.get("eventType") or event.get("type")
    if not isinstance(kind, str):
        return Malformed("the event has no type")
    if kind.lower() not in CHANGES:
        return Ignored(f"{_short(kind)} is no change of a resource")
    data = event.get("data")
    data = data if isinstance(data, dict) else {}
    resource = ResourceId.parse(data.get("resourceUri")) or ResourceId.parse(event.get("subject"))
    if resource is None:
        return Ignored(f"{_short(data.get('resourceUri') or event.get('subject'))} is not the id of a resource")
    if resource.subscription not in subscriptions:
        return Ignored(f"subscription {resource.subscription} is not onboarded")
    checked = checked_resource(resource)
    if checked is None:
        return Ignored(f"no rule is about {resource.type}", resource.subscription)
    return Check(checked, _cause(event, data), checked.parent if checked.type in (COMPUTE, DATASTORE) else None)


def checked_resource(resource: ResourceId) -> ResourceId | None:
    """The resource whose rules a change of `resource` concerns: itself, its owner, or what it extends."""
    if resource.target is not None:
        return checked_resource(resource.target) if resource.type in EXTENSIONS else None
    candidate: ResourceId | None = resource
    while candidate is not None and candidate.type not in CHECKED_TYPES:
        candidate = candidate.parent
    return candidate


def _cause(event: Mapping[str, Any], data: Mapping[str, Any]) -> Cause:
    claims = data.get("claims")
    claims = claims if isinstance(claims, dict) else {}
    return Cause(
        event_id=_text(event.get("id")) or _fingerprint(event),
        operation=_text(data.get("operationName")),
        caller=_first(claims, CLAIM_NAMES),
        caller_id=_first(claims, CLAIM_IDS),
        app_id=_first(claims, ("appid",)),
        correlation_id=_text(data.get("correlationId")),
        at=_text(event.get("eventTime", event.get("time"))),
    )


def _fingerprint(event: Mapping[str, Any]) -> str:
    """Stands for the id of an event that has none: the same event delivered again has the same."""
    return hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()[:32]


def _first(claims: Mapping[str, Any], names: Iterable[str]) -> str:
    return next((text for name in names if (text := _text(claims.get(name)))), "")


def _text(value: object) -> str:
    """The text, cut, and with half characters (JSON may hold lone surrogates) replaced: they cannot be stored."""
    return value[:LONGEST].encode(errors="replace").decode() if isinstance(value, str) else ""


def _short(value: object) -> str:
    text = value if isinstance(value, str) else type(value).__name__
    return repr(text[:LONGEST])
