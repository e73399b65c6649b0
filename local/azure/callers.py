"""Who calls Azure: identities, their tokens, and the managed-identity endpoint of App Service.

Protocol: https://learn.microsoft.com/azure/app-service/overview-managed-identity (REST endpoint reference).
"""

import base64
import binascii
import json
import time
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, Self

TENANT: Final = "00000000-0000-4000-8000-0000000000aa"
TOKEN_SECONDS: Final = 3600
TOKEN_PATH: Final = "/msi/token"  # noqa: S105 - a path, not a password


@dataclass(frozen=True, slots=True)
class Caller:
    """One identity: a user or a service principal. Events carry its claims, errors name it."""

    oid: str
    appid: str
    name: str = ""
    upn: str = ""
    kind: Literal["User", "ServicePrincipal"] = "ServicePrincipal"
    role: str = "Contributor"
    tenant: str = TENANT

    @property
    def token(self) -> str:
        """An unsigned JSON Web Token that says who the caller is."""
        now = int(time.time())
        claims = {**asdict(self), "tid": self.tenant, "iat": now, "nbf": now, "exp": now + TOKEN_SECONDS}
        return ".".join((_encode({"alg": "none", "typ": "JWT"}), _encode(claims), ""))

    @classmethod
    def of_token(cls, token: str) -> Self | None:
        """The caller a token of this simulator names; None for any other text."""
        try:
            padded = token.split(".")[1] + "=="
            claims = json.loads(base64.urlsafe_b64decode(padded))
            return cls(**{name: claims[name] for name in cls.__dataclass_fields__})
        except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
            return None


BOT: Final = Caller(
    oid="00000000-0000-4000-8000-0000000000b1",
    appid="00000000-0000-4000-8000-0000000000b2",
    name="ha-remediation-bot",
    role="HA Remediation Bot",
)
PORTAL_USER: Final = Caller(
    oid="00000000-0000-4000-8000-0000000000c1",
    appid="c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
    name="Example User",
    upn="user@example.com",
    kind="User",
    role="Owner",
)
PIPELINE: Final = Caller(
    oid="00000000-0000-4000-8000-0000000000d1",
    appid="00000000-0000-4000-8000-0000000000d2",
    name="deployment-pipeline",
)


def managed_identity_answer(
    caller: Caller, expected_header: str, header: str, resource: str, client_id: str
) -> tuple[int, dict[str, str | int]]:
    """Status and body of the token endpoint: 401 without the right secret header, 400 for an unknown client id."""
    if header != expected_header:
        return 401, {"statusCode": 401, "message": "The X-IDENTITY-HEADER header is missing or wrong."}
    if client_id and client_id != caller.appid:
        return 400, {"statusCode": 400, "message": "No managed identity was found for the specified client id."}
    expires = int(time.time()) + TOKEN_SECONDS
    return 200, {
        "access_token": caller.token,
        "expires_on": str(expires),
        "resource": resource,
        "token_type": "Bearer",
        "client_id": caller.appid,
    }


def _encode(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
