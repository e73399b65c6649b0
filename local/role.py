"""`python -m local role reader|remediator`: custom role definitions that hold what the catalogue needs and no more.

The JSON is what `az role definition create --role-definition @file` takes.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from remediation.fixes import REMEDIATIONS
from remediation.plan import Remediation, Safety
from rules import CATALOGUE
from rules.model import Rule

GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
LOCKS: Final = "Microsoft.Authorization/locks/read"
WORKSPACE: Final = "Microsoft.MachineLearningServices/workspaces"
SURROUNDINGS: Final = (
    f"{WORKSPACE}/read",
    f"{WORKSPACE}/datastores/read",
    f"{WORKSPACE}/connections/read",
    f"{WORKSPACE}/computes/read",
    "Microsoft.ResourceGraph/resources/read",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    LOCKS,
)
"""What tells which roles resources play, and what keeps them from being changed."""


OPERATIONS: Final = re.compile(r"[A-Za-z.]+/locations/\*/read")
"""The only wildcard, and it only reads: each service has names of its own for the operations that it goes on with after
its answer. Built-in roles have it as well (SQL DB Contributor)."""
LINKED: Final = ("/assign/action", "/join/action")
"""What Azure asks for on other resources that a write names: identities and subnets."""


class NotGranted(ValueError):
    """A remediation needs what the bot must not be able to do; the message names both."""


def main(kind: str, subscriptions: Sequence[str], safety: str | None = None, *, linked: bool = False) -> int:
    """Print one role definition; returns 2 for what is no subscription id, 1 for what must not be granted."""
    if wrong := [subscription for subscription in subscriptions if not GUID.fullmatch(subscription)]:
        print(
            f"--subscription {', '.join(wrong)}: must be subscription ids (az account list shows them)", file=sys.stderr
        )
        return 2
    try:
        definition = reader() if kind == "reader" else remediator(Safety(safety or Safety.APPROVE), linked=linked)
    except NotGranted as error:
        print(error, file=sys.stderr)
        return 1
    scopes = [f"/subscriptions/{subscription.lower()}" for subscription in dict.fromkeys(subscriptions)]
    print(json.dumps(definition | {"AssignableScopes": scopes}, indent=2))
    return 0


def reader(
    catalogue: Iterable[Rule] = CATALOGUE, remediations: Iterable[Remediation] = tuple(REMEDIATIONS.values())
) -> dict[str, Any]:
    """Everything that judging and planning read, and how a write went on. Raises NotGranted."""
    fixes = tuple(remediations)
    actions = [*SURROUNDINGS, *_reads_of_rules(catalogue), *_reads_of_remediations(fixes), *_operations(fixes)]
    return _definition("Reader", "Reads what the HA Remediation Bot judges. Changes nothing.", actions)


def remediator(
    safety: Safety = Safety.APPROVE,
    remediations: Iterable[Remediation] = tuple(REMEDIATIONS.values()),
    *,
    linked: bool = False,
) -> dict[str, Any]:
    """Everything that remediations send, or only the SAFE ones; goes with the reader. `linked`: also what they need on
    identities and subnets that a write names. Raises NotGranted."""
    classes = (Safety.SAFE, Safety.APPROVE) if safety is Safety.APPROVE else (safety,)
    chosen = [remediation for remediation in remediations if remediation.safety in classes]
    actions = [action for remediation in chosen for action in remediation.needs if not _is_read(action)]
    if not linked:
        actions = [action for action in actions if not action.lower().endswith(LINKED)]
    if safety is Safety.SAFE:
        return _definition("Remediator (safe)", "What the HA Remediation Bot changes by itself.", actions)
    return _definition("Remediator", "What the HA Remediation Bot changes, by itself or approved.", actions)


def _reads_of_rules(catalogue: Iterable[Rule]) -> Iterator[str]:
    for rule in catalogue:
        yield f"{rule.applies_to}/read"
        yield from (_read_of_child(rule.applies_to, path) for path in rule.reads)


def _reads_of_remediations(remediations: Iterable[Remediation]) -> Iterator[str]:
    for remediation in remediations:
        yield from filter(_is_read, remediation.needs)
        yield from (_read_of_child(remediation.rule.applies_to, path) for path in remediation.reads)


def _operations(remediations: Iterable[Remediation]) -> Iterator[str]:
    """How to ask where a long-running write stands."""
    for remediation in remediations:
        if not all(map(_is_read, remediation.needs)):
            provider, _, _ = remediation.rule.applies_to.partition("/")
            yield f"{provider}/locations/*/read"


def _read_of_child(parent: str, path: str) -> str:
    """`blobServices/default` and `configurations` are read by `…/blobServices/read`, `…/configurations/read`."""
    _, _, extension = path.rpartition("providers/")
    if extension != path:
        provider, *parts = extension.split("/")
        return "/".join((provider, *parts[::2], "read"))
    return "/".join((parent, *path.split("/")[::2], "read"))


def _is_read(action: str) -> bool:
    return action.lower().endswith("/read")


def _definition(name: str, description: str, actions: Iterable[str]) -> dict[str, Any]:
    unique = {action.lower(): action for action in reversed([*actions])}
    if refused := [action for action in unique.values() if _must_not_be_granted(action)]:
        raise NotGranted(f"{', '.join(refused)}: the bot must not be able to do this; no role is written")
    return {
        "Name": f"HA Remediation Bot {name}",
        "IsCustom": True,
        "Description": description,
        "Actions": [unique[key] for key in sorted(unique)],
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
    }


def _must_not_be_granted(action: str) -> bool:
    """Wildcards but that of operations, deletes, failovers and secrets, and anything about access but to see locks."""
    lowered = action.lower()
    last = lowered.removesuffix("/action").rsplit("/", 1)[-1]
    return (
        ("*" in action and not OPERATIONS.fullmatch(action))
        or last in ("delete", "failover")
        or last.startswith(("listkeys", "listsecrets", "regenerate"))
        or (lowered.startswith("microsoft.authorization/") and lowered != LOCKS.lower())
    )
