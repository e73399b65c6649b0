"""Faults on request: errors, dropped connections, lost answers, lies, failing operations and slowness."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from local.azure.messages import ArmError, Request

type Effect = Literal["refuse", "drop", "lost_answer", "accept_without_change", "fail_operation"]

_CODES: Final = {
    403: "AuthorizationFailed",
    409: "Conflict",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServiceUnavailable",
}


@dataclass(slots=True)
class Fault:
    """What is to go wrong with matching requests, `left` times (None: always). Without a status, refuse only slows."""

    method: str | None
    path: re.Pattern[str]
    status: int | None
    code: str | None
    left: int | None
    retry_after: int | None
    latency: float
    effect: Effect

    def matches(self, request: Request) -> bool:
        """Whether the fault is meant for a request."""
        return self.left != 0 and self.method in (None, request.method) and bool(self.path.search(request.path))

    def error(self, default_status: int) -> ArmError:
        """The error of the fault."""
        status = self.status or default_status
        code = self.code or _CODES.get(status, "Fault")
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return ArmError(status, code, f"The simulated Azure was told to answer {code}.", headers=headers)


type Weather = Callable[[Request], Fault | None]
"""Chooses the fault that a request meets, None for none."""


def fair(_: Request) -> Fault | None:
    """The weather without faults."""
    return None


@dataclass(slots=True)
class Faults:
    """The faults ordered so far, oldest first, and the weather for requests that none of them is meant for; each
    request meets at most one."""

    ordered: list[Fault] = field(default_factory=list)
    weather: Weather = fair

    def take(self, request: Request) -> Fault | None:
        """The first fault that matches, used up by one."""
        for fault in self.ordered:
            if fault.matches(request):
                fault.left = None if fault.left is None else fault.left - 1
                return fault
        return self.weather(request)
