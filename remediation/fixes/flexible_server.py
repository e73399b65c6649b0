"""What the fixes of flexible servers of MySQL and PostgreSQL have in common: both are changed by the same PATCH."""

from datetime import timedelta
from typing import Any, Final

from remediation.api_versions import api_version
from remediation.plan import Code, Cost, Guidance, Plan, Precondition, Requirement, Safety, Write
from rules.flexible_server import MODE
from rules.model import Body, Resource, Rule

HIGH_AVAILABILITY: Final = "properties.highAvailability"
STANDBY_SHOWS: Final = timedelta(days=1)
"""How long a new standby may copy its data (ReplicatingData, CreatingStandby) when its operation has ended."""


def is_ready(server: Resource) -> Requirement:
    """Azure changes only servers that run."""
    state = server.text("properties.state")
    return Requirement(
        None if state is None else state == "ready",
        "the server is running",
        Guidance(
            why_no_plan="The server is not running, and Azure changes only servers that are.",
            steps=(
                f"Find out why {server.name} is stopped, disabled or out of reach of its key, and start it.",
                "The next check then makes the plan.",
            ),
            cost="none",
            effort="minutes",
        ),
    )


def new_standby(
    server: Resource,
    rule: Rule,
    mode: str,
    *,
    title: str,
    effect: str,
    downtime: str,
    warning: str,
    preconditions: tuple[Precondition, ...],
) -> Plan:
    """The plan that gives a server its standby. `warning` is of what code that stays as it is would do to it."""
    before = server.get(MODE)
    return Plan(
        rule=rule.name,
        resource_id=server.id,
        safety=Safety.APPROVE,
        title=title,
        writes=(set_mode(server, mode),),
        undo=(set_mode(server, before),),
        undo_note="the standby can be removed again at any time",
        touches=(HIGH_AVAILABILITY,),
        before={MODE: before},
        after={MODE: mode},
        effect=effect,
        cost=Cost(
            "about the server's compute and storage price once more (estimate, Learn: a standby is billed alike)"
        ),
        downtime=downtime,
        duration="10 minutes or more, depending on the data",
        code=standby_code(mode, warning),
        preconditions=preconditions,
    )


def standby_code(mode: str, warning: str) -> Code:
    """The lines that say the mode in code."""
    return Code(
        bicep=f"highAvailability: {{ mode: '{mode}' }}",
        terraform=f'high_availability {{ mode = "{mode}" }}',
        warning=warning,
    )


def set_mode(server: Resource, mode: Any) -> Write:
    """The PATCH that sets the high availability mode."""
    return patch(server, {"highAvailability": {"mode": mode}})


def set_auto_grow(server: Resource, value: Any) -> Write:
    """The PATCH that sets storage auto-grow."""
    return patch(server, {"storage": {"autoGrow": value}})


def patch(server: Resource, properties: Body) -> Write:
    """A PATCH of a flexible server."""
    return Write("PATCH", server.id, api_version(server.type), {"properties": properties})
