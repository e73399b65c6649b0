"""What only time brings about. Exemptions end: people hear of it some days before, and what was accepted is looked at
again after. A fix that somebody kept undoing may be made again when that is long ago."""

import logging
from datetime import timedelta
from typing import Final

from remediation import cards, checks, outbox
from remediation.cases import Case, Cause, State
from remediation.ports import Services
from rules.resource_id import ResourceId

log = logging.getLogger(__name__)

AHEAD: Final = timedelta(days=7)


def remind(services: Services) -> None:
    """Remind people of the exemptions that end soon, each once. Have those checked that ended, and the fixes that were
    stopped because somebody kept undoing them."""
    for case in services.store.cases_in(State.EXEMPT):
        if case.until is not None:
            _remind(services, case, case.until - services.clock())
    for case in services.store.cases_in(State.ASKED):
        resource = ResourceId.parse(case.resource_id)
        if case.repairs and resource is not None:
            checks.request(services, resource, Cause(event_id=f"again {case.rule} {services.clock().date()}"))


def _remind(services: Services, case: Case, left: timedelta) -> None:
    resource = ResourceId.parse(case.resource_id)
    if left > AHEAD or resource is None:
        return
    if left > timedelta():
        outbox.tell(services, case, f"ends {case.until}", cards.exemption_ends(case))
        return
    log.info("%s: its exemption from %s has ended", resource, case.rule)
    checks.request(services, resource, Cause(event_id=f"exemption ended {case.rule} {case.until}"))
