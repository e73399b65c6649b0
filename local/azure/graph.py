"""Resource Graph: queries over what is tracked, in pages, within its quota. Unlike the real one, its index is never
behind.

Sources: https://learn.microsoft.com/azure/governance/resource-graph/concepts/work-with-data and
https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests
"""

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from local.azure import kql
from local.azure.ids import Address
from local.azure.messages import ArmError, Json, Request, Response
from local.azure.world import World

MOST_ROWS: Final = 1000
MOST_BYTES: Final = 16 * 2**20
MOST_SUBSCRIPTIONS: Final = 1000
MOST_KEPT: Final = 8
QUOTA: Final = 15
"""Queries of one caller in WINDOW seconds."""
WINDOW: Final = 5.0
_COLUMNS: Final = ("id", "name", "kind", "sku", "tags", "identity", "zones", "plan", "managedBy", "properties")
_HELP: Final = "Please provide below info when asking for support: timestamp = now, correlationId = none."

type Found = tuple[list[Json], bool]


@dataclass(slots=True)
class Quota:
    """Queries of one caller: `left` of the window that began at `since`, on a clock of seconds."""

    since: float
    left: int


@dataclass(slots=True)
class ResourceGraph:
    """The index over a world. `quota` is off (None) unless a test sets it: QUOTA is the real one's."""

    world: World
    quota: int | None = None
    most_bytes: int = MOST_BYTES
    clock: Callable[[], float] = time.monotonic
    _version: int = -1
    _index: list[Json] = field(default_factory=list)
    _found: dict[tuple[str, frozenset[str]], Found] = field(default_factory=dict)
    _quotas: dict[str, Quota] = field(default_factory=dict)

    def query(self, request: Request, caller: str) -> Response:
        """Answer a POST to Resource Graph. Raises ArmError 429 beyond the quota, 400 for what it does not understand
        or what is too much."""
        headers = self._take(caller)
        body = request.body if isinstance(request.body, dict) else {}
        text, subscriptions = body.get("query"), body.get("subscriptions")
        if request.method != "POST" or not isinstance(text, str) or not isinstance(subscriptions, list):
            raise ArmError(400, "BadRequest", "A query needs a body with query and subscriptions.")
        if len(subscriptions) > MOST_SUBSCRIPTIONS:
            raise ArmError(400, "BadRequest", f"A query is over {MOST_SUBSCRIPTIONS} subscriptions at most.")
        options = body.get("options") or {}
        try:
            found, limits = self._rows(text, frozenset(str(each).lower() for each in subscriptions))
            start, size = int(options.get("$skipToken") or 0), min(int(options.get("$top") or MOST_ROWS), MOST_ROWS)
        except ValueError as error:
            raise ArmError(400, "BadRequest", f"InvalidQuery: {error}.") from None
        answer = _page(found, start, size, limits=limits)
        if (length := len(json.dumps(answer["data"]))) > self.most_bytes:
            raise _too_large(length, self.most_bytes)
        return Response(200, answer, headers)

    def _take(self, caller: str) -> dict[str, str]:
        """The headers about the quota. Raises ArmError 429."""
        most, now = self.quota or QUOTA, self.clock()
        quota = self._quotas.get(caller)
        if quota is None or self.quota is None or now - quota.since >= WINDOW:
            quota = self._quotas[caller] = Quota(now, most)
        resets = math.ceil(quota.since + WINDOW - now)
        headers = {"x-ms-user-quota-resets-after": f"00:00:{resets:02}"}
        if not quota.left:
            message = "Client application has been throttled and should not attempt to repeat the request yet."
            detail = {"code": "RateLimiting", "message": message}
            headers |= {"x-ms-user-quota-remaining": "0", "Retry-After": str(resets)}
            raise ArmError(429, "RateLimiting", _HELP, headers=headers, details=[detail])
        quota.left -= 1
        return headers | {"x-ms-user-quota-remaining": str(quota.left)}

    def _rows(self, text: str, subscriptions: frozenset[str]) -> Found:
        """What a query finds; kept until something changes, because the pages of one query ask for it again."""
        if self._version != self.world.version:
            self._version, self._index = self.world.version, _rows(self.world)
            self._found.clear()
        key = (text, subscriptions)
        if key not in self._found:
            if len(self._found) == MOST_KEPT:
                self._found.clear()
            self._found[key] = kql.run(text, [row for row in self._index if row["subscriptionId"] in subscriptions])
        return self._found[key]


def _page(found: list[Json], start: int, size: int, *, limits: bool) -> Json:
    page = found[start : start + size]
    more = start + size < len(found)
    pages_on = more and not limits and all("id" in row for row in page)
    answer: Json = {
        "totalRecords": len(found),
        "count": len(page),
        "resultTruncated": "true" if more and not pages_on else "false",
        "facets": [],
        "data": page,
    }
    return answer | ({"$skipToken": str(start + size)} if pages_on else {})


def _too_large(length: int, most: int) -> ArmError:
    message = (
        f"Response payload size is {length}, and has exceeded the limit of {most}. Please consider querying less data "
        "at a time and make paginated call if needed."
    )
    detail = {"code": "ResponsePayloadTooLarge", "message": message}
    return ArmError(400, "BadRequest", _HELP, details=[detail])


def _rows(world: World) -> list[Json]:
    """One for every resource with a location, written the way Resource Graph writes them. What lies in a workspace is
    not in its table `resources`."""
    tracked = (body for body in world.below("/subscriptions") if "location" in body)
    return [_row(body, at) for body in tracked if (at := Address.parse(body["id"])) is not None and _is_tracked(at)]


def _is_tracked(at: Address) -> bool:
    kind = at.type.lower()
    return at.is_resource and not kind.startswith("microsoft.machinelearningservices/workspaces/")


def _row(body: Json, at: Address) -> Json:
    return {
        **{name: body.get(name) for name in _COLUMNS},
        "type": str(body["type"]).lower(),
        "location": str(body["location"]).lower().replace(" ", ""),
        "resourceGroup": at.group.lower(),
        "subscriptionId": at.subscription.lower(),
    }
