"""What flexible servers of MySQL and PostgreSQL have in common."""

from rules.model import Children, Resource, Role, Use
from tests.builders import WORKSPACE_ID, Json


def high_availability(mode: object, state: str = "Healthy") -> Json:
    """What a server shows of its standby."""
    if mode == "Disabled":
        return {"mode": mode, "state": "NotEnabled"}
    return {"mode": mode, "state": state, "standbyAvailabilityZone": "1" if mode == "SameZone" else "2"}


def used(server: Json, children: Children | None = None) -> Resource:
    """The server as what a workspace's connection points at."""
    return Resource.of(server, children, [Use(Role.ADDITIONAL_DATASTORE, WORKSPACE_ID)])
