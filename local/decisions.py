"""`python -m local approve`, `undo` and `exempt`: a person's decision, put into the app's own storage."""

import getpass
import os
import shlex
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from local.settings import NotReady, bullets, services
from remediation import approvals
from remediation.approvals import NotPossible, Person
from remediation.cases import Case, State
from remediation.ports import Services
from rules.resource_id import ResourceId


def approve(file: Path, resource: ResourceId, rule: str, digest: str, by: str) -> int:
    """Approve a plan; returns 1 when that is not possible, 2 when the app's storage cannot be reached."""
    return _decide(file, lambda app: approvals.approve(app, resource, rule, digest, _person(by)), _approved)


def undo(file: Path, resource: ResourceId, rule: str, by: str) -> int:
    """Have a fix put to people for taking back; returns 1 and 2 as above."""
    return _decide(file, lambda app: approvals.take_back(app, resource, rule, _person(by)), _asked)


def exempt(file: Path, resource: ResourceId, rule: str, until: datetime, reason: str, by: str) -> int:
    """Accept a finding for a time; returns 1 and 2 as above."""
    return _decide(
        file,
        lambda app: approvals.exempt(app, resource, rule, until, reason, _person(by)),
        lambda given: f"Exempt from {rule} until {given.until:%Y-%m-%d %H:%M} UTC. People are reminded before it ends.",
    )


def end_exemption(file: Path, resource: ResourceId, rule: str, by: str) -> int:
    """Have a finding accepted no more; returns 1 and 2 as above."""
    return _decide(
        file,
        lambda app: approvals.end_exemption(app, resource, rule, _person(by)),
        lambda _: f"Not exempt from {rule} any more: the next check treats a fault as any other.",
    )


def _decide[T](file: Path, decide: Callable[[Services], T], say: Callable[[T], str]) -> int:
    try:
        with services(file) as app:
            print(say(decide(app)))
    except NotPossible as error:
        print(f"Not possible: {error}.", file=sys.stderr)
        return 1
    except NotReady as missing:
        print(f"Cannot reach the app's storage:\n{bullets(missing)}", file=sys.stderr)
        return 2
    return 0


def _person(by: str) -> Person:
    """Who decides: the name given, and the login of this machine's user."""
    try:
        return Person(by, getpass.getuser())
    except OSError:  # a user without a name, as in a container
        return Person(by, f"uid {os.getuid()}")


def _approved(case: Case) -> str:
    return (
        f"Approved: {_title(case)}.\n"
        "The next check applies it if the resource is still as it was. How it ends is told in chat and stands in the "
        "journal."
    )


def _asked(case: Case) -> str:
    if case.state is not State.ASKED or case.plan is None:
        return "The fix is not held back any more: the next check treats the fault as any other."
    command = shlex.join(["python", "-m", "local", "approve", case.resource_id, case.rule, case.plan.digest, "--by"])
    return (
        f"People are asked: {_title(case)}.\n"
        f"Nothing is changed until somebody approves, here if not in chat:\n  {command} NAME"
    )


def _title(case: Case) -> str:
    return case.plan.title if case.plan else case.rule
