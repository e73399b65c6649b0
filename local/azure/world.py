"""The simulator's state: resources, running operations, and what happened but is not published yet."""

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from local.azure.access import Access
from local.azure.bodies import with_value
from local.azure.happenings import Happening
from local.azure.ids import Address
from local.azure.messages import Json
from local.azure.operations import Operation
from local.azure.providers import behaviour_of, body_type


@dataclass(slots=True)
class World:
    """All state, by lower-case resource id. Not thread-safe by itself: SimulatedAzure holds one lock around it."""

    access: Access = field(default_factory=Access)
    unregistered: set[str] = field(default_factory=set)
    """Resource providers, in lower case, that the subscriptions have not registered."""
    operations: dict[str, Operation] = field(default_factory=dict)
    happenings: list[Happening] = field(default_factory=list)
    operation_seconds: float = 0.0
    operation_seconds_by_type: dict[str, float] = field(default_factory=dict)
    version: int = 0
    """Counts the changes of bodies."""
    _bodies: dict[str, Json] = field(default_factory=dict)
    _by_type: dict[str, dict[str, Json]] = field(default_factory=dict)
    _running: list[Operation] = field(default_factory=list)

    def get(self, resource_id: str) -> Json | None:
        """The body stored under an id, in any casing."""
        return self._bodies.get(resource_id.lower())

    def put(self, body: Json) -> Json:
        """Store a body under its id, with a new etag where the type has one; returns what was stored."""
        key = body["id"].lower()
        at = Address.parse(key)
        if at is None:
            raise ValueError(f"not a resource id: {key}")
        etag = behaviour_of(at.type).etag
        stored = with_value(body, etag, f'"{uuid.uuid4()}"') if etag else body
        self._bodies[key] = stored
        self.version += 1
        self._by_type.setdefault(at.type.lower(), {})[key] = stored
        return stored

    def remove(self, resource_id: str) -> None:
        """Forget a resource and everything below it: children, locks, a group's contents."""
        key = resource_id.lower()
        self.version += 1
        for found in [each for each in self._bodies if each == key or each.startswith(f"{key}/")]:
            del self._bodies[found]
            for bodies in self._by_type.values():
                bodies.pop(found, None)

    def of_type(self, resource_type: str, scope: str = "") -> list[Json]:
        """The bodies of one type at or below a scope, in order of creation."""
        prefix = f"{scope.lower()}/" if scope else ""
        return [body for key, body in self._by_type.get(resource_type.lower(), {}).items() if key.startswith(prefix)]

    def below(self, scope: str) -> Iterator[Json]:
        """All bodies below a scope."""
        prefix = f"{scope.lower()}/"
        return (body for key, body in self._bodies.items() if key.startswith(prefix))

    def stored_id(self, at: Address) -> str:
        """The id for a new resource: its container keeps the casing it was created with."""
        container = at.parent or at.scope
        stored = self.get(container)
        return f"{stored['id']}{at.id[len(container) :]}" if stored else at.id

    def seconds(self, resource_type: str) -> float:
        """How long an asynchronous write to a type takes."""
        by_type = {name.lower(): seconds for name, seconds in self.operation_seconds_by_type.items()}
        return by_type.get(resource_type.lower(), self.operation_seconds)

    def begin(self, operation: Operation) -> Operation:
        """Remember a running operation."""
        self.operations[operation.id] = operation
        self._running.append(operation)
        return operation

    def settle(self) -> None:
        """Bring every operation up to the present: what is due ends and is announced."""
        now = time.monotonic()
        for operation in self._running:
            self.happenings.extend(operation.settle(now))
        self._running = [operation for operation in self._running if operation.is_running]


def new_body(at: Address, resource_id: str, body: Json) -> Json:
    """A complete, ready body with its identity and server-made fields."""
    identity = {"id": resource_id, "name": at.name, "type": body_type(at)}
    return behaviour_of(at.type).complete({**identity, **body})
