"""The simulated Azure over HTTP/1.1 on the loopback address."""

import json
import socket
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from local.azure.callers import TOKEN_PATH
from local.azure.core import SimulatedAzure
from local.azure.messages import Request, Response


class AzureServer:
    """Serves one SimulatedAzure while it is open; closes it, too, at the end."""

    def __init__(self, azure: SimulatedAzure, port: int = 0) -> None:
        self.azure = azure
        self._http = _HttpServer(azure, port)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), name="azure", daemon=True)

    @property
    def url(self) -> str:
        """Such as `http://127.0.0.1:40123`."""
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def connections(self) -> int:
        """How many TCP connections were accepted so far."""
        return self._http.accepted

    @property
    def identity_environment(self) -> dict[str, str]:
        """What App Service sets so that azure-identity's ManagedIdentityCredential finds its end point."""
        return {"IDENTITY_ENDPOINT": f"{self.url}{TOKEN_PATH}", "IDENTITY_HEADER": self.azure.identity_header}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.azure.close()
        self._http.shutdown()
        self._http.hang_up()
        self._http.server_close()
        self._thread.join()


class _HttpServer(ThreadingHTTPServer):
    # Handler threads are joined on close, so that no socket outlives the server.
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, azure: SimulatedAzure, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.azure = azure
        self.accepted = 0
        self.open: dict[Any, int] = {}

    def process_request(self, request: Any, client_address: Any) -> None:
        self.accepted += 1
        self.open[request] = self.accepted
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.pop(request, None)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End every kept-alive connection."""
        for connection in list(self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are no error of the server."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _HttpServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one packet

    def _serve(self) -> None:
        response = self.server.azure.handle(self._request())
        if response.dropped:
            self.close_connection = True
        else:
            self._send(response)

    do_GET = do_HEAD = do_PUT = do_PATCH = do_POST = do_DELETE = _serve  # noqa: N815 - the base class calls these

    def _request(self) -> Request:
        length = int(self.headers.get("Content-Length") or 0)
        return Request.to(
            self.command,
            self.path,
            dict(self.headers.items()),
            _json(self.rfile.read(length)),
            base_url=f"http://{self.headers.get('Host', '127.0.0.1')}",
            connection=self.server.open[self.request],
        )

    def _send(self, response: Response) -> None:
        content = b"" if response.body is None else json.dumps(response.body).encode()
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != 204:
            self.send_header("Content-Length", str(len(content)))
        if content:
            self.send_header("Content-Type", "application/json; charset=utf-8")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: SimulatedAzure.log has every exchange."""


def _json(content: bytes) -> Any:
    """The JSON in a request; text that is none stays text, and is refused where an object is needed."""
    if not content:
        return None
    try:
        return json.loads(content)
    except ValueError:
        return content.decode(errors="replace")
