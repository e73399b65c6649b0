"""Signed tokens, for links to a decision and for its forms. A token names what was asked and grants nothing: who
decides has to be known besides. Pure but for the clock it is given.

Signed with HMAC-SHA256 by itsdangerous, which is imported at the first use: most workers never need it.
"""

from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from remediation.cases import Case

LIFE: Final = timedelta(days=7)
"""How long a link can be used."""
FORM_LIFE: Final = timedelta(hours=12)
"""How long a page that was opened can be used."""
SHORTEST_KEY: Final = 32
LONGEST: Final = 2000
"""Characters of a token: what a button in Slack may hold. Resource ids are a few hundred."""
LINK: Final = "ha-remediation-bot/link/v1"
FORM: Final = "ha-remediation-bot/form/v1"


class BadToken(Exception):
    """Not signed with the key, or cut: it stands for nothing."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """What a link is about: the plan of a case as it stood. `opened` tells its incident, and `approved` the approval
    that went before, if any, both as ISO 8601: an approval ends all links that were made before it."""

    resource_id: str
    rule: str
    digest: str
    opened: str
    approved: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was followed. `expired`: it is too old to decide with."""

    pinned: Pinned
    expired: bool


def pinned(case: Case, digest: str = "") -> Pinned:
    """What a link made now is about; `digest` of a plan that is newer than the case's own."""
    known = case.plan.digest if case.plan else ""
    approved = case.approval.at.isoformat() if case.approval else ""
    return Pinned(case.resource_id, case.rule, digest or known, case.opened.isoformat(), approved)


class Tokens:
    """Makes and reads tokens with one key, of at least SHORTEST_KEY characters."""

    def __init__(self, key: str, clock: Callable[[], datetime]) -> None:
        self._key, self._clock = key, clock

    def link(self, about: Pinned) -> str:
        """The token of a link."""
        return self._sign(LINK, list(astuple(about)))

    def read(self, token: str) -> Link:
        """What the token of a link is about, also when it has expired. Raises BadToken."""
        data, expired = self._read(LINK, token, LIFE)
        return Link(Pinned(*data), expired)

    def form(self, person: str, link: str) -> str:
        """The token of a form: that this person was shown the page of this link."""
        return self._sign(FORM, [person, link])

    def is_form(self, token: str, person: str, link: str) -> bool:
        """Whether this person was shown the page of this link, not long ago."""
        try:
            data, expired = self._read(FORM, token, FORM_LIFE)
        except BadToken:
            return False
        return not expired and data == [person, link]

    def _sign(self, purpose: str, data: list[str]) -> str:
        return str(self._serializer(purpose).dumps([int(self._clock().timestamp()), *data]))

    def _read(self, purpose: str, token: str, life: timedelta) -> tuple[list[str], bool]:
        from itsdangerous import BadData

        if len(token) > LONGEST or not token.isascii():
            raise BadToken
        try:
            signed, *data = self._serializer(purpose).loads(token)
        except BadData:
            raise BadToken from None
        return data, self._clock().timestamp() - signed > life.total_seconds()

    def _serializer(self, purpose: str) -> Any:
        from hashlib import sha256

        from itsdangerous import URLSafeSerializer

        signer = {"key_derivation": "hmac", "digest_method": sha256}
        return URLSafeSerializer(self._key, purpose, signer_kwargs=signer)


def outdated(link: Link, case: Case, now: Pinned) -> str:
    """Why a link can no longer be used, as sentences; empty where it can. `now` is what one made now would be about."""
    if link.expired:
        return f"This link has expired: it could be used for {LIFE.days} days."
    if case.approval is not None and link.pinned.approved != now.approved:
        return f"This link has been used: {case.approval.by} approved it at {case.approval.at:%d %b %Y %H:%M} UTC."
    if link.pinned.opened != now.opened:
        return "This link is about an earlier time that it was so."
    if link.pinned.digest != now.digest:
        return "The resource has changed since it was asked about, and the plan with it."
    return ""
