"""Situations that `decide` meets: findings, cases and plans, and what they are made of."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from remediation.cases import Approval, Case, State
from remediation.decide import SETTLE, Situation
from remediation.plan import Remedy
from remediation.policy import Mode, Policy
from remediation.ports import Operation, Progress
from rules.model import Resource, Status, Verdict
from tests.builders import (
    NOON,
    REGISTRY_ID,
    SUBSCRIPTION,
    databricks,
    default_storage,
    finding,
    guidance,
    plan,
    registry,
    storage_account,
)

FAILS = finding("container-registry/premium-sku", Resource.of(registry("Basic")))
PASSES = finding("container-registry/premium-sku", Resource.of(registry("Premium")))
UNCLEAR = finding("container-registry/premium-sku", Resource.of(registry(None)))
NOT_JUDGED = FAILS._replace(verdict=Verdict(Status.NOT_APPLICABLE, "not judged"))
STANDARD = finding("container-registry/premium-sku", Resource.of(registry("Standard")))
SAFE = plan(FAILS)
RISKY_FINDING = finding("storage/zone-redundant", default_storage(storage_account()))
RISKY = plan(RISKY_FINDING)
ADVISED_FINDING = finding("databricks/disaster-recovery", Resource.of(databricks()))
ADVICE = guidance(ADVISED_FINDING)

BUSY = finding("container-registry/premium-sku", Resource.of(registry(properties={"provisioningState": "Updating"})))
BROKEN = finding("container-registry/premium-sku", Resource.of(registry(properties={"provisioningState": "Failed"})))

ENFORCE = Policy(frozenset({SUBSCRIPTION}), Mode.ENFORCE)
AUDIT = Policy(frozenset({SUBSCRIPTION}))
MINE, OTHERS = "delivery-1", "delivery-2"
SECOND = timedelta(seconds=1)
TOLD = ("notice-1",)


def case(state: State, **more: Any) -> Case:
    """A case of the registry, last changed now."""
    return replace(Case("container-registry/premium-sku", REGISTRY_ID, state, opened=NOON, changed=NOON), **more)


def fixing(sent: datetime | None = None, owner: str = MINE, **more: Any) -> Case:
    return case(State.FIXING, **{"plan": SAFE, "owner": owner, "sent": sent, **more})


def seen(found: Any = FAILS, remedy: Remedy | None = SAFE, before: Case | None = None, **more: Any) -> Situation:
    """A situation in enforce mode, at noon."""
    return replace(Situation(found, remedy, before, ENFORCE, NOON, MINE), **more)


ASKED = case(State.ASKED, plan=RISKY, told=TOLD)
TOLD_ADVICE = case(State.TOLD, told=TOLD)
AUDITED = case(State.TOLD, plan=SAFE, told=TOLD)
FAILED = case(State.FAILED, plan=SAFE)
RUNNING, SUCCEEDED = Operation(Progress.RUNNING), Operation(Progress.SUCCEEDED)
OPERATION_FAILED, SILENT = Operation(Progress.FAILED, "Conflict: busy"), Operation(Progress.UNKNOWN)
SENT = fixing(sent=NOON)
WAITING, GONE_BY = NOON + SETTLE - SECOND, NOON + SETTLE
TWO_WRITES = replace(SAFE, writes=SAFE.writes * 2)
APPROVED = case(State.APPROVED, plan=RISKY, approval=Approval(RISKY.digest, "somebody", NOON))
UNDONE = case(State.UNDONE, plan=SAFE)


def of_two(step: int, sent: datetime | None = None, owner: str = MINE) -> Case:
    """In the middle of a plan of two writes."""
    return fixing(sent, owner, plan=TWO_WRITES, step=step)
