"""MySQL servers: standbys, tiers, backups, storage, and the retired Single Server."""

from collections.abc import Mapping

import pytest

from rules.model import Rule, Status
from rules.mysql import (
    geo_backup,
    same_zone_standby,
    single_server_retired,
    storage_auto_grow,
    tier_with_standby,
    zone_redundant_standby,
)
from tests.builders import Json, azure, judged
from tests.rules.examples.flexible_server import high_availability, used
from tests.rules.examples.mysql import body, storage

type Cases = Mapping[str, tuple[Json, Status, str]]

PASS, FAIL, OUT, UNKNOWN = Status.PASS, Status.FAIL, Status.NOT_APPLICABLE, Status.UNKNOWN

BURSTABLE = {"sku": {"name": "Standard_B2s", "tier": "Burstable"}}
MEMORY_OPTIMIZED = {"sku": {"name": "Standard_E4ds_v4", "tier": "MemoryOptimized"}}
NO_ZONES = {"location": "westus"}
ATLANTIS = {"location": "atlantis"}
DEV = {"tags": {"stage": "QA"}}
LOCAL = {"geoRedundantBackup": "Disabled"}

BOTH_STANDBYS: Cases = {
    "a read replica": (body(replicationRole="Replica"), OUT, "read replica"),
    "a Burstable read replica": (body("Disabled", BURSTABLE, replicationRole="Replica"), OUT, "read replica"),
    "Burstable": (body("Disabled", BURSTABLE), OUT, "Burstable"),
    "role not said": (body(replicationRole=None), UNKNOWN, "read replica"),
    "a role that is a flag": (body(replicationRole=False), UNKNOWN, "read replica"),
    "tier not said": (body("Disabled", {"sku": {"name": "Standard_D4ds_v4"}}), UNKNOWN, "tier"),
    "no SKU": (body("Disabled", {"sku": None}), UNKNOWN, "tier"),
    "a tier that is a number": (body("Disabled", {"sku": {"tier": 2}}), UNKNOWN, "tier"),
    "mode not said": (body(None), UNKNOWN, "did not say"),
    "a mode that is a list": (body(["Disabled"]), UNKNOWN, "did not say"),
    "another mode": (body("Everywhere"), UNKNOWN, "did not say"),
    "no high availability": (body(highAvailability=None), UNKNOWN, "did not say"),
    "no properties": (body("Disabled", {"properties": None}), UNKNOWN, "did not say"),
    "marked as test": (body("Disabled", DEV), OUT, "development or test"),
    "no standby, source of replicas": (body(replicationRole="Source"), FAIL, "no standby"),
    "no standby, Business Critical": (body("Disabled", MEMORY_OPTIMIZED), FAIL, "no standby"),
    "no standby, upper case": (body("DISABLED"), FAIL, "no standby"),
}
"""What is the same for both rules about a standby."""

CASES: Mapping[Rule, Cases] = {
    zone_redundant_standby: {
        **BOTH_STANDBYS,
        "no standby": (body("Disabled"), FAIL, "no standby in another zone"),
        "in the same zone": (body("SameZone"), FAIL, "the loss of that zone takes both"),
        "in the same zone, upper case": (body("SAMEZONE"), FAIL, "takes both"),
        "in another zone": (body("ZoneRedundant"), PASS, "another availability zone"),
        "in another zone, lower case": (body("zoneredundant"), PASS, "another availability zone"),
        "its state not said": (
            body(highAvailability={"mode": "ZoneRedundant"}),
            UNKNOWN,
            "did not say clearly whether",
        ),
        "a state of none": (
            body(highAvailability={"mode": "ZoneRedundant", "state": 1}),
            UNKNOWN,
            "did not say clearly",
        ),
        "its state in upper case": (
            body(highAvailability=high_availability("ZoneRedundant", "HEALTHY")),
            PASS,
            "another availability zone",
        ),
        "a state that Azure does not have": (
            body(highAvailability=high_availability("ZoneRedundant", "Enabled")),
            UNKNOWN,
            "did not say clearly whether its standby can take over",
        ),
        "just being made": (
            body(highAvailability=high_availability("ZoneRedundant", "CreatingStandby")),
            UNKNOWN,
            "cannot take over right now (state CreatingStandby)",
        ),
        "no zones": (body("Disabled", NO_ZONES), OUT, "westus has no availability zones"),
        "an unknown region": (body("Disabled", ATLANTIS), UNKNOWN, "not known whether"),
        "no region": (body("Disabled", {"location": None}), UNKNOWN, "not known whether"),
    },
    same_zone_standby: {
        **BOTH_STANDBYS,
        "no standby": (body("Disabled"), FAIL, "no standby: a failed host"),
        "no standby, no zones": (body("Disabled", NO_ZONES), FAIL, "no standby: a failed host"),
        "no standby, unknown region": (body("Disabled", ATLANTIS), FAIL, "no standby: a failed host"),
        "in the same zone": (body("SameZone"), PASS, "has a standby"),
        "in another zone": (body("ZoneRedundant"), PASS, "has a standby"),
        "its state not said": (body(highAvailability={"mode": "SameZone"}), UNKNOWN, "did not say clearly whether"),
        "just being removed": (
            body(highAvailability=high_availability("SameZone", "RemovingStandby")),
            UNKNOWN,
            "(state RemovingStandby)",
        ),
    },
    tier_with_standby: {
        "General Purpose": (body(), PASS, "can have a standby"),
        "Business Critical": (body("Disabled", MEMORY_OPTIMIZED), PASS, "can have a standby"),
        "Burstable": (body("Disabled", BURSTABLE), FAIL, "Burstable"),
        "Burstable, lower case": (body("Disabled", {"sku": {"tier": "burstable"}}), FAIL, "Burstable"),
        "Burstable, test": (body("Disabled", BURSTABLE | DEV), OUT, "development or test"),
        "Burstable, unknown region": (body("Disabled", BURSTABLE | ATLANTIS), FAIL, "Burstable"),
        "not said": (body("Disabled", {"sku": None}), UNKNOWN, "not known"),
        "a flag": (body("Disabled", {"sku": {"tier": True}}), UNKNOWN, "not known"),
        "another tier": (body("Disabled", {"sku": {"tier": "Free"}}), UNKNOWN, "not known"),
    },
    geo_backup: {
        "kept in two regions": (body(backup={"geoRedundantBackup": "Enabled"}), PASS, "paired region, too"),
        "kept in one": (body(backup=LOCAL), FAIL, "stay in one region"),
        "kept in one, upper case": (body(backup={"geoRedundantBackup": "DISABLED"}), FAIL, "stay in one region"),
        "kept in one, with a standby": (body("ZoneRedundant", backup=LOCAL), FAIL, "stay in one region"),
        "kept in one, test": (body("Disabled", DEV, backup=LOCAL), OUT, "development or test"),
        "no pair": (body("Disabled", {"location": "italynorth"}, backup=LOCAL), OUT, "italynorth is not paired"),
        "no zones, but a pair": (body("Disabled", NO_ZONES, backup=LOCAL), FAIL, "stay in one region"),
        "an unknown region": (body("Disabled", ATLANTIS, backup=LOCAL), UNKNOWN, "has a pair"),
        "not said": (body(backup={"backupRetentionDays": 7}), UNKNOWN, "did not say"),
        "no backup": (body(backup=None), UNKNOWN, "did not say"),
        "a flag": (body(backup={"geoRedundantBackup": False}), UNKNOWN, "did not say"),
        "another word": (body(backup={"geoRedundantBackup": "Sometimes"}), UNKNOWN, "did not say"),
    },
    storage_auto_grow: {
        "on": (body(storage=storage("Enabled")), PASS, "grows before it is full"),
        "off": (body(storage=storage("Disabled")), FAIL, "read-only"),
        "off, upper case": (body(storage=storage("DISABLED")), FAIL, "read-only"),
        "off, test": (body("Disabled", DEV, storage=storage("Disabled")), FAIL, "read-only"),
        "off, unknown region": (body("Disabled", ATLANTIS, storage=storage("Disabled")), FAIL, "read-only"),
        "not said": (body(storage={"storageSizeGB": 100}), UNKNOWN, "did not say"),
        "no storage": (body(storage=None), UNKNOWN, "did not say"),
        "a flag": (body(storage=storage(auto_grow=True)), UNKNOWN, "did not say"),
        "another word": (body(storage=storage("Perhaps")), UNKNOWN, "did not say"),
    },
    single_server_retired: {
        "it is there": (azure("Microsoft.DBforMySQL/servers/mysqlold"), FAIL, "retired on 2024-09-16"),
        "it is there, test": (azure("Microsoft.DBforMySQL/servers/mysqlold", **DEV), FAIL, "retired"),
    },
}


@pytest.mark.parametrize(
    ("rule", "server", "status", "words"),
    [
        pytest.param(rule, *case, id=f"{rule.name}: {name}")
        for rule, cases in CASES.items()
        for name, case in cases.items()
    ],
)
def test_verdict(rule: Rule, server: Json, status: Status, words: str) -> None:
    verdict = judged(rule, used(server))
    assert verdict.status is status, verdict.because
    assert words in verdict.because
