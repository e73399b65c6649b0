"""Events in: what becomes a check, what is ignored or refused, and what is kept of who made the change."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.contracts import SPECS_ABSENT
from remediation.cases import Cause
from remediation.intake import LONGEST, Check, Outcome, read
from tests.builders import (
    CAUSE,
    DATABRICKS_ID,
    GROUP,
    OTHER_SUBSCRIPTION,
    REGISTRY_ID,
    STORAGE_ID,
    SUBSCRIPTION,
    WORKSPACE_ID,
    Json,
    cloud_event,
    event,
    sample_events,
)

HOME = frozenset({SUBSCRIPTION})
NETWORK_ID = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
LOCK = "/providers/Microsoft.Authorization/locks/keep"


def told(outcomes: Sequence[Outcome]) -> list[str]:
    """One line for each outcome: the key of what is to be checked, or why nothing is."""
    return [
        f"{outcome.resource.key}{' and its owner' if outcome.owner else ''}"
        if isinstance(outcome, Check)
        else f"{type(outcome).__name__}: {outcome.reason}"
        for outcome in outcomes
    ]


SAMPLES = sample_events()
SAMPLE_SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
SAMPLE_GROUP = f"/subscriptions/{SAMPLE_SUBSCRIPTION}/resourcegroups/rg-aks-osba"
SAMPLE_REGISTRY = f"{SAMPLE_GROUP}/providers/microsoft.containerregistry/registries/acr1"
SAMPLE_STORAGE = f"{SAMPLE_GROUP}/providers/microsoft.storage/storageaccounts/sa1"
SAMPLE_WORKSPACE = f"{SAMPLE_GROUP}/providers/microsoft.machinelearningservices/workspaces/ws1"
NO_ID = "is not the id of a resource"
EXPECTED = {
    "acr_replication_write": [SAMPLE_REGISTRY],
    "aml_compute_write": [f"{SAMPLE_WORKSPACE}/computes/"],
    "batch_with_duplicate": [SAMPLE_REGISTRY, SAMPLE_STORAGE, SAMPLE_REGISTRY],
    "blobservices_write": [SAMPLE_STORAGE],
    "claims_null": ["/providers/microsoft.keyvault/vaults/"],
    "deployment_write": ["Ignored: no rule is about microsoft.resources/deployments"],
    "deployment_write_temporary_uri": [NO_ID],
    "docs_validation_handshake": ["SubscriptionValidationEvent' is no change of a resource"],
    "ibdm_no_events": [],
    "lock_write_extension": [SAMPLE_STORAGE],
    "real_storage_create": [f"{SAMPLE_GROUP}/providers/microsoft.storage/storageaccounts/aaabbb123xws"],
    "sdkgo_cloudevent_write_failure_empty_claims": ["ResourceWriteFailure' is no change of a resource"],
    "sdkgo_delete_success": [NO_ID],
    "sdkgo_write_success": [NO_ID],
    "spec_cloud_write_success": [NO_ID],
    "spec_event_action_success": ["ResourceActionSuccess' is no change of a resource"],
    "spec_event_write_success": [NO_ID],
    "sql_database_write": ["/providers/microsoft.sql/servers/"],
    "tags_write_extension": [SAMPLE_STORAGE],
    "upper_case": [SAMPLE_WORKSPACE],
}
needs_samples = pytest.mark.skipif(not SAMPLES, reason=SPECS_ABSENT.replace("specs", "events"))


@needs_samples
@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_event_has_its_outcome(name: str) -> None:
    lines = told(read(SAMPLES[name], frozenset({SAMPLE_SUBSCRIPTION})))
    assert [expected in line for line, expected in zip(lines, EXPECTED[name], strict=True)] == [True] * len(lines)


@needs_samples
def test_every_sample_event_is_expected() -> None:
    assert set(SAMPLES) == set(EXPECTED)


@needs_samples
def test_an_event_says_who_made_the_change() -> None:
    (outcome,) = read(SAMPLES["real_storage_create"], frozenset({SAMPLE_SUBSCRIPTION}))
    assert isinstance(outcome, Check)
    assert outcome.cause == Cause(
        event_id="bd96de07-6ab6-46c7-b453-c51a0554c988",
        operation="Microsoft.Storage/storageAccounts/write",
        caller="(redacted)",
        caller_id="33333333-3333-4333-8333-333333333333",
        app_id="c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
        correlation_id="4f8c6277-ce68-4c97-9f8f-e59aaaff2bef",
        at="2018-08-16T17:57:55.6104343Z",
    )


def about(resource_uri: object, subject: object = None) -> Json:
    return event(subject=subject, data={"resourceUri": resource_uri})


def of_type(kind: object) -> Json:
    return event(eventType=kind)


REGISTRY, STORAGE, WORKSPACE = REGISTRY_ID.lower(), STORAGE_ID.lower(), WORKSPACE_ID.lower()
NOT_JSON = "Malformed: not JSON"
NO_TYPE = "Malformed: the event has no type"
NOT_HOME = f"Ignored: subscription {OTHER_SUBSCRIPTION} is not onboarded"
SHAPES: dict[str, tuple[object, list[str]]] = {
    "an event": (event(), [REGISTRY]),
    "a CloudEvent": (cloud_event(), [REGISTRY]),
    "a batch": ([event(), cloud_event(STORAGE_ID)], [REGISTRY, STORAGE]),
    "an empty batch": ([], []),
    "text": (json.dumps(event()), [REGISTRY]),
    "the text of a batch": (json.dumps([event(), event(STORAGE_ID)]), [REGISTRY, STORAGE]),
    "bytes": (json.dumps(event()).encode(), [REGISTRY]),
    "bytes with a byte order mark": (json.dumps(event()).encode("utf-8-sig"), [REGISTRY]),
    "no text": ("", [NOT_JSON]),
    "text that is no JSON": ("{", [NOT_JSON]),
    "bytes that are no text": (b"\xff\xfe\xfa", [NOT_JSON]),
    "brackets without end": ("[" * 100_000, [NOT_JSON]),
    "the text of a text": (json.dumps(json.dumps(event())), ["Malformed: an event must be a JSON object, not str"]),
    "null": (None, ["Malformed: an event must be a JSON object, not NoneType"]),
    "a number": (7, ["Malformed: an event must be a JSON object, not int"]),
    "junk among events": ([7, event(), [event()]],
                          ["Malformed: an event must be a JSON object, not int", REGISTRY,
                           "Malformed: an event must be a JSON object, not list"]),
    "an empty object": ({}, [NO_TYPE]),
    "a type that is no text": (of_type(7), [NO_TYPE]),
    "a type in upper case": (of_type("MICROSOFT.RESOURCES.RESOURCEWRITESUCCESS"), [REGISTRY]),
    "a delete": (of_type("Microsoft.Resources.ResourceDeleteSuccess"), [REGISTRY]),
    "an action": (of_type("Microsoft.Resources.ResourceActionSuccess"),
                  ["Ignored: 'Microsoft.Resources.ResourceActionSuccess' is no change of a resource"]),
    "a failure": (of_type("Microsoft.Resources.ResourceWriteFailure"),
                  ["Ignored: 'Microsoft.Resources.ResourceWriteFailure' is no change of a resource"]),
    "an endless type": (of_type("x" * 1000), [f"Ignored: '{'x' * LONGEST}' is no change of a resource"]),
    "no data": (event() | {"data": None}, [REGISTRY]),
    "data that is text": (event() | {"data": "x"}, [REGISTRY]),
    "data that is a list": (event() | {"data": [1]}, [REGISTRY]),
    "neither data nor subject": ({"eventType": event()["eventType"]}, [f"Ignored: 'NoneType' {NO_ID}"]),
    "only a subject": (about(None, REGISTRY_ID), [REGISTRY]),
    "only a resourceUri": (about(REGISTRY_ID), [REGISTRY]),
    "a resourceUri that is no id": (about("x", STORAGE_ID), [STORAGE]),
    "a resourceUri other than the subject": (about(REGISTRY_ID, STORAGE_ID), [REGISTRY]),
    "no id at all": (about(["x"]), [f"Ignored: 'list' {NO_ID}"]),
    "upper case": (event(REGISTRY_ID.upper()), [REGISTRY]),
    "a child": (event(f"{REGISTRY_ID}/replications/eastus"), [REGISTRY]),
    "a child of a child": (event(f"{STORAGE_ID}/blobServices/default/containers/a"), [STORAGE]),
    "a workspace": (event(WORKSPACE_ID), [WORKSPACE]),
    "a compute of a workspace": (event(f"{WORKSPACE_ID}/computes/gpu"), [f"{WORKSPACE}/computes/gpu and its owner"]),
    "a datastore of a workspace": (event(f"{WORKSPACE_ID}/datastores/d"), [f"{WORKSPACE}/datastores/d and its owner"]),
    "a connection of a workspace": (event(f"{WORKSPACE_ID}/connections/c"), [WORKSPACE]),
    "a Databricks workspace": (event(DATABRICKS_ID), [DATABRICKS_ID.lower()]),
    "tags": (event(f"{REGISTRY_ID}/providers/Microsoft.Resources/tags/default"), [REGISTRY]),
    "a lock": (event(f"{REGISTRY_ID}{LOCK}"), [REGISTRY]),
    "a lock on a child": (event(f"{STORAGE_ID}/blobServices/default{LOCK}"), [STORAGE]),
    "a lock on what no rule is about": (event(f"{NETWORK_ID}{LOCK}"),
                                        ["Ignored: no rule is about microsoft.authorization/locks"]),
    "a lock on a group": (event(f"{GROUP}{LOCK}"), ["Ignored: no rule is about microsoft.authorization/locks"]),
    "an extension that changes no verdict": (
        event(f"{REGISTRY_ID}/providers/Microsoft.Authorization/roleAssignments/a"),
        ["Ignored: no rule is about microsoft.authorization/roleassignments"]),
    "what no rule is about": (event(NETWORK_ID), ["Ignored: no rule is about microsoft.network/virtualnetworks"]),
    "another subscription": (event(REGISTRY_ID.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)), [NOT_HOME]),
    "another subscription in the subject": (
        about(REGISTRY_ID.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION), REGISTRY_ID), [NOT_HOME]),
}  # fmt: skip


@pytest.mark.parametrize(("payload", "expected"), SHAPES.values(), ids=SHAPES)
def test_a_payload_of_any_shape_has_its_outcome(payload: object, expected: list[str]) -> None:
    assert told(read(payload, HOME)) == expected


def cause_of(payload: object) -> Cause:
    (outcome,) = read(payload, HOME)
    assert isinstance(outcome, Check)
    return outcome.cause


def test_both_schemas_tell_the_same_cause() -> None:
    assert cause_of(event()) == cause_of(cloud_event()) == CAUSE


UPN = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"
NAME = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"
OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
CLAIMS: dict[str, tuple[object, Cause]] = {
    "null": (None, Cause()),
    "empty": ({}, Cause()),
    "text": ("user@example.com", Cause()),
    "a list": ([{"name": "x"}], Cause()),
    "a display name only": ({"name": "A user"}, Cause(caller="A user")),
    "an address before a name": ({"name": "A user", "upn": "user@example.com"}, Cause(caller="user@example.com")),
    "a long key": ({UPN: "user@example.com", NAME: "x"}, Cause(caller="user@example.com")),
    "another long key": ({NAME: "user@example.com", "name": "A user"}, Cause(caller="user@example.com")),
    "an address that is empty": ({"upn": "", "name": "A user"}, Cause(caller="A user")),
    "an address that is no text": ({"upn": 7, "name": "A user"}, Cause(caller="A user")),
    "an object id": ({"oid": "a"}, Cause(caller_id="a")),
    "an object id by its long key": ({OBJECT_ID: "a"}, Cause(caller_id="a")),
    "an application": ({"appid": "a"}, Cause(app_id="a")),
    "half a character": ({"name": "a\ud800"}, Cause(caller="a?")),
    "too much": ({"name": "x" * 1000, "oid": "y" * 1000}, Cause(caller="x" * LONGEST, caller_id="y" * LONGEST)),
}  # fmt: skip


@pytest.mark.parametrize(("claims", "expected"), CLAIMS.values(), ids=CLAIMS)
def test_of_the_claims_only_who_it_was_is_kept(claims: object, expected: Cause) -> None:
    bare = {"id": "1", "eventType": event()["eventType"], "data": {"resourceUri": REGISTRY_ID, "claims": claims}}
    assert cause_of(bare) == replace(expected, event_id="1")


def test_an_event_without_an_id_is_known_again_when_it_is_delivered_again() -> None:
    """A pending check holds back all events but its own: without this, a crash in between would lose the event."""
    bare = {"eventType": event()["eventType"], "data": {"resourceUri": REGISTRY_ID}}
    other = bare | {"eventTime": "2026-01-01T00:00:00Z"}
    assert cause_of(bare).event_id == cause_of(dict(reversed(bare.items()))).event_id != ""
    assert cause_of(other).event_id != cause_of(bare).event_id


def test_a_type_that_is_null_does_not_hide_the_other() -> None:
    kind = {"eventType": None, "type": event()["eventType"], "subject": REGISTRY_ID}
    assert isinstance(read(kind, frozenset({SUBSCRIPTION}))[0], Check)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300) | st.sampled_from([REGISTRY_ID]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
surrogates = st.text(st.characters(), max_size=300)
claim_names = st.sampled_from(["name", "upn", "oid", "appid", UPN, NAME, OBJECT_ID, "ipaddr", "puid"])
data = st.fixed_dictionaries(
    {},
    optional={
        "resourceUri": values,
        "operationName": values | surrogates,
        "correlationId": values | surrogates,
        "claims": values | st.dictionaries(claim_names, values | surrogates, max_size=4),
    },
)
events = st.fixed_dictionaries(
    {"eventType": st.just(event()["eventType"]) | values, "subject": st.just(REGISTRY_ID) | values},
    optional={"id": values | surrogates, "eventTime": values | surrogates, "data": data | values, "type": values},
)


@given(values | events | st.lists(events | values, max_size=3))
def test_no_json_value_raises(payload: Any) -> None:
    assert isinstance(read(payload, HOME), list)


@given(st.text() | st.binary())
def test_no_text_raises(payload: str | bytes) -> None:
    assert isinstance(read(payload, HOME), list)


@given(events)
def test_what_is_kept_is_short_and_can_be_stored(payload: Json) -> None:
    for outcome in read(payload, HOME):
        if isinstance(outcome, Check):
            kept = asdict(outcome.cause).values()
            assert all(len(text.encode().decode()) <= LONGEST for text in kept)


SECRET = "a-claim-that-nobody-needs"


@given(st.dictionaries(st.text(min_size=1, max_size=10).map("x-{}".format), st.just(SECRET), min_size=1))
def test_no_other_claim_is_kept(claims: dict[str, str]) -> None:
    cause = cause_of(event(data={"claims": claims | {"name": CAUSE.caller}}))
    assert cause.caller == CAUSE.caller
    assert SECRET not in json.dumps(asdict(cause))
