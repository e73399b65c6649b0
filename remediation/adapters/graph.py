"""Azure Resource Graph: the ids of resources that are known by name only. Through the pipeline of Resource Manager.

Source: https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources
"""

import json
import re
from collections.abc import Iterable, Sequence
from itertools import batched
from typing import Any, Final

from remediation.adapters.arm import Arm
from remediation.ports import Unavailable
from rules.resource_id import ResourceId

PATH: Final = "/providers/Microsoft.ResourceGraph/resources"
API_VERSION: Final = "2024-04-01"
NAMES_A_QUERY: Final = 50
MOST_PAGES: Final = 20
_SAFE: Final = re.compile(r"[a-z0-9.]+(/[a-z0-9]+)+(/[a-z0-9._-]+)+|microsoft\.sql/servers/databases/[a-z0-9-]+/\*")
"""Keys that can stand in a query: names come from what people write into datastores and connections."""


class ResourceGraph:
    """The port `Graph` over HTTP. Queries see the onboarded subscriptions and nothing else."""

    def __init__(self, arm: Arm, subscriptions: Iterable[str]) -> None:
        self._arm, self._subscriptions = arm, sorted(subscriptions)

    def find(self, keys: Sequence[str]) -> Sequence[ResourceId]:
        """One query for fifty names. Names that no resource can have are not looked for."""
        wanted = [key for key in keys if _SAFE.fullmatch(key)]
        return [found for some in batched(wanted, NAMES_A_QUERY, strict=False) for found in self._query(_kql(some))]

    def _query(self, kql: str) -> Iterable[ResourceId]:
        token = ""
        for _ in range(MOST_PAGES):
            options = {"resultFormat": "objectArray", **({"$skipToken": token} if token else {})}
            body = {"subscriptions": self._subscriptions, "query": kql, "options": options}
            answer = _answer(self._arm.request("POST", PATH, API_VERSION, body).content)
            for row in answer["data"]:
                if isinstance(row, dict) and (found := ResourceId.parse(row.get("id"))):
                    yield found
            token = answer.get("$skipToken") or ""
            if not token:
                return
        raise Unavailable("Resource Graph's answer has no end")


def _answer(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
        raise Unavailable("Resource Graph answered something that is no result")
    return answer


def _kql(keys: Iterable[str]) -> str:
    return f"resources | where {' or '.join(map(_condition, keys))} | project id"


def _condition(key: str) -> str:
    """`microsoft.sql/servers/databases/a/b` is the type `microsoft.sql/servers/databases` and an id that ends in
    `/servers/a/databases/b`; a last name of `*` is any."""
    provider, *parts = key.split("/")
    middle = len(parts) // 2
    types, names = parts[:middle], parts[middle:]
    path = "/".join(part for pair in zip(types, names, strict=False) for part in pair)
    if provider == "microsoft.databricks" and "." in names[-1]:  # known by its URL
        return f"(type =~ '{provider}/workspaces' and properties.workspaceUrl =~ '{names[-1]}')"
    test = f"contains '/{path[:-1]}'" if path.endswith("/*") else f"endswith '/{path}'"
    return f"(type =~ '{'/'.join((provider, *types))}' and id {test})"
