"""What the tests of the plans for AKS clusters share."""

from typing import Any

from remediation.fixes.aks.cluster import POOL_READ_ONLY
from remediation.plan import Guidance, Plan, Write
from rules.model import Resource
from tests.builders import Json, finding, guidance, plan
from tests.rules.examples.aks import CLUSTER_ID

VERSION = "2026-05-01"
SECRET = "s3cr3t-of-a-test"


def planned(rule: str, found: Resource) -> Plan:
    return plan(finding(f"aks/{rule}", found))


def advised(rule: str, found: Resource) -> Guidance:
    return guidance(finding(f"aks/{rule}", found))


def put(shown: Json, *, etag: str = "", **changed: Any) -> Write:
    """The PUT of a pool: all that was read and may be sent, and what changes."""
    kept = {name: value for name, value in shown.items() if name not in ("name", *POOL_READ_ONLY)}
    where = f"{CLUSTER_ID}/agentPools/{shown['name']}"
    return Write("PUT", where, VERSION, {"properties": kept | changed}, etag)
