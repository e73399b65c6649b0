"""An HTTP server on the loopback address that answers what a test dictates, byte for byte."""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. Held back for `seconds`, or until the server closes."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    verb: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class ScriptedServer:
    """Gives its replies in order, the last one again and again."""

    def __init__(self, *replies: Reply) -> None:
        self.asked: list[Asked] = []
        self._http = _Http(deque(replies), self.asked)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """Such as `http://127.0.0.1:40123`."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def answer(self, *replies: Reply) -> None:
        """Replies from now on."""
        self._http.replies = deque(replies)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, replies: deque[Reply], asked: list[Asked]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies, self.asked = replies, asked
        self.closing = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: _Http

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(Asked(self.command, self.path, dict(self.headers.items()), body))
        replies = self.server.replies
        reply = replies.popleft() if len(replies) > 1 else replies[0]
        if not self.server.closing.wait(reply.seconds):
            self._answer(reply)

    do_GET = do_PUT = do_PATCH = do_POST = do_DELETE = _serve  # noqa: N815 - the base class calls these

    def _answer(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: `asked` has every request."""
