"""Plans as data: their digest, their stored form, and the remediations that make them."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from remediation.plan import Guidance, Plan, Precondition, Remediation, Safety, Write, remediates
from rules.container_registry import premium_sku
from rules.model import Resource
from tests.builders import default_storage, finding, plan, registry, storage_account


def upgrade(**changes: Any) -> Plan:
    return plan(finding("container-registry/premium-sku", Resource.of(registry(**changes))))


UPGRADE = upgrade()
CONVERSION = plan(finding("storage/zone-redundant", default_storage(storage_account())))
PLANS = {"upgrade": UPGRADE, "conversion": CONVERSION}


@pytest.mark.parametrize("stored", PLANS.values(), ids=PLANS)
def test_a_plan_is_stored_whole(stored: Plan) -> None:
    again = Plan.from_json(stored.to_json())
    assert again == stored
    assert [type(value) for value in asdict(again).values()] == [type(value) for value in asdict(stored).values()]
    assert again.digest == stored.digest


def test_the_same_finding_has_the_same_digest() -> None:
    assert upgrade().digest == UPGRADE.digest
    assert upgrade(tags={"team": "ml"}).digest == UPGRADE.digest


def test_the_case_of_an_id_changes_no_digest() -> None:
    assert replace(UPGRADE, resource_id=UPGRADE.resource_id.upper()).digest == UPGRADE.digest


WRITE = UPGRADE.writes[0]
OTHER_PLANS = {
    "another state of the resource": upgrade(sku="Standard"),
    "another resource": replace(UPGRADE, resource_id=f"{UPGRADE.resource_id}2"),
    "another rule": replace(UPGRADE, rule="container-registry/geo-replica"),
    "another body": replace(UPGRADE, writes=(replace(WRITE, body={"sku": {"name": "Standard"}}),)),
    "another verb": replace(UPGRADE, writes=(replace(WRITE, verb="PUT"),)),
    "another api-version": replace(UPGRADE, writes=(replace(WRITE, api_version="2019-05-01"),)),
    "one write more": replace(UPGRADE, writes=(WRITE, WRITE)),
    "no write": replace(UPGRADE, writes=()),
    "another safety": replace(UPGRADE, safety=Safety.APPROVE),
    "more to make sure of": replace(UPGRADE, preconditions=(Precondition("nobody pulls images meanwhile"),)),
}


@pytest.mark.parametrize("other", OTHER_PLANS.values(), ids=OTHER_PLANS)
def test_an_approval_of_one_plan_is_none_of_another(other: Plan) -> None:
    assert other.digest != UPGRADE.digest


def test_what_was_seen_to_hold_changes_no_digest() -> None:
    """It is worded anew with every read, and a plan is only made where it holds."""
    seen = replace(UPGRADE, preconditions=(Precondition("the registry has three images", checked=True),))
    assert seen.digest == UPGRADE.digest


def test_a_digest_is_short_enough_for_a_link() -> None:
    assert len(UPGRADE.digest) == 32
    assert set(UPGRADE.digest) <= set("0123456789abcdef")


def advise(registry: Resource) -> Guidance:
    return Guidance(why_no_plan=registry.name, steps=(), cost="", effort="")


def test_a_remediation_is_guidance_unless_it_says_otherwise() -> None:
    made = remediates(premium_sku)(advise)
    assert made == Remediation(premium_sku, Safety.GUIDE, advise, touches=(), needs=())


def test_a_remediation_keeps_what_it_says() -> None:
    made = remediates(premium_sku, safety=Safety.APPROVE, touches=("sku",), needs=("a/write",))(advise)
    assert (made.safety, made.touches, made.needs) == (Safety.APPROVE, ("sku",), ("a/write",))


def test_a_write_is_equal_to_its_copy() -> None:
    assert Write(**asdict(WRITE)) == WRITE
