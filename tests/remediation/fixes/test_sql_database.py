"""SQL databases and elastic pools: commands that people are given, and what Azure refuses."""

from typing import Any

import pytest

from remediation.fixes import REMEDIATIONS
from remediation.plan import Guidance
from rules.model import Resource, Status
from tests.builders import Json, finding
from tests.remediation.applying import seeded
from tests.remediation.fixes.sql_database_plans import VERSION, told
from tests.rules.examples.sql_database import (
    BASIC,
    CONFIDENTIAL,
    DATASTORE,
    HYPERSCALE,
    LOCAL,
    STANDARD,
    database,
    pool,
    used,
)

NOWHERE = "not/an/id"
"""An id of no form that is known: nothing may raise for one."""


@pytest.mark.parametrize("body", [database(HYPERSCALE), database(STANDARD), pool(HYPERSCALE)])
def test_an_id_that_cannot_be_read_leaves_gaps_in_commands(body: Json) -> None:
    resource = Resource.of(body | {"id": NOWHERE}, {"replicationLinks": []}, DATASTORE)
    names = [name for name, remedy in REMEDIATIONS.items() if remedy.rule.applies_to.lower() == resource.type]
    advice = [found for name in names if isinstance(found := _remedy(name, resource), Guidance)]
    assert advice
    assert all("--resource-group GROUP --server SERVER" in " ".join(found.steps) for found in advice)


def _remedy(name: str, resource: Resource) -> Any:
    found = finding(name, resource)
    return REMEDIATIONS[name].remedy(found) if found.verdict.status is Status.FAIL else None


def test_names_are_quoted_in_commands() -> None:
    """A command that somebody pastes runs nothing else."""
    body = database(STANDARD)
    advice = told("zonal-tier", body | {"id": body["id"].replace("features", "my features")})
    assert "--name 'my features' --edition" in advice.steps[1]


REFUSED = {
    "zones of Standard": (database(STANDARD), {"zoneRedundant": True}),
    "zones of other hardware": (database(CONFIDENTIAL), {"zoneRedundant": True}),
    "zones of Hyperscale": (database(HYPERSCALE), {"zoneRedundant": True}),
    "zones of a Basic pool": (pool({"name": "BasicPool", "tier": "Basic"}), {"zoneRedundant": True}),
    "backups of Basic": (database(BASIC, **LOCAL), {"requestedBackupStorageRedundancy": "Zone"}),
    "backups of Hyperscale": (database(HYPERSCALE, **LOCAL), {"requestedBackupStorageRedundancy": "Zone"}),
}


@pytest.mark.parametrize(("body", "properties"), REFUSED.values(), ids=REFUSED)
def test_what_people_have_to_do_is_what_azure_refuses(body: Json, properties: Json) -> None:
    azure, before = seeded(used(body))
    assert azure.request("PATCH", before.id, {"properties": properties}, VERSION).status == 400
    assert azure.body(before.id) == before.body
