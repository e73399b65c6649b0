"""Azure Resource Graph: resources in pages, and the ids of those known by name only. Through the pipeline of Resource
Manager.

Source: https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources/resources
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import batched
from typing import Any, Final

from remediation.adapters.arm import Arm
from remediation.ports import Page, Query, Refused, TooLarge, Unavailable
from rules.resource_id import ResourceId

PATH: Final = "/providers/Microsoft.ResourceGraph/resources"
API_VERSION: Final = "2024-04-01"
NAMES_A_QUERY: Final = 50
MOST_PAGES: Final = 20
COLUMNS: Final = ("id", "name", "type", "location", "kind", "sku", "tags", "zones", "managedBy", "properties")
"""What rules look at. Without the id there would be no token for the next page."""
TOO_LARGE: Final = "ResponsePayloadTooLarge"
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

    def page(self, query: Query, token: str, size: int) -> Page:
        """One query; none for keys that nothing can be known under."""
        safe = replace(query, keys=tuple(filter(_is_safe, query.keys)))
        if query.keys and not safe.keys:
            return Page((), "", 0)
        try:
            answer = self._ask(query.subscriptions, _page_kql(safe), token, {"$top": size})
        except Refused as refused:
            if refused.code == TOO_LARGE:
                raise TooLarge(refused.message) from None
            raise
        rows = [row for row in answer["data"] if isinstance(row, dict)]
        count = answer.get("totalRecords")
        return Page(rows, answer.get("$skipToken") or "", count if isinstance(count, int) else len(rows))

    def _query(self, kql: str) -> Iterable[ResourceId]:
        token = ""
        for _ in range(MOST_PAGES):
            answer = self._ask(self._subscriptions, kql, token, {})
            for row in answer["data"]:
                if isinstance(row, dict) and (found := ResourceId.parse(row.get("id"))):
                    yield found
            token = answer.get("$skipToken") or ""
            if not token:
                return
        raise Unavailable("Resource Graph's answer has no end")

    def _ask(self, subscriptions: Sequence[str], kql: str, token: str, more: Mapping[str, Any]) -> dict[str, Any]:
        options = {"resultFormat": "objectArray", **more, **({"$skipToken": token} if token else {})}
        body = {"subscriptions": list(subscriptions), "query": kql, "options": options}
        return _answer(self._arm.request("POST", PATH, API_VERSION, body).content)


def _answer(content: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
        raise Unavailable("Resource Graph answered something that is no result")
    return answer


def _page_kql(query: Query) -> str:
    """Only what is safe in a query gets here: types are the catalogue's, groups and ids are parsed."""
    steps = [f"where type in~ ({', '.join(f"'{kind}'" for kind in query.types)})"]
    if query.group:
        steps.append(f"where resourceGroup =~ '{query.group}'")
    if query.keys:
        tests = [f"id =~ '{key}'" if key.startswith("/") else _condition(key) for key in query.keys]
        steps.append(f"where {' or '.join(tests)}")
    return " | ".join(("resources", *steps, f"project {', '.join(COLUMNS)}", "order by id asc"))


def _is_safe(key: str) -> bool:
    return (ResourceId.parse(key) if key.startswith("/") else _SAFE.fullmatch(key)) is not None


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
