"""PostgreSQL servers: standbys, tiers, backups, storage, and the retired Single Server."""

from collections.abc import Mapping
from itertools import product

import pytest

from rules.model import Rule, Status
from rules.postgresql import (
    geo_backup,
    same_zone_standby,
    single_server_retired,
    standby_in_another_zone,
    storage_auto_grow,
    tier_with_standby,
    zone_redundant_standby,
)
from rules.regions import REGIONS
from tests.builders import Json, azure, judged
from tests.rules.examples.flexible_server import high_availability, used
from tests.rules.examples.postgresql import body

type Cases = Mapping[str, tuple[Json, Status, str]]

PASS, FAIL, OUT, UNKNOWN = Status.PASS, Status.FAIL, Status.NOT_APPLICABLE, Status.UNKNOWN

BURSTABLE = {"sku": {"name": "Standard_B2s", "tier": "Burstable"}}
MEMORY_OPTIMIZED = {"sku": {"name": "Standard_E4ds_v5", "tier": "MemoryOptimized"}}
NO_ZONES = {"location": "northcentralus"}
ATLANTIS = {"location": "atlantis"}
DEV = {"tags": {"Environment": "Dev"}}

BOTH_STANDBYS: Cases = {
    "a read replica": (body(replicationRole="AsyncReplica"), OUT, "read replica"),
    "a read replica elsewhere": (body(replicationRole="GeoAsyncReplica"), OUT, "read replica"),
    "a Burstable read replica": (body("Disabled", BURSTABLE, replicationRole="AsyncReplica"), OUT, "read replica"),
    "Burstable": (body("Disabled", BURSTABLE), OUT, "Burstable"),
    "role not said": (body(replicationRole=None), UNKNOWN, "read replica"),
    "a role that is a list": (body(replicationRole=["Primary"]), UNKNOWN, "read replica"),
    "tier not said": (body("Disabled", {"sku": {"name": "Standard_D4ds_v5"}}), UNKNOWN, "tier"),
    "no SKU": (body("Disabled", {"sku": None}), UNKNOWN, "tier"),
    "a tier that is a number": (body("Disabled", {"sku": {"tier": 2}}), UNKNOWN, "tier"),
    "a tier of another kind": (body("Disabled", {"sku": {"tier": "Hyperscale"}}), UNKNOWN, "tier"),
    "mode not said": (body(None), UNKNOWN, "did not say"),
    "a mode that is a flag": (body(True), UNKNOWN, "did not say"),
    "another mode": (body("Everywhere"), UNKNOWN, "did not say"),
    "no high availability": (body(highAvailability=None), UNKNOWN, "did not say"),
    "no properties": (body("Disabled", {"properties": None}), UNKNOWN, "did not say"),
    "properties that are a list": (body("Disabled", {"properties": ["state"]}), UNKNOWN, "did not say"),
    "marked as development": (body("Disabled", DEV), OUT, "development or test"),
    "an unknown region": (body("Disabled", ATLANTIS), UNKNOWN, "not known whether"),
    "no region": (body("Disabled", {"location": None}), UNKNOWN, "not known whether"),
}
"""What is the same for every rule about a standby in a region with zones."""

ANOTHER_ZONE: Cases = {
    "in another zone": (body("ZoneRedundant"), PASS, "another availability zone"),
    "in another zone, lower case": (body("zoneredundant"), PASS, "another availability zone"),
    "its state not said": (body(highAvailability={"mode": "ZoneRedundant"}), UNKNOWN, "did not say clearly whether"),
    "a state of none": (body(highAvailability={"mode": "ZoneRedundant", "state": 1}), UNKNOWN, "did not say clearly"),
    "its state in upper case": (body(highAvailability=high_availability("ZoneRedundant", "HEALTHY")), PASS, "another"),
    "a state that is new": (
        body(highAvailability=high_availability("ZoneRedundant", "Warm")),
        UNKNOWN,
        "did not say clearly whether its standby can take over",
    ),
    "just being made": (
        body(highAvailability=high_availability("ZoneRedundant", "CreatingStandby")),
        UNKNOWN,
        "cannot take over right now (state CreatingStandby)",
    ),
    "no zones": (body("Disabled", NO_ZONES), OUT, "northcentralus has no availability zones"),
}

CASES: Mapping[Rule, Cases] = {
    zone_redundant_standby: {
        **BOTH_STANDBYS,
        **ANOTHER_ZONE,
        "no standby": (body("Disabled"), FAIL, "no standby: the loss of its zone"),
        "no standby, upper case": (body("DISABLED"), FAIL, "no standby"),
        "no standby, Memory Optimized": (body("Disabled", MEMORY_OPTIMIZED), FAIL, "no standby"),
        "no standby, role None": (body(replicationRole="None"), FAIL, "no standby"),
        "no standby, production tag": (body("Disabled", {"tags": {"env": "prod"}}), FAIL, "no standby"),
        "no standby, region by display name": (body("Disabled", {"location": "West Europe"}), FAIL, "no standby"),
        "in the same zone": (body("SameZone"), OUT, "another rule"),
    },
    standby_in_another_zone: {
        **BOTH_STANDBYS,
        **ANOTHER_ZONE,
        "in the same zone": (body("SameZone"), FAIL, "the loss of that zone takes both"),
        "in the same zone, upper case": (body("SAMEZONE"), FAIL, "takes both"),
        "in the same zone, dev": (body("SameZone", DEV), OUT, "development or test"),
        "in the same zone, no zones": (body("SameZone", NO_ZONES), OUT, "no availability zones"),
        "no standby": (body("Disabled"), OUT, "another rule"),
    },
    same_zone_standby: {
        **{
            name: (server | ({} if "region" in name else NO_ZONES), status, words)
            for name, (server, status, words) in BOTH_STANDBYS.items()
        },
        "no standby": (body("Disabled", NO_ZONES), FAIL, "no standby: a failed host"),
        "a standby": (body("SameZone", NO_ZONES), PASS, "has a standby"),
        "a standby, upper case": (body("SAMEZONE", NO_ZONES), PASS, "has a standby"),
        "a standby elsewhere": (body("ZoneRedundant", NO_ZONES), PASS, "has a standby"),
        "its state not said": (
            body("SameZone", NO_ZONES, highAvailability={"mode": "SameZone"}),
            UNKNOWN,
            "did not say clearly whether",
        ),
        "just being made": (
            body("SameZone", NO_ZONES, highAvailability=high_availability("SameZone", "ReplicatingData")),
            UNKNOWN,
            "(state ReplicatingData)",
        ),
        "zones": (body("Disabled"), OUT, "westeurope has availability zones"),
        "zones and a standby": (body("ZoneRedundant"), OUT, "westeurope has availability zones"),
    },
    tier_with_standby: {
        "General Purpose": (body(), PASS, "can have a standby"),
        "Memory Optimized": (body("Disabled", MEMORY_OPTIMIZED), PASS, "can have a standby"),
        "Burstable": (body("Disabled", BURSTABLE), FAIL, "Burstable"),
        "Burstable, lower case": (body("Disabled", {"sku": {"tier": "burstable"}}), FAIL, "Burstable"),
        "Burstable, no zones": (body("Disabled", BURSTABLE | NO_ZONES), FAIL, "Burstable"),
        "Burstable, unknown region": (body("Disabled", BURSTABLE | ATLANTIS), FAIL, "Burstable"),
        "Burstable, dev": (body("Disabled", BURSTABLE | DEV), OUT, "development or test"),
        "not said": (body("Disabled", {"sku": None}), UNKNOWN, "not known"),
        "a list": (body("Disabled", {"sku": {"tier": ["Burstable"]}}), UNKNOWN, "not known"),
        "another tier": (body("Disabled", {"sku": {"tier": "Hyperscale"}}), UNKNOWN, "not known"),
    },
    geo_backup: {
        "kept in two regions": (body(backup={"geoRedundantBackup": "Enabled"}), PASS, "paired region, too"),
        "kept in two, upper case": (body(backup={"geoRedundantBackup": "ENABLED"}), PASS, "paired region, too"),
        "kept in one": (body(backup={"geoRedundantBackup": "Disabled"}), FAIL, "stay in one region"),
        "kept in one, Burstable": (
            body("Disabled", BURSTABLE, backup={"geoRedundantBackup": "Disabled"}),
            FAIL,
            "stay in one region",
        ),
        "kept in one, dev": (body("Disabled", DEV, backup={"geoRedundantBackup": "Disabled"}), OUT, "test"),
        "a read replica": (
            body(replicationRole="GeoAsyncReplica", backup={"geoRedundantBackup": "Disabled"}),
            OUT,
            "no backups of its own",
        ),
        "no pair": (
            body("Disabled", {"location": "polandcentral"}, backup={"geoRedundantBackup": "Disabled"}),
            OUT,
            "polandcentral is not paired",
        ),
        "no zones, but a pair": (
            body("Disabled", NO_ZONES, backup={"geoRedundantBackup": "Disabled"}),
            FAIL,
            "stay in one region",
        ),
        "an unknown region": (body("Disabled", ATLANTIS), UNKNOWN, "has a pair"),
        "not said": (body(backup={"backupRetentionDays": 7}), UNKNOWN, "did not say"),
        "no backup": (body(backup=None), UNKNOWN, "did not say"),
        "a flag": (body(backup={"geoRedundantBackup": False}), UNKNOWN, "did not say"),
        "another word": (body(backup={"geoRedundantBackup": "Sometimes"}), UNKNOWN, "did not say"),
    },
    storage_auto_grow: {
        "on": (body(storage={"autoGrow": "Enabled"}), PASS, "grows before it is full"),
        "off": (body(storage={"autoGrow": "Disabled"}), FAIL, "read-only"),
        "off, upper case": (body(storage={"autoGrow": "DISABLED"}), FAIL, "read-only"),
        "off, storage type empty": (body(storage={"autoGrow": "Disabled", "type": ""}), FAIL, "read-only"),
        "off, Premium SSD": (body(storage={"autoGrow": "Disabled", "type": "Premium_LRS"}), FAIL, "read-only"),
        "off, Premium SSD in upper case": (
            body(storage={"autoGrow": "Disabled", "type": "PREMIUM_LRS"}),
            FAIL,
            "read-only",
        ),
        "off, dev": (body("Disabled", DEV, storage={"autoGrow": "Disabled"}), FAIL, "read-only"),
        "off, Premium SSD v2": (body(storage={"autoGrow": "Disabled", "type": "PremiumV2_LRS"}), OUT, "only Premium"),
        "off, Ultra": (body(storage={"autoGrow": "Disabled", "type": "UltraSSD_LRS"}), OUT, "only Premium"),
        "off, a type that is a number": (body(storage={"autoGrow": "Disabled", "type": 1}), UNKNOWN, "which storage"),
        "off, an elastic cluster": (
            body(storage={"autoGrow": "Disabled"}, cluster={"clusterSize": 1}),
            OUT,
            "elastic cluster",
        ),
        "off, a cluster of none": (body(storage={"autoGrow": "Disabled"}, cluster={"clusterSize": 0}), FAIL, "read"),
        "off, a cluster of unknown size": (
            body(storage={"autoGrow": "Disabled"}, cluster={"clusterSize": None}),
            FAIL,
            "read-only",
        ),
        "off, a cluster that is a list": (body(storage={"autoGrow": "Disabled"}, cluster=[]), UNKNOWN, "which storage"),
        "not said": (body(storage={"storageSizeGB": 128}), UNKNOWN, "did not say"),
        "no storage": (body(storage=None), UNKNOWN, "did not say"),
        "a flag": (body(storage={"autoGrow": True}), UNKNOWN, "did not say"),
        "another word": (body(storage={"autoGrow": "Perhaps"}), UNKNOWN, "did not say"),
    },
    single_server_retired: {
        "it is there": (azure("Microsoft.DBforPostgreSQL/servers/psqlold"), FAIL, "retired on 2025-03-28"),
        "it is there, dev": (azure("Microsoft.DBforPostgreSQL/servers/psqlold", **DEV), FAIL, "retired"),
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


def test_no_server_fails_for_its_standby_twice() -> None:
    """Only one of the rules about standbys asks for a change, wherever the server is and whatever it has."""
    rules = (zone_redundant_standby, standby_in_another_zone, same_zone_standby)
    for location, mode in product([*REGIONS, "atlantis", ""], ["Disabled", "SameZone", "ZoneRedundant"]):
        server = used(body(mode, {"location": location}))
        failing = [rule.name for rule in rules if judged(rule, server).status is Status.FAIL]
        assert len(failing) <= 1, (location, mode)
        if mode == "Disabled" and location in REGIONS:
            wanted = zone_redundant_standby if REGIONS[location].zones else same_zone_standby
            assert failing == [wanted.name]
