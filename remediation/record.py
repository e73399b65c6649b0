"""Lines of the journal about a case: each has a key, so that what a crash makes happen twice stands there once."""

from collections.abc import Iterable
from typing import Any

from remediation.cases import Case, Entry, same
from remediation.ports import Services


def sent(services: Services, case: Case) -> None:
    """That a write was sent, and Azure's id of it: again, where it may be that a crash came before."""
    if case.sent is not None:
        detail = {"step": case.step, "status": case.status, "request_id": case.request_id}
        key = same(case, "sent", case.step, case.sent)
        services.store.append(Entry(case.resource_id, case.rule, case.sent, "sent", detail, key))


def line(services: Services, case: Case, what: str, apart: Iterable[object] = (), **detail: Any) -> None:
    """A line of the journal; `apart` tells it from others of its kind in the incident: none, it is told once anyway."""
    key = same(case, what, *parts) if (parts := tuple(apart)) else ""
    services.store.append(Entry(case.resource_id, case.rule, services.clock(), what, detail, key))
