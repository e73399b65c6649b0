"""Every sample event goes through the real functions host, by webhook and by queue, with a defined outcome."""

import base64
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests
from azure.core.exceptions import ResourceExistsError

from local.demo.stage import PROJECT, Stage, stage

EVENTS = PROJECT.parent / "shared" / "events"
ONBOARDED = "11111111-1111-4111-8111-111111111111"
needs_events = pytest.mark.skipif(not EVENTS.is_dir(), reason="sample events not found at ../shared/events")

OUTCOMES = {
    "real_storage_create": ["storageAccounts/aaabbb123xws: check queued"],
    "spec_event_write_success": ["event ignored: "],
    "spec_cloud_write_success": ["event ignored: "],
    "spec_event_action_success": ["event ignored: 'Microsoft.Resources.ResourceActionSuccess' is no change"],
    "sdkgo_write_success": ["event ignored: "],
    "sdkgo_delete_success": ["event ignored: "],
    "sdkgo_cloudevent_write_failure_empty_claims": ["event ignored: 'Microsoft.Resources.ResourceWriteFailure'"],
    "ibdm_no_events": [],
    "derived/acr_replication_write": ["check queued"],
    "derived/aml_compute_write": ["check queued", "check queued"],
    "derived/batch_with_duplicate": ["check queued", "check queued", ": "],
    "derived/blobservices_write": ["check queued"],
    "derived/claims_null": ["check queued"],
    "derived/deployment_write": ["event ignored: no rule is about microsoft.resources/deployments"],
    "derived/deployment_write_temporary_uri": ["event ignored: "],
    "derived/lock_write_extension": ["check queued"],
    "derived/sql_database_write": ["check queued"],
    "derived/tags_write_extension": ["check queued"],
    "derived/upper_case": ["check queued"],
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage whose bot protects the samples' subscription, where none of their resources exists."""
    log = tmp_path_factory.mktemp("events") / "host.log"
    with stage(lambda _: None, log=log, settings={"HA_BOT_SUBSCRIPTIONS": ONBOARDED}) as started:
        yield started


def _payload(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text())["payload"]


def _outcomes(running: Stage, function: str, since: int) -> list[str]:
    """What the intake logged after position `since`, in order, without its numbers."""
    lines = [line for line in running.log.read_text()[since:].splitlines() if "] metric {" not in line]
    said = [line for line in lines if f" {function}[" in line and " in " not in line.partition("] ")[2][-12:]]
    return [line.partition("] ")[2] for line in said]


def _matches(found: list[str], wanted: list[str]) -> bool:
    return len(found) == len(wanted) and all(any(part in line for line in found) for part in wanted)


@needs_events
@pytest.mark.parametrize("name", OUTCOMES)
def test_a_sample_delivered_to_the_webhook(running: Stage, name: str) -> None:
    since = len(running.log.read_text())
    answer = requests.post(running.webhook, json=_payload(name), headers={"aeg-event-type": "Notification"}, timeout=30)
    assert answer.status_code == 202, answer.text
    running.settle()
    found = _outcomes(running, "on_resource_event", since)
    assert _matches(found, OUTCOMES[name]), found


@needs_events
@pytest.mark.parametrize("name", OUTCOMES)
def test_a_sample_delivered_to_the_queue(running: Stage, name: str) -> None:
    since = len(running.log.read_text())
    _enqueue(running, json.dumps(_payload(name)))
    running.settle()
    found = _outcomes(running, "on_queued_event", since)
    assert _matches(found, OUTCOMES[name]), found


@needs_events
def test_the_samples_are_all_here() -> None:
    found = {str(file.relative_to(EVENTS).with_suffix("")) for file in EVENTS.rglob("*.json")}
    assert found - set(OUTCOMES) == {"docs_validation_handshake"}


@needs_events
def test_the_handshake_of_the_documentation_is_answered(running: Stage) -> None:
    payload = _payload("docs_validation_handshake")
    answer = requests.post(
        running.webhook, json=payload, headers={"aeg-event-type": "SubscriptionValidation"}, timeout=30
    )
    events = payload if isinstance(payload, list) else [payload]
    assert answer.status_code == 200
    assert answer.json() == {"validationResponse": events[0]["data"]["validationCode"]}


def test_an_event_whose_time_is_no_date_is_taken_in_from_the_queue(running: Stage) -> None:
    """By webhook it fails before our code: docs/decisions/0007."""
    resource = f"/subscriptions/{ONBOARDED}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/odd"
    odd = {"eventType": "Microsoft.Resources.ResourceWriteSuccess", "subject": resource, "eventTime": "soon"}
    since = len(running.log.read_text())
    _enqueue(running, json.dumps(odd))
    running.settle()
    assert _matches(_outcomes(running, "on_queued_event", since), ["storageAccounts/odd: check queued"])
    answer = requests.post(running.webhook, json=[odd], headers={"aeg-event-type": "Notification"}, timeout=30)
    assert answer.status_code == 500


@pytest.mark.parametrize("text", ["not json", "[[1], null, 7]", '"a string"', '{"eventType": 5}', "{}"])
def test_what_is_no_event_is_refused_with_a_line_and_not_tried_again(running: Stage, text: str) -> None:
    since = len(running.log.read_text())
    _enqueue(running, text)
    running.settle()
    found = _outcomes(running, "on_queued_event", since)
    assert found
    assert all("event refused: " in line for line in found)
    assert "failed" not in running.log.read_text()[since:]


def _enqueue(running: Stage, text: str, queue: str = "events") -> None:
    client = running.queues.get_queue_client(queue)
    with suppress(ResourceExistsError):
        client.create_queue()
    client.send_message(base64.b64encode(text.encode()).decode())


@pytest.mark.parametrize("queue", ["events", "checks", "decisions", "notices"])
def test_a_message_that_cannot_be_processed_reaches_people(running: Stage, queue: str) -> None:
    """Whatever lies in a poison queue: the trigger of that queue tells of it."""
    text = f"[what lies in the queue {queue}"
    before = len(running.chat.messages)
    _enqueue(running, text, f"{queue}-poison")
    running.chat.wait_for(before + 2, timeout=20)
    running.settle()
    new = running.chat.messages[before:]
    assert sorted(message.channel_kind for message in new) == ["slack", "teams"]
    assert all("NOT PROCESSED" in message.text for message in new)
    assert all((text in message.text) is (queue in ("checks", "notices")) for message in new)


def test_a_check_that_names_no_resource_becomes_poison_and_reaches_people(running: Stage) -> None:
    before = len(running.chat.messages)
    _enqueue(running, '{"resource_id": "/subscriptions/nowhere"}', "checks")
    running.chat.wait_for(before + 2, timeout=30)
    assert all("/subscriptions/nowhere" in message.text for message in running.chat.messages[before:])
    assert "names no resource" in running.log.read_text()
