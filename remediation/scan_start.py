"""How a scan begins: what Resource Graph is asked for, and the first steps; small ones are worked on at once."""

import json
import logging
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from itertools import batched
from typing import Any, Final

from remediation import topology
from remediation.ports import Conflict, Query, Queue, QueueName, Services
from remediation.scan import enqueue, work
from remediation.scan_request import Reach, ScanRequest
from remediation.scans import Scan, Step, first_steps, query_name, scan_id
from rules.resource_id import ResourceId

log = logging.getLogger(__name__)

MOST_SUBSCRIPTIONS: Final = 1000
"""What Resource Graph takes in one query."""
SUBSCRIPTIONS_A_QUERY: Final = 300
"""Of a scan of all: fewer, so that more workers share it."""
KEYS_A_QUERY: Final = 50


def start(services: Services, request: ScanRequest, identity: str = "") -> Scan:
    """Remember a scan and enqueue its first steps: with an `identity` that is there already, only the latter. What is
    to be waited for is worked on here."""
    now = services.clock()
    identity = identity or scan_id(now, f"-{uuid.uuid4().hex[:6]}")
    queries = _queries(services, request)
    for number, query in enumerate(queries):
        services.texts.put(query_name(identity, number), json.dumps(asdict(query)))
    scan = Scan(identity, request, len(queries), now, now)
    try:
        scan = services.scans.put(scan)
    except Conflict:
        scan = services.scans.get(identity) or scan
    log.info("scan %s: begun, in %d series of pages", scan.id, scan.batches)
    if request.wait:
        run(services, scan, request.wait)
        return services.scans.get(scan.id) or scan
    enqueue(services, first_steps(scan))
    return scan


def _queries(services: Services, request: ScanRequest) -> list[Query]:
    scope, types = request.scope, request.types
    here = (scope.subscription,)
    match scope.reach:
        case Reach.ALL:
            some = batched(sorted(services.policy.subscriptions), SUBSCRIPTIONS_A_QUERY, strict=False)
            return [Query(subscriptions, types) for subscriptions in some]
        case Reach.SUBSCRIPTION:
            return [Query(here, types)]
        case Reach.RESOURCE_GROUP:
            return [Query(here, types, group=scope.id.rpartition("/")[2])]
        case Reach.RESOURCE:
            return [Query(here, types, keys=(scope.id,))]
        case Reach.WORKSPACE:  # pragma: no branch
            everywhere = tuple(sorted(services.policy.subscriptions))
            keys = batched(_keys_of(services, scope.id), KEYS_A_QUERY, strict=False)
            return [Query(everywhere[:MOST_SUBSCRIPTIONS], types, keys=some) for some in keys]


def _keys_of(services: Services, workspace: str) -> list[str]:
    """A workspace, what it uses, and what that leads on to for its sake, as far as the topology knows."""
    at = ResourceId.parse(workspace)
    used = services.store.used(at) if at else ()
    further = [services.store.used(each.id) for each in used if each.id and each.id.type in topology.FOLLOWED]
    led_on = (each for some in further for each in some if any(use.workspace_id == workspace for use in each.uses))
    keys = (str(each.id or each.key) for each in (*used, *led_on) if each.id or topology.is_name(each.key))
    return [*dict.fromkeys((workspace, *keys))]


def run(services: Services, scan: Scan, wait: timedelta) -> None:
    """Work on a scan that has just begun here and now, for so long at most. Its messages are in the queue all the same,
    for after that time: should this worker die, or not get through, others go on."""
    ahead = Ahead(services.queue, wait)
    here, until = replace(services, queue=ahead), services.clock() + wait
    enqueue(here, first_steps(scan))
    while ahead.steps and services.clock() < until:
        work(here, ahead.steps.popleft())


class Ahead:
    """The port `Queue` of a worker that does the steps of a scan itself, as far as it gets."""

    def __init__(self, queue: Queue, wait: timedelta) -> None:
        self._queue, self._wait = queue, wait
        self.steps: deque[Step] = deque()

    def put(self, queue: QueueName, message: Mapping[str, Any], delay: timedelta = timedelta()) -> None:
        """Enqueue for later, and keep for now what is not delayed."""
        step = Step.of(message) if queue == "scans" else None
        if step is None:
            self._queue.put(queue, message, delay)
            return
        self._queue.put(queue, message, max(delay, self._wait))
        if not delay:
            self.steps.append(step)
