"""People who follow links: a bot with all it takes to approve, and visitors of its page as Easy Auth tells of them."""

import base64
import hashlib
import hmac
import html
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlencode

from remediation import access_settings, approval_page, slack_requests
from remediation.approval_page import Answer, Request
from remediation.cases import Case
from tests.remediation.carrying_out import CATALOGUE, Example
from tests.remediation.harness import Bot

type Start = Callable[..., Bot]

URL = "https://bot.example"
KEY = "a key of the tests, which is long enough"
SLACK_KEY = "signing-secret-of-a-slack-app"
SLACK_USER = "U0APPROVER"
SETTINGS = {
    access_settings.SIGNING_KEY: KEY,
    access_settings.PUBLIC_URL: URL,
    access_settings.EASY_AUTH: "true",
    access_settings.SLACK_SIGNING: SLACK_KEY,
    access_settings.SLACK_APPROVERS: SLACK_USER,
}
ZONES, GEO, GROW = (
    CATALOGUE[name] for name in ("storage/zone-redundant", "storage/geo-redundant", "mysql/storage-auto-grow")
)
"""Two plans with something to confirm, of which the first takes Azure long, and one without."""


def asked(start: Start, example: Example = GEO, **settings: object) -> Bot:
    """A bot that has asked."""
    bot = start(rules=[example.rule], **{"settings": SETTINGS} | settings)
    example.seed(bot)
    example.see(bot)
    return bot


def change(bot: Bot, example: Example = GEO, sku: str = "STANDARD_LRS") -> None:
    """Somebody changes the resource, so that the plan for it is another one."""
    bot.seed({**(bot.azure.body(example.resource.id) or {}), "sku": {"name": sku}})


def link_of(bot: Bot, title: str = "Review and approve") -> str:
    """The token of the newest link with this title."""
    urls = [message.links[title] for message in bot.chat.messages if title in message.links]
    return urls[-1].removeprefix(f"{URL}/api/approvals/")


def case_of(bot: Bot, example: Example = GEO) -> Case:
    return bot.case(example.resource.id, example.rule)


def principal(name: str, object_id: str, roles: Sequence[str], provider: str = "aad") -> str:
    """The header of somebody who has signed in."""
    claims = [("http://schemas.microsoft.com/identity/claims/objectidentifier", object_id), ("name", name)]
    claims += [("roles", role) for role in roles]
    return header({"auth_typ": provider, "claims": [{"typ": typ, "val": value} for typ, value in claims]})


def header(data: object) -> str:
    return base64.b64encode(json.dumps(data).encode()).decode()


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a browser."""

    bot: Bot
    name: str = "Ann"
    object_id: str = "object-1"
    roles: tuple[str, ...] = ("approver",)
    more: Mapping[str, str] = MappingProxyType({})

    @property
    def headers(self) -> Mapping[str, str]:
        """What the app gets from the browser and from Easy Auth."""
        return {"x-ms-client-principal": principal(self.name, self.object_id, self.roles), **self.more}

    def get(self, token: str) -> Answer:
        """Follow a link."""
        return approval_page.answer(self.bot.services, Request("GET", token, self.headers))

    def post(self, token: str, body: bytes) -> Answer:
        """Send a form."""
        return approval_page.answer(self.bot.services, Request("POST", token, self.headers, body))

    def decide(self, page: Answer, what: str, **fields: str | list[str]) -> Answer:
        """Press a button of a page."""
        return self.post(action_of(page), body(page, what, **fields))

    def approve(self, page: Answer) -> Answer:
        """Tick everything, and approve."""
        return self.decide(page, "approve", confirm=ticks(page))


def body(page: Answer, what: str, **fields: str | list[str]) -> bytes:
    """The form of a page, filled in."""
    return urlencode({"form": form_of(page), "what": what, **fields}, doseq=True).encode()


def form_of(page: Answer) -> str:
    return _first(r'name="form" value="([^"]+)"', page)


def action_of(page: Answer) -> str:
    return _first(r'<form method="post" action="([^"]+)"', page)


def ticks(page: Answer) -> list[str]:
    return re.findall(r'name="confirm" value="(\d+)"', page.html)


def buttons(page: Answer) -> list[str]:
    """The decisions a page has to offer."""
    return re.findall(r'name="what" value="(\w+)"', page.html)


def text(page: Answer) -> str:
    """What a page says."""
    seen = re.sub(r"<style>.*?</style>", "", page.html, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", seen)).split())


def _first(pattern: str, page: Answer) -> str:
    found = re.search(pattern, page.html)
    assert found, text(page)
    return html.unescape(found[1])


def click(what: str, token: str, user: str = SLACK_USER, name: str = "ann") -> bytes:
    """What Slack sends for a button."""
    actions = [{"action_id": what, "value": token, "type": "button"}]
    payload = {"type": "block_actions", "user": {"id": user, "username": name}, "actions": actions}
    return urlencode({"payload": json.dumps(payload)}).encode()


def signed(body: bytes, at: float, secret: str = SLACK_KEY) -> Mapping[str, str]:
    """The headers with which Slack signs a body."""
    stamp = str(int(at))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {slack_requests.TIMESTAMP: stamp, slack_requests.SIGNATURE: f"v0={digest}"}


def press(bot: Bot, what: str, token: str, user: str = SLACK_USER, name: str = "ann") -> int:
    """Somebody presses a button in Slack; returns the status that Slack gets."""
    sent = click(what, token, user, name)
    return slack_requests.accept(bot.services, signed(sent, bot.clock().timestamp()), sent)
