"""Regions: what is known of each, and a clear answer for what is not known."""

import json
from typing import Any

import pytest

from local.contracts import SPECS
from rules.regions import REGIONS, Region, region, shown

FACTS = SPECS.parent / "facts" / "regions.json"


@pytest.mark.skipif(not FACTS.is_file(), reason="facts about regions not found at ../shared/facts/regions.json")
def test_the_table_says_what_the_facts_say() -> None:
    facts: list[dict[str, Any]] = json.loads(FACTS.read_text(encoding="utf-8"))["regions"]
    told = {
        fact["name"]: (fact["zones"], fact["paired_region"], fact["hdinsight_zonal"], fact["keyvault_ms_failover"])
        for fact in facts
    }
    known = {
        name: (place.zones, place.pair, place.hdinsight_zones, place.pair is not None and place.vault_failover)
        for name, place in REGIONS.items()
    }
    assert told == known


def test_a_region_is_found_by_its_normalised_name() -> None:
    assert region("westeurope") == Region(zones=True, pair="northeurope", hdinsight_zones=True)
    assert region("westus") == Region(zones=False, pair="eastus")


@pytest.mark.parametrize("location", ["", "global", "West Europe", "atlantis"])
def test_any_other_location_is_unknown(location: str) -> None:
    assert region(location) is None


@pytest.mark.parametrize("location", [*REGIONS, "atlantis", "a", "x" * 40])
def test_what_could_be_a_region_is_named(location: str) -> None:
    assert shown(location) == location


@pytest.mark.parametrize("location", ["", "x" * 41, "<!channel>", "west-europe", "Atlantis", "a\nb", "a\n", "\u0430"])
def test_what_others_wrote_in_its_place_is_not_repeated(location: str) -> None:
    assert shown(location) == "its region"


def test_names_are_normalised() -> None:
    assert [name for name in REGIONS if name != name.lower().replace(" ", "")] == []


def test_no_region_is_its_own_pair() -> None:
    assert [name for name, known in REGIONS.items() if known.pair == name] == []
