"""Messages of the queue `checks`: which resource to look at, why, and how often that was put off."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, Final

from remediation.cases import Cause
from remediation.ports import Services
from rules.resource_id import ResourceId

FIRST_LOOK: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """One resource to look at. `looks` counts the looks put off so far.

    `delivery` is the id of the queue message that was first about it: a claim made by one look is the next look's own.
    `only_new`: of what the resource uses, only what is new or gone is to be looked at as well. `scan`: the one that
    found more at fault than the limits allow and asks for this look, so that nothing begins by itself.
    """

    resource: ResourceId
    cause: Cause
    looks: int = 0
    delivery: str = ""
    only_new: bool = False
    scan: str = ""

    @classmethod
    def of(cls, message: object, delivery: str) -> "CheckRequest | None":
        """The request in a message, None when there is none."""
        fields = message if isinstance(message, dict) else {}
        resource = ResourceId.parse(fields.get("resource_id"))
        if resource is None:
            return None
        looks = fields.get("looks")
        count = looks if isinstance(looks, int) and looks > 0 else 0
        first, scan = fields.get("delivery"), fields.get("scan")
        return cls(
            resource,
            Cause.of(fields.get("cause")),
            count,
            first if isinstance(first, str) and first else delivery,
            fields.get("only_new") is True,
            scan if isinstance(scan, str) else "",
        )

    def message(self) -> Mapping[str, Any]:
        """The request as a message."""
        return {
            "resource_id": str(self.resource),
            "cause": asdict(self.cause),
            "looks": self.looks,
            "delivery": self.delivery,
            "only_new": self.only_new,
            "scan": self.scan,
        }

    @property
    def next_look(self) -> timedelta:
        """How long to wait for the next look: doubling, up to a quarter of an hour."""
        doublings: int = min(self.looks, 10)
        return min(FIRST_LOOK * (1 << doublings), LONGEST_WAIT)


def request(services: Services, resource: ResourceId, cause: Cause, *, only_new: bool = False, scan: str = "") -> bool:
    """Enqueue a check, unless one is pending that will see the same state. Returns whether it was enqueued.

    The mark of a pending check is set before its message and names its event: when a crash comes between the two, the
    redelivered event finds its own mark and enqueues after all.
    """
    if not services.store.claim_pending(resource, cause.event_id):
        return False
    services.queue.put("checks", CheckRequest(resource, cause, only_new=only_new, scan=scan).message())
    return True


def again(services: Services, check: CheckRequest, delay: timedelta) -> None:
    """Look again later."""
    services.queue.put("checks", replace(check, looks=check.looks + 1).message(), delay)
