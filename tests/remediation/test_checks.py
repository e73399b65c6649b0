"""Check requests: read from messages of any kind, written as messages, put off longer each time."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.cases import Cause
from remediation.checks import CheckRequest
from rules.resource_id import ResourceId
from tests.builders import CAUSE, REGISTRY_ID


def of_registry(cause: Cause = CAUSE, looks: int = 0, delivery: str = "") -> CheckRequest:
    registry = ResourceId.parse(REGISTRY_ID)
    assert registry is not None
    return CheckRequest(registry, cause, looks, delivery)


REQUEST = of_registry(looks=2, delivery="delivery-1")


def test_a_request_is_read_as_it_was_written() -> None:
    assert CheckRequest.of(REQUEST.message(), "delivery-1") == REQUEST


def test_a_look_put_off_is_still_of_the_first_delivery() -> None:
    """A claim made by one look is the next look's own, although the queue gives its message another id."""
    first = CheckRequest.of(replace(REQUEST, delivery="").message(), "delivery-1")
    assert first == replace(REQUEST, delivery="delivery-1")
    assert CheckRequest.of(first.message(), "delivery-2") == first


NO_REQUESTS = [None, 7, "", REGISTRY_ID, [], [REGISTRY_ID], {}, {"resource_id": 7}, {"resource_id": "crml"}]


@pytest.mark.parametrize("message", NO_REQUESTS, ids=repr)
def test_a_message_without_a_resource_is_no_request(message: object) -> None:
    assert CheckRequest.of(message, "delivery-1") is None


LOOKS = {"none": (None, 0), "text": ("3", 0), "negative": (-1, 0), "some": (3, 3), "a fraction": (1.5, 0)}


@pytest.mark.parametrize(("looks", "counted"), LOOKS.values(), ids=LOOKS)
def test_looks_are_counted_from_nought(looks: object, counted: int) -> None:
    request = CheckRequest.of({"resource_id": REGISTRY_ID, "looks": looks}, "")
    assert request == of_registry(Cause(), counted)


CAUSES: dict[str, tuple[object, Cause]] = {
    "none": (None, Cause()),
    "text": ("user", Cause()),
    "known fields": ({"caller": "user@example.com", "at": "now"}, Cause(caller="user@example.com", at="now")),
    "unknown fields": ({"colour": "red"}, Cause()),
    "fields that are no text": ({"caller": 7, "app_id": None}, Cause()),
}


@pytest.mark.parametrize(("stored", "cause"), CAUSES.values(), ids=CAUSES)
def test_a_cause_is_read_as_far_as_it_is_one(stored: object, cause: Cause) -> None:
    request = CheckRequest.of({"resource_id": REGISTRY_ID, "cause": stored}, "")
    assert request == of_registry(cause)


WAITS = {0: 5, 1: 10, 2: 20, 7: 640, 8: 900, 9: 900, 1000: 900}


@pytest.mark.parametrize(("looks", "seconds"), WAITS.items())
def test_waits_double_up_to_a_quarter_of_an_hour(looks: int, seconds: int) -> None:
    assert replace(REQUEST, looks=looks).next_look == timedelta(seconds=seconds)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


@given(junk, junk, junk)
def test_no_message_raises(resource_id: object, cause: object, looks: object) -> None:
    message = {"resource_id": resource_id, "cause": cause, "looks": looks}
    assert CheckRequest.of(message, "") is None
    request = CheckRequest.of(message | {"resource_id": REGISTRY_ID}, "")
    assert request is not None
    assert timedelta() < request.next_look <= timedelta(minutes=15)
