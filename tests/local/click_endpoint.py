"""What takes the clicks of the chat page where no functions host runs."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

type Answer = Callable[[Mapping[str, str], bytes], int]
"""The status for the headers, their names in lower case, and the body of a request."""


@dataclass
class Endpoint:
    """What takes clicks, in place of the app: what it got, and what it answers."""

    answer: Answer
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@contextmanager
def listening(answer: Answer = lambda *_: 200) -> Iterator[Endpoint]:
    """Listen on this machine."""
    here = Endpoint(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            here.got.append((headers, body))
            self.send_response(here.answer(headers, body))
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        here.url = f"http://127.0.0.1:{server.server_port}/api/slack/interactions"
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield here
        server.shutdown()
        thread.join()
