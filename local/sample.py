"""`python -m local sample`: made-up resources of every type that rules are about, for demos and `evaluate --stats`."""

import json
import signal
import sys
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Final

from local.sample_types import (
    ATTACHED,
    CONNECTED,
    EVERYWHERE,
    SAMPLES,
    STANDS_ON,
    TWIN,
    WORKSPACE,
    Sample,
)
from rules import CATALOGUE
from rules.model import Role

SUBSCRIPTION: Final = "00000000-0000-4000-8000-000000000001"
GROUPS: Final = 20
MOST_ROLES: Final = 2

type Json = dict[str, Any]


def main(count: int, seed: int) -> int:
    """Write that many lines."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # whoever reads the output may stop early, as head does
    for line in samples(count, seed):
        sys.stdout.write(f"{json.dumps(line)}\n")
    return 0


def samples(count: int, seed: int = 0) -> Iterator[Json]:
    """That many resources as `evaluate` reads them, all types in turn; the same for the same seed."""
    random = Random(seed)  # noqa: S311 - nothing secret is made of it
    types = sorted({rule.applies_to for rule in CATALOGUE})
    roles = _roles_by_type()
    own = types.index(WORKSPACE)
    for number in range(count):
        at = number % len(types)
        turn = number - at
        line = _line(random, _id(types[at], number, turn + own), types[at], roles[types[at]])
        if at == own:
            _put_uses(line, {each: _id(each, turn + place, number) for place, each in enumerate(types)})
        yield line


def _roles_by_type() -> Mapping[str, list[Role]]:
    """The roles that the rules for each type are about."""
    named = {rule.applies_to: set[Role]() for rule in CATALOGUE}
    for rule in CATALOGUE:
        named[rule.applies_to] |= rule.roles
    return {resource_type: sorted(roles) for resource_type, roles in named.items()}


def _line(random: Random, identity: str, resource_type: str, roles: list[Role]) -> Json:
    sample = SAMPLES.get(resource_type, Sample())
    body: Json = {"id": identity, "name": identity.rsplit("/", 1)[-1], "type": resource_type}
    for path, choices in {**EVERYWHERE, **sample.values}.items():
        value = random.choice(choices)
        if value is not None:
            _put(body, path.split("."), f"{identity}dr" if value == TWIN else value)
    children = {path: random.choice(choices) for path, choices in sample.children.items()}
    played = random.sample(roles, random.randint(0, min(MOST_ROLES, len(roles))))
    return {"id": identity, "resource": body, "children": children, "roles": played}


def _put_uses(workspace: Json, ids: Mapping[str, str]) -> None:
    """Let a workspace name the resources of its turn as what it stands on."""
    for path, used in STANDS_ON.items():
        _put(workspace["resource"], path.split("."), ids[used])
    workspace["children"]["connections"] = [
        {"properties": {"metadata": {"ResourceId": ids[each]}}} for each in CONNECTED
    ]
    workspace["children"]["computes"] = [
        {"name": kind.lower(), "properties": {"computeType": kind, "resourceId": ids[each]}}
        for kind, each in ATTACHED.items()
    ]


def _id(resource_type: str, number: int, workspace: int) -> str:
    """The id of a resource by its number; a workspace's child lies in that workspace."""
    if resource_type.startswith(f"{WORKSPACE}/"):
        return f"{_id(WORKSPACE, workspace, workspace)}/{resource_type.rpartition('/')[2]}/sample{number:06}"
    provider, *parts = resource_type.split("/")
    names = "/".join(f"{part}/sample{number:06}" for part in parts)
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-{number % GROUPS:02}/providers/{provider}/{names}"


def _put(body: Json, path: list[str], value: Any) -> None:
    *steps, last = path
    for step in steps:
        body = body.setdefault(step, {})
    body[last] = value
