"""Long-running operations: accepted now, ended by time, asked about at their own URLs."""

import math
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote

from local.azure.happenings import Happening
from local.azure.messages import ArmError, Json, Request, Response
from local.azure.providers import Poll
from local.azure.server_made import timestamp


def do_nothing() -> None:
    """An operation without this step."""


@dataclass(slots=True)
class Operation:
    """One accepted write. `succeed` or `fail` is run once, when it is due; `halfway` once before, if time allows."""

    base: str
    seconds: float
    announces: Happening
    succeed: Callable[[], None]
    fail: Callable[[], None]
    result: Callable[[], Json | None]
    error: ArmError | None = None
    halfway: Callable[[], None] = do_nothing
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: Literal["InProgress", "Succeeded", "Failed"] = "InProgress"
    started: float = field(default_factory=time.monotonic)
    start_time: str = field(default_factory=timestamp)
    end_time: str = ""

    @property
    def is_running(self) -> bool:
        """Neither succeeded nor failed."""
        return self.status == "InProgress"

    def settle(self, now: float) -> tuple[Happening, ...]:
        """Do what is due at a time of the monotonic clock; returns what is to be told."""
        passed = now - self.started
        if passed < self.seconds:
            if passed > self.seconds / 2:
                self.halfway()
            return ()
        self.end_time = timestamp()
        if self.error:
            self.status = "Failed"
            self.fail()
            return (self.announces.ended("Failure"),)
        self.status = "Succeeded"
        self.succeed()
        return (self.announces.ended("Success"),)

    def headers(self, request: Request, poll: Poll) -> dict[str, str]:
        """The headers of the first answer that say where to ask."""
        headers = {"Retry-After": self.retry_after}
        if Poll.STATUS in poll:
            headers["Azure-AsyncOperation"] = self._url(request, "operationStatuses")
        if Poll.LOCATION in poll:
            headers["Location"] = self._url(request, "operationResults")
        return headers

    @property
    def retry_after(self) -> str:
        """Whole seconds to wait; never 0, which SDKs read as absent."""
        left = self.started + self.seconds - time.monotonic()
        return str(max(1, math.ceil(left)))

    def status_response(self) -> Response:
        """The answer at the Azure-AsyncOperation URL: always 200."""
        body: Json = {"id": f"{self.base}/operationStatuses/{self.id}", "name": self.id, "status": self.status}
        body["startTime"] = self.start_time
        if self.is_running:
            return Response(200, body, {"Retry-After": self.retry_after})
        body["endTime"] = self.end_time
        return Response(200, {**body, "error": self.error.error} if self.error else body)

    def result_response(self, request: Request) -> Response:
        """The answer at the Location URL: 202 while it runs, then the result, or the error it ended with."""
        if self.is_running:
            return Response(202, None, self.headers(request, Poll.LOCATION))
        if self.error:
            return self.error.response()
        body = self.result()
        return Response(204 if body is None else 200, body)

    def _url(self, request: Request, kind: str) -> str:
        return f"{request.base_url}{quote(self.base)}/{kind}/{self.id}?api-version={request.api_version}"
