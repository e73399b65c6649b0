"""A made-up estate in the simulated Azure: the resources of `sample`, spread over subscriptions and groups."""

from collections.abc import Sequence
from typing import Any

from local.azure import SimulatedAzure
from local.sample import SUBSCRIPTION, samples
from remediation.scan_request import NOT_IN_GRAPH
from rules.resource_id import ResourceId


def fill(azure: SimulatedAzure, count: int, subscriptions: Sequence[str] = (SUBSCRIPTION,), seed: int = 0) -> list[str]:
    """Let that many resources be there, types and subscriptions in turn; returns their ids. What lies in a workspace
    is left out: it would have none."""
    found: list[str] = []
    for line in samples(2 * count, seed):
        if len(found) == count:
            break
        if line["resource"]["type"].lower() in NOT_IN_GRAPH:
            continue
        body = _moved(line["resource"], subscriptions[len(found) % len(subscriptions)])
        if (at := ResourceId.parse(body["id"])) is not None and at.parent is not None:
            azure.seed(str(at.parent), {"location": body["location"]})
        azure.seed(body["id"], body)
        found.append(body["id"])
        for path, child in line["children"].items():
            if path not in NOT_IN_GRAPH.values():
                _add(azure, body, path, child)
    return found


def _moved(body: dict[str, Any], subscription: str) -> dict[str, Any]:
    return {**body, "id": body["id"].replace(SUBSCRIPTION, subscription)}


def _add(azure: SimulatedAzure, parent: dict[str, Any], path: str, child: Any) -> None:
    """One child, or those of a collection."""
    for each in child if isinstance(child, list) else ():
        if "name" in each:
            azure.seed(f"{parent['id']}/{path}/{each['name']}", each)
    if isinstance(child, dict):
        azure.seed(f"{parent['id']}/{path}", child)
