"""Cosmos DB accounts: more than one region, a failover that needs nobody, zones, and backups without gaps."""

from typing import Any

import pytest

from rules import RULES_BY_NAME
from rules.model import Resource, Role, Status, Use
from tests.builders import Json, judged
from tests.rules.examples.cosmos_db import CONTINUOUS, HOME, NEXT, PERIODIC, SAFE_HOME, account, place

THIRD = place("France Central", 2)
SAFE_NEXT = place("North Europe", 1, zones=True)
SERVERLESS = [{"name": "EnableServerless"}]
STRONG = {"consistency": "Strong"}
MANY = {"enableMultipleWriteLocations": True}
MIGRATING = PERIODIC | {"migrationState": {"status": "InProgress", "targetType": "Continuous"}}
MIGRATED = PERIODIC | {"migrationState": {"status": "Failed", "targetType": "Continuous"}}


def without(name: str, *places: Json) -> Json:
    """An account of which Azure does not show one property."""
    body = account(*places)
    del body["properties"][name]
    return body


def tagged(environment: str) -> Json:
    return account() | {"tags": {"environment": environment}}


AUTOMATIC_FAILOVER = {
    "off": (account(HOME, NEXT), Status.FAIL, "stops every write"),
    "off, three regions": (account(HOME, NEXT, THIRD), Status.FAIL, "stops every write"),
    "on": (account(HOME, NEXT, enableAutomaticFailover=True), Status.PASS, "to another region"),
    "one region": (account(), Status.NOT_APPLICABLE, "nowhere to fail over to"),
    "one region, on": (account(enableAutomaticFailover=True), Status.NOT_APPLICABLE, "one region"),
    "writes everywhere": (account(HOME, NEXT, **MANY), Status.NOT_APPLICABLE, "every region takes writes"),
    "not said": (without("enableAutomaticFailover", HOME, NEXT), Status.UNKNOWN, "did not say"),
    "null": (account(HOME, NEXT, enableAutomaticFailover=None), Status.UNKNOWN, "did not say"),
    "text": (account(HOME, NEXT, enableAutomaticFailover="false"), Status.UNKNOWN, "did not say"),
    "writes not said": (without("enableMultipleWriteLocations", HOME, NEXT), Status.UNKNOWN, "did not say"),
    "no regions": (without("locations"), Status.UNKNOWN, "in which regions"),
    "regions null": (account(locations=None), Status.UNKNOWN, "in which regions"),
    "regions empty": (account(locations=[]), Status.UNKNOWN, "in which regions"),
    "regions are texts": (account(locations=["West Europe", "North Europe"]), Status.UNKNOWN, "in which regions"),
}

SECOND_REGION = {
    "one": (account(), Status.FAIL, "in one region"),
    "one, strong": (account(**STRONG), Status.FAIL, "in one region"),
    "one, writes everywhere": (account(**MANY), Status.FAIL, "in one region"),
    "one, consistency not said": (without("consistencyPolicy"), Status.FAIL, "in one region"),
    "two": (account(HOME, NEXT), Status.PASS, "in 2 regions"),
    "two, strong": (account(HOME, NEXT, **STRONG), Status.FAIL, "the loss of either"),
    "two, strong in lower case": (account(HOME, NEXT, consistency="strong"), Status.FAIL, "the loss of either"),
    "two, consistency not said": (without("consistencyPolicy", HOME, NEXT), Status.UNKNOWN, "how consistent"),
    "two, consistency a number": (account(HOME, NEXT, consistency=3), Status.UNKNOWN, "how consistent"),
    "three, strong": (account(HOME, NEXT, THIRD, **STRONG), Status.PASS, "in 3 regions"),
    "three, not said": (without("consistencyPolicy", HOME, NEXT, THIRD), Status.PASS, "in 3 regions"),
    "serverless": (account(capabilities=SERVERLESS), Status.NOT_APPLICABLE, "serverless"),
    "serverless in lower case": (account(capabilities=[{"name": "enableserverless"}]), Status.NOT_APPLICABLE, "one"),
    "serverless, no regions": (account(locations=None, capabilities=SERVERLESS), Status.NOT_APPLICABLE, "serverless"),
    "capabilities not said": (without("capabilities"), Status.FAIL, "in one region"),
    "capabilities null": (account(capabilities=None), Status.FAIL, "in one region"),
    "capabilities text": (account(capabilities="EnableServerless"), Status.UNKNOWN, "capacity mode"),
    "a capability without a name": (account(capabilities=[{"name": None}]), Status.FAIL, "in one region"),
    "no regions": (without("locations"), Status.UNKNOWN, "in which regions"),
    "development": (tagged("dev"), Status.NOT_APPLICABLE, "development or test"),
    "production": (tagged("prod"), Status.FAIL, "in one region"),
}

ZONE_REDUNDANT = {
    "not": (account(), Status.FAIL, "not zone-redundant"),
    "it is": (account(SAFE_HOME), Status.PASS, "is zone-redundant"),
    "the write region is": (account(SAFE_HOME, NEXT), Status.PASS, "is zone-redundant"),
    "only the read region is": (account(HOME, SAFE_NEXT), Status.FAIL, "not zone-redundant"),
    "after a failover": (account(place("West Europe", 1), place("North Europe", 0, zones=True)), Status.PASS, "is"),
    "all write, all are": (account(SAFE_HOME, SAFE_NEXT, **MANY), Status.PASS, "is zone-redundant"),
    "all write, one is not": (account(SAFE_HOME, NEXT, **MANY), Status.FAIL, "not zone-redundant"),
    "all write, one has no zones": (account(SAFE_HOME, place("West US", 1), **MANY), Status.PASS, "is zone-redundant"),
    "a region without zones": (account(place("West US")), Status.NOT_APPLICABLE, "no availability zones"),
    "written as an id": (account(place("westeurope")), Status.FAIL, "not zone-redundant"),
    "an unknown region": (account(place("Atlantis")), Status.UNKNOWN, "not known whether"),
    "a region without a name": (account(place(None)), Status.UNKNOWN, "not known whether"),
    "zones null": (account(place("West Europe", zones=None)), Status.UNKNOWN, "whether its write region is"),
    "zones text": (account(place("West Europe", zones="true")), Status.UNKNOWN, "whether its write region is"),
    "no write region": (account(place("West Europe", 1), place("North Europe", 2)), Status.UNKNOWN, "take writes"),
    "priorities are texts": (account(place("West Europe", "0"), NEXT), Status.UNKNOWN, "take writes"),
    "which write is not said": (without("enableMultipleWriteLocations", HOME, NEXT), Status.UNKNOWN, "take writes"),
    "one region, not said": (without("enableMultipleWriteLocations"), Status.FAIL, "not zone-redundant"),
    "no regions": (without("locations"), Status.UNKNOWN, "take writes"),
    "serverless": (account(capabilities=SERVERLESS), Status.NOT_APPLICABLE, "when they are created"),
    "capabilities text": (account(capabilities="EnableServerless"), Status.UNKNOWN, "capacity mode"),
    "the account's own region does not count": (account(SAFE_HOME) | {"location": "West US"}, Status.PASS, "is"),
}

CONTINUOUS_BACKUP = {
    "periodic": (account(), Status.FAIL, "hours apart"),
    "continuous": (account(backupPolicy=CONTINUOUS), Status.PASS, "any second"),
    "continuous, no tier": (account(backupPolicy={"type": "Continuous"}), Status.PASS, "any second"),
    "upper case": (account(backupPolicy={"type": "PERIODIC"}), Status.FAIL, "hours apart"),
    "moving": (account(backupPolicy=MIGRATING), Status.UNKNOWN, "not finished"),
    "a move that failed": (account(backupPolicy=MIGRATED), Status.FAIL, "hours apart"),
    "not said": (without("backupPolicy"), Status.UNKNOWN, "did not say how"),
    "null": (account(backupPolicy=None), Status.UNKNOWN, "did not say how"),
    "no type": (account(backupPolicy={}), Status.UNKNOWN, "did not say how"),
    "another type": (account(backupPolicy={"type": "Hourly"}), Status.UNKNOWN, "did not say how"),
    "text": (account(backupPolicy="Continuous"), Status.UNKNOWN, "did not say how"),
    "Cassandra": (account(capabilities=[{"name": "EnableCassandra"}]), Status.NOT_APPLICABLE, "Cassandra"),
    "Gremlin": (account(capabilities=[{"name": "EnableGremlin"}]), Status.FAIL, "hours apart"),
    "capabilities text": (account(capabilities="EnableCassandra"), Status.UNKNOWN, "which API"),
    "development": (tagged("dev"), Status.FAIL, "hours apart"),
}

MULTI_REGION_WRITES = {
    "one write region": (account(HOME, NEXT), Status.FAIL, "an hour or more"),
    "every region": (account(HOME, NEXT, **MANY), Status.PASS, "every region takes writes"),
    "one region": (account(), Status.NOT_APPLICABLE, "one region"),
    "strong": (account(HOME, NEXT, **STRONG), Status.NOT_APPLICABLE, "strong consistency"),
    "consistency not said": (without("consistencyPolicy", HOME, NEXT), Status.UNKNOWN, "or could"),
    "a consistency policy that is a list": (account(HOME, NEXT, consistencyPolicy=[]), Status.UNKNOWN, "or could"),
    "not said": (without("enableMultipleWriteLocations", HOME, NEXT), Status.UNKNOWN, "did not say"),
    "text": (account(HOME, NEXT, enableMultipleWriteLocations="false"), Status.UNKNOWN, "did not say"),
    "no regions": (without("locations"), Status.UNKNOWN, "in which regions"),
}

CASES = {
    f"{rule}: {name}": (f"cosmos-db/{rule}", *case)
    for rule, cases in (
        ("automatic-failover", AUTOMATIC_FAILOVER),
        ("second-region", SECOND_REGION),
        ("zone-redundant", ZONE_REDUNDANT),
        ("continuous-backup", CONTINUOUS_BACKUP),
        ("multi-region-writes", MULTI_REGION_WRITES),
    )
    for name, case in cases.items()
}


@pytest.mark.parametrize(("rule", "body", "status", "words"), CASES.values(), ids=CASES)
def test_verdict(rule: str, body: dict[str, Any], status: Status, words: str) -> None:
    verdict = judged(RULES_BY_NAME[rule], Resource.of(body))
    assert verdict.status is status
    assert words in verdict.because


def test_an_account_is_judged_whatever_it_is_used_for() -> None:
    used = Resource.of(account(), uses=[Use(Role.CMK_BYO)])
    assert judged(RULES_BY_NAME["cosmos-db/second-region"], used).status is Status.FAIL
