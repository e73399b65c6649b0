"""Who sent a request, as App Service's built-in authentication (Easy Auth) tells it. Pure.

Easy Auth removes these headers from what comes from outside and sets its own, so they can be believed behind it, and
nowhere else. Source: https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from remediation.texts import sound

HEADER: Final = "x-ms-client-principal"
ENTRA: Final = "aad"
IDS: Final = ("http://schemas.microsoft.com/identity/claims/objectidentifier", "oid")
NAMES: Final = (
    "preferred_username",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
    "name",
)
ROLES: Final = ("roles", "http://schemas.microsoft.com/ws/2008/06/identity/claims/role")
"""An app role is told under its short name, although `role_typ` says the long one: azure-functions-host#3898."""
LONGEST_HEADER: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who has signed in with Entra ID: a name for people, the object id, and the app roles."""

    name: str
    id: str
    roles: frozenset[str]


def principal(headers: Mapping[str, str]) -> Principal | None:
    """Who it is, None where nobody has signed in or the header cannot be understood."""
    data = _decoded(headers.get(HEADER, ""))
    if data.get("auth_typ") != ENTRA:
        return None
    claims = data.get("claims")
    pairs = [_pair(each) for each in claims] if isinstance(claims, list) else []
    ids = _values(pairs, IDS)
    if not ids:
        return None
    name = next(iter(_values(pairs, NAMES)), ids[0])
    return Principal(sound(name), sound(ids[0]), frozenset(_values(pairs, ROLES)))


def _decoded(header: str) -> Mapping[str, Any]:
    if not header or len(header) > LONGEST_HEADER:
        return {}
    try:
        data = json.loads(base64.b64decode(header, validate=True))
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _pair(claim: object) -> tuple[object, object]:
    return (claim.get("typ"), claim.get("val")) if isinstance(claim, dict) else (None, None)


def _values(pairs: Sequence[tuple[object, object]], types: Sequence[str]) -> Sequence[str]:
    """The texts of the claims of these types, those of the first type first."""
    return [value for wanted in types for kind, value in pairs if kind == wanted and isinstance(value, str) and value]
