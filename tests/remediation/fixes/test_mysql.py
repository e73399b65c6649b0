"""MySQL servers: what exactly would be sent, and what people are told where nothing is."""

from collections.abc import Mapping
from typing import Any

import pytest

from remediation.plan import Guidance, Plan, Safety, Write
from rules import evaluate
from rules.model import Children, Resource, Status
from tests.builders import Json, azure, finding, guidance, plan
from tests.remediation.applying import read, seeded, send
from tests.rules.examples.flexible_server import used
from tests.rules.examples.mysql import SERVER_ID, body, parameters, storage

MODE = "properties.highAvailability.mode"
BACKUP = "properties.backup.geoRedundantBackup"
ZONES, STANDBY, GEO, GROW = (
    "mysql/zone-redundant-standby",
    "mysql/same-zone-standby",
    "mysql/geo-backup",
    "mysql/storage-auto-grow",
)
ONLY_LOCAL = {"backupRetentionDays": 7, "geoRedundantBackup": "Disabled"}
NO_GROWTH = storage("Disabled")
ZONAL_STORAGE = storage(redundancy="ZoneRedundancy")


def planned(rule: str, server: Json, children: Children | None = None) -> Plan:
    return plan(finding(rule, used(server, children)))


def advised(rule: str, server: Json, children: Children | None = None) -> Guidance:
    return guidance(finding(rule, used(server, children)))


def patch(properties: Json) -> Write:
    return Write("PATCH", SERVER_ID, "2024-12-30", {"properties": properties})


def set_mode(mode: str) -> Write:
    return patch({"highAvailability": {"mode": mode}})


def test_a_standby_in_the_same_zone_is_added_after_approval() -> None:
    made = planned(STANDBY, body("Disabled"), parameters())
    assert made.safety is Safety.APPROVE
    assert (made.writes, made.undo) == ((set_mode("SameZone"),), (set_mode("Disabled"),))
    assert (made.before, made.after) == ({MODE: "Disabled"}, {MODE: "SameZone"})
    assert "mode: 'SameZone'" in made.code.bicep
    assert 'mode = "SameZone"' in made.code.terraform
    assert "takes this standby away with its next deployment" in made.code.warning
    assert "once more" in made.cost.text
    assert "not when the zone fails" in made.effect
    checked = [each.text for each in made.preconditions if each.checked]
    assert checked == [
        "the server is running",
        "the server's storage lies in one zone",
        "storage auto-grow is on",
        "the server parameter enforce_gtid_consistency is ON",
        "the server parameter gtid_mode is ON",
    ]
    assert [text.split(" ")[0] for text in made.to_confirm] == ["tables", "deletes"]


ORDER = {
    "backups in one region": ({}, {"backup": ONLY_LOCAL}, True),
    "backups in two": ({}, {}, False),
    "not said": ({}, {"backup": None}, False),
    "a region without a pair": ({"location": "italynorth"}, {"backup": ONLY_LOCAL}, False),
    "an unknown region": ({"location": "atlantis"}, {"backup": ONLY_LOCAL}, False),
}


@pytest.mark.parametrize(("changes", "properties", "warned"), ORDER.values(), ids=ORDER)
def test_who_wants_geo_redundant_backup_too_has_it_switched_on_first(
    changes: Json, properties: Json, warned: bool
) -> None:
    made = planned(STANDBY, body("Disabled", changes, **properties), parameters())
    assert any("geo-redundant backup" in text and "no longer" in text for text in made.to_confirm) is warned


def test_the_mode_is_set_back_to_what_it_was() -> None:
    assert planned(STANDBY, body("disabled"), parameters()).undo == (set_mode("disabled"),)


def test_a_standby_can_take_over_once_azure_has_made_it() -> None:
    server = used(body("Disabled"), parameters())
    azure_with_server, _ = seeded(server)
    send(azure_with_server, planned(STANDBY, body("Disabled"), parameters()).writes)
    shown = read(azure_with_server, server)
    assert shown.get("properties.highAvailability.state") == "Healthy"
    assert shown.get("properties.highAvailability.standbyAvailabilityZone") == "1"


GTID_OFF = {
    "both off": parameters("OFF", "OFF"),
    "consistency off": parameters("OFF", "ON"),
    "consistency only warns": parameters("WARN", "ON"),
    "mode off": parameters("ON", "OFF"),
    "mode not there yet": parameters("ON", "ON_PERMISSIVE"),
    "waiting for a restart": parameters(isConfigPendingRestart="True"),
}


@pytest.mark.parametrize("children", GTID_OFF.values(), ids=GTID_OFF)
def test_without_gtid_a_standby_is_for_people(children: Children) -> None:
    advice = advised(STANDBY, body("Disabled"), children)
    assert "global transaction ids" in advice.why_no_plan
    assert "On mysqlml" in advice.steps[1]
    assert "OFF_PERMISSIVE, ON_PERMISSIVE, ON" in advice.steps[2]


def child(properties: object) -> Children:
    return {"configurations/gtid_mode": {"name": "gtid_mode", "properties": properties}}


CONSISTENT = {path: found for path, found in parameters().items() if path.endswith("consistency")}
GTID_UNREADABLE: Mapping[str, Children] = {
    "not read": {},
    "no properties": child(None),
    "no value": child({"defaultValue": "OFF"}),
    "a value that is a flag": child({"value": True}),
}


@pytest.mark.parametrize("children", GTID_UNREADABLE.values(), ids=GTID_UNREADABLE)
def test_where_gtid_cannot_be_read_a_person_has_to_know(children: Children) -> None:
    made = planned(STANDBY, body("Disabled"), {**CONSISTENT, **children})
    assert "the server parameter gtid_mode is ON" in made.to_confirm
    assert "the server parameter enforce_gtid_consistency is ON" not in made.to_confirm


def test_a_parameter_is_on_in_any_case() -> None:
    assert planned(STANDBY, body("Disabled"), parameters("on", "On")).writes


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"state": None}, "the server is running"),
        ({"storage": storage(redundancy=None)}, "the server's storage lies in one zone"),
        ({"storage": storage(auto_grow=None)}, "storage auto-grow is on"),
    ],
    ids=["state", "redundancy", "auto-grow"],
)
def test_what_azure_does_not_say_a_person_has_to_know(properties: Json, text: str) -> None:
    assert text in planned(STANDBY, body("Disabled", **properties), parameters()).to_confirm


FOR_PEOPLE: Mapping[str, tuple[Json, str]] = {
    "stopped": ({"state": "Stopped"}, "not running"),
    "disabled": ({"state": "Disabled"}, "not running"),
    "auto-grow off": ({"storage": NO_GROWTH}, "only to servers with storage auto-grow"),
    "zonal storage": ({"storage": ZONAL_STORAGE}, "can have a standby in another zone without a migration"),
}


@pytest.mark.parametrize(("properties", "words"), FOR_PEOPLE.values(), ids=FOR_PEOPLE)
def test_a_standby_that_azure_would_refuse_or_could_better_is_for_people(properties: Json, words: str) -> None:
    assert words in advised(STANDBY, body("Disabled", **properties), parameters()).why_no_plan


REFUSED: Mapping[str, tuple[Resource, str, str]] = {
    "auto-grow off": (used(body("Disabled", storage=NO_GROWTH)), "SameZone", "auto-grow"),
    "no GTID": (used(body("Disabled"), parameters("ON", "OFF")), "SameZone", "gtid_mode to be ON"),
    "storage in one zone": (used(body("Disabled")), "ZoneRedundant", "when a server is made"),
    "Burstable": (used(body("Disabled", {"sku": {"name": "B", "tier": "Burstable"}})), "SameZone", "Burstable"),
    "a read replica": (used(body("Disabled", replicationRole="Replica")), "SameZone", "read replicas"),
    "another mode": (used(body("ZoneRedundant")), "SameZone", "directly from ZoneRedundant to SameZone"),
}


@pytest.mark.parametrize(("server", "mode", "words"), REFUSED.values(), ids=REFUSED)
def test_azure_gives_some_servers_no_standby(server: Resource, mode: str, words: str) -> None:
    azure_with_server, _ = seeded(server)
    with pytest.raises(AssertionError, match=words):
        send(azure_with_server, [set_mode(mode)])


def test_a_standby_in_another_zone_takes_a_new_server() -> None:
    advice = advised(ZONES, body("Disabled"))
    assert "a server span zones only from its creation" in advice.why_no_plan
    assert "mysql/same-zone-standby" in advice.steps[0]
    assert "--location westeurope" in advice.steps[1]
    assert "--high-availability ZoneRedundant" in advice.steps[2]


@pytest.mark.parametrize("mode", ["Disabled", "SameZone"])
def test_a_server_whose_storage_spans_zones_needs_no_migration(mode: str) -> None:
    advice = advised(ZONES, body(mode, storage=ZONAL_STORAGE))
    assert "without a migration" in advice.why_no_plan
    assert "--name mysqlml --high-availability ZoneRedundant" in advice.steps[1]


@pytest.mark.parametrize("redundancy", ["LocalRedundancy", "ZoneRedundancy", None])
def test_the_two_rules_about_standbys_do_not_contradict_each_other(redundancy: str | None) -> None:
    """Either a standby is added in place until a new server is made, or both say that it goes in another zone."""
    server = body("Disabled", storage=storage(redundancy=redundancy))
    later = advised(ZONES, server)
    if redundancy == "ZoneRedundancy":
        assert advised(STANDBY, server, parameters()) == later
    else:
        assert planned(STANDBY, server, parameters()).writes == (set_mode("SameZone"),)
        assert "Until the server is replaced, let it have a standby in its own zone" in later.steps[0]


def test_after_the_standby_was_added_only_the_migration_is_left() -> None:
    server = used(body("Disabled"), parameters())
    azure_with_server, _ = seeded(server)
    send(azure_with_server, planned(STANDBY, body("Disabled"), parameters()).writes)
    found = evaluate(read(azure_with_server, server))
    assert [each.rule.name for each in found if each.verdict.status is Status.FAIL] == [ZONES]


def test_backups_go_to_the_paired_region_after_approval() -> None:
    made = planned(GEO, body("Disabled", backup=ONLY_LOCAL))
    assert made.safety is Safety.APPROVE
    assert made.writes == (patch({"backup": {"geoRedundantBackup": "Enabled"}}),)
    assert made.undo == (patch({"backup": {"geoRedundantBackup": "Disabled"}}),)
    assert (made.before, made.after) == ({BACKUP: "Disabled"}, {BACKUP: "Enabled"})
    assert "deletes it and its data" in made.code.warning
    assert [text.split(" ")[0] for text in made.to_confirm] == ["copies", "the"]


NO_GEO_BACKUP: Mapping[str, Json] = {
    "a standby in the same zone": body("SameZone", backup=ONLY_LOCAL),
    "a standby in another zone": body("ZoneRedundant", backup=ONLY_LOCAL),
    "zonal storage": body("Disabled", backup=ONLY_LOCAL, storage=ZONAL_STORAGE),
    "a customer-managed key": body("Disabled", backup=ONLY_LOCAL, dataEncryption={"type": "AzureKeyVault"}),
}


@pytest.mark.parametrize("server", NO_GEO_BACKUP.values(), ids=NO_GEO_BACKUP)
def test_backups_that_are_not_known_to_become_geo_redundant_are_for_people(server: Json) -> None:
    advice = advised(GEO, server)
    assert "only to servers with locally redundant backups" in advice.why_no_plan
    assert "Restore mysqlml" in advice.steps[0]


def test_backups_of_a_server_that_does_not_run_are_for_people() -> None:
    assert "not running" in advised(GEO, body("Disabled", backup=ONLY_LOCAL, state="Stopped")).why_no_plan


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"highAvailability": None}, "the server has no standby"),
        ({"storage": None}, "the server's storage lies in one zone"),
        ({"state": None}, "the server is running"),
    ],
    ids=["mode", "storage", "state"],
)
def test_what_azure_does_not_say_about_backups_a_person_has_to_know(properties: dict[str, Any], text: str) -> None:
    assert text in planned(GEO, body("Disabled", backup=ONLY_LOCAL, **properties)).to_confirm


def test_azure_does_not_make_zone_redundant_backups_geo_redundant() -> None:
    azure_with_server, _ = seeded(used(body("Disabled", backup=ONLY_LOCAL, storage=ZONAL_STORAGE)))
    with pytest.raises(AssertionError, match="zone-redundant storage"):
        send(azure_with_server, [patch({"backup": {"geoRedundantBackup": "Enabled"}})])


def test_storage_grows_by_itself_after_approval() -> None:
    made = planned(GROW, body("Disabled", storage=NO_GROWTH))
    assert made.safety is Safety.APPROVE
    assert made.writes == (patch({"storage": {"autoGrow": "Enabled"}}),)
    assert made.undo == (patch({"storage": {"autoGrow": "Disabled"}}),)
    assert made.before == {"properties.storage.autoGrow": "Disabled"}
    assert made.after == {"properties.storage.autoGrow": "Enabled"}
    assert "deletes it and its data" in made.code.warning
    assert made.to_confirm == ()


def test_storage_of_a_server_that_does_not_run_is_for_people() -> None:
    assert "not running" in advised(GROW, body("Disabled", storage=NO_GROWTH, state="Stopped")).why_no_plan


def test_a_burstable_server_is_scaled_by_people() -> None:
    advice = advised("mysql/tier-with-standby", body("Disabled", {"sku": {"name": "B1ms", "tier": "Burstable"}}))
    assert "--name mysqlml --tier GeneralPurpose" in advice.steps[1]
    assert "restart" in advice.effort


def test_a_single_server_has_to_go() -> None:
    old = used(azure("Microsoft.DBforMySQL/servers/mysqlold"))
    advice = guidance(finding("mysql/single-server-retired", old))
    assert "2024-09-16" in advice.why_no_plan
    assert "mysqlold" in advice.steps[0]
