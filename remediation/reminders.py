"""What only time brings about: exemptions that end, plans that nobody has decided on, what was put off until today, and
fixes that may be made again because it is long ago that somebody kept undoing them."""

import logging
from datetime import datetime, timedelta
from typing import Final

from remediation import cards, checks, outbox
from remediation.cases import Case, Cause, State
from remediation.ports import Services
from remediation.tokens import LIFE
from rules.resource_id import ResourceId

log = logging.getLogger(__name__)

AHEAD: Final = timedelta(days=7)
LAST_DAY: Final = timedelta(days=1)
"""How long before its link expires people are asked once more."""


def remind(services: Services) -> None:
    """Remind people, each time once, of exemptions that end soon and of plans that wait. Have those checked that ended,
    and the fixes that were stopped because somebody kept undoing them."""
    for case in services.store.cases_in(State.ASKED):
        _remind_of_plan(services, case, case.snoozed or case.changed)
        _look_again(services, case)
    for case in services.store.cases_in(State.EXEMPT):
        if case.until is not None:
            _remind(services, case, case.until - services.clock())


def _look_again(services: Services, case: Case) -> None:
    """Whether it is long enough ago that somebody kept undoing a fix."""
    resource = ResourceId.parse(case.resource_id)
    if case.repairs and resource is not None:
        checks.request(services, resource, Cause(event_id=f"again {case.rule} {services.clock().date()}"))


def _remind_of_plan(services: Services, case: Case, asked: datetime) -> None:
    """Ask again when it was put off until now, and a day before the link that people have can be used no more."""
    now = services.clock()
    is_over, is_old = case.snoozed is not None and case.snoozed <= now, asked + LIFE - LAST_DAY <= now
    if case.plan is None or not (is_over or is_old):
        return
    why = "Nobody has decided on it for days." if is_old else "It was put off until today."
    card = cards.still_waiting(case, case.plan, why, services.access.link(case))
    outbox.tell(services, case, f"waits {asked.isoformat()} {is_old}", card)


def _remind(services: Services, case: Case, left: timedelta) -> None:
    resource = ResourceId.parse(case.resource_id)
    if left > AHEAD or resource is None:
        return
    if left > timedelta():
        outbox.tell(services, case, f"ends {case.until}", cards.exemption_ends(case))
        return
    log.info("%s: its exemption from %s has ended", resource, case.rule)
    checks.request(services, resource, Cause(event_id=f"exemption ended {case.rule} {case.until}"))
