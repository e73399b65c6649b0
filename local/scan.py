"""`python -m local scan`: a scan from a laptop, with the caller's own login and no storage: reads only."""

import os
import sys
import tempfile
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from local import scan_shown
from local.serve import check_azure
from local.settings import NotReady, bullets, hush
from local.uses import Uses, learn
from remediation import policy_settings, scan_judging, wiring
from remediation.adapters.arm import Arm
from remediation.adapters.graph import ResourceGraph
from remediation.policy import Policy
from remediation.ports import CloudError, Page, Query, Throttled, TooLarge, Unavailable
from remediation.results import Result, from_lines
from remediation.scan_judging import Judged, RulesByType
from remediation.scan_request import BadScan, Reach, ScanRequest, Scope, parse
from remediation.scans import MOST_ROWS
from rules.model import Resource

MOST_TRIES: Final = 30
WAIT: Final = 5.0
"""Seconds, where Azure names none: Resource Graph counts queries in windows of this length."""
GIVEN_AS: Final = "--subscription"

type Shown = Callable[[int, int], None]
"""Told how many resources are done, and of how many."""


@dataclass(slots=True)
class Found:
    """What a scan found. Results are kept in a file: there may be more than fits in memory."""

    lines: IO[str]
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, judged: Judged) -> None:
        """Note what was found of some resources."""
        self.counts += judged.counts
        self.lines.writelines(judged.lines)

    def results(self) -> Iterator[Result]:
        """All results."""
        self.lines.seek(0)
        return (result for line in self.lines for result in from_lines(line))


def main(options: Namespace) -> int:
    """Scan, and write what was found; returns 1 if it is as grave as `--fail-on` says, 2 when it cannot be scanned."""
    hush()
    try:
        with ExitStack() as stack:
            found = Found(stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n")))
            scan(_Scanner.of(options), found, stack.enter_context(_progress()))
            _write(options, found)
            return int(scan_shown.is_as_grave(found.counts, options.fail_on))
    except NotReady as missing:
        print(f"Cannot scan:\n{bullets(missing)}", file=sys.stderr)
    except CloudError as error:
        print(f"Cannot scan:\n  · Azure: {error}", file=sys.stderr)
    except OSError as error:
        print(f"Cannot write:\n  · --output: {error.strerror}; name another file", file=sys.stderr)
    return 2


@dataclass(frozen=True, slots=True)
class _Scanner:
    """What a scan reads with, and for what."""

    arm: Arm
    graph: ResourceGraph
    policy: Policy
    query: Query
    rules: RulesByType

    @classmethod
    def of(cls, options: Namespace) -> "_Scanner":
        """The scan that is asked for. Raises NotReady."""
        request, subscriptions = _request(options)
        settings = {**os.environ, wiring.SUBSCRIPTIONS: ",".join(subscriptions)}
        if problems := policy_settings.problems(settings):
            raise NotReady(*(f"{where}: {fix}" for where, fix in problems))
        check_azure(settings, GIVEN_AS)
        endpoint = settings.get(wiring.ARM_ENDPOINT) or wiring.PUBLIC_CLOUD
        arm = Arm(wiring.credential(settings), endpoint, settings.get(wiring.ARM_AUDIENCE) or endpoint)
        policy = policy_settings.policy(settings, frozenset(subscriptions))
        query = Query(tuple(subscriptions), request.types, group=options.group)
        rules = scan_judging.rules_by_type(policy, request.chosen)
        return cls(arm, ResourceGraph(arm, subscriptions), policy, query, rules)

    def pages(self, query: Query) -> Iterator[Page]:
        """All pages of a query, smaller ones where Azure would not send so much."""
        token, size = "", MOST_ROWS
        while True:
            try:
                page = patiently(partial(self.graph.page, query, token, size))
            except TooLarge:
                if size == 1:
                    raise
                size = size // 4 or 1
                continue
            yield page
            token = page.token
            if not token:
                return


def _request(options: Namespace) -> tuple[ScanRequest, list[str]]:
    """What is asked for, checked as the app checks it. Raises NotReady."""
    subscriptions = sorted({text.strip().lower() for text in options.subscription})
    asked: list[object] = [{"subscription": each} for each in subscriptions]
    if options.group:
        asked = [{"resource_group": {"subscription": each, "name": options.group}} for each in subscriptions]
    try:
        for scope in asked:
            parse({"scope": scope, "rules": options.rules or None}, frozenset(subscriptions))
    except BadScan as error:
        raise NotReady(f"{error}; --group takes a name, {GIVEN_AS} ids (az account list shows them)") from None
    return ScanRequest(Scope(Reach.ALL), rules=tuple(options.rules)), subscriptions


def scan(scanner: _Scanner, found: Found, progress: Progress) -> None:
    """Learn who uses what, then judge page by page. Raises CloudErrors."""
    uses = Uses()
    task = progress.add_task("reading workspaces", total=None)
    learn(uses, scanner.pages, scanner.arm, scanner.query.subscriptions, patiently)
    progress.remove_task(task)
    task = progress.add_task("judging resources", total=None)
    for page in scanner.pages(scanner.query):
        progress.update(task, total=page.total)
        resources = scan_judging.resources(scanner.policy, page.rows, uses.of)
        judged = scan_judging.judge_page(scanner.rules, scanner.policy, resources)
        progress.advance(task, judged.counts["done"])
        for resource in judged.left:
            _judge(scanner, judged, uses, resource)
            progress.advance(task)
        found.add(judged)


def _judge(scanner: _Scanner, judged: Judged, uses: Uses, resource: Resource) -> None:
    rules, policy = scanner.rules, scanner.policy
    children = patiently(lambda: scan_judging.judge_whole(judged, rules, policy, scanner.arm, resource))
    for child in scan_judging.resources(policy, children, uses.of):
        scan_judging.judge_whole(judged, rules, policy, None, child)


def patiently[T](call: Callable[[], T]) -> T:
    """Call, again and again while Azure asks to come back. Raises what it says at last."""
    for _ in range(MOST_TRIES):
        try:
            return call()
        except (Throttled, Unavailable) as error:
            time.sleep(error.retry_after.total_seconds() if error.retry_after else WAIT)
    return call()


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _write(options: Namespace, found: Found) -> None:
    output: Path | None = options.output
    if output is None:
        scan_shown.FORMATS[options.format](found.results(), found.counts, sys.stdout)
        return
    with output.open("w", encoding="utf-8") as file:
        scan_shown.FORMATS[options.format](found.results(), found.counts, file)
    print(scan_shown.summary(found.counts), file=sys.stderr)
