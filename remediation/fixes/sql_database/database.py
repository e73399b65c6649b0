"""What is common to the plans for a database: what is sent, what speaks against it, and what people do instead.

A PATCH answers 200, or 202 with a Location (azure-mgmt-sql 4.0.0).
"""

import shlex
from typing import Any, Final, NamedTuple

from remediation.api_versions import api_version
from remediation.plan import Write
from rules.model import Resource
from rules.resource_id import ResourceId

DATABASE_ACTIONS: Final = ("Microsoft.Sql/servers/databases/read", "Microsoft.Sql/servers/databases/write")


class Obstacle(NamedTuple):
    """Why Azure would refuse a change, or may; and the step that comes first."""

    reason: str
    step: str


OFFLINE: Final = Obstacle(
    "it is not online now",
    "Bring it online; a paused serverless database wakes when somebody logs in.",
)
FREE: Final = Obstacle(
    "it uses the free monthly offer, which has limits of its own",
    "Decide whether it may cost money: in the portal, under Compute + storage, let it continue for additional charges. "
    "That cannot be taken back.",
)


def is_free(database: Resource) -> bool:
    """Whether it stops at the limits of the free offer, instead of costing money past them."""
    goes_on = database.text("properties.freeLimitExhaustionBehavior") == "billoverusage"
    return database.flag("properties.useFreeLimit") is True and not goes_on


def patch(resource: Resource, properties: dict[str, Any]) -> Write:
    return Write("PATCH", resource.id, api_version(resource.type), {"properties": properties})


def by_a_replica(database: Resource, what: str, options: str) -> tuple[str, ...]:
    """How a replica takes the place of a database that cannot be changed."""
    return (
        f"Create {what}, in the same region on another server: az sql db replica create {names_of(database)} "
        f"--partner-server NEW_SERVER {options}.",
        "Wait until replication_state_desc of sys.dm_geo_replication_link_status, asked in the old database, says "
        "CATCH_UP.",
        "At a quiet time, let the replica take over without losing data: az sql db replica set-primary "
        f"--resource-group GROUP --server NEW_SERVER --name {shlex.quote(own_name(database))}. Connections drop, and "
        "the old server takes no more writes.",
        "Point the workspace's connection, and whatever else uses the database, to the new server at once.",
        "Delete the old database when nothing reads it any more.",
    )


def names_of(resource: Resource) -> str:
    """The arguments of the Azure CLI that name a database or pool."""
    return f"{server_of(resource)} --name {shlex.quote(own_name(resource))}"


def server_of(resource: Resource) -> str:
    parsed = ResourceId.parse(resource.id)
    if parsed is None:
        return "--resource-group GROUP --server SERVER"
    return f"--resource-group {shlex.quote(parsed.group)} --server {shlex.quote(parsed.segments[0][1])}"


def own_name(resource: Resource) -> str:
    parsed = ResourceId.parse(resource.id)
    return "NAME" if parsed is None else parsed.name
