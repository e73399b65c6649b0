"""A plan's writes for a person: what each changes, and the command that does the same. Pure.

The body of a PUT holds all of what was read: too much for a message, and not all of it for everybody's eyes. Of it
only the changed values are told, and the service's own command, where it has one. PATCH and POST hold the change alone.
"""

import json
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from remediation.plan import Plan, Write
from rules.resource_id import ResourceId

REST: Final = "and the rest as it was read"

type Changes = Mapping[str, tuple[Any, Any]]
"""The values before and after, by path."""


def body_lines(plan: Plan, write: Write) -> Sequence[str]:
    """The body of a write, as a message shows it."""
    if not _is_read_back(plan, write):
        return [json.dumps(write.body, ensure_ascii=False)]
    return [*_told(changes_of(plan, write)), REST]


def command_lines(plan: Plan, write: Write) -> Sequence[str]:
    """How a person does the same with the Azure CLI, which takes a path for the cloud it is logged in to."""
    if not _is_read_back(plan, write):
        return [_rest(write)]
    changes = changes_of(plan, write)
    target = ResourceId.parse(write.resource_id)
    options = COMMANDS[target.type](changes, write.body) if changes and target and target.type in COMMANDS else ""
    told = [f"# {line}" for line in _told(changes)]
    if target is None or not options:
        return [*told, f"# {REST}: in the portal"]
    command, _, rest = options.partition(" --")
    return [*told, f"{command} {_names(target)} --{rest}"]


def changes_of(plan: Plan, write: Write) -> Changes:
    """What one write of a plan changes: what its paths say of its target, and all of them where they do not tell."""
    child = write.resource_id[len(plan.resource_id) :].strip("/")
    name = child.rpartition("/")[2]
    mine = [path for path in plan.after if child and (path.startswith(f"{child}:") or f"[{name}]" in path)]
    changes = {path: (plan.before.get(path), plan.after[path]) for path in mine or plan.after}
    return {path: pair for path, pair in changes.items() if pair[0] != pair[1]} or changes


def _is_read_back(plan: Plan, write: Write) -> bool:
    """Whether the body is all of what was read, with the change in it. What is made anew holds nothing else."""
    if write.verb != "PUT":
        return False
    changes = changes_of(plan, write)
    return not changes or not all("]:" in path and before is None for path, (before, _) in changes.items())


def _told(changes: Changes) -> Sequence[str]:
    return [
        f"{' '.join(path.split())}: {json.dumps(before, ensure_ascii=False)} → {json.dumps(after, ensure_ascii=False)}"
        for path, (before, after) in changes.items()
    ]


def _rest(write: Write) -> str:
    match = f" --headers {shlex.quote(f'If-Match={write.if_match}')}" if write.etag else ""
    return (
        f"az rest --method {write.verb.lower()} "
        f"--url {shlex.quote(f'{write.resource_id}?api-version={write.api_version}')}{match} "
        f"--body {shlex.quote(json.dumps(write.body))}"
    )


def _names(target: ResourceId) -> str:
    (kind, owner), *inner = target.segments
    named = {"--subscription": target.subscription, "--resource-group": target.group}
    if kind.lower() == "storageaccounts":
        named["--account-name"] = owner
    elif inner:
        named |= {"--cluster-name": owner, "--name": inner[0][1]}
    else:
        named["--name"] = owner
    return " ".join(f"{option} {shlex.quote(value)}" for option, value in named.items())


def _of_cluster(changes: Changes, _: Mapping[str, Any]) -> str:
    return _only(changes, {"sku.tier": "--tier"}, "az aks update")


def _of_pool(changes: Changes, body: Mapping[str, Any]) -> str:
    """The limits of the autoscaler are set together: the one that stays is in what was read."""
    after = {path.rpartition(".")[2]: value for path, (_, value) in changes.items()}
    if [*after] == ["count"]:
        return f"az aks nodepool scale --node-count {_quoted(after['count'])}"
    if not after.keys() <= {"enableAutoScaling", "minCount", "maxCount"}:
        return ""
    if after.get("enableAutoScaling") is False:
        return "az aks nodepool update --disable-cluster-autoscaler"
    switch = "--enable-cluster-autoscaler" if "enableAutoScaling" in after else "--update-cluster-autoscaler"
    least, most = (_quoted(body["properties"].get(name)) for name in ("minCount", "maxCount"))
    return f"az aks nodepool update {switch} --min-count {least} --max-count {most}"


def _of_blobs(changes: Changes, _: Mapping[str, Any]) -> str:
    options = {
        "deleteRetentionPolicy.enabled": "--enable-delete-retention",
        "deleteRetentionPolicy.days": "--delete-retention-days",
        "containerDeleteRetentionPolicy.enabled": "--enable-container-delete-retention",
        "containerDeleteRetentionPolicy.days": "--container-delete-retention-days",
        "isVersioningEnabled": "--enable-versioning",
    }
    return _only(changes, options, "az storage account blob-service-properties update")


def _of_shares(changes: Changes, _: Mapping[str, Any]) -> str:
    options = {
        "shareDeleteRetentionPolicy.enabled": "--enable-delete-retention",
        "shareDeleteRetentionPolicy.days": "--delete-retention-days",
    }
    return _only(changes, options, "az storage account file-service-properties update")


def _only(changes: Changes, options: Mapping[str, str], command: str) -> str:
    """The command with an option for each value; empty where one has none, or is taken away."""
    given = {path.rpartition(":")[2].removeprefix("properties."): after for path, (_, after) in changes.items()}
    if any(path not in options or value is None for path, value in given.items()):
        return ""
    return " ".join([command, *_options(given, options)])


def _options(given: Mapping[str, Any], options: Mapping[str, str]) -> Iterator[str]:
    for path, value in given.items():
        yield f"{options[path]} {_quoted(value)}"


def _quoted(value: object) -> str:
    return shlex.quote(str(value).lower())


COMMANDS: Final[Mapping[str, Callable[[Changes, Mapping[str, Any]], str]]] = {
    "microsoft.containerservice/managedclusters": _of_cluster,
    "microsoft.containerservice/managedclusters/agentpools": _of_pool,
    "microsoft.storage/storageaccounts/blobservices": _of_blobs,
    "microsoft.storage/storageaccounts/fileservices": _of_shares,
}
"""Commands that change these values and leave the rest, without the options that name the target, by its type."""
