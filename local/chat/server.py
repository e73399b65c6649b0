"""Receives what the bot posts to Teams and Slack, on 127.0.0.1 only, and shows it on a page.

POST /teams/<channel>           as a Teams Workflows webhook: 202 with an empty body; 400; 413 over 28 KB
POST /slack/webhook/<channel>   as a Slack incoming webhook: "ok"; 400 with Slack's error word
POST /api/<method>              as Slack's Web API, for one bot: see slack_api
POST /clicks                    the page tells that a button of a Slack message was pressed: see clicks
GET  /                          the page; /page.js and /page.css are its bundle
GET  /messages                  every message as JSON, oldest first
GET  /events                    server-sent events: start, each message, again when it was updated, and the story
                                (repeated: it keeps the line alive)
"""

import json
import re
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, unquote

from local.chat import clicks, slack_api
from local.chat.envelopes import TEAMS_LIMIT_BYTES, Json, slack_fault, teams_fault
from local.chat.inbox import ChannelKind, Failure, Inbox, Message, StoryLine, Weather

TITLE = "HA Remediation Bot: chat preview"
BODY_LIMIT_BYTES = 1024 * 1024
KEEP_ALIVE_SECONDS = 15.0
WEBHOOK = re.compile(r"/(?:(teams)|(slack)/webhook)/([^/?]{1,200})")
API = re.compile(r"/api/([A-Za-z.]{1,50})")
CLICKS = "/clicks"
PAGE_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
}
# Posted text is hostile: nothing but the page's own files may run, style, load or be reached.
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class ChatServer:
    """The webhooks and the page. Use it as a context manager; `page` is the folder that build_page returned."""

    def __init__(self, port: int = 0, page: Path | None = None, title: str = TITLE) -> None:
        self._inbox = Inbox()
        self._http = _Http(port, self._inbox, page, title)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), name="chat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._inbox.close()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where the page is, without a slash at the end."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def teams_webhook(self, channel: str) -> str:
        return f"{self.url}/teams/{quote(channel, safe='')}"

    def slack_webhook(self, channel: str) -> str:
        return f"{self.url}/slack/webhook/{quote(channel, safe='')}"

    @property
    def slack_api(self) -> str:
        """Where Slack's Web API is, for the bot with slack_api.TOKEN in the channel slack_api.CHANNEL."""
        return f"{self.url}/api/"

    def takes_clicks(self, url: str, secret: str) -> None:
        """Let buttons in messages be pressed: what Slack then sends goes to `url`, signed with `secret`."""
        self._http.app = clicks.App(url, secret)

    @property
    def messages(self) -> list[Message]:
        """What was accepted and not lost, oldest first."""
        return self._inbox.messages

    @property
    def met(self) -> list[tuple[Failure, Json]]:
        """What was read and then lost, or not answered, and the failure that it met; oldest first."""
        return self._inbox.met

    def wait_for(self, count: int, timeout: float = 5.0) -> list[Message]:
        """All messages as soon as there are `count` of them. Raises TimeoutError after `timeout` seconds."""
        return self._inbox.wait_for(count, timeout)

    def fail_next(
        self,
        kind: ChannelKind,
        status: int = 500,
        retry_after: int | None = None,
        times: int = 1,
        *,
        lost: bool = False,
        error: str = "",
    ) -> None:
        """Answer the next `times` posts of this kind with `status`; `lost` answers as accepted but keeps nothing, and
        Slack's Web API refuses with the word `error`."""
        self._inbox.fail_next(kind, Failure(status, retry_after, lost, error=error), times)

    def weather(self, weather: Weather) -> None:
        """Let `weather` choose the failure of every post that no other is told to meet."""
        self._inbox.weather(weather)

    def timeline(self, entries: Sequence[StoryLine]) -> None:
        """Show these lines beside the messages, in place of the ones before."""
        self._inbox.tell_story(entries)


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, inbox: Inbox, page: Path | None, title: str) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.inbox = inbox
        self.page = page
        self.title = title
        self.app: clicks.App | None = None

    def start(self) -> Json:
        """What the page has to know first."""
        people = clicks.PEOPLE if self.app else {}
        return {"title": self.title, "channels": slack_api.CHANNELS, "people": people}

    def is_own(self, origin: str) -> bool:
        """Whether a request was made by the page, and not by another site that the same person looks at."""
        return origin in (f"http://127.0.0.1:{self.server_port}", f"http://localhost:{self.server_port}")

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are no error of the server."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    server: _Http

    def do_GET(self) -> None:
        match self.path.partition("?")[0]:
            case "/messages":
                self._answer_json([message.as_json() for message in self.server.inbox.messages])
            case "/events":
                self._stream()
            case path if path in PAGE_FILES:
                self._answer_file(*PAGE_FILES[path])
            case _:
                self._answer(HTTPStatus.NOT_FOUND, b"not found")

    def do_POST(self) -> None:
        path = self.path.partition("?")[0]
        webhook, api = WEBHOOK.fullmatch(path), API.fullmatch(path)
        body = self._body()
        if body is None:
            self.close_connection = True
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"body too large")
        elif api is not None:
            self._answer_api(slack_api.answer(self.server.inbox, api[1], self.headers.get("Authorization", ""), body))
        elif path == CLICKS:
            self._click(body)
        elif webhook is None:
            self._answer(HTTPStatus.NOT_FOUND, b"not found")
        else:
            self._receive("teams" if webhook[1] else "slack", unquote(webhook[3]), body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the caller's output is the demo's story, not an access log."""

    def _receive(self, kind: ChannelKind, channel: str, body: bytes) -> None:
        failure = self.server.inbox.next_failure(kind)
        if failure is not None and not (failure.lost or failure.hangs_up):
            self._fail(failure)
            return
        refusal = _refusal(kind, body)
        if refusal is not None:
            self._answer(*refusal)
            return
        payload = json.loads(body)
        if failure is not None:
            self.server.inbox.meet(failure, payload)
        if failure is None or not failure.lost:
            self.server.inbox.add(kind, channel, payload)
        if failure is not None and failure.hangs_up:
            self.close_connection = True
            return
        self._answer(*((HTTPStatus.ACCEPTED, b"") if kind == "teams" else (HTTPStatus.OK, b"ok")))

    def _click(self, body: bytes) -> None:
        if self.server.is_own(self.headers.get("Origin", "")):
            status, answer = clicks.pressed(self.server.app, self.server.inbox, body)
            self._answer_json(answer, status)
        else:
            self._answer(HTTPStatus.FORBIDDEN, b"only the page itself may press buttons")

    def _fail(self, failure: Failure) -> None:
        retry_after = {} if failure.retry_after is None else {"Retry-After": str(failure.retry_after)}
        body = b"rate_limited" if failure.status == HTTPStatus.TOO_MANY_REQUESTS else b"server_error"
        self._answer(failure.status, body, headers=retry_after)

    def _body(self) -> bytes | None:
        """The whole body, or None when it is larger than any webhook would read."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > BODY_LIMIT_BYTES:
            return None
        return self.rfile.read(int(length))

    def _stream(self) -> None:
        self.close_connection = True
        self._start(HTTPStatus.OK, "text/event-stream", {"Connection": "close"})
        with suppress(ConnectionError):  # the page was closed
            self._event("start", self.server.start())
            self._tell_everything()

    def _tell_everything(self) -> None:
        inbox, version = self.server.inbox, -1
        shown: list[Message] = []
        while not inbox.closed:
            messages = inbox.messages
            for message, before in zip_longest(messages, shown):
                if message is not before:
                    self._event("message", message.as_json())
            shown = messages
            self._event("story", [asdict(line) for line in inbox.story])
            version = inbox.wait_for_change(version, KEEP_ALIVE_SECONDS)

    def _event(self, name: str, data: object) -> None:
        self.wfile.write(f"event: {name}\ndata: {json.dumps(data)}\n\n".encode())

    def _answer_file(self, name: str, content_type: str) -> None:
        if self.server.page is None:
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, b"this chat was started without its page")
            return
        self._answer(HTTPStatus.OK, (self.server.page / name).read_bytes(), content_type)

    def _answer_api(self, answer: slack_api.Answer) -> None:
        if answer.hangs_up:
            self.close_connection = True
            return
        body = json.dumps(answer.body).encode()
        self._answer(answer.status, body, "application/json; charset=utf-8", answer.headers)

    def _answer_json(self, data: object, status: int = HTTPStatus.OK) -> None:
        self._answer(status, json.dumps(data).encode(), "application/json")

    def _answer(
        self,
        status: int,
        body: bytes,
        content_type: str = "text/plain; charset=utf-8",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._start(status, content_type, {"Content-Length": str(len(body)), **(headers or {})})
        self.wfile.write(body)

    def _start(self, status: int, content_type: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": content_type, **SECURITY_HEADERS, **headers}.items():
            self.send_header(name, value)
        self.end_headers()


def _refusal(kind: ChannelKind, body: bytes) -> tuple[int, bytes] | None:
    """The answer to a post that the product would refuse, or None when it would take it."""
    if kind == "teams" and len(body) > TEAMS_LIMIT_BYTES:
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"the message is larger than 28 KB"
    payload = _parsed(body)
    fault = teams_fault(payload) if kind == "teams" else slack_fault(payload)
    return None if fault is None else (HTTPStatus.BAD_REQUEST, fault.encode())


def _parsed(body: bytes) -> Json | None:
    try:
        payload = json.loads(body)
    except ValueError:
        return None
    return payload if isinstance(payload, dict) else None
