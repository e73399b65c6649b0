"""What travels between a client and the simulated Azure: requests, answers, errors, and the log of both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from local.azure.callers import Caller

type Json = dict[str, Any]
"""A JSON object. Bodies in the simulator's state are never changed in place: a write stores a new one."""

WRITES: Final = frozenset({"PUT", "PATCH", "POST", "DELETE"})
GRAPH_PATH: Final = "/providers/microsoft.resourcegraph/resources"
NO_ANSWER: Final = 0
"""Status of an exchange whose connection was closed without an answer."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. Header names are lower case; `base_url` is how the client reached the server."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any = None
    base_url: str = "http://localhost"
    connection: int | None = None

    @classmethod
    def to(cls, method: str, url: str, headers: Mapping[str, str], body: Any = None, **more: Any) -> Self:
        """A request from a path with or without a query."""
        parts = urlsplit(url)
        lower = {name.lower(): value for name, value in headers.items()}
        return cls(
            method, unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True)), lower, body, **more
        )

    @property
    def api_version(self) -> str:
        """The api-version asked for, or empty."""
        return next((value for name, value in self.query.items() if name.lower() == "api-version"), "")


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer; `dropped` means that the client sees a closed connection instead."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """One line of the request log. `status` is NO_ANSWER when the connection was dropped; `done` is then the answer
    that was lost, and NO_ANSWER where nothing was done. `started` is a POSIX time."""

    method: str
    path: str
    query: Mapping[str, str]
    api_version: str
    status: int
    request_body: Any
    response_body: Any
    caller: Caller | None
    started: float
    seconds: float
    connection: int | None
    done: int = NO_ANSWER

    @classmethod
    def of(cls, request: Request, caller: Caller | None, response: Response, started: float, seconds: float) -> Self:
        """The log line of an answered request."""
        return cls(
            method=request.method,
            path=request.path,
            query=request.query,
            api_version=request.api_version,
            status=NO_ANSWER if response.dropped else response.status,
            request_body=request.body,
            response_body=None if response.dropped else response.body,
            caller=caller,
            started=started,
            seconds=seconds,
            connection=request.connection,
            done=response.status,
        )

    @property
    def is_write(self) -> bool:
        """Whether the request asked for a change; a POST to Resource Graph does not."""
        return self.method in WRITES and self.path.lower() != GRAPH_PATH


class ArmError(Exception):
    """An error answer in the shape of ARM's ErrorResponse."""

    def __init__(
        self, status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.error: Json = {"code": code, "message": message, **more}
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The error as an answer."""
        return Response(self.status, {"error": self.error}, self.headers)


def unsupported(what: str) -> ArmError:
    """The simulator cannot do this: loud, and no client retries a 501."""
    return ArmError(501, "NotSimulated", f"The simulated Azure does not support {what}.")
