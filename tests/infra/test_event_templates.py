"""How events reach the hub: what is subscribed to, what the filter lets through, and what cannot be delivered."""

import json
from typing import Any

import pytest

from local import infra
from remediation import wiring
from remediation.intake import CHECKED_TYPES
from rules import CATALOGUE
from tests.builders import sample_events
from tests.infra.deployments import HUBS, ONBOARDINGS, made, of_type
from tests.infra.test_templates import EVENTS


@pytest.mark.parametrize("way", HUBS)
def test_event_grid_may_write_dead_letters_and_events_and_nothing_else(way: str) -> None:
    scopes = {
        each.id.partition("/providers/Microsoft.Authorization")[0].partition("/default/")[2]
        for each in of_type(way, "Microsoft.Authorization/roleAssignments")
        if "events" in each.body["properties"]["principalId"]
    }
    assert scopes == {"containers/dead-letters", "queues/events"}


@pytest.mark.parametrize("way", ONBOARDINGS)
def test_events_are_filtered_tried_again_and_kept_when_they_cannot_be_delivered(way: str) -> None:
    heard = [each for each in made(way) if each.symbol == "heard"]
    assert heard
    for each in heard:
        properties = each.body["properties"]
        (only,) = properties["filter"]["advancedFilters"]
        assert 0 < len(only["values"]) <= infra.MOST_VALUES
        assert max(map(len, only["values"])) <= 512
        assert properties["retryPolicy"] == {"maxDeliveryAttempts": 30, "eventTimeToLiveInMinutes": 1440}
        letters = properties.get("deadLetterWithResourceIdentity", properties)["deadLetterDestination"]["properties"]
        assert letters["blobContainerName"] == wiring.DEAD_LETTERS_CONTAINER
        assert ("destination" in properties) != ("deliveryWithResourceIdentity" in properties)


@pytest.mark.parametrize("way", ONBOARDINGS)
def test_storage_is_written_to_by_the_topics_identity_where_there_is_a_topic(way: str) -> None:
    extension = "extension" in way
    for each in [each for each in made(way) if each.symbol == "heard"]:
        assert each.type == ("Microsoft.EventGrid/eventSubscriptions" if extension else EVENTS)
        assert ("deadLetterWithResourceIdentity" in each.body["properties"]) is not extension
        assert extension or "StorageQueue" not in json.dumps(each.body["properties"].get("destination", {}))


def test_the_extension_form_needs_no_topic_of_its_own() -> None:
    kinds = {each.type for each in made("onboarding in the extension form")}
    assert {"Microsoft.EventGrid/systemTopics", "Microsoft.Resources/resourceGroups"} & kinds == set()
    (heard,) = of_type("onboarding in the extension form", "Microsoft.EventGrid/eventSubscriptions")
    assert heard.id.startswith("/subscriptions/00000000-0000-4000-8000-000000000001/providers/Microsoft.EventGrid/")


def _heard(operation: str) -> bool:
    (heard,) = of_type("onboarding to look", EVENTS)
    values = heard.body["properties"]["filter"]["advancedFilters"][0]["values"]
    return any(operation.lower().startswith(value.lower()) for value in values)


@pytest.mark.parametrize("kind", sorted({rule.applies_to for rule in CATALOGUE} | CHECKED_TYPES))
def test_the_filter_lets_through_every_type_that_is_checked(kind: str) -> None:
    assert _heard(f"{kind}/write")
    assert _heard(f"{kind.upper()}/DELETE")


@pytest.mark.parametrize("rule", [rule for rule in CATALOGUE if rule.reads], ids=lambda rule: rule.name)
def test_the_filter_lets_through_the_children_that_rules_read(rule: Any) -> None:
    assert all(_heard(f"{rule.applies_to}/{path.split('/')[0]}/write") for path in rule.reads)


@pytest.mark.parametrize(
    "operation",
    [
        "Microsoft.Resources/deployments/write",
        "Microsoft.Authorization/roleAssignments/write",
        "Microsoft.MachineLearningServices/workspaces/jobs/write",
        "Microsoft.Compute/virtualMachines/write",
    ],
)
def test_the_filter_keeps_the_flood_out(operation: str) -> None:
    assert not _heard(operation)


def test_types_beyond_the_limit_go_to_a_second_event_subscription(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(infra, "MOST_VALUES", 10)
    parts = infra.events()["operations"]
    assert [len(part) for part in parts[:-1]] == [10] * (len(parts) - 1)
    assert [each for part in parts for each in part] == list(infra.operations())


def test_a_topic_that_is_there_is_left_as_it_is() -> None:
    kinds = [each.type for each in made("onboarding with a topic that is there")]
    assert "Microsoft.EventGrid/systemTopics" not in kinds
    assert "Microsoft.Resources/resourceGroups" not in kinds


def test_samples_of_events_pass_the_filter_as_they_pass_intake() -> None:
    """Microsoft's samples and the capture: no change of a resource that intake would check is filtered out."""
    operations = [str(data["operationName"]) for each in sample_events().values() if (data := _data(each))]
    checked = [each for each in operations if each.lower().rpartition("/")[0] in CHECKED_TYPES]
    assert all(map(_heard, checked))


def _data(payload: Any) -> dict[str, Any]:
    event = payload[0] if isinstance(payload, list) and payload else payload
    data = event.get("data", {}) if isinstance(event, dict) else {}
    return data if data.get("operationName") else {}
