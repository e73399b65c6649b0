"""Simulated App Service authentication (Easy Auth), for apps whose settings say that it is on (WEBSITE_AUTH_ENABLED).

As there, it stands in front of all functions: `x-ms-client-principal*` of a caller is taken away, and who has signed in
at /.auth/login/aad is told to the app in these headers. Nobody proves who they are: the sign-in page lets one choose.
"""

import base64
import html
import json
import secrets
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web
from multidict import CIMultiDict, MultiMapping

SETTING = "WEBSITE_AUTH_ENABLED"
PREFIX = "/.auth/"
LOGIN = "/.auth/login/aad"
COOKIE = "AppServiceAuthSession"
OWN_HEADERS = "x-ms-client-principal"
AFTER = "post_login_redirect_uri"
CLAIMS = "http://schemas.microsoft.com/identity/claims/"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to sign in as."""

    name: str
    object_id: str
    roles: tuple[str, ...]

    @property
    def principal(self) -> str:
        """The header, as Microsoft Entra ID's provider makes it."""
        claims = [("name", self.name), ("preferred_username", self.name), (f"{CLAIMS}objectidentifier", self.object_id)]
        claims += [("roles", role) for role in self.roles]
        data = {
            "auth_typ": "aad",
            "name_typ": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
            "role_typ": "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
            "claims": [{"typ": kind, "val": value} for kind, value in claims],
        }
        return base64.b64encode(json.dumps(data).encode()).decode()


PEOPLE = {
    "approver": Person("an approver", "00000000-0000-4000-8000-0000000000a1", ("approver",)),
    "second": Person("a second approver", "00000000-0000-4000-8000-0000000000a2", ("approver",)),
    "colleague": Person("a colleague without the role", "00000000-0000-4000-8000-0000000000c1", ()),
}


class EasyAuth:
    """Who has signed in, by session; forgotten when the host stops."""

    def __init__(self) -> None:
        self._sessions: dict[str, Person] = {}

    def headers(self, request: web.Request) -> MultiMapping[str]:
        """The headers of a request as the app gets them."""
        kept = CIMultiDict((name, value) for name, value in request.headers.items() if not _is_own(name))
        if person := self._sessions.get(request.cookies.get(COOKIE, "")):
            kept.update({"X-MS-CLIENT-PRINCIPAL": person.principal, "X-MS-CLIENT-PRINCIPAL-IDP": "aad"})
            kept.update({"X-MS-CLIENT-PRINCIPAL-ID": person.object_id, "X-MS-CLIENT-PRINCIPAL-NAME": person.name})
        return kept

    def answer(self, request: web.Request) -> web.Response:
        """A request below /.auth/."""
        if request.path == "/.auth/logout":
            self._sessions.pop(request.cookies.get(COOKIE, ""), None)
            return _page("You are signed out", "")
        if request.path != LOGIN:
            return web.Response(status=404)
        after = request.query.get(AFTER, "/")
        person = PEOPLE.get(request.query.get("as", ""))
        if person is None:
            return _page("Sign in as", "".join(_choice(key, each, after) for key, each in PEOPLE.items()))
        session = secrets.token_urlsafe(32)
        self._sessions[session] = person
        response = web.Response(status=302, headers={"Location": after if _is_local(after) else "/"})
        response.set_cookie(COOKIE, session, httponly=True, samesite="Lax")
        return response


def _is_own(name: str) -> bool:
    return name.lower().startswith(OWN_HEADERS)


def _is_local(url: str) -> bool:
    return url.startswith("/") and not url.startswith(("//", "/\\"))


def _choice(key: str, person: Person, after: str) -> str:
    roles = f"app role: {', '.join(person.roles)}" if person.roles else "no app role"
    url = f"{LOGIN}?as={key}&amp;{AFTER}={quote(after, safe='')}"
    return f'<p><a href="{url}">{html.escape(person.name)}</a> ({html.escape(roles)})</p>'


def _page(title: str, body: str) -> web.Response:
    note = "<p><small>Simulated: in Azure this is the sign-in page of Microsoft Entra ID.</small></p>"
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark"><title>Simulated sign-in</title>'
        "<style>body{font:1.1rem/1.6 system-ui,sans-serif;max-width:32rem;margin:10vh auto;padding:0 1rem}</style>"
        f"<h1>{title}</h1>{body}{note}</html>"
    )
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": policy})
