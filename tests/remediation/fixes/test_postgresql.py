"""PostgreSQL servers: what exactly would be sent, and what people are told where nothing is."""

from collections.abc import Sequence
from typing import Any

import pytest

from remediation.fixes.postgresql import ROOM_FOR_STANDBY
from remediation.plan import Guidance, Plan, Safety, Write
from rules.model import Children, Resource
from tests.builders import Json, azure, finding, guidance, plan
from tests.remediation.applying import read, seeded, send
from tests.rules.examples.flexible_server import used
from tests.rules.examples.postgresql import OFFERED, SERVER_ID, SIZE, body, capabilities

MODE = "properties.highAvailability.mode"
ZONES, ANOTHER, SAME = (
    "postgresql/zone-redundant-standby",
    "postgresql/standby-in-another-zone",
    "postgresql/same-zone-standby",
)
GROW = "postgresql/storage-auto-grow"
NO_ZONES = {"location": "northcentralus"}
NO_GROWTH = {"autoGrow": "Disabled", "storageSizeGB": 128}
ONLY_LOCAL = {"geoRedundantBackup": "Disabled"}

STANDBYS = {
    ZONES: body("Disabled"),
    ANOTHER: body("SameZone"),
    SAME: body("Disabled", NO_ZONES),
}
"""A server that each rule about standbys fails."""


def failing(rule: str, **changes: Any) -> Json:
    """The server of STANDBYS with other properties."""
    server = STANDBYS[rule]
    return server | {"properties": server["properties"] | changes}


def planned(rule: str, server: Json, children: Children | None = OFFERED) -> Plan:
    return plan(finding(rule, used(server, children)))


def advised(rule: str, server: Json, children: Children | None = OFFERED) -> Guidance:
    return guidance(finding(rule, used(server, children)))


def set_mode(mode: str) -> Write:
    return Write("PATCH", SERVER_ID, "2025-08-01", {"properties": {"highAvailability": {"mode": mode}}})


def set_auto_grow(value: str) -> Write:
    return Write("PATCH", SERVER_ID, "2025-08-01", {"properties": {"storage": {"autoGrow": value}}})


def unchecked(made: Plan) -> Sequence[str]:
    """What a person has to know, but for what no plan can see."""
    return [text for text in made.to_confirm if text != ROOM_FOR_STANDBY.text]


SENT = {
    ZONES: ((set_mode("ZoneRedundant"),), (set_mode("Disabled"),), "Disabled", "ZoneRedundant"),
    ANOTHER: (
        (set_mode("Disabled"), set_mode("ZoneRedundant")),
        (set_mode("Disabled"), set_mode("SameZone")),
        "SameZone",
        "ZoneRedundant",
    ),
    SAME: ((set_mode("SameZone"),), (set_mode("Disabled"),), "Disabled", "SameZone"),
}


@pytest.mark.parametrize("rule", SENT)
def test_a_standby_is_added_or_moved_after_approval(rule: str) -> None:
    writes, undo, before, after = SENT[rule]
    made = planned(rule, STANDBYS[rule])
    assert made.safety is Safety.APPROVE
    assert (made.writes, made.undo) == (writes, undo)
    assert (made.before, made.after) == ({MODE: before}, {MODE: after})
    assert f"mode: '{after}'" in made.code.bicep
    assert f'mode = "{after}"' in made.code.terraform
    assert "takes this standby away with its next deployment" in made.code.warning
    assert "psqlml" in made.title
    assert ROOM_FOR_STANDBY in made.preconditions
    assert unchecked(made) == []


def test_the_mode_is_set_back_to_what_it_was() -> None:
    assert planned(ZONES, body("disabled")).undo == (set_mode("disabled"),)
    assert planned(ANOTHER, body("samezone")).undo == (set_mode("Disabled"), set_mode("samezone"))


def test_a_second_server_costs_as_much_again_and_a_moved_one_nothing() -> None:
    assert "once more" in planned(ZONES, STANDBYS[ZONES]).cost.text
    assert "once more" in planned(SAME, STANDBYS[SAME]).cost.text
    assert planned(ANOTHER, STANDBYS[ANOTHER]).cost.monthly_usd == 0


def test_moving_a_standby_warns_that_there_is_none_in_between() -> None:
    made = planned(ANOTHER, STANDBYS[ANOTHER])
    assert "no standby in between" in made.downtime
    assert "in one step, which Azure refuses" in made.code.warning


def test_azure_refuses_to_move_a_standby_in_one_step() -> None:
    azure_with_server, _ = seeded(used(STANDBYS[ANOTHER]))
    with pytest.raises(AssertionError, match="directly from SameZone to ZoneRedundant"):
        send(azure_with_server, [set_mode("ZoneRedundant")])


def test_a_standby_has_a_zone_and_can_take_over_once_azure_has_made_it() -> None:
    server = used(STANDBYS[ZONES], OFFERED)
    azure_with_server, _ = seeded(server)
    send(azure_with_server, planned(ZONES, STANDBYS[ZONES]).writes)
    shown = read(azure_with_server, server)
    assert shown.get("properties.highAvailability") == {
        "mode": "ZoneRedundant",
        "state": "Healthy",
        "standbyAvailabilityZone": "2",
    }


@pytest.mark.parametrize("rule", STANDBYS)
@pytest.mark.parametrize("state", ["Stopped", "Disabled", "Inaccessible"])
def test_a_server_that_does_not_run_is_for_people(rule: str, state: str) -> None:
    advice = advised(rule, failing(rule, state=state))
    assert "not running" in advice.why_no_plan
    assert "psqlml" in advice.steps[0]


@pytest.mark.parametrize("rule", STANDBYS)
def test_where_azure_does_not_say_whether_it_runs_a_person_has_to_know(rule: str) -> None:
    assert unchecked(planned(rule, failing(rule, state=None))) == ["the server is running"]


@pytest.mark.parametrize("rule", STANDBYS)
def test_an_elastic_cluster_is_for_people(rule: str) -> None:
    advice = advised(rule, failing(rule, cluster={"clusterSize": 2}))
    assert "elastic cluster" in advice.why_no_plan
    assert unchecked(planned(rule, failing(rule, cluster={"clusterSize": None}))) == []


@pytest.mark.parametrize("rule", [ZONES, ANOTHER])
def test_a_server_without_a_zone_may_be_older_than_the_regions_zones(rule: str) -> None:
    (text,) = unchecked(planned(rule, failing(rule, availabilityZone=None)))
    assert "restored into a new server" in text


def features(*named: object) -> Children:
    return {"capabilities": [{"name": "FlexibleServerCapabilities", "supportedFeatures": [*named]}]}


def modes(supported: object, size: object = SIZE) -> Children:
    skus = [{"name": size, "supportedHaMode": supported}]
    editions = [{"name": "GeneralPurpose", "supportedServerSkus": skus}]
    return {"capabilities": [{"name": "FlexibleServerCapabilities", "supportedServerEditions": editions}]}


NOT_OFFERED = {
    "not in the region": capabilities("SameZone", "ZoneRedundant", zones="Disabled"),
    "not with geo-redundant backup": capabilities("SameZone", "ZoneRedundant", zones_and_geo="Disabled"),
    "not for the size": capabilities("SameZone"),
    "for no size": modes([]),
    "a feature without a status": features({"name": "ZoneRedundantHa"}),
}


@pytest.mark.parametrize("children", NOT_OFFERED.values(), ids=NOT_OFFERED)
@pytest.mark.parametrize("rule", [ZONES, ANOTHER])
def test_a_standby_in_another_zone_that_azure_does_not_offer_is_for_people(rule: str, children: Children) -> None:
    advice = advised(rule, STANDBYS[rule], children)
    assert "does not offer a standby in another zone" in advice.why_no_plan
    assert "--name psqlml --zonal-resiliency Enabled --allow-same-zone" in advice.steps[-1]


def test_zones_together_with_geo_redundant_backup_matter_only_where_there_is_such_backup() -> None:
    server = failing(ZONES, backup=ONLY_LOCAL)
    assert unchecked(planned(ZONES, server, capabilities("ZoneRedundant", zones_and_geo="Disabled"))) == []


UNREADABLE: dict[str, Children | None] = {
    "not read": None,
    "nothing said": {"capabilities": []},
    "no features, no sizes": {"capabilities": [{"name": "FlexibleServerCapabilities"}]},
    "junk": {"capabilities": [{"supportedFeatures": {}, "supportedServerEditions": "none"}]},
    "other features": features({"name": "GeoBackup", "status": "Enabled"}),
    "other sizes": modes(["ZoneRedundant"], "Standard_D2ds_v5"),
    "modes that are no list": modes("ZoneRedundant"),
    "sizes that are no list": {"capabilities": [{"supportedServerEditions": [{"supportedServerSkus": None}]}]},
}


@pytest.mark.parametrize("children", UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("rule", STANDBYS)
def test_where_azure_does_not_say_what_it_offers_a_person_has_to_know(rule: str, children: Children | None) -> None:
    (text,) = unchecked(planned(rule, STANDBYS[rule], children))
    assert text.startswith("Azure offers a standby")


@pytest.mark.parametrize(
    "children",
    [features({"name": "zoneredundantha", "status": "ENABLED"}), modes(["SAMEZONE", 7, "ZONEREDUNDANT"])],
    ids=["a feature", "a size"],
)
def test_one_word_of_azure_is_enough_in_any_case(children: Children) -> None:
    assert unchecked(planned(ZONES, STANDBYS[ZONES], children)) == []


def test_a_size_that_is_not_known_is_not_looked_for() -> None:
    server = STANDBYS[ZONES] | {"sku": {"tier": "GeneralPurpose"}}
    assert len(unchecked(planned(ZONES, server, modes(["ZoneRedundant"], None)))) == 1


def test_a_size_without_any_standby_is_for_people() -> None:
    advice = advised(SAME, STANDBYS[SAME], modes(["ZoneRedundant"]))
    assert "for the size that this server has" in advice.why_no_plan


def test_storage_grows_by_itself_after_approval() -> None:
    made = planned(GROW, body(storage=NO_GROWTH), None)
    assert made.safety is Safety.APPROVE
    assert (made.writes, made.undo) == ((set_auto_grow("Enabled"),), (set_auto_grow("Disabled"),))
    assert made.before == {"properties.storage.autoGrow": "Disabled"}
    assert made.after == {"properties.storage.autoGrow": "Enabled"}
    assert "stays as large as it is" in made.undo_note
    assert "deletes it and its data" in made.code.warning
    assert "auto_grow_enabled = true" in made.code.terraform
    assert made.to_confirm == ()


def test_storage_of_a_server_that_does_not_run_is_for_people() -> None:
    assert "not running" in advised(GROW, body(storage=NO_GROWTH, state="Stopped"), None).why_no_plan


def test_azure_grows_only_premium_ssd() -> None:
    azure_with_server, _ = seeded(used(body(storage={"autoGrow": "Disabled", "type": "PremiumV2_LRS"})))
    with pytest.raises(AssertionError, match="not supported for this storage"):
        send(azure_with_server, [set_auto_grow("Enabled")])


def test_geo_redundant_backup_takes_a_new_server_or_a_replica() -> None:
    advice = advised("postgresql/geo-backup", body(backup=ONLY_LOCAL))
    assert "only when a server is made" in advice.why_no_plan
    assert "read replica in another region" in advice.steps[0]
    assert "--source-server psqlml --geo-redundant-backup Enabled" in advice.steps[1]


def test_azure_refuses_geo_redundant_backup_later() -> None:
    azure_with_server, _ = seeded(used(body(backup=ONLY_LOCAL)))
    late = Write("PATCH", SERVER_ID, "2025-08-01", {"properties": {"backup": {"geoRedundantBackup": "Enabled"}}})
    with pytest.raises(AssertionError, match="when a server is made"):
        send(azure_with_server, [late])


def test_a_burstable_server_is_scaled_by_people() -> None:
    burstable = body("Disabled", {"sku": {"name": "Standard_B1ms", "tier": "Burstable"}})
    advice = advised("postgresql/tier-with-standby", burstable)
    assert "--name psqlml --tier GeneralPurpose" in advice.steps[1]
    assert "restart" in advice.effort


REFUSED = {
    "Burstable": (body("Disabled", {"sku": {"name": "Standard_B1ms", "tier": "Burstable"}}), "Burstable tier"),
    "a read replica": (body("Disabled", replicationRole="GeoAsyncReplica"), "read replicas"),
}


@pytest.mark.parametrize(("server", "words"), REFUSED.values(), ids=REFUSED)
def test_azure_gives_some_servers_no_standby(server: Json, words: str) -> None:
    azure_with_server, _ = seeded(used(server))
    with pytest.raises(AssertionError, match=words):
        send(azure_with_server, [set_mode("SameZone")])


def test_a_single_server_has_to_go() -> None:
    old: Resource = used(azure("Microsoft.DBforPostgreSQL/servers/psqlold"))
    advice = guidance(finding("postgresql/single-server-retired", old))
    assert "2025-03-28" in advice.why_no_plan
    assert "psqlold" in advice.steps[0]
