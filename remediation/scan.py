"""Scans: a page of Resource Graph at a time, each a message of the queue `scans`.

Every step leaves a part, and the first one that is stored counts: a step that comes again, because its worker died or
its message came twice, finds it and does no more than enqueue what follows, unless that is noted as done. Nothing is
written to Azure, and nothing decided, on what Resource Graph says: what fails is checked (`scan_end`).
"""

import json
import logging
import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import batched
from typing import Final

from remediation import checks, scan_end, scan_judging
from remediation.ports import Query, Refused, Services, Throttled, TooLarge, Unavailable
from remediation.scan_judging import Judged
from remediation.scan_request import WORKSPACE
from remediation.scans import Part, Scan, ScanState, Step, query_name
from rules.model import Resource
from rules.resource_id import ResourceId

log = logging.getLogger(__name__)

RESOURCES_A_SLICE: Final = 25
MOST_LOOKS: Final = 20
"""How often a step is put off, over an hour and a quarter."""
LONGEST_STEP: Final = timedelta(minutes=2)
"""When a slice leaves the rest to the next: well below the time after which the host ends a function."""
LONGEST_LAST: Final = timedelta(seconds=30)
"""Between two looks whether all is done."""


def work(services: Services, step: Step) -> None:
    """Do one step of a scan. What cannot be done now is put off; raises what was put off too often."""
    scan = services.scans.get(step.scan)
    if scan is None or scan.state is not ScanState.RUNNING:
        log.info("scan %s: is no longer running", step.scan)
        return
    try:
        _do(services, scan, step)
    except (Throttled, Unavailable) as error:
        if step.looks >= MOST_LOOKS and not step.last:
            raise
        log.warning("scan %s, step %s: %s", step.scan, step.key, error)
        put_off(services, step, error.retry_after or step.delay)
    except Refused as refused:
        scan_end.fail(services, scan, f"Azure refused: {refused}")


def _do(services: Services, scan: Scan, step: Step) -> None:
    try:
        if not step.last:
            _leave(services, scan, step)
        elif not scan_end.finish(services, scan, step):
            put_off(services, step, min(step.delay, LONGEST_LAST))
    except TooLarge as error:
        if step.size == 1:
            raise
        log.warning("scan %s: %s", step.scan, error)
        enqueue(services, [replace(step, size=step.size // 4 or 1)])


def put_off(services: Services, step: Step, delay: timedelta) -> None:
    """Do a step later."""
    services.queue.put("scans", replace(step, looks=step.looks + 1).message(), delay)


def enqueue(services: Services, steps: Iterable[Step]) -> None:
    """Have steps done."""
    for step in steps:
        services.queue.put("scans", step.message())


def _leave(services: Services, scan: Scan, step: Step) -> None:
    part = services.scans.part(scan.id, step.key)
    if part is None:
        part = services.scans.add_part(_page(services, scan, step) if step.slice < 0 else _slice(services, scan, step))
    if part.followed:
        log.info("scan %s, step %s: is done already", scan.id, step.key)
        return
    enqueue(services, part.following())
    services.scans.followed(part)


def _page(services: Services, scan: Scan, step: Step) -> Part:
    """One page of Resource Graph, judged as far as its rows tell. The nightly scan also has the workspaces looked at,
    for what they use."""
    page = services.graph.page(_query(services, step), step.token, step.size)
    rules = scan_judging.rules_by_type(services.policy, scan.request.chosen)
    found = scan_judging.resources(services.policy, page.rows, services.store.uses_of)
    judged = scan_judging.judge_page(rules, services.policy, found)
    for workspace in _workspaces(found) if scan.is_sweep else ():
        checks.request(services, workspace, scan_end.cause_of(scan), only_new=True)
    blob = _name_of_try(step)
    slices = [*batched(judged.left, RESOURCES_A_SLICE, strict=False)]
    for number, some in enumerate(slices):
        services.texts.put(_slice_name(blob, number), scan_judging.to_read(some))
    services.texts.put(blob, "".join(judged.lines))
    counts = {**judged.counts, "seen": len(page.rows), "total": page.total}
    log.info("scan %s, step %s: %d resources, %d left to read", scan.id, step.key, len(page.rows), len(judged.left))
    return Part(step, blob, counts, next=page.token, slices=len(slices))


def _workspaces(found: Iterable[Resource]) -> Iterable[ResourceId]:
    ids = (ResourceId.parse(resource.id) for resource in found if resource.type == WORKSPACE)
    return filter(None, ids)


def _slice(services: Services, scan: Scan, step: Step) -> Part:
    """Some resources, with the children that their rules need. What was read before Azure had enough is not read again:
    the rest is another part."""
    rules, policy = scan_judging.rules_by_type(services.policy, scan.request.chosen), services.policy
    text = services.texts.get(_slice_name(step.blob, step.slice))
    if text is None:
        raise LookupError(f"what is left to read of {step.blob} is not there")
    found, begun = scan_judging.from_text(policy, text)[step.start :], services.clock()
    judged = Judged()
    cloud = services.cloud if step.looks < MOST_LOOKS else None
    for resource in found:
        if judged.counts["done"] and services.clock() - begun > LONGEST_STEP:
            break
        try:
            children = scan_judging.judge_whole(judged, rules, policy, cloud, resource)
        except (Throttled, Unavailable):
            if not judged.counts["done"]:
                raise
            break
        judged.counts["done"] += 1
        for child in scan_judging.resources(policy, children, services.store.uses_of):
            scan_judging.judge_whole(judged, rules, policy, None, child)
        cloud = services.cloud
    blob = _name_of_try(step)
    services.texts.put(blob, "".join(judged.lines))
    return Part(step, blob, dict(judged.counts), left=len(found) - judged.counts["done"])


def _query(services: Services, step: Step) -> Query:
    text = services.texts.get(query_name(step.scan, step.batch))
    if text is None:
        raise LookupError(f"the query of {step.scan}, series {step.batch}, is not there")
    data = json.loads(text)
    return Query(tuple(data["subscriptions"]), tuple(data["types"]), data["group"], tuple(data["keys"]))


def _name_of_try(step: Step) -> str:
    """Where results stand: two tries of one step do not disturb each other, and that of the part counts."""
    return f"{step.scan}/{step.key}-{uuid.uuid4().hex[:6]}.jsonl"


def _slice_name(blob: str, number: int) -> str:
    return f"{blob}.left-{number:03}"
