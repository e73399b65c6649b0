"""The settings of approvals by page and by Slack: what is wrong with them, and the Access they make."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from remediation.access import Access
from remediation.tokens import SHORTEST_KEY, Tokens

SIGNING_KEY: Final = "HA_BOT_SIGNING_KEY"
PUBLIC_URL: Final = "HA_BOT_PUBLIC_URL"
EASY_AUTH: Final = "HA_BOT_EASY_AUTH"
PLATFORM_AUTH: Final = "WEBSITE_AUTH_ENABLED"
"""Set by App Service where its authentication is on."""
APPROVER_ROLE: Final = "HA_BOT_APPROVER_ROLE"
SLACK_SIGNING: Final = "HA_BOT_SLACK_SIGNING_SECRET"
SLACK_APPROVERS: Final = "HA_BOT_SLACK_APPROVERS"

NO_EASY_AUTH: Final = (
    f"App Service authentication is not on: switch it on with Microsoft Entra ID, and set {EASY_AUTH} to true where "
    f"the platform does not set {PLATFORM_AUTH}. Without it anybody could claim to be anybody."
)
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})
SLACK_USER: Final = re.compile(r"[UW][A-Z0-9]{5,20}")


def access(settings: Mapping[str, str], clock: Callable[[], datetime]) -> Access:
    """What the settings allow; they have no problems."""
    key = _secret(settings, SIGNING_KEY)
    return Access(
        tokens=Tokens(key, clock) if key else None,
        public_url=_public_url(settings),
        easy_auth=(settings.get(EASY_AUTH) or settings.get(PLATFORM_AUTH, "")).strip().lower() == "true",
        role=settings.get(APPROVER_ROLE, "").strip() or Access().role,
        slack_secret=_secret(settings, SLACK_SIGNING),
        slack_approvers=_slack_approvers(settings),
    )


def problems(settings: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each setting that is wrong, with the fix. What is missing is no problem: it is not used then."""
    key, url = _secret(settings, SIGNING_KEY), _public_url(settings)
    found = [
        (SIGNING_KEY, _unresolved(key)),
        (SIGNING_KEY, _too_short(key)),
        (
            PUBLIC_URL,
            "" if not url or _is_https(url) else "must be an https URL such as https://NAME.azurewebsites.net",
        ),
        (EASY_AUTH, _not_true_or_false(settings.get(EASY_AUTH, ""))),
        (SLACK_SIGNING, _unresolved(_secret(settings, SLACK_SIGNING))),
        (SLACK_APPROVERS, _no_users(_slack_approvers(settings))),
    ]
    return [(setting, fix) for setting, fix in found if fix]


def missing(access: Access) -> list[str]:
    """What has to be set before anybody can decide on the page, a sentence for each setting."""
    found = [
        (access.tokens, f"{SIGNING_KEY} is missing: set it to a secret of at least {SHORTEST_KEY} characters."),
        (access.public_url, f"{PUBLIC_URL} is missing: set it to the https URL of this app."),
        (access.easy_auth, NO_EASY_AUTH),
    ]
    return [sentence for is_there, sentence in found if not is_there]


def _secret(settings: Mapping[str, str], name: str) -> str:
    return settings.get(name, "").strip()  # a secret piped into a vault often ends with a line break


def _public_url(settings: Mapping[str, str]) -> str:
    return settings.get(PUBLIC_URL, "").strip().rstrip("/")


def _slack_approvers(settings: Mapping[str, str]) -> frozenset[str]:
    return frozenset(part.strip() for part in settings.get(SLACK_APPROVERS, "").split(",") if part.strip())


def _unresolved(secret: str) -> str:
    if not secret.startswith("@Microsoft.KeyVault"):
        return ""
    return "its Key Vault reference is not resolved; let the app's identity read that secret"


def _too_short(key: str) -> str:
    if not key or len(key) >= SHORTEST_KEY:
        return ""
    return f"must have at least {SHORTEST_KEY} characters; make one with: openssl rand -base64 48"


def _is_https(url: str) -> bool:
    """Whether it is an origin: scheme and host, no path."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # only asking for it raises
    except ValueError:
        return False
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    return secure and bool(parts.hostname) and url == f"{parts.scheme}://{parts.netloc}" and "@" not in parts.netloc


def _not_true_or_false(text: str) -> str:
    return "" if text.strip().lower() in ("", "true", "false") else "must be true or false"


def _no_users(users: frozenset[str]) -> str:
    if all(SLACK_USER.fullmatch(user) for user in users):
        return ""
    return "must list ids of Slack users such as U012AB3CD, separated by commas (in a profile: Copy member ID)"
